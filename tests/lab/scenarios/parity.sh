# The fake kernel answers as the real one: here is the real one's half (the other is a unit test).
# A foreign service is there all the time and must not matter.

host director
ipvs director -A -t 198.51.100.1:80 -s rr
before=$(ipvs_rules director)
parity=${LVSD_PARITY:-$LAB_DIR/../../build/tests/parity/parity}
expect "the whole scenario of tests/parity" \
	on director "$parity" netlink "$LAB_DIR/../parity/scenario.txt"
expect_same "and nothing is left of it" "$before" "$(ipvs_rules director)"

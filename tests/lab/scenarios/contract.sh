# The contract's fuzzer, with its model of the whole state, against the real kernel. It needs node, and
# tests/contract/run to have fetched its packages.
# timeout: 300

host director
for name in eth0 eth1; do # as the host in memory has them
	on director ip link add "$name" type dummy
	on director ip link set "$name" up
done
contract=$LAB_DIR/../contract
without_numbers() { # COMMAND...
	on director "$@" | sed -E 's/^((not )?ok) [0-9]+ /\1 /; /^1\.\./d'
	return "${PIPESTATUS[0]}"
}
if [[ -d $contract/node_modules ]] && command -v node >/dev/null; then
	verdicts_of without_numbers env LVSD_KERNEL=netlink FUZZ_REQUESTS=2000 node "$contract/fuzz/run.js"
else
	not_ok "node and its packages are there" "run tests/contract/run once"
fi

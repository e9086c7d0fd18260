# The host in memory answers as the real kernel: here is the real one's half (the other is a unit
# test). Links, addresses, variables, and the news of them.

host director
ipvs director -L -n # loads the module, so that its variables are there
for pair in eth0:peer0 eth1:peer1; do
	ip -n director link add "${pair%:*}" type veth peer name "${pair#*:}"
	for name in "${pair%:*}" "${pair#*:}"; do
		ip -n director link set "$name" up
	done
done
parity=${LVSD_PARITY_NETCFG:-$LAB_DIR/../../build/tests/parity/parity_netcfg}
modprobe fou || ok "this kernel has no module fou; what needs it is left out"
if on director "$parity" rtnl "$LAB_DIR/../parity/netcfg.txt" >"$LAB_OUT/parity.txt"; then
	ok "the whole scenario of tests/parity"
else
	not_ok "the whole scenario of tests/parity" "$(grep -A 2 '^not ok' "$LAB_OUT/parity.txt")" \
		"$(tail -n 1 "$LAB_OUT/parity.txt")"
fi
expect "it ran to its end" grep -q '^[0-9]* passed, 0 failed' "$LAB_OUT/parity.txt"

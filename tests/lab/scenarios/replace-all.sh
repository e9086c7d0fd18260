# All services replaced at once: the new ones are there before the old ones go, so that the kernel never has none.
# A new service that comes with real servers refuses nobody.

topology dr
lvsd_start director
document() { # FIRST-PORT N REAL-SERVER: a configuration of N services, every other one on IPv6
	local port ids=()
	for ((port = $1; port < $1 + $2; port++)); do
		ids+=("\"tcp:192.0.2.10:$port\": {\"realServers\": {\"$3:$port\": {}}}")
		ids+=("\"tcp:[2001:db8::10]:$port\": {\"realServers\": {\"[2001:db8::11]:$port\": {}}}")
	done
	local IFS=,
	echo "{\"services\": {${ids[*]}}}"
}
watch_netlink director
for n in 1 3 400; do
	write director PUT '/v1/config?allowMassDelete=true' "$(document 1000 $n "$RIP1")"
	old=$(netlink_writes director)
	write director PUT '/v1/config?allowMassDelete=true&wait=60' "$(document 3000 $n "$RIP2")"
	netlink_writes director >/dev/null
	tail -n "+$((old + 1))" "$LAB/netlink.director" | cut -d ' ' -f 1 >"$LAB/order"
	expect_same "$n and $n: as many come as go" "$((2 * n)) $((2 * n))" \
		"$(grep -c NEW_SERVICE "$LAB/order") $(grep -c DEL_SERVICE "$LAB/order")"
	expect_same "$n and $n: all that is new is there before the first one goes" DEL_SERVICE \
		"$(sed -n '/DEL_SERVICE/,$p' "$LAB/order" | sort -u)"
done
write director PUT '/v1/config?allowMassDelete=true' '{"services": {}}'

serve director "$VIP" 80 director
await_servers
rounds=100
((LAB_SLOW == 1)) || rounds=25
verdicts_of on client python3 -I -B "$LAB_DIR/lib/newcomers.py" --socket "$(lvsd_socket director admin)" \
	--vip "$VIP" --client "$CIP" --rounds $rounds

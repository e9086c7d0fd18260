# Counters under traffic: what /v1/stats, ?include=stats and /metrics say is what ipvsadm says; zeroing takes those
# of lvsd's services and no others.

topology nat
lvsd_start director
write director PUT "/v1/services/$SERVICE" \
	'{"scheduler": "rr", "realServers": {"'"$RS1"'": {"forward": "nat"}, "'"$RS2"'": {"forward": "nat"}}}'
write director PUT /v1/services/fwm:7 '{"realServers": {"'"$RIP1:0"'": {"forward": "nat"}}}'
other=192.0.2.20
addr director front "$other/32"
ipvs director -A -t "$other:80" -s rr
ipvs director -a -t "$other:80" -r "$RS1" -m

# The kernel brings its counters up to date every two seconds.
settle() {
	pause 3
	look
}
look() {
	ipvs director -Ln --stats --exact >"$LAB/exact"
}
exact() { # ADDRESS: its counters as ipvsadm had them, "connections packets packets bytes bytes"
	local kind id numbers
	while read -r kind id numbers; do
		if [[ $id == "$1" ]]; then
			read -ra numbers <<<"$numbers"
			echo "${numbers[*]:0:5}"
			return
		fi
	done <"$LAB/exact"
}
counted() { # CONNECTIONS: so many of the service are in the kernel's counters
	look
	[[ $(exact "$VIP:80") == "$1 "* ]]
}
five='[.connections, .inPackets, .outPackets, .inBytes, .outBytes] | join(" ")'
metrics() { # KIND LABELS-REGEX: those five of a series
	local name line lines values=()
	mapfile -t lines <"$LAB/api.body"
	for name in connections incoming_packets outgoing_packets incoming_bytes outgoing_bytes; do
		for line in "${lines[@]}"; do
			[[ ! $line =~ ^lvsd_$1_${name}_total\{$2\}\ (.*) ]] || values+=("${BASH_REMATCH[-1]}")
		done
	done
	echo "${values[*]}"
}

expect_count "traffic" "rs1=10 rs2=10" 20 client "$URL"
expect "the other service's too" get client "http://$other/"
settle
api director GET "/v1/services/$SERVICE/stats"
expect_json ".stats | $five" "$(exact "$VIP:80")" "a service's counters"
expect_json ".realServers[\"$RS2\"].stats | $five" "$(exact "$RS2")" "a real server's"
expect_json '.stats.connections == 20 and .stats.outBytes > 0' true "which are not zero"
api director GET "/v1/services?include=stats&port=80"
expect_json ".items[0].stats | $five" "$(exact "$VIP:80")" "in lists"
api director GET "/v1/services/$SERVICE/real-servers?include=stats"
expect_json ".items[1].stats | $five" "$(exact "$RS2")" "in lists of real servers"
api director GET /v1/stats
expect_json ".stats | $five" "$(exact "$VIP:80")" "the sum of all that is ours"
expect_json '[.services, .protocols.tcp.services, .protocols.fwm.realServers] | join(" ")' "2 1 1"
api director GET /metrics
expect_same "a service in /metrics" "$(exact "$VIP:80")" "$(metrics service ".*address=\"$VIP\".*")"
expect_same "a real server" "$(exact "$RS2")" "$(metrics real_server ".*address=\"$VIP\".*real_server=\"$RS2\"")"
expect_same "the service of others is not in it" '' "$(metrics '[a-z_]+' ".*$other.*")"

open_stream one client "$VIP" 80
api director GET "/v1/services/$SERVICE/stats"
expect_json '[.activeConnections, (.realServers | map(.activeConnections) | add)] | join(" ")' "1 1" "a connection, at once"
write director POST "/v1/stats/zero?dryRun=true"
expect_json .services 2
# What the kernel has not brought up to date yet is not zeroed, and comes afterwards.
expect "a dry run zeroes nothing" wait_until 5 counted 21
others=$(exact "$other:80")
write director POST "/v1/services/$SERVICE/stats/zero"
expect_json '[.stats.connections, .realServers[].stats.connections] | join(" ")' "0 0 0" "zero, with the real servers"
expect_count "more traffic" "rs1=2 rs2=2" 4 client "$URL"
settle
expect_like "the kernel goes on from there" "4 *" "$(exact "$VIP:80")"
write director POST /v1/stats/zero
look
expect_like "all are zero" "0 * / 0 *" "$(exact "$VIP:80") / $(exact "$RS2")"
expect_same "but those of others" "$others" "$(exact "$other:80")"
expect "the connection lived through all that" stream_alive one

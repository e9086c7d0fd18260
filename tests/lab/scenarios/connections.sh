# /v1/connections against ipvsadm -Lnc: real connections, templates of persistence and of a firewall mark, filters,
# pages, lines; not those of another network namespace. Then many of them: what reading costs, and no long turn.
# timeout: 200

topology dr
host other
lvsd_start director
write director PUT "/v1/services/$SERVICE" '{"scheduler": "rr", "persistence": {"timeoutSeconds": 300},
	"realServers": {"'"$RS1"'": {}, "'"$RS2"'": {}}}'
write director PUT /v1/services/fwm:100 '{"scheduler": "rr", "persistence": {"timeoutSeconds": 300},
	"realServers": {"'"$RIP1:0"'": {}}}'
api director GET /v1/connections
expect_json '.items' '[]' "no connections yet"
expect "a client opens a connection" open_stream long client "$VIP" 80
count 3 client "$URL" >/dev/null
as_ipvsadm() { # the last answer as ipvsadm has it: protocol, state, client, virtual, real server
	json '.items[] | [(.protocol // "ip" | ascii_upcase), .state, .client, .virtual // "0.0.0.\(.mark):0", .realServer] | join(" ")' | sort
}
ipvsadm_says() {
	ipvs director -Lnc | awk 'NR > 2 { print $1, $3, $4, $5, $6 }' | sort
}
api director GET /v1/connections
expect_same "the list is that of ipvsadm" "$(ipvsadm_says)" "$(as_ipvsadm)"
expect_json '[.items[] | select(.template)] | length' 1 "one template"
expect_json '[.items[] | select(.service == "'"$SERVICE"'")] | length' 5 "all belong to the service"
expect_json '[.items[].origin] | unique' '["local"]' "all were made here"
expect_json '[.items[] | select(.state == "ESTABLISHED") | .expiresSeconds > 800][0]' true
api director GET "/v1/connections?state=established&service=$SERVICE&client=$CIP"
expect_json '.items | length' 1 "filters: the open one"
api director GET "/v1/connections?client=192.0.2.99"
expect_json '.items' '[]' "filters: another client"
api director GET "/v1/connections?realServer=$(json '.items[0].realServer // "192.0.2.12:80"')"
expect_status 200
api director GET /v1/connections?limit=2
expect_json '.items | length' 2 "a page"
first=$(as_ipvsadm)
api director GET "/v1/connections?limit=2&continue=$(json .continue)"
second=$(as_ipvsadm)
again=$(json .continue)
api director GET "/v1/connections?continue=$again"
expect_same "all pages together are the list" "$(ipvsadm_says)" "$(sort <<<"$first"$'\n'"$second"$'\n'"$(as_ipvsadm)")"
api director GET "/v1/connections?continue=$again"
expect_status 410 "a page is given once"
api director GET /v1/connections '' -H 'Accept: application/x-ndjson'
expect_same "as lines" 5 "$(body | grep -c '"state"')"
expect_same "each is JSON of its own" 5 "$(body | jq -c .client | wc -l)"
lvsd_start other
api other GET /v1/connections
expect_json '.items' '[]' "another network namespace has none of them"
expect "the open connection still carries data" stream_alive long

# Many: UDP packets from many ports, one entry each.
write director PUT "/v1/services/udp:$VIP:53" '{"scheduler": "rr", "realServers": {"'"$RIP1:53"'": {}}}'
many=${CONNECTIONS_COUNT:-20000}
on client python3 -I -S -c '
import socket, sys
for port in range(10000, 10000 + int(sys.argv[2])):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", port))
    s.sendto(b"x", (sys.argv[1], 53))
    s.close()
' "$VIP" "$many"
lvsd_restart director
wait_until 20 in_sync director
long_turns() {
	api director GET /metrics
	sed -n 's/^lvsd_long_turns_total //p' "$LAB/api.body"
}
before=$(long_turns)
began=$EPOCHREALTIME
api director GET /v1/connections
took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d", (b - a) * 1000 }')
expect_json ".items | length >= $many" true "all $many come, in $took ms"
began=$EPOCHREALTIME
on director cat /proc/net/ip_vs_conn /proc/net/ip_vs_conn_sync >/dev/null
alone=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d", (b - a) * 1000 }')
ok "reading both files alone takes $alone ms; turns of lvsd above 15 ms: $before before the list and $(long_turns) after it"
lvsd_stop director
lvsd_start director --connections-limit 100
wait_until 20 in_sync director
api director GET /v1/connections
expect_status 503 "more than the limit are refused"
expect_json .code too_many_connections

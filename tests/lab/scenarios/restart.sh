# Stop and start of the daemon: the kernel, its connections and an open stream notice nothing.

topology dr
lvsd_start director
write director PUT "/v1/services/$SERVICE" '{
	"scheduler": "wrr",
	"realServers": {"'"$RS1"'": {"weight": 2}, "'"$RS2"'": {"upperThreshold": 50}}
}'
write director PUT "/v1/services/tcp:$(at "$VIP" 443)" '{"persistence": {"timeoutSeconds": 60}}'
expect "a client opens a long connection" open_stream long client "$VIP" 80
count 6 client "$URL" >/dev/null
rules=$(ipvs_rules director)
entries=$(connections director)
api director GET /v1/config
config=$(body)
etag=$(header ETag)
watch_netlink director

lvsd_stop director
expect_same "the stop leaves the rules" "$rules" "$(ipvs_rules director)"
expect_same "the stop leaves the connections" "$entries" "$(connections director)"
expect "the stream carries on without the daemon" stream_alive long
expect_count "requests balance without the daemon" "rs1=4 rs2=2" 6 client "$URL"
entries=$(connections director)

lvsd_restart director
expect "the daemon finds itself in sync" wait_until 5 in_sync director
expect_same "the start leaves the rules" "$rules" "$(ipvs_rules director)"
expect_same "the start leaves the thresholds" "$RS2 50 0" "$(ipvs_thresholds director)"
expect_same "the start leaves the connections" "$entries" "$(connections director)"
expect_same "stop and start wrote nothing to the kernel" 0 "$(netlink_writes director)"
expect "the stream carries on" stream_alive long
api director GET /v1/config
expect_same "the configuration is the same" "$config" "$(body)"
expect_same "so is its ETag" "$etag" "$(header ETag)"

# Edits of a busy service: connection entries stay as they are, open connections carry on.

topology dr
lvsd_start director
write director PUT "/v1/services/$SERVICE" '{
	"scheduler": "wrr",
	"realServers": {"'"$RS1"'": {"weight": 2}, "'"$RS2"'": {}}
}'
expect "a client opens a long connection" open_stream long client "$VIP" 80
count 10 client "$URL" >/dev/null
entries=$(connections director)
expect "the kernel has connection entries" test -n "$entries"

write director PATCH "/v1/services/$SERVICE" '{"scheduler": "sh"}'
expect_same "another scheduler keeps every entry" "$entries" "$(connections director)"

write director PATCH "/v1/services/$SERVICE" '{"schedulerFlags": ["sh-port", "sh-fallback"]}'
expect_same "scheduler flags keep every entry" "$entries" "$(connections director)"
expect "the kernel has the flags" ipvs_has director '-s sh -b (sh-fallback,sh-port|sh-port,sh-fallback|flag-1,flag-2)'

write director PUT "/v1/services/$SERVICE/real-servers/$RS1/weight" '{"weight": 7}'
write director PUT "/v1/services/$SERVICE/real-servers/$RS2/weight" '{"weight": 0}'
expect_same "weights keep every entry" "$entries" "$(connections director)"

write director PUT "/v1/services/$SERVICE" '{
	"scheduler": "rr",
	"realServers": {"'"$RS1"'": {"upperThreshold": 1000}, "'"$RS2"'": {}}
}'
expect_same "the kernel has the threshold" "$RS1 1000 0" "$(ipvs_thresholds director)"
expect_same "a whole new description keeps every entry" "$entries" "$(connections director)"
expect "the open connection still carries data" stream_alive long

# Weight 0: no new connections, and the open one carries on.

topology dr
lvsd_start director
write director PUT "/v1/services/$SERVICE" '{
	"scheduler": "rr",
	"realServers": {"'"$RS1"'": {}, "'"$RS2"'": {}}
}'
expect "a client opens a long connection" open_stream long client "$VIP" 80

busy=$(stream_server long)
id=$RS1
[[ $busy == rs1 ]] || id=$RS2
other=$([[ $busy == rs1 ]] && echo rs2 || echo rs1)

write director PUT "/v1/services/$SERVICE/real-servers/$id/weight" '{"weight": 0}'
expect_count "new requests avoid weight 0" "$other=6" 6 client "$URL"
expect "the open connection still carries data" stream_alive long
expect_same "from the same real server" "$busy" "$(stream_server long)"

api director GET "/v1/services/$SERVICE/real-servers/$id"
expect_status 200
expect_json .weight 0
expect_json .status.activeConnections 1

write director PUT "/v1/services/$SERVICE/real-servers/$id/weight" '{"weight": 1}'
expect_count "with its weight back it serves again" "rs1=3 rs2=3" 6 client "$URL"
expect "the open connection is still the same" stream_alive long

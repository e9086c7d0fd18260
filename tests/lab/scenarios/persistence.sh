# Persistence: one client always gets the same real server, another one the other.

topology dr
host neighbour
lan_join front neighbour=192.0.2.3/24
lvsd_start director
write director PUT "/v1/services/$SERVICE" '{
	"scheduler": "rr",
	"persistence": {"timeoutSeconds": 60},
	"realServers": {"'"$RS1"'": {}, "'"$RS2"'": {}}
}'
first=$(count 6 client "$URL")
second=$(count 6 neighbour "$URL")
expect_like "one client, one real server" 'rs[12]=6' "$first"
expect_like "another client, one real server" 'rs[12]=6' "$second"
expect_not "rr gave them different ones" test "$first" = "$second"
expect_same "the first client keeps its own" "$first" "$(count 6 client "$URL")"

write director PATCH "/v1/services/$SERVICE" '{"persistence": {"timeoutSeconds": 90, "prefixLength": 24}}'
expect "timeout and prefix length are edited in place" ipvs_has director '-p 90 -M 255.255.255.0'
api director GET "/v1/services/$SERVICE"
expect_json '.persistence | [.timeoutSeconds, .prefixLength, .engine]' '[90,24,null]'

write director PATCH "/v1/services/$SERVICE" '{"persistence": null}'
expect_not "and it can be switched off" ipvs_has director ' -p '

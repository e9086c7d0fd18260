# Services that somebody else made are left alone, whatever happens, until they are adopted.

host director
ipvs director -R <<<'-A -t 192.0.2.21:80 -s rr
-A -u 192.0.2.22:53 -s sed
-A -f 7 -s wlc
-a -t 192.0.2.21:80 -r 192.0.2.31:80 -g -w 5
-a -t 192.0.2.21:80 -r 192.0.2.32:8080 -m -w 1
-a -u 192.0.2.22:53 -r 192.0.2.31:53 -i -w 0'
foreign=$(ipvs_rules director)
theirs() { ipvs_rules director | grep -v 192.0.2.10:80 || true; }
ours() { ipvs_rules director | grep 192.0.2.10:80 || true; }

lvsd_start director --resync 2
expect_same "they survive the start" "$foreign" "$(theirs)"
write director PUT /v1/services/tcp:192.0.2.10:80 '{
	"scheduler": "rr",
	"realServers": {"192.0.2.11:80": {}, "192.0.2.12:80": {"weight": 2}}
}'
mine=$(ours)
expect "ours are there" test -n "$mine"
expect_same "they survive a write" "$foreign" "$(theirs)"

api director GET /v1/state
expect_json '.services | to_entries | map(select(.value.status.managed | not).key) | sort' \
	'["fwm:7","tcp:192.0.2.21:80","udp:192.0.2.22:53"]' "the state calls exactly them not managed"

api director GET /v1/config
config=$(body)
write director PUT /v1/config "$config"
expect_same "they survive a PUT of the whole configuration" "$foreign" "$(theirs)"
write director PUT '/v1/config?allowMassDelete=true' '{"services": {}}'
expect_same "one that takes away all of ours" "" "$(ours)"
expect_same "leaves them too" "$foreign" "$(theirs)"
write director PUT /v1/config "$config"
expect_same "and so does one that brings ours back" "$foreign" "$(theirs)"
expect_same "as they were" "$mine" "$(ours)"

api director PUT /v1/services/tcp:192.0.2.21:80 '{"scheduler": "wrr"}'
expect_status 409 "writing one of them is a conflict"
expect_json .code foreign_exists
expect_same "and changes nothing" "$foreign" "$(theirs)"

lvsd_stop director
expect_same "they survive the stop" "$foreign" "$(theirs)"
expect_same "so do ours" "$mine" "$(ours)"
lvsd_restart director
expect_same "they survive the next start" "$foreign" "$(theirs)"

api director PUT '/v1/services/tcp:192.0.2.21:80?adopt=true' '{
	"scheduler": "wrr",
	"realServers": {"192.0.2.31:80": {"weight": 6}, "192.0.2.32:8080": {"forward": "nat"}}
}'
expect_status '200|201' "with adopt=true it is taken over"
adopted=$(sed -e '/-A -t 192.0.2.21:80/s/-s rr/-s wrr/' -e '/192.0.2.31:80 -g/s/-w 5/-w 6/' <<<"$foreign" | sort)
expect_same "by an edit in place" "$adopted" "$(theirs)"

# One bad item in a document: nothing changes, and every bad field is named.

host director
lvsd_start director
write director PUT /v1/config '{"services": {
	"tcp:192.0.2.10:80": {"scheduler": "rr", "realServers": {"192.0.2.11:80": {}}},
	"udp:192.0.2.10:53": {"scheduler": "wlc"}
}}'
rules=$(ipvs_rules director)
api director GET /v1/config
config=$(body)
etag=$(header ETag)

api director PUT /v1/config '{"services": {
	"tcp:192.0.2.10:80": {"scheduler": "wrr", "realServers": {"192.0.2.11:80": {"weight": 7}, "192.0.2.12:80": {}}},
	"tcp:192.0.2.10:443": {"scheduler": "rr"},
	"tcp:192.0.2.10:81": {
		"scheduler": "nosuch",
		"colour": "blue",
		"realServers": {
			"192.0.2.11:81": {"weight": -1},
			"192.0.2.12:8080": {"forward": "dr"},
			"192.0.2.13:81": {"lowerThreshold": 9, "upperThreshold": 3}
		}
	},
	"tcp:224.0.0.1:80": {}
}}'
expect_status 422
expect_same "it is a problem document" application/problem+json "$(header Content-Type | cut -d ';' -f 1)"
for pointer in \
	/services/tcp:192.0.2.10:81/scheduler \
	/services/tcp:192.0.2.10:81/colour \
	/services/tcp:192.0.2.10:81/realServers/192.0.2.11:81/weight \
	/services/tcp:192.0.2.10:81/realServers/192.0.2.12:8080 \
	/services/tcp:192.0.2.10:81/realServers/192.0.2.13:81/lowerThreshold \
	/services/tcp:224.0.0.1:80; do
	expect_json "[.errors[].pointer | select(startswith(\"$pointer\"))] | length > 0" true "it names $pointer"
done
expect_json '[.errors[].pointer | select(contains(":443") or contains(".10:80"))] | length' 0 "it names no good field"
expect_same "the kernel is as before" "$rules" "$(ipvs_rules director)"

api director GET /v1/config
expect_same "the configuration is as before" "$config" "$(body)"
expect_same "so is its ETag" "$etag" "$(header ETag)"

api director PUT /v1/config '{"services": {'
expect_status 400 "a document cut short is refused"
expect_same "the kernel is still as before" "$rules" "$(ipvs_rules director)"

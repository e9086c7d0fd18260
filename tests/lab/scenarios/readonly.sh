# readonly.sock serves reads and refuses every write.

host director
lvsd_start director
service=/v1/services/tcp:192.0.2.10:80
write director PUT "$service" '{"scheduler": "rr", "realServers": {"192.0.2.11:80": {}}}'
rules=$(ipvs_rules director)

for path in /v1 /v1/config /v1/services "$service" "$service/real-servers/192.0.2.11:80/weight" /v1/state /v1/diff; do
	api_readonly director GET "$path"
	expect_status 200 "GET $path is served"
done
refused() { # METHOD PATH [JSON]
	api_readonly director "$@"
	expect_status 403 "$1 $2 is refused"
}
refused PUT "$service" '{"scheduler": "wrr"}'
refused PATCH "$service" '{"scheduler": "wrr"}'
refused DELETE "$service"
refused PUT "$service/real-servers/192.0.2.11:80/weight" '{"weight": 0}'
refused PUT /v1/config '{"services": {}}'
refused POST /v1/reconcile
expect_same "the kernel is as before" "$rules" "$(ipvs_rules director)"

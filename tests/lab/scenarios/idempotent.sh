# The same PUT twice: the second changes nothing, writes nothing to the kernel, and says so.

host director
lvsd_start director
watch_netlink director
service=/v1/services/tcp:192.0.2.10:80
document='{
	"scheduler": "mh",
	"schedulerFlags": ["mh-port"],
	"persistence": {"timeoutSeconds": 300},
	"metadata": {"labels": {"team": "web"}},
	"realServers": {"192.0.2.11:80": {"weight": 5}, "192.0.2.12:80": {"upperThreshold": 100, "lowerThreshold": 50}}
}'
write director PUT "$service" "$document"
etag=$(header ETag)
expect "the first PUT has an ETag" test -n "$etag"
expect "and shows on netlink" test "$(netlink_writes director)" -ge 3

unchanged() { # WHAT METHOD PATH BODY
	local tapped counted
	counted=$(kernel_writes director)
	tapped=$(netlink_writes director)
	api director "$2" "$3" "$4"
	expect_status 200 "$1 answers 200"
	expect_same "$1 keeps the ETag" "$etag" "$(header ETag)"
	expect_same "$1 is no kernel write by lvsd's count" "$counted" "$(kernel_writes director)"
	expect_same "$1 is no write on netlink" "$tapped" "$(netlink_writes director)"
}

unchanged "the same PUT" PUT "$service" "$document"
api director GET "$service"
unchanged "what GET answered, put back," PUT "$service" "$(body)"
unchanged "an empty PATCH" PATCH "$service" '{}'
unchanged "another spelling" PUT /v1/services/TCP:192.0.2.10:80 "$document"
api director GET /v1/config
unchanged "the whole configuration, put back," PUT /v1/config "$(body)"

counted=$(kernel_writes director)
write director PUT "$service/real-servers/192.0.2.11:80/weight" '{"weight": 6}'
expect_same "one weight is one kernel write" $((counted + 1)) "$(kernel_writes director)"

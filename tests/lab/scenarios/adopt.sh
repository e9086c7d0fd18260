# From ipvsadm to lvsd: services and a VIP that somebody else made are adopted without one write to the
# kernel, as they are, while a connection is open; from then on they are edited and kept as others.
# timeout: 120

topology dr
addr director front 2001:db8::10/128 preferred_lft 0
address=${SERVICE#tcp:}
ipvs director -R <<<"-A -t $address -s wrr -p 300 -M 255.255.255.0
-a -t $address -r $RS1 -g -w 3 -x 1000 -y 500
-a -t $address -r $RS2 -g -w 3
-A -u 192.0.2.22:5060 -s sh -p 60 --pe sip -o -b sh-port
-a -u 192.0.2.22:5060 -r 192.0.2.31:5061 -m -w 0
-A -f 7 -6 -s mh -b mh-fallback
-a -f 7 -6 -r [2001:db8::31]:0 -i -w 2 --tun-type gue --tun-port 6080 --tun-csum
-A -t 192.0.2.23:80 -p 60 -M 255.0.255.0"
table() {
	ipvs_thresholds director
	ip -n director -o address show dev front
	ipvs_rules director
}
checked_for_duplicates() { [[ $(ip -n director address show dev front) != *tentative* ]]; }
wait_until 10 checked_for_duplicates # the link-local address, by the kernel
before=$(table)
expect "a client opens a connection" open_stream long client "$VIP" 80
watch_netlink director
ip -n director monitor address >"$LAB/addresses" &
monitor=$!
lvsd_start director --resync 2
untouched() { # WHAT
	expect_same "$1 writes nothing to IPVS" 0 "$(netlink_writes director)"
	expect_same "$1 counts no write" 0 "$(kernel_writes director)"
	expect_same "$1 changes no address" "" "$(<"$LAB/addresses")"
}

api director POST /v1/adopt '{"allServices": true}'
expect_status 422 "what cannot be declared as it is, is refused"
expect_json '[.errors[] | .pointer + " " + .code] | join(" ")' \
	"/allServices/tcp:192.0.2.23:80/persistence/prefixLength out_of_range" "by its name"
api director POST /v1/adopt '{"services": ["tcp:192.0.2.99:80"], "vips": ["192.0.2.99", "'"$VIP"'"]}'
expect_json '[.errors[] | .pointer + " " + .code] | join(" ")' "/services/0 not_found /vips/0 not_found" "and what is not there"
api director GET /v1/config
expect_json '(.services | length) + (.vips | length)' 0 "then nothing is adopted"
all='{"services": ["'"$SERVICE"'", "udp:192.0.2.22:5060", "fwm6:7"], "vips": ["'"$VIP"'", "2001:db8::10"]}'
api director POST '/v1/adopt?dryRun=true' "$all"
expect_status 200 "a dry run"
expect_json '.status.plan.operations | length' 0 "has nothing to do in the kernel"
untouched "a dry run"

api director POST '/v1/adopt?owner=ops' "$all"
expect_status 200
expect_json '.status.pending | length' 0
write director POST /v1/reconcile
untouched "an adoption, with a full pass after it,"
expect_same "all is as it was" "$before" "$(table)"
expect "lvsd sees no difference" in_sync director
api director GET /v1/config
expect_json '.services["fwm6:7"] | .scheduler + " " + .realServers["[2001:db8::31]:0"].tunnel.checksum' "mh plain" \
	"it is desired field by field"
expect_json '[.services["'"$SERVICE"'"] | .persistence.prefixLength, .realServers["'"$RS1"'"].upperThreshold, .metadata.owner] | map(tostring) | join(" ")' \
	"24 1000 ops" "with its numbers and the owner"
expect_json '.vips | map_values(.interface)' '{"'"$VIP"'":"front","2001:db8::10":"front"}' "and the VIPs where they are"
api director GET /v1/state
expect_json '[.services[] | select(.status.managed | not)] | length' 1 "the one that cannot be declared stays foreign"
expect "the connection still carries data" stream_alive long
api director POST '/v1/adopt?owner=ops' "$all"
revision=$(json .revision)
api director POST '/v1/adopt?owner=ops' "$all"
expect_json .revision "$revision" "a repetition is no change"

lvsd_restart director
write director POST /v1/reconcile
untouched "a restart"
write director PUT "/v1/services/$SERVICE/real-servers/$RS2/weight" '{"weight": 5}'
expect "an edit by the API is in the kernel" ipvs_has director "-a -t $address -r $RS2 -g -w 5"
expect_same "as one write" 1 "$(netlink_writes director)"
ipvs director -D -f 7 -6
expect "what was adopted is kept" wait_until $((8 * LAB_SLOW)) ipvs_has director '-a -f 7 -6 -r \[2001:db8::31\]:0 -i -w 2'
ip -n director address del "$VIP/32" dev front
expect "the VIP too" wait_until $((8 * LAB_SLOW)) has_address director front "$VIP/32"
expect "changes of addresses would have been seen" grep -qF "$VIP/32" "$LAB/addresses"
write director DELETE '/v1/services/udp:192.0.2.22:5060?owner=ops'
expect_not "and goes when it is deleted" ipvs_has director 192.0.2.22
expect "the connection still carries data" stream_alive long
kill "$monitor" || true

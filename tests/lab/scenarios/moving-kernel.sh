# The kernel under the daemon goes away and comes back: the daemon says what it waits for, and is right again by itself.

own_kernel || skip "takes modules out of the kernel: needs one of its own"
one=/v1/services/tcp:192.0.2.10:80 two=/v1/services/tcp:192.0.2.20:80 three=/v1/services/tcp:192.0.2.30:80
pool='{"scheduler": "rr", "realServers": {"192.0.2.11:80": {}, "192.0.2.12:80": {"weight": 2}}}'
programmed() { # PATH
	api director GET "$1"
	local got
	is_json '.status.conditions[] | select(.type == "Programmed").status' True
}
same() { [[ $(ipvs_rules director) == "$rules" ]]; }
said() { # TEXT: how often the log says it
	grep -cF "$1" "$(lvsd_log director)"
}
waits_for_module() { # WHEN
	api director GET '/readyz?verbose'
	expect_status 503 "$1: not ready"
	expect_json '.conditions[0] | [.type, .status, .reason, .message] | join(" ")' \
		"KernelReady False KernelNotReady IPVS cannot be talked to: the kernel module ip_vs is missing; it is tried again within 10 seconds" \
		"$1: and says what it waits for"
	expect_same "$1: so does the log, once" 1 "$(said 'IPVS cannot be talked to: the kernel module ip_vs is missing')"
}

# A start without the module.
host director
hide_modules ip_vs
[[ ! -d /sys/module/ip_vs ]] || wait_until 20 unload_ipvs # an earlier scenario has left it
# Without notice of the changes of others, or the services would be back before the module is gone.
lvsd_start director --resync 300 --drift-notice off

# A real server has no need of IPVS: without services nothing is missing, and the host's part is answered.
conditions() {
	api director GET '/readyz?verbose'
	json '[.conditions[] | select(.type == "KernelReady" or .type == "InSync") | .type + " " + .status] | join(", ")'
}
settled() {
	[[ $(conditions) == "KernelReady False, InSync True" ]]
}
expect "without services all is as declared, and IPVS is not there" wait_until $((5 * LAB_SLOW)) settled
api director GET /readyz
expect_status 200 "a host that needs no IPVS is ready without it"
sysctl director net.ipv4.conf.all.arp_ignore=0
write director PUT /v1/config '{"roles": {"realServer": {"mode": "dr", "vips": {"192.0.2.10": {}}}}}'
expect_status 200 "a real server's role by a document"
expect "the VIP is there" has_address director lo 192.0.2.10/32
expect "in sync" settled
api director GET /v1/state
expect_status 200 "the state"
expect_json '[(.services | length), .vips["192.0.2.10"].interface, .sysctls["net.ipv4.conf.all.arp_ignore"].value] | join(" ")' \
	"0 lo 1" "no services, and what the role has set"
ip -n director address del 192.0.2.10/32 dev lo
expect "drift of the host is put right" wait_until $((5 * LAB_SLOW)) has_address director lo 192.0.2.10/32
api director GET /v1/diff
expect_status 200 "the difference"
expect_json '.items | length' 0 "is none"
api director POST /v1/plan '{"roles": {"realServer": null}}'
expect_status 200 "a plan for the host"
expect_json '.operations[0] | .op + " " + .id' "delete 192.0.2.10/32@lo" "says what would be done"
api director POST /v1/plan "{\"services\": {\"${one#/v1/services/}\": $pool}}"
expect_status 503 "one with services needs IPVS"
api director POST /v1/reconcile
expect_status 200 "a pass without services waits for nothing"
write director DELETE /v1/roles/real-server

api director PUT "$one" "$pool"
expect_status 202 "a write of a service is stored meanwhile"
expect_json '.status.conditions[] | select(.type == "Programmed") | .reason + " " + .message' \
	"KernelNotReady the kernel module ip_vs is missing" "and says what it waits for"
waits_for_module "with a service"
for path in state diff; do
	api director GET "/v1/$path"
	expect_status 503 "$path, with a service"
done
show_modules
expect "with the module it is done, unasked" wait_until 15 programmed "$one"
expect "in the kernel too" ipvs_has director '^-a -t 192.0.2.10:80 -r 192.0.2.12:80 -g -w 2$'

# The module goes and cannot come back for a while.
family=$(ipvs_family)
hide_modules ip_vs
ipvs director -C
unload_ipvs
: >"$(lvsd_log director)"
api director POST /v1/reconcile
expect_status 202 "a pass without the module"
waits_for_module "the module has gone"
api director PUT "$two" "$pool"
api director DELETE "$one"
expect_status 202 "a deletion is stored meanwhile"
show_modules
expect "once it can be loaded the write is done, unasked" wait_until 15 programmed "$two"
expect_not "the deletion too" ipvs_has director 192.0.2.10
expect_not "IPVS has another id than before" test "$(ipvs_family)" == "$family"
expect_same "the log says that it is over" 1 "$(said 'IPVS can be talked to again')"

# It goes and comes at once: the next write is the first to notice, and finds nothing of what it knew.
write director PUT "$one" "$pool"
rules=$(ipvs_rules director)
for path in "$two/real-servers/192.0.2.12:80/weight" "$one/real-servers/192.0.2.12:80/weight"; do
	ipvs director -C
	unload_ipvs
	modprobe ip_vs
	api director PUT "$path" 3
	expect_status 200 "after a reload: a weight"
	api director PUT "$path" 2
	expect_status 200 "and back"
	api director POST /v1/reconcile
	expect "after the next pass all is as it was" same
done
api director PUT "$three" "$pool"
ipvs director -C
unload_ipvs
modprobe ip_vs
write director DELETE "$three"
api director POST /v1/reconcile
expect_status 200 "after a reload: a deletion, and a pass"
expect "all is as it was" same

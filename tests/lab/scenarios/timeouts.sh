# Timeouts of IPVS connections that the role of director wants: set in the kernel, put right when somebody
# else sets them, and as they were before when the role goes, after kill -9 too.
# timeout: 90

host director
lvsd_start director
timeouts() {
	ipvs director -L --timeout | sed -n 's/^Timeout (tcp tcpfin udp): //p'
}
are() { # TCP FIN UDP
	[[ $(timeouts) == "$*" ]]
}
ipvs director --set 800 100 200
expect "what there was before" are 800 100 200
write director PUT /v1/roles/director '{"timeouts": {"tcpSeconds": 600, "udpSeconds": 30}}'
expect "the kernel has those of the role, and the rest as it was" are 600 100 30
api director GET /v1/roles/director
expect_json '[.status.items[] | [.kind, .id, .found, (.inSync | tostring)] | join(" ")] | join(", ")' \
	"timeout timeouts.tcpSeconds 600 true, timeout timeouts.udpSeconds 30 true"
ipvs director --set 599 99 0
expect "what somebody else sets is put right, and only ours" wait_until $((5 * LAB_SLOW)) are 600 99 30
lvsd_kill director
ipvs director --set 598 0 0
lvsd_start director
expect "also what was set meanwhile" wait_until $((5 * LAB_SLOW)) are 600 99 30
write director PATCH /v1/roles/director '{"timeouts": {"tcpSeconds": null}}'
expect "one that is no longer wanted is as it was" are 800 99 30
write director DELETE /v1/roles/director
expect "and all of them when the role goes" are 800 99 200
expect "lvsd sees no difference" in_sync director

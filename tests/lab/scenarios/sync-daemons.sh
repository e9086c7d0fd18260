# The sync daemons: started, seen by ipvsadm, put right when others stop them or start another, kept over kill -9,
# on an interface that comes later or is another one; those of others are left alone, or adopted as they are.
# In user-mode-linux only the backup: stopping a master hangs that kernel.
# timeout: 240

host director other
link director other 192.0.2.1/24 192.0.2.2/24
modprobe dummy || true
roles='backup master'
[[ $LAB_MODE != uml ]] || roles=backup
daemons() { # ROLE: as ipvsadm says, without lengths
	ipvs director -L --daemon -n 2>/dev/null | grep "^$1" | sed 's/, maxlen=[0-9]*//'
}
runs() { # ROLE IF ID GROUP PORT TTL
	[[ $(daemons "$1") == "$1 sync daemon (mcast=$2, syncid=$3, group=$4, port=$5, ttl=$6)" ]]
}
stopped() { # ROLE
	[[ -z $(daemons "$1") ]]
}
# A backup listens: the group is joined on the interface.
multicast_ready() { # ROLE
	[[ $1 == master ]] || on director cat /proc/net/igmp | grep -q 510000E0
}
lvsd_start director
for role in $roles; do
	write director PUT "/v1/sync/$role" '{"interface": "other", "syncId": 7, "maxLength": 1400, "ttl": 3, "port": 9000}'
	expect "$role: starts" runs "$role" other 7 224.0.0.81 9000 3
	expect_json '.status.conditions[0].reason' InSync
	expect_same "$role: has its length" 1 "$(ipvs director -L --daemon -n | grep -c "^$role.*maxlen=1400")"
	before=$(kernel_writes director)
	write director PUT "/v1/sync/$role" '{"interface": "other", "syncId": 7, "maxLength": 1400, "ttl": 3, "port": 9000}'
	expect_same "$role: the same again is no write" "$before" "$(kernel_writes director)"
	ipvs director --stop-daemon "$role"
	expect "$role: stopped by others, it is back" wait_until $((4 * LAB_SLOW)) runs "$role" other 7 224.0.0.81 9000 3
	lvsd_stop director
	ipvs director --stop-daemon "$role"
	ipvs director --start-daemon "$role" --mcast-interface other --syncid 9
	lvsd_start director
	expect "$role: started otherwise by others, it is put right" wait_until $((4 * LAB_SLOW)) runs "$role" other 7 224.0.0.81 9000 3
	write director PUT "/v1/sync/$role" '{"interface": "other", "group": "ff02::7"}'
	expect_like "$role: changes, to an IPv6 group" '*group=ff02::7*' "$(daemons "$role")"
	lvsd_kill director
	ipvs director --stop-daemon "$role"
	lvsd_start director
	expect "$role: is started again after kill -9" wait_until $((4 * LAB_SLOW)) in_sync director
	expect_not "$role: and runs" stopped "$role"
	api director PUT "/v1/sync/$role" '{"interface": "late0"}'
	expect_status 202 "$role: waits for its interface"
	expect_json '.status.conditions[] | select(.type == "Pending") | .status' True
	expect "$role: and does not run elsewhere" stopped "$role"
	for trial in first second; do
		ip -n director link add late0 type dummy
		ip -n director link set late0 up
		expect "$role: starts when it comes the $trial time" wait_until $((4 * LAB_SLOW)) in_sync director
		expect "$role: on it" runs "$role" late0 0 224.0.0.81 8848 1
		expect "$role: in the group" multicast_ready "$role"
		ip -n director link delete late0
	done
	write director DELETE "/v1/sync/$role"
	expect "$role: stops" stopped "$role"

	ipvs director --start-daemon "$role" --mcast-interface other
	api director PUT "/v1/sync/$role" '{"interface": "other"}'
	expect_status 409 "$role: of others is not taken over"
	expect_json .code foreign_exists
	api director GET /v1/state
	expect_json ".sync.$role.status.managed" false
	before=$(kernel_writes director)
	write director PUT "/v1/sync/$role?adopt=true" '{"interface": "other"}'
	expect_same "$role: adopted without a write" "$before" "$(kernel_writes director)"
	lvsd_restart director
	expect "$role: is ours after a restart" in_sync director
	write director DELETE "/v1/sync/$role"
	expect "$role: and stops" stopped "$role"
done

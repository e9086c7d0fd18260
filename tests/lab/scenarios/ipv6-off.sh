# A kernel without IPv6: an IPv6 service is refused and says so, and holds up nothing else.
# kernel: ipv6.disable=1

[[ $(cat /sys/module/ipv6/parameters/disable) == 1 ]] || skip "needs a kernel with ipv6.disable=1"
ip netns add director # host would switch IPv6 on
on director busybox ip link set lo up
lab_hosts+=(director)
v4=/v1/services/tcp:192.0.2.10:80 v6='/v1/services/tcp:[2001:db8::10]:80'
lvsd_start director --resync 1
write director PUT "$v4" '{"scheduler": "rr", "realServers": {"192.0.2.11:80": {}}}'
rules=$(ipvs_rules director)
same() { [[ $(ipvs_rules director) == "$rules" ]]; }
works() { # WHEN
	wait_until 5 tried || true
	expect_like "$1: it says why" '*"reason":"KernelRefused","message":"*IPv6 is switched off"*' "$(body)"
	api director GET '/readyz?verbose'
	expect_status 200 "$1: the daemon is ready"
	ipvs director -C
	expect "$1: the IPv4 service is repaired" wait_until 5 same
}
tried() {
	api director GET "$v6"
	[[ $(body) == *KernelRefused* ]]
}

api director PUT "$v6" '{"realServers": {"[2001:db8::11]:80": {}}}'
expect_status 202 "an IPv6 service is stored but not in the kernel"
works "after the write"
lvsd_restart director
works "after a restart"
api director DELETE "$v6"
expect_status 204 "the IPv6 service can be deleted"
expect "and then all is in sync" wait_until 5 in_sync director

# The host's side on a real kernel, with packets: each way of being a real server is set up from one
# document, works, and leaves no trace when the document is empty again; VIPs and the director's role.
# timeout: 240

settle=${LVSD_NETCFG_SETTLE:-$LAB_DIR/../../build/tests/parity/netcfg_settle}
host client director rs1
lan front client=192.0.2.1/24 director=192.0.2.2/24 rs1=192.0.2.11/24
addr client front 2001:db8::1/64
addr director front 2001:db8::2/64
addr rs1 front 2001:db8::11/64
for module in ipip sit ip6_tunnel ip_gre ip6_gre fou; do
	modprobe "$module" || true
done
serve rs1 0.0.0.0 80 rs1
serve rs1 :: 80 rs1

# settle HOST JSON: everything was applied.
settle() {
	on "$1" "$settle" rtnl "$LAB/memory.$1" "$2"
}

# All that may not be different afterwards.
picture() { # HOST
	picture_of_roles "$1"
	on "$1" ip fou show 2>/dev/null || true
}
pictures() { # HOST: sets now
	picture "$1" >"$LAB/picture"
	now=$(<"$LAB/picture")
}

# A real server whose role is ROLE takes what the director sends by the ipvsadm options FORWARD.
real_server() { # WHAT 4|6 RIP ROLE FORWARD...
	local what=$1 vip=192.0.2.10 rip=$3 role=$4
	[[ $2 == 4 ]] || vip=2001:db8::10
	shift 4
	expect "$what: the role is set up" settle rs1 "{\"roles\": {\"realServer\": {$role, \"vips\": {\"$vip\": {}}}}}"
	expect "$what: the VIP of the director" settle director "{\"vips\": {\"$vip\": {\"interface\": \"front\"}}}"
	ipvs director -R <<<"-A -t $(at "$vip" 80) -s rr"$'\n'"-a -t $(at "$vip" 80) -r $(at "$rip" 80) $*"
	on client ip neigh flush dev front
	expect_count "$what: packets flow" "rs1=3" 3 client "http://$(at "$vip" 80)/"
	expect_same "$what: a second time there is nothing to do" "" \
		"$(settle rs1 "{\"roles\": {\"realServer\": {$role, \"vips\": {\"$vip\": {}}}}}")"
	ipvs director -C
	expect "$what: undone" settle rs1 '{}'
	expect "$what: the director's VIP goes" settle director '{}'
	pictures rs1
	expect_same "$what: nothing is left" "$before" "$now"
}

before=$(picture rs1)
real_server "dr" 4 192.0.2.11 '"mode": "dr"' -g
real_server "dr on IPv6" 6 2001:db8::11 '"mode": "dr"' -g
real_server "ipip" 4 192.0.2.11 '"mode": "tun"' -i
real_server "IPv6 in IPv6" 6 2001:db8::11 '"mode": "tun"' -i
real_server "IPv6 in IPv4" 6 192.0.2.11 '"mode": "tun"' -i
gre='"mode": "tun", "tunnel": {"type": "gre"}'
real_server "gre" 4 192.0.2.11 "$gre" -i --tun-type gre
real_server "gre, IPv6 in IPv6" 6 2001:db8::11 "$gre" -i --tun-type gre
real_server "gre, IPv6 in IPv4" 6 192.0.2.11 "$gre" -i --tun-type gre
gre='"mode": "tun", "tunnel": {"type": "gre", "checksum": "plain"}'
real_server "gre with checksum" 4 192.0.2.11 "$gre" -i --tun-type gre --tun-csum
real_server "gre with checksum, IPv6 in IPv6" 6 2001:db8::11 "$gre" -i --tun-type gre --tun-csum
real_server "gre with checksum, IPv6 in IPv4" 6 192.0.2.11 "$gre" -i --tun-type gre --tun-csum
if [[ -d /sys/module/fou ]]; then
	gue='"mode": "tun", "tunnel": {"type": "gue", "port": 5555}'
	real_server "gue" 4 192.0.2.11 "$gue" -i --tun-type gue --tun-port 5555
	real_server "gue, IPv6 in IPv6" 6 2001:db8::11 "$gue" -i --tun-type gue --tun-port 5555
	real_server "gue with checksum" 4 192.0.2.11 "$gue" -i --tun-type gue --tun-port 5555 --tun-csum
	real_server "gue with remote checksum" 4 192.0.2.11 "$gue" -i --tun-type gue --tun-port 5555 --tun-remcsum
fi

# The VIP of a real server is not answered for by ARP, and is before.
settle rs1 '{"roles": {"realServer": {"mode": "dr", "vips": {"192.0.2.10": {}}}}}'
on client ip neigh flush dev front
expect_not "a real server does not answer ARP for the VIP" get client http://192.0.2.10/
settle rs1 '{}'
settle rs1 '{"vips": {"192.0.2.10": {"interface": "front"}}}'
on client ip neigh flush dev front
expect_same "a VIP on the interface is answered for" rs1 "$(get client http://192.0.2.10/)"
settle rs1 '{}'

# The director's role, and back.
sysctl director net.ipv4.conf.front.send_redirects=1
before=$(picture director)
role='{"roles": {"director": {"ipv4Forwarding": true, "ipv6Forwarding": true, "sendRedirects": false,
	"ipvs": {"conntrack": 1, "sync_threshold": "3 60"}}}}'
expect "the director's role is set up" settle director "$role"
for key in ipv4/ip_forward ipv4/conf/front/forwarding ipv6/conf/front/forwarding ipv4/vs/conntrack; do
	expect_same "$key" 1 "$(on director cat /proc/sys/net/$key)"
done
for name in all default front lo; do
	expect_same "redirects of $name" 0 "$(on director cat "/proc/sys/net/ipv4/conf/$name/send_redirects")"
done
expect_same "a second time there is nothing to do" "" "$(settle director "$role")"
expect "undone" settle director '{}'
expect_same "the director is as before" "$before" "$(picture director)"
expect_same "IPVS too" $'0\n3\t50' "$(on director cat /proc/sys/net/ipv4/vs/{conntrack,sync_threshold})"

# Addresses of others.
addr rs1 lo 192.0.2.20/32
expect_same "an address of somebody else is used" "" "$(settle rs1 '{"vips": {"192.0.2.20": {"interface": "lo"}}}')"
expect_same "and left" "" "$(settle rs1 '{}')"
expect "it is still there" has_address rs1 lo 192.0.2.20/32

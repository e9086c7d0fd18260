# The three ways of a load balancer by requests alone, with lvsd on the director and on both real
# servers: nothing is set by hand but the hosts' own addresses and routes. Each works, only the
# director answers for the VIP, and nothing is left of it afterwards.
# timeout: 400

modprobe ipip || true
modprobe ip6_tunnel || true
modprobe sit || true
host client director rs1 rs2
lan front client=192.0.2.1/24,2001:db8::1/64 director=192.0.2.2/24,2001:db8::2/64 \
	rs1=192.0.2.11/24,2001:db8::11/64 rs2=192.0.2.12/24,2001:db8::12/64
lan back director=198.51.100.1/24,2001:db8:1::1/64 rs1=198.51.100.11/24,2001:db8:1::11/64 \
	rs2=198.51.100.12/24,2001:db8:1::12/64
for rs in rs1 rs2; do
	# Strict reverse path filters: a tunnel without the role's help would drop everything.
	sysctl "$rs" net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1
	serve "$rs" 0.0.0.0 80 "$rs"
	serve "$rs" :: 80 "$rs"
	serve "$rs" 198.51.100.1"${rs#rs}" 8080 "$rs"
	serve "$rs" 2001:db8:1::1"${rs#rs}" 8080 "$rs"
done
for name in director rs1 rs2; do
	lvsd_start "$name"
done

# All that may not be different afterwards.
picture() { # HOST
	ip -n "$1" -brief link | sed 's/@[^ ]*//'
	ip -n "$1" -brief address
	on "$1" busybox sh -c 'cd /proc/sys/net && grep -r "" ipv4/ip_forward ipv4/conf \
		ipv6/conf/all/forwarding ipv6/conf/default/forwarding ipv6/conf/front/forwarding |
		grep -E "arp_|rp_filter|forward|redirects"'
}

pictures() {
	picture director
	picture rs1
	picture rs2
}

mac_of() { # HOST
	ip -n "$1" -j link show dev front | jq -r '.[0].address'
}

as_before() {
	[[ $(pictures) == "$before" ]]
}


# The role of both real servers and the director's part; then all of it away again.
set_up() { # WHAT 4|6 ROLE-OF-REAL-SERVERS DIRECTOR-DOCUMENT VIP
	local what=$1 vip=$5 rs neighbour
	neighbour=$(mac_of director)
	for rs in rs1 rs2; do
		[[ -z $3 ]] || write "$rs" PATCH /v1/config "{\"roles\": {\"realServer\": {$3, \"vips\": {\"$vip\": {}}}}}"
	done
	write director PATCH /v1/config "$4"
	on client ip neigh flush dev front
	expect "$what: all is in place" wait_until $((5 * LAB_SLOW)) on client busybox wget -q -O /dev/null "http://$(at "$vip" 80)/"
	expect_count "$what: packets flow" "rs1=3 rs2=3" 6 client "http://$(at "$vip" 80)/"
	expect_same "$what: the director answers for the VIP" "$neighbour" \
		"$(ip -n client -j neigh show "$vip" dev front | jq -r '.[0].lladdr')"
	write director PATCH '/v1/config?allowMassDelete=true' "{\"services\": {\"tcp:$(at "$vip" 80)\": null},
		\"vips\": {\"$vip\": null}, \"roles\": {\"director\": null}}"
	for rs in rs1 rs2; do
		[[ -z $3 ]] || write "$rs" PATCH /v1/config '{"roles": {"realServer": null}}'
	done
	expect "$what: nothing is left" wait_until $((5 * LAB_SLOW)) as_before
	[[ $(pictures) == "$before" ]] || expect_same "$what: the difference" "$before" "$(pictures)"
}

service() { # VIP FORWARD RS1 RS2 [MORE-OF-THE-DIRECTOR]
	echo "{\"vips\": {\"$1\": {\"interface\": \"front\"}}, \"services\": {\"tcp:$(at "$1" 80)\": {\"scheduler\": \"rr\",
		\"realServers\": {\"$3\": {\"forward\": \"$2\"}, \"$4\": {\"forward\": \"$2\"}}}}${5:+, $5}}"
}

before=$(pictures)
capture client front 'arp[6:2] = 2 and arp[14:4] = 0xc000020a'
set_up "DR" 4 '"mode": "dr"' "$(service 192.0.2.10 dr 192.0.2.11:80 192.0.2.12:80)" 192.0.2.10
set_up "TUN" 4 '"mode": "tun"' "$(service 192.0.2.10 tun 192.0.2.11:80 192.0.2.12:80)" 192.0.2.10
expect "the director was heard" captured client front "is-at $(mac_of director)"
expect_not "rs1 never answered ARP for the VIP" captured client front "is-at $(mac_of rs1)"
expect_not "rs2 neither" captured client front "is-at $(mac_of rs2)"
set_up "DR on IPv6" 6 '"mode": "dr"' \
	"$(service 2001:db8::10 dr '[2001:db8::11]:80' '[2001:db8::12]:80')" 2001:db8::10
set_up "TUN on IPv6" 6 '"mode": "tun"' \
	"$(service 2001:db8::10 tun '[2001:db8::11]:80' '[2001:db8::12]:80')" 2001:db8::10
set_up "IPv6 in tunnels over IPv4" 6 '"mode": "tun"' \
	"$(service 2001:db8::10 tun 192.0.2.11:80 192.0.2.12:80)" 2001:db8::10

# NAT: the real servers' way back is the director; port 80 becomes 8080.
for rs in rs1 rs2; do
	ip -n "$rs" address del "192.0.2.1${rs#rs}/24" dev front
	ip -n "$rs" route add default via 198.51.100.1
	ip -n "$rs" address del "2001:db8::1${rs#rs}/64" dev front
	ip -n "$rs" route add default via 2001:db8:1::1
done
before=$(pictures)
set_up "NAT" 4 '' "$(service 192.0.2.10 nat 198.51.100.11:8080 198.51.100.12:8080 \
	'"roles": {"director": {"ipv4Forwarding": true}}')" 192.0.2.10
set_up "NAT on IPv6" 6 '' "$(service 2001:db8::10 nat '[2001:db8:1::11]:8080' '[2001:db8:1::12]:8080' \
	'"roles": {"director": {"ipv6Forwarding": true}}')" 2001:db8::10

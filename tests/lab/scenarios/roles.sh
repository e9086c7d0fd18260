# The three ways of a load balancer by requests alone, with lvsd on the director and on both real
# servers: nothing is set by hand but the hosts' own addresses and routes. Each works, only the
# director answers for the VIP, and nothing is left of it afterwards.
# timeout: 500

modprobe ipip || true
modprobe ip6_tunnel || true
modprobe sit || true
host client director rs1 rs2 router far
lan front client=192.0.2.1/24,2001:db8::1/64 director=192.0.2.2/24,2001:db8::2/64 \
	rs1=192.0.2.11/24,2001:db8::11/64 rs2=192.0.2.12/24,2001:db8::12/64
lan back director=198.51.100.1/24,2001:db8:1::1/64 rs1=198.51.100.11/24,2001:db8:1::11/64 \
	rs2=198.51.100.12/24,2001:db8:1::12/64
# The hosts' own variables and routes, and what they serve.
strict() { # HOST: reverse path filters by which a tunnel without the role's help would drop everything
	sysctl "$1" net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1
}
web() { # HOST
	serve "$1" 0.0.0.0 80 "$1"
	web_beside "$1"
}
web_beside() { # HOST: all but the first
	serve "$1" :: 80 "$1"
	serve "$1" 198.51.100.1"${1#rs}" 8080 "$1"
	serve "$1" 2001:db8:1::1"${1#rs}" 8080 "$1"
}
# A client behind a router.
lan_join front router=192.0.2.254/24
link far router 203.0.113.1/24 203.0.113.254/24
sysctl router net.ipv4.ip_forward=1
ip -n far route add default via 203.0.113.254
behind_router() { # HOST: its way to that client
	ip -n "$1" route add 203.0.113.0/24 via 192.0.2.254
}
for rs in rs1 rs2; do
	strict "$rs"
	behind_router "$rs"
	web "$rs"
done
for name in director rs1 rs2; do
	lvsd_start "$name"
done

# All that may not be different afterwards.
pictures() { # sets now
	for name in director rs1 rs2; do
		picture_of_roles $name
	done >"$LAB/now"
	now=$(<"$LAB/now")
}

as_before() { # sets now
	pictures
	[[ $now == "$before" ]]
}

take_away() { # VIP ROLE-OF-REAL-SERVERS
	local rs
	write director PATCH '/v1/config?allowMassDelete=true' "{\"services\": {\"tcp:$(at "$1" 80)\": null},
		\"vips\": {\"$1\": null}, \"roles\": {\"director\": null}}"
	for rs in rs1 rs2; do
		[[ -z $2 ]] || write "$rs" PATCH /v1/config '{"roles": {"realServer": null}}'
	done
}

# The role of both real servers and the director's part; then all of it away again.
set_up() { # WHAT 4|6 ROLE-OF-REAL-SERVERS DIRECTOR-DOCUMENT VIP
	local what=$1 vip=$5 rs
	for rs in rs1 rs2; do
		[[ -z $3 ]] || write "$rs" PATCH /v1/config "{\"roles\": {\"realServer\": {$3, \"vips\": {\"$vip\": {}}}}}"
	done
	write director PATCH /v1/config "$4"
	on client ip neigh flush dev front
	expect "$what: all is in place" wait_until $((5 * LAB_SLOW)) on client busybox wget -q -O /dev/null "http://$(at "$vip" 80)/"
	expect_count "$what: packets flow" "rs1=3 rs2=3" 6 client "http://$(at "$vip" 80)/"
	expect "$what: the director answers for the VIP" knows_mac client front "$vip" "$director_mac"
	take_away "$vip" "$3"
	wait_until $((5 * LAB_SLOW)) as_before || true
	expect_same "$what: nothing is left" "$before" "$now"
}

service() { # VIP FORWARD RS1 RS2 [MORE-OF-THE-DIRECTOR]
	echo "{\"vips\": {\"$1\": {\"interface\": \"front\"}}, \"services\": {\"tcp:$(at "$1" 80)\": {\"scheduler\": \"rr\",
		\"realServers\": {\"$3\": {\"forward\": \"$2\"}, \"$4\": {\"forward\": \"$2\"}}}}${5:+, $5}}"
}

director_mac=$(mac_of director front)
pictures
before=$now
capture client front 'arp[6:2] = 2 and arp[14:4] = 0xc000020a'
set_up "DR" 4 '"mode": "dr"' "$(service 192.0.2.10 dr 192.0.2.11:80 192.0.2.12:80)" 192.0.2.10
set_up "TUN" 4 '"mode": "tun"' "$(service 192.0.2.10 tun 192.0.2.11:80 192.0.2.12:80)" 192.0.2.10
expect "the director was heard" captured client front "is-at $director_mac"
expect_not "rs1 never answered ARP for the VIP" captured client front "is-at $(mac_of rs1 front)"
expect_not "rs2 neither" captured client front "is-at $(mac_of rs2 front)"
set_up "DR on IPv6" 6 '"mode": "dr"' \
	"$(service 2001:db8::10 dr '[2001:db8::11]:80' '[2001:db8::12]:80')" 2001:db8::10
set_up "TUN on IPv6" 6 '"mode": "tun"' \
	"$(service 2001:db8::10 tun '[2001:db8::11]:80' '[2001:db8::12]:80')" 2001:db8::10
set_up "IPv6 in tunnels over IPv4" 6 '"mode": "tun"' \
	"$(service 2001:db8::10 tun 192.0.2.11:80 192.0.2.12:80)" 2001:db8::10

# DR with a client behind a router, which is who asks for the VIP, and with a real server that boots: its namespace
# is new, its role is what lvsd has stored, and it joins the LAN before, after and while lvsd begins.
asking() { # FILE
	spawn client python3 -I -S "$LAB_DIR/lib/arp-asker.py" front 192.0.2.10 "$1"
	asker=$SPAWNED
	wait_until 10 test -e "$1"
}
joins() { # rs2 is connected
	lan_join front rs2=192.0.2.12/24,2001:db8::12/64
	behind_router rs2
}
boots() { # before|after|while: when it joins
	local joining name
	lvsd_stop rs2
	ip link delete front-rs2
	ip netns delete rs2
	host rs2
	strict rs2
	case $1 in
	before)
		joins
		lvsd_restart rs2
		;;
	after)
		lvsd_restart rs2
		wait_until 10 has_address rs2 lo 192.0.2.10/32
		joins
		;;
	while)
		joins &
		joining=$!
		lvsd_restart rs2
		wait $joining
		;;
	esac
	serve rs2 0.0.0.0 80 rs2
	expect "joins $1 lvsd begins: it has the VIP" wait_until $((5 * LAB_SLOW)) has_address rs2 lo 192.0.2.10/32
	# Its interface is another than before, with another MAC address; and the router has to ask for the VIP again.
	for name in client director router; do
		ip -n $name neigh flush dev front
	done
	expect "and is on the LAN" wait_until $((5 * LAB_SLOW)) on client busybox ping -c 1 -W 1 192.0.2.12
	expect_count "and serves" "rs1=3 rs2=3" 6 far http://192.0.2.10/
}
for rs in rs1 rs2; do
	write "$rs" PUT /v1/roles/real-server '{"mode": "dr", "vips": {"192.0.2.10": {}}}'
done
write director PATCH /v1/config "$(service 192.0.2.10 dr 192.0.2.11:80 192.0.2.12:80)"
capture router front 'arp[6:2] = 2 and arp[14:4] = 0xc000020a'
asking "$LAB/asked"
expect_count "a client behind a router is served" "rs1=3 rs2=3" 6 far http://192.0.2.10/
ip link delete back-rs2
for joined in before after while; do
	boots $joined
done
expect_count "and at the end" "rs1=3 rs2=3" 6 far http://192.0.2.10/
kill -TERM "$asker"
wait_until 5 file_has "$LAB/asked" asked
expect_same "only the director has answered, whoever asked whenever" "$director_mac" "$(grep -v '^asked' "$LAB/asked" | sort -u)"
expect "the router too was told by the director" captured router front "is-at $director_mac"
expect_same "and by nobody else" "" "$(grep -F is-at "$LAB/capture.router.front" | grep -vF "is-at $director_mac" || true)"
take_away 192.0.2.10 dr
lan_join back rs2=198.51.100.12/24,2001:db8:1::12/64
web_beside rs2

# NAT: the real servers' way back is the director; port 80 becomes 8080.
for rs in rs1 rs2; do
	ip -n "$rs" address del "192.0.2.1${rs#rs}/24" dev front
	ip -n "$rs" route add default via 198.51.100.1
	ip -n "$rs" address del "2001:db8::1${rs#rs}/64" dev front
	ip -n "$rs" route add default via 2001:db8:1::1
done
pictures
before=$now
set_up "NAT" 4 '' "$(service 192.0.2.10 nat 198.51.100.11:8080 198.51.100.12:8080 \
	'"roles": {"director": {"ipv4Forwarding": true}}')" 192.0.2.10
set_up "NAT on IPv6" 6 '' "$(service 2001:db8::10 nat '[2001:db8:1::11]:8080' '[2001:db8:1::12]:8080' \
	'"roles": {"director": {"ipv6Forwarding": true}}')" 2001:db8::10

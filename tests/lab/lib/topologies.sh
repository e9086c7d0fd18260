# Three ready topologies: topology dr|nat|tun [4|6]. Each has the hosts client, director, rs1 and rs2,
# an HTTP server that answers "rs1" or "rs2", and sets for the scenario:
#   CIP DIP VIP RIP1 RIP2     addresses of client, director, service, real servers
#   SERVICE RS1 RS2           ids as the API spells them
#   URL                       what the client asks
#
#   dr, tun:  client ── director ── rs1, rs2 on one LAN "front"; the VIP is on the director's
#             interface and on lo of both real servers; they answer the client directly
#   nat:      client ─ "front" ─ director ─ "back" ─ rs1, rs2 (port 8080, service port 80);
#             the director is the real servers' default gateway
# A second topology in one scenario takes the first one down.

topology() { # dr|nat|tun [4|6]
	tear_down
	host client director rs1 rs2
	"addresses_v${2:-4}" "$1"
	"topology_$1" "${2:-4}"
}

addresses_v4() { # dr|nat|tun
	CIP=192.0.2.1 DIP=192.0.2.2 VIP=192.0.2.10 PREFIX=24 ALONE=32
	RIP1=192.0.2.11 RIP2=192.0.2.12
	if [[ $1 == nat ]]; then
		RIP1=198.51.100.11 RIP2=198.51.100.12 GATEWAY=198.51.100.1
	fi
}

addresses_v6() { # dr|nat|tun
	CIP=2001:db8::1 DIP=2001:db8::2 VIP=2001:db8::10 PREFIX=64 ALONE=128
	RIP1=2001:db8::11 RIP2=2001:db8::12
	if [[ $1 == nat ]]; then
		RIP1=2001:db8:1::11 RIP2=2001:db8:1::12 GATEWAY=2001:db8:1::1
	fi
}

# ADDRESS:PORT, with brackets where the address needs them.
at() { # ADDRESS PORT
	if [[ $1 == *:* ]]; then
		printf '[%s]:%s' "$1" "$2"
	else
		printf '%s:%s' "$1" "$2"
	fi
}

# The VIP on the director. An IPv6 one must never become a source address.
vip_on_director() {
	if [[ $VIP == *:* ]]; then
		addr director front "$VIP/$ALONE" preferred_lft 0
	else
		addr director front "$VIP/$ALONE"
	fi
}

# The names that scenarios use.
name_service() { # REAL_SERVER_PORT
	SERVICE=tcp:$(at "$VIP" 80)
	URL=http://$(at "$VIP" 80)/
	RS1=$(at "$RIP1" "$1")
	RS2=$(at "$RIP2" "$1")
	: "$SERVICE" "$URL" "$RS1" "$RS2" # for the scenario
}

one_lan() {
	lan front client="$CIP/$PREFIX" director="$DIP/$PREFIX" rs1="$RIP1/$PREFIX" rs2="$RIP2/$PREFIX"
	vip_on_director
	name_service 80
}

# A real server that owns the VIP and keeps quiet about it.
quiet_vip() { # HOST
	sysctl "$1" net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	addr "$1" lo "$VIP/$ALONE"
	serve "$1" "$VIP" 80 "$1"
}

topology_dr() {
	one_lan
	quiet_vip rs1
	quiet_vip rs2
}

topology_tun() { # 4|6
	local rs device=tunl0
	[[ $1 == 4 ]] || device=ip6tnl0
	one_lan
	for rs in rs1 rs2; do
		tunnel_device "$rs" "$device"
		quiet_vip "$rs"
	done
}

# The catch-all tunnel device, which comes with its module.
tunnel_device() { # HOST tunl0|ip6tnl0
	case $2 in
	tunl0) modprobe ipip ;;
	ip6tnl0) modprobe ip6_tunnel ;;
	esac
	ip -n "$1" link set "$2" up
	sysctl "$1" "net.ipv4.conf.$2.rp_filter=0"
}

topology_nat() { # 4|6
	local rs
	lan front client="$CIP/$PREFIX" director="$DIP/$PREFIX"
	lan back director="$GATEWAY/$PREFIX" rs1="$RIP1/$PREFIX" rs2="$RIP2/$PREFIX"
	vip_on_director
	name_service 8080
	sysctl director net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	for rs in rs1 rs2; do
		ip -n "$rs" route add default via "$GATEWAY"
	done
	serve rs1 "$RIP1" 8080 rs1
	serve rs2 "$RIP2" 8080 rs2
}

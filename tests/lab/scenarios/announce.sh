# Announcements: every field of the frames on the wire, over a cable, a VLAN and a bond; a neighbour
# that follows a VIP to another host; interfaces without neighbours; failures; no privilege. Then the daemon
# itself: the same frames at each occasion.

ANNOUNCE_SEND=${LVSD_ANNOUNCE_SEND:-$LAB_DIR/../../build/tests/lab/announce-send}

announce() { # HOST [OPTIONS...] INTERFACE ADDRESS: what the program says at the end
	local lines
	mapfile -t lines < <(on "$1" "$ANNOUNCE_SEND" "${@:2}")
	echo "${lines[-1]}"
}

remembers() { # INTERFACE ADDRESS MAC: does the client?
	knows_mac client "$@"
}

reaches_both() {
	on client busybox sh -ec "busybox ping -c 1 -W 3 $VIP4; busybox ping -6 -c 1 -W 3 $VIP6"
}

listen_on() { # INTERFACE of the client
	HEARD=$LAB/heard.$1.$RANDOM
	spawn client python3 -I -S "$LAB_DIR/lib/announcements.py" "$1" "$HEARD"
	wait_until 10 test -e "$HEARD"
}

heard() { # COUNT: has the client heard so many?
	local lines
	mapfile -t lines <"$HEARD"
	((${#lines[@]} >= $1))
}

expect_heard() { # WHAT LINES: these and no others since the last time
	local lines
	mapfile -t lines <<<"$2"
	wait_until 5 heard "${#lines[@]}" || true
	expect_same "$1" "$2" "$(<"$HEARD")"
	: >"$HEARD"
}

arp_lines() { # VLAN MAC: request and reply form
	local head="arp hardware=1 protocol=0800 lengths=6,4" who="$2,$VIP4"
	echo "vlan=$1 $2>ff:ff:ff:ff:ff:ff $head operation=1 sender=$who target=00:00:00:00:00:00,$VIP4 rest=none"
	echo "vlan=$1 $2>ff:ff:ff:ff:ff:ff $head operation=2 sender=$who target=$who rest=none"
}

na_line() { # VLAN MAC FLAGS
	echo "vlan=$1 $2>33:33:00:00:00:01 na ip=60000000 length=32 hops=255 from=$VIP6 to=ff02::1" \
		"code=0 checksum=valid flags=$3 reserved=0 target=$VIP6 option=2,1,$2"
}

# The VIPs are on the old host and the client talks to them; they move; the new host announces them.
follows() { # NAME VLAN CLIENT-INTERFACE OLD-INTERFACE NEW-INTERFACE; VIP4 and VIP6
	local was is
	was=$(mac_of old "$4")
	is=$(mac_of new "$5")
	addr old "$4" "$VIP4/32"
	addr old "$4" "$VIP6/128"
	expect "$1: the client reaches both VIPs" reaches_both
	ip -n old address del "$VIP4/32" dev "$4"
	ip -n old address del "$VIP6/128" dev "$4"
	addr new "$5" "$VIP4/32"
	addr new "$5" "$VIP6/128"
	sleep 0.3
	expect_same "$1: the kernel announces neither on the new host" "" "$(<"$HEARD")"
	expect "$1: the client has the old MAC address of the IPv4 VIP" remembers "$3" "$VIP4" "$was"
	expect "$1: and of the IPv6 VIP" remembers "$3" "$VIP6" "$was"

	announce new "$5" "$VIP4" >/dev/null
	expect_heard "$1: ARP frames in request and reply form" "$(arp_lines "$2" "$is")"
	expect "$1: the client has the new MAC address of the IPv4 VIP" remembers "$3" "$VIP4" "$is"
	expect "$1: not yet of the IPv6 VIP" remembers "$3" "$VIP6" "$was"
	announce new "$5" "$VIP6" >/dev/null
	expect_heard "$1: the advertisement" "$(na_line "$2" "$is" O)"
	expect "$1: the client has the new MAC address of the IPv6 VIP" remembers "$3" "$VIP6" "$is"
	expect "$1: the client reaches both VIPs again" reaches_both
}

host client old new
lan lan client=192.0.2.1/24,2001:db8:1::1/64 old=192.0.2.2/24,2001:db8:1::2/64 new=192.0.2.3/24,2001:db8:1::3/64

VIP4=192.0.2.100 VIP6=2001:db8:1::100
listen_on lan
follows cable none lan lan lan
announce new --router lan "$VIP6" >/dev/null
expect_heard "cable: the advertisement of a router" "$(na_line none "$(mac_of new lan)" RO)"
expect_like "the client has it down as a router" "*router*" "$(ip -n client neigh show "$VIP6" dev lan)"
expect_same "a burst of three" \
	"3 announcements, 6 frames, 0 failures (none)" "$(announce new --count 3 --interval 50 lan "$VIP4")"
mac=$(mac_of new lan)
expect_heard "all six arrive" "$(arp_lines none "$mac" && arp_lines none "$mac" && arp_lines none "$mac")"

# A VLAN on the same cable: the tag comes from the kernel.
for number in 1:client 2:old 3:new; do
	ip -n "${number#*:}" link add link lan name v100 type vlan id 100
	addr "${number#*:}" v100 "198.51.100.${number%:*}/24"
	addr "${number#*:}" v100 "2001:db8:2::${number%:*}/64"
	ip -n "${number#*:}" link set v100 up
done
VIP4=198.51.100.100 VIP6=2001:db8:2::100
follows vlan 100 v100 v100 v100

# A bond of two cables on the new host.
lan back client=203.0.113.1/24,2001:db8:3::1/64 old=203.0.113.2/24,2001:db8:3::2/64
ip -n new link add bond0 type bond mode active-backup miimon 50
for port in port1 port2; do
	ip link add "$port" netns new type veth peer name "back-$port"
	ip link set "back-$port" master sw-back up
	ip -n new link set "$port" master bond0
done
ip -n new link set bond0 up
addr new bond0 203.0.113.3/24
addr new bond0 2001:db8:3::3/64
expect "the client reaches the bond" wait_until 10 on client busybox ping -c 1 -W 1 203.0.113.3
VIP4=203.0.113.100 VIP6=2001:db8:3::100
listen_on back
follows bond none back back bond0
# When the bond changes its port the kernel announces all addresses: nothing is left to do for us.
mac=$(mac_of new bond0)
ip -n new link set port1 down
expect "the kernel announces the IPv4 VIP when the bond fails over" \
	wait_until 5 grep -q "operation=1 sender=$mac,$VIP4" "$HEARD"
expect "and the IPv6 VIP" wait_until 5 grep -q "hops=255 .* flags=O .* target=$VIP6 option=2,1,$mac" "$HEARD"

# Interfaces where nobody listens.
ip -n new link add dummy0 type dummy
ip -n new link add ipip9 type ipip remote 192.0.2.1
ip -n new link add cable0 type veth peer name cable1
ip -n new link set cable0 arp off
for interface in lo dummy0 tunl0 ipip9 cable0; do
	expect_same "no announcement on $interface" "not announced on $interface" \
		"$(announce new "$interface" 192.0.2.100 || true)"
done

# What fails is sent as soon as it can be.
ip -n new link set cable0 arp on
ip -n new link set cable1 up
(announce new --count 2 --interval 50 cable0 192.0.2.100 >"$LAB/down") &
pause 0.5
ip -n new link set cable0 up
wait "$!"
expect_like "an interface that is down delays the burst" \
	"2 announcements, 4 frames, [1-9]* failures (ENETDOWN)" "$(<"$LAB/down")"
tc -n new qdisc add dev cable0 root tbf rate 64kbit burst 200 limit 200
expect_like "a full queue delays what it drops" "50 announcements, * frames, [1-9]* failures (ENOBUFS)" \
	"$(announce new --count 50 --interval 1 cable0 192.0.2.100)"
(announce new --count 1000 --interval 50 --seconds 2 cable0 192.0.2.100 >"$LAB/gone" || true) &
pause 0.5
ip -n new link delete cable0
wait "$!"
expect_like "one that goes ends it" "[1-9]* announcements, * failures (ENXIO)" "$(<"$LAB/gone")"

expect_same "without CAP_NET_RAW it says so" "no socket: EPERM" \
	"$(on new /usr/bin/setpriv --bounding-set=-net_raw "$ANNOUNCE_SEND" lan 192.0.2.100 || true)"

# The daemon at each occasion. On a VLAN and on a bond: vip-drift.
expect_announced() { # WHEN: both VIPs, each once
	local mac
	mac=$(mac_of new lan)
	wait_until 5 heard 3 || true
	expect_same "$1: request, reply and advertisement" \
		"$( (arp_lines none "$mac" && na_line none "$mac" O) | sort)" "$(sort "$HEARD")"
	: >"$HEARD"
}
VIP4=192.0.2.101 VIP6=2001:db8:1::101
listen_on lan
lvsd_start new
write new PATCH /v1/config '{"vips": {
	"'$VIP4'": {"interface": "lan", "announce": {"count": 1}}, "'$VIP6'": {"interface": "lan", "announce": {"count": 1}}}}'
expect_announced "lvsd adds them"
ip link set lan-new down
pause 0.3
ip link set lan-new up
expect_announced "the carrier comes"
ip -n new link set lan address 02:00:5e:10:00:01
expect_announced "the MAC address changes"
write new POST "/v1/vips/$VIP4/announce"
write new POST "/v1/vips/$VIP6/announce"
expect_announced "on request"
write new PATCH /v1/config '{"vips": {"'$VIP6'": null, "'$VIP4'": {"announce": {"count": 2, "intervalMilliseconds": 10, "repeatSeconds": 1}}}}'
mac=$(mac_of new lan)
expect "by itself, again and again" wait_until $((10 * LAB_SLOW)) heard 8
expect_same "always both forms" "$(arp_lines none "$mac" && arp_lines none "$mac" && arp_lines none "$mac")" "$(head -n 6 "$HEARD")"

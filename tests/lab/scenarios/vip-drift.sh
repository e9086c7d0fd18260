# What others undo on the host is put right within 100 ms, and a VIP that is back is announced: addresses
# removed by hand, an interface that flaps, variables written. lvsd comes to rest afterwards.
# timeout: 300

modprobe dummy || true
host client director
lan front client=192.0.2.1/24,2001:db8::1/64 director=192.0.2.2/24,2001:db8::2/64
lvsd_start director
HEARD=$LAB/heard
spawn client python3 -I -S "$LAB_DIR/lib/announcements.py" front "$HEARD"
wait_until 10 test -e "$HEARD"
mac=$(mac_of director front)

write director PATCH /v1/config '{
	"vips": {"192.0.2.10": {"interface": "front"}, "192.0.2.11": {"interface": "front"},
		"192.0.2.12": {"interface": "front"}, "192.0.2.13": {"interface": "front"},
		"192.0.2.14": {"interface": "front"}, "192.0.2.15": {"interface": "front"},
		"2001:db8::10": {"interface": "front"}},
	"sysctls": {"net.ipv4.ip_forward": {"value": "1"}, "net.ipv4.conf.all.arp_ignore": {"value": "1"},
		"net.ipv4.conf.front.arp_announce": {"value": "2"}, "net.ipv4.conf.front.rp_filter": {"value": "2"},
		"net.ipv4.conf.lo.accept_local": {"value": "1"}, "net.ipv4.vs.conntrack": {"value": "1"}}}'
expect "the VIPs are there" wait_until $((5 * LAB_SLOW)) has_address director front 2001:db8::10/128
heard() { # ADDRESS
	grep -q "sender=$mac,$1 target=$mac,$1" "$HEARD"
}
expect "and announced" wait_until 10 heard 192.0.2.15
pause 2 # the bursts end
: >"$HEARD"

# Median and worst of times on stdin, one a line.
expect_times() { # WHAT LINES
	local sorted median worst
	sorted=$(sort -n <<<"$2")
	median=$(sed -n "$((($(wc -l <<<"$2") + 1) / 2))p" <<<"$sorted")
	worst=$(tail -n 1 <<<"$sorted")
	[[ $sorted != *never* ]] || worst=999999
	expect "$1: median $median ms" test "${median%.*}" -lt $((100 * LAB_SLOW))
	expect "$1: worst $worst ms" test "${worst%.*}" -lt $((500 * LAB_SLOW))
}
times() {
	on director python3 -I -S "$LAB_DIR/lib/drift-times.py" "$@"
}

# A VLAN, a bond, and a VIP that moves to another interface: it is there all the time.
modprobe bonding || true
ip -n director link add link front name v100 type vlan id 100
ip -n director link add bond0 type bond mode active-backup miimon 50
ip -n director link add port1 type veth peer name back netns client
ip -n director link set port1 master bond0
ip -n client link set back up
ip -n director link set bond0 up
ip -n director link set v100 up
spawn client python3 -I -S "$LAB_DIR/lib/announcements.py" back "$HEARD.bond"
wait_until 10 test -e "$HEARD.bond"
ip -n director -o monitor address >"$LAB/moves" &
monitor=$!
write director PATCH /v1/config '{"vips": {"192.0.2.81": {"interface": "v100"}, "2001:db8::81": {"interface": "v100"},
	"192.0.2.82": {"interface": "bond0"}, "2001:db8::82": {"interface": "bond0"}}}'
bond=$(mac_of director bond0)
for want in "vlan=100 .*operation=1 sender=$mac,192.0.2.81" "vlan=100 .*operation=2 sender=$mac,192.0.2.81" \
	"vlan=100 .* na .*hops=255 .*checksum=valid flags=O .*target=2001:db8::81 option=2,1,$mac"; do
	expect "on a VLAN: $want" wait_until 5 grep -q "$want" "$HEARD"
done
for want in "operation=1 sender=$bond,192.0.2.82" "operation=2 sender=$bond,192.0.2.82" \
	"vlan=none .* na .*hops=255 .*checksum=valid flags=O .*target=2001:db8::82 option=2,1,$bond"; do
	expect "on a bond: $want" wait_until 5 grep -q "$want" "$HEARD.bond"
done
write director PATCH /v1/config '{"vips": {"192.0.2.81": {"interface": "bond0"}, "2001:db8::81": {"interface": "bond0"}}}'
# The kernel tells of an address again when its flags or its link change.
moved() { # ADDRESS: it came to bond0, then went from v100, and never went from bond0
	awk -v a=" $1/" 'index($0, a) { gone = /^Deleted/; where = /bond0/ ? "bond0" : "v100" }
		index($0, a) && !gone && where == "bond0" { came = 1 }
		index($0, a) && gone && where == "v100" { went = 1; late = late || !came }
		index($0, a) && gone && where == "bond0" { late = 1 }
		END { exit !(came && went && !late) }' "$LAB/moves"
}
shown_unless_moved() {
	moved "$1" || { cat "$LAB/moves" && false; }
}
expect_move() { # WHAT ADDRESS
	wait_until 5 moved "$2" || true
	expect "$1" shown_unless_moved "$2"
}
expect_move "a VIP that moves comes before it goes" 192.0.2.81
expect_move "on IPv6 too" 2001:db8::81
expect "it is announced from there" wait_until 5 grep -q "operation=2 sender=$bond,192.0.2.81" "$HEARD.bond"
kill "$monitor"
write director PATCH /v1/config '{"vips": {"192.0.2.81": null, "2001:db8::81": null, "192.0.2.82": null, "2001:db8::82": null}}'
: >"$HEARD"

expect_times "six VIPs removed by hand" "$(times address front 192.0.2.1{0,1,2,3,4,5})"
for address in 192.0.2.1{0,1,2,3,4,5}; do
	expect "$address is announced again" wait_until 5 heard "$address"
done
expect_times "six variables written" "$(times variable 0 net/ipv4/ip_forward net/ipv4/conf/all/arp_ignore \
	net/ipv4/conf/front/arp_announce net/ipv4/conf/front/rp_filter net/ipv4/conf/lo/accept_local net/ipv4/vs/conntrack)"
: >"$HEARD"
expect_times "the interface flaps" "$(for _ in 1 2 3; do times flap front 2001:db8::10; done)"
expect "IPv4 is announced after it" wait_until 5 heard 192.0.2.10
expect "and IPv6" wait_until 5 grep -q "target=2001:db8::10 option=2,1,$mac" "$HEARD"

# An interface that comes later, is deleted and comes again under the same name.
api director PATCH /v1/config '{"vips": {"192.0.2.77": {"interface": "late0"}}}'
expect_status 202 "a VIP whose interface is not there waits"
for trial in first second; do
	ip -n director link add late0 type dummy
	expect "an interface that comes the $trial time has its VIP" wait_until $((3 * LAB_SLOW)) has_address director late0 192.0.2.77/32
	ip -n director link delete late0
done
ip -n director link add early0 type dummy
ip -n director link set early0 name late0
expect "one that gets the name has it too" wait_until $((3 * LAB_SLOW)) has_address director late0 192.0.2.77/32

# Interfaces change their names while lvsd is not there: nothing stays on the one that had the name, and nothing
# is taken from the one that has it.
value() { # INTERFACE
	on director cat "/proc/sys/net/ipv4/conf/$1/arp_ignore"
}
for name in ren0 ren1; do
	ip -n director link add $name type dummy
done
sysctl director net.ipv4.conf.ren0.arp_ignore=2
write director PATCH /v1/config '{"vips": {"192.0.2.78": {"interface": "ren0"}}, "sysctls": {"net.ipv4.conf.ren0.arp_ignore": {"value": "1"}}}'
for way in lvsd_stop lvsd_kill; do
	$way director
	ip -n director link set ren0 name spare
	ip -n director link set ren1 name ren0
	ip -n director link set spare name ren1
	lvsd_restart director
	expect "$way, names swapped: the VIP is on who has the name" wait_until $((3 * LAB_SLOW)) has_address director ren0 192.0.2.78/32
	expect_not "and not where it was" has_address director ren1 192.0.2.78/32
	expect_same "so is the variable" 1 "$(value ren0)"
	[[ $way == lvsd_stop ]] && was=2 || was=0
	expect_same "and what had it is as it was" $was "$(value ren1)"
done
lvsd_stop director
ip -n director link delete ren0
ip -n director link add ren0 type dummy
addr director ren0 192.0.2.78/32
lvsd_restart director
valued() {
	[[ $(value ren0) == 1 ]]
}
expect "a new interface of the name has the value" wait_until $((3 * LAB_SLOW)) valued
write director PATCH /v1/config '{"vips": {"192.0.2.78": null}, "sysctls": {"net.ipv4.conf.ren0.arp_ignore": null}}'
expect_same "and is as it was afterwards" 0 "$(value ren0)"
expect "with the address that somebody else has set there meanwhile" has_address director ren0 192.0.2.78/32

# The kernel takes any bytes as a name.
ip -n director link add $'odd\xff' type dummy
addr director $'odd\xff' 192.0.2.79/32
api director GET /v1/state
expect_json '.vips["192.0.2.79"].interface' 'odd\xff' "a name that is no text is shown, and the answer is JSON"

# It rests: no writes and next to no time.
pause 2
ticks() {
	local stat
	stat=$(<"/proc/${lvsd_pid[director]}/stat")
	stat=(${stat##*) })
	echo $((stat[11] + stat[12]))
}
before=$(ticks)
pause 5
expect "five seconds take no more than 50 ms of a processor" test $(($(ticks) - before)) -le $((5 * LAB_SLOW))

# Who keeps at it is told of, once by the VIP and once by the daemon.
contested() {
	api director GET '/readyz?verbose'
	json '.conditions[] | select(.type == "Contested") | .status + " " + .message'
}
expect "nobody fights" test "$(contested)" = "False "
for _ in 1 2 3 4 5 6; do
	ip -n director address del 192.0.2.13/32 dev front
	wait_until $((5 * LAB_SLOW)) has_address director front 192.0.2.13/32 || break
done
fought() {
	[[ $(contested) == "True another program keeps changing back: vip 192.0.2.13" ]]
}
expect "Contested names the VIP" wait_until $((5 * LAB_SLOW)) fought

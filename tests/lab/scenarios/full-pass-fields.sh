# Each field that somebody changes by hand is seen by the next full pass and set right: of services that are
# read by one call (IPv4), of those that are dumped (tunnels, mixed families, IPv6), and of marks. A round is one
# pass after one change to each of several services.
# timeout: 120

host director
lvsd_start director --resync 3600
write director PUT /v1/config '{"services": {
	"tcp:192.0.2.10:80": {"scheduler": "wrr", "realServers": {
		"192.0.2.21:80": {"weight": 5, "upperThreshold": 100, "lowerThreshold": 50},
		"192.0.2.22:8080": {"forward": "nat"}}},
	"tcp:192.0.2.11:80": {"scheduler": "sh", "schedulerFlags": ["sh-port"], "realServers": {
		"192.0.2.21:80": {},
		"[2001:db8::21]:80": {"forward": "tun", "weight": 3, "upperThreshold": 9},
		"[2001:db8::22]:80": {"forward": "tun", "tunnel": {"type": "gue", "port": 6080}}}},
	"udp:192.0.2.12:5060": {"scheduler": "rr",
		"persistence": {"timeoutSeconds": 300, "prefixLength": 24, "engine": "sip"},
		"realServers": {"192.0.2.21:5060": {"forward": "nat"}}},
	"tcp:192.0.2.13:80": {"realServers": {
		"192.0.2.21:80": {"forward": "tun", "tunnel": {"type": "gre", "checksum": "plain"}},
		"192.0.2.22:80": {"forward": "tun", "tunnel": {"type": "gue", "port": 6080, "checksum": "remote"}}}},
	"fwm:7": {"scheduler": "rr", "realServers": {"192.0.2.21:0": {}, "192.0.2.22:8080": {"forward": "nat"}}},
	"fwm6:7": {"scheduler": "rr", "realServers": {"[2001:db8::21]:0": {}}},
	"tcp:[2001:db8::10]:80": {"scheduler": "lc", "realServers": {
		"[2001:db8::21]:80": {"weight": 2, "upperThreshold": 8, "lowerThreshold": 4}}}
}}'
watch_netlink director

table() { # all that ipvsadm shows
	ipvs_thresholds director
	ipvs_rules director
}
wanted=$(table)
dumped=$(netlink_reads director GET_DEST)
write director POST /v1/reconcile
expect_same "a pass changes nothing" 0 "$(netlink_writes director)"
expect_same "it dumps the real servers of four services only" $((dumped + 4)) "$(netlink_reads director GET_DEST)"

# What happens to each service by and by, as WHAT: ARGUMENTS OF IPVSADM.
rs='-t 192.0.2.10:80 -r 192.0.2.21:80'
plain=(
	"a weight: -e $rs -g -w 6 -x 100 -y 50"
	"an upper threshold: -e $rs -g -w 5 -x 101 -y 50"
	"a lower threshold: -e $rs -g -w 5 -x 100 -y 49"
	"a forwarding method: -e $rs -m -w 5 -x 100 -y 50"
	"a tunnel that was none: -e $rs -i -w 5 -x 100 -y 50"
	"a missing real server: -d $rs"
	"a real server too many: -a -t 192.0.2.10:80 -r 192.0.2.23:80 -g"
	"an IPv6 tunnel slipped into an IPv4 service: -a -t 192.0.2.10:80 -r [2001:db8::23]:80 -i"
	"a scheduler: -E -t 192.0.2.10:80 -s wlc"
	"persistence that was off: -E -t 192.0.2.10:80 -s wrr -p 360"
)
rs='-t 192.0.2.11:80 -r [2001:db8::21]:80' gue='-t 192.0.2.11:80 -r [2001:db8::22]:80 -i'
mixed=(
	"a weight of the other family: -e $rs -i -w 4 -x 9"
	"a threshold of the other family: -e $rs -i -w 3 -x 10"
	"a tunnel type of the other family: -e $rs -i -w 3 -x 9 --tun-type gre"
	"a tunnel port of the other family: -e $gue --tun-type gue --tun-port 6081"
	"a tunnel that became plain: -e $gue"
	"a missing one of the other family: -d $rs"
	"a weight beside the other family: -e -t 192.0.2.11:80 -r 192.0.2.21:80 -g -w 8"
	"scheduler flags: -E -t 192.0.2.11:80 -s sh -b sh-fallback"
)
service='-E -u 192.0.2.12:5060 -s rr'
sip=(
	"an engine that was dropped: $service -p 300 -M 255.255.255.0"
	"a persistence timeout: $service -p 301 -M 255.255.255.0 --pe sip"
	"a persistence mask: $service -p 300 -M 255.255.0.0 --pe sip"
	"persistence that was dropped: $service"
	"one-packet scheduling: $service -p 300 -M 255.255.255.0 --pe sip -o"
)
rs='-t 192.0.2.13:80 -r 192.0.2.22:80 -i --tun-type gue --tun-port'
tunnels=(
	"a checksum that was dropped: -e -t 192.0.2.13:80 -r 192.0.2.21:80 -i --tun-type gre --tun-nocsum"
	"a checksum of another kind: -e $rs 6080 --tun-csum"
	"a tunnel port: -e $rs 6081 --tun-remcsum"
)
mark=(
	"a weight of a mark: -e -f 7 -r 192.0.2.21:0 -g -w 2"
	"a method of a mark: -e -f 7 -r 192.0.2.22:8080 -g -w 1"
	"a mark's scheduler: -E -f 7 -s wrr"
)
mark6=("a weight of an IPv6 mark: -e -f 7 -6 -r [2001:db8::21]:0 -g -w 2")
six=(
	"a threshold of an IPv6 service: -e -t [2001:db8::10]:80 -r [2001:db8::21]:80 -g -w 2 -x 9 -y 4"
	"a missing IPv6 service: -D -t [2001:db8::10]:80"
)
declare -A id=([plain]=tcp:192.0.2.10:80 [mixed]=tcp:192.0.2.11:80 [sip]=udp:192.0.2.12:5060
	[tunnels]=tcp:192.0.2.13:80 [mark]=fwm:7 [mark6]=fwm6:7 [six]='tcp:[2001:db8::10]:80')

drifts() { # FIRST: the services of which the log tells drift from that line on
	tail -n "+$1" "$(lvsd_log director)" | grep -o '[^ ]*: drift:' | sort || true
}
for round in "${!plain[@]}"; do
	changes='' what='' changed=''
	for name in "${!id[@]}"; do
		declare -n list=$name
		[[ ${list[round]:-} ]] || continue
		what+="${what:+, }${list[round]%%: *}"
		changes+="${list[round]#*: }"$'\n'
		changed+="${id[$name]}: drift:"$'\n'
	done
	said=$(wc -l <"$(lvsd_log director)")
	ipvs director -R <<<"$changes"
	write director POST /v1/reconcile
	expect_same "put right: $what" "$wanted" "$(table)"
	expect_same "each is one drift" "$(sort <<<"${changed%$'\n'}")" "$(drifts $((said + 1)))"
done

# Each field that somebody changes by hand is seen by the next full pass and set right: of services that are
# read by one call (IPv4), of those that are dumped (tunnels, mixed families, IPv6), and of marks.
# timeout: 240

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
	ipvs_rules director
	ipvs_thresholds director
}
wanted=$(table)
drifts() { grep -c 'drift: ' "$(lvsd_log director)" || true; }

changed() { # WHAT IPVSADM-ARGUMENTS...
	local before
	before=$(drifts)
	ipvs director "${@:2}"
	write director POST /v1/reconcile
	expect_same "$1 is put right" "$wanted" "$(table)"
	expect_same "$1 is one drift" $((before + 1)) "$(drifts)"
}

dumped=$(netlink_reads director GET_DEST)
write director POST /v1/reconcile
expect_same "a pass changes nothing" 0 "$(netlink_writes director)"
expect_same "it dumps the real servers of four services only" $((dumped + 4)) "$(netlink_reads director GET_DEST)"

plain=(-t 192.0.2.10:80 -r 192.0.2.21:80)
changed "a weight" -e "${plain[@]}" -g -w 6 -x 100 -y 50
changed "an upper threshold" -e "${plain[@]}" -g -w 5 -x 101 -y 50
changed "a lower threshold" -e "${plain[@]}" -g -w 5 -x 100 -y 49
changed "a forwarding method" -e "${plain[@]}" -m -w 5 -x 100 -y 50
changed "a tunnel that was none" -e "${plain[@]}" -i -w 5 -x 100 -y 50
changed "a missing real server" -d "${plain[@]}"
changed "a real server too many" -a -t 192.0.2.10:80 -r 192.0.2.23:80 -g
changed "an IPv6 tunnel slipped into an IPv4 service" -a -t 192.0.2.10:80 -r '[2001:db8::23]:80' -i
changed "a scheduler" -E -t 192.0.2.10:80 -s wlc
changed "persistence that was off" -E -t 192.0.2.10:80 -s wrr -p 360

mixed=(-t 192.0.2.11:80 -r '[2001:db8::21]:80')
gue=(-t 192.0.2.11:80 -r '[2001:db8::22]:80' -i)
changed "a weight of the other family" -e "${mixed[@]}" -i -w 4 -x 9
changed "a threshold of the other family" -e "${mixed[@]}" -i -w 3 -x 10
changed "a tunnel type of the other family" -e "${mixed[@]}" -i -w 3 -x 9 --tun-type gre
changed "a tunnel port of the other family" -e "${gue[@]}" --tun-type gue --tun-port 6081
changed "a tunnel that became plain" -e "${gue[@]}"
changed "a missing one of the other family" -d "${mixed[@]}"
changed "a weight beside the other family" -e -t 192.0.2.11:80 -r 192.0.2.21:80 -g -w 8
changed "scheduler flags" -E -t 192.0.2.11:80 -s sh -b sh-fallback

sip=(-u 192.0.2.12:5060 -s rr)
changed "an engine that was dropped" -E "${sip[@]}" -p 300 -M 255.255.255.0
changed "a persistence timeout" -E "${sip[@]}" -p 301 -M 255.255.255.0 --pe sip
changed "a persistence mask" -E "${sip[@]}" -p 300 -M 255.255.0.0 --pe sip
changed "persistence that was dropped" -E "${sip[@]}"
changed "one-packet scheduling" -E "${sip[@]}" -p 300 -M 255.255.255.0 --pe sip -o

gre=(-t 192.0.2.13:80 -r 192.0.2.21:80 -i --tun-type gre)
changed "a checksum that was dropped" -e "${gre[@]}" --tun-nocsum
remote=(-t 192.0.2.13:80 -r 192.0.2.22:80 -i --tun-type gue --tun-port)
changed "a checksum of another kind" -e "${remote[@]}" 6080 --tun-csum
changed "a tunnel port" -e "${remote[@]}" 6081 --tun-remcsum

changed "a weight of a mark" -e -f 7 -r 192.0.2.21:0 -g -w 2
changed "a method of a mark" -e -f 7 -r 192.0.2.22:8080 -g -w 1
changed "a weight of an IPv6 mark" -e -f 7 -6 -r '[2001:db8::21]:0' -g -w 2
changed "a mark's scheduler" -E -f 7 -s wrr
changed "a threshold of an IPv6 service" -e -t '[2001:db8::10]:80' -r '[2001:db8::21]:80' -g -w 2 -x 9 -y 4
changed "a missing IPv6 service" -D -t '[2001:db8::10]:80'

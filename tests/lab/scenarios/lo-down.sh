# A network namespace whose lo was never up takes no real server (a container at its start): said, and made good.

ip netns add director # not by host, which would set lo up
lab_hosts+=(director)
lvsd_start director --resync 300
one=/v1/services/tcp:192.0.2.10:80
programmed() { # PATH
	api director GET "$1"
	json '.status.conditions[] | select(.type == "Programmed") | .status + " " + .reason + " " + .message'
}
is_programmed() { [[ $(programmed "$1") == True* ]]; }

api director PUT "$one" '{"scheduler": "rr", "realServers": {"192.0.2.11:80": {}, "192.0.2.12:80": {"forward": "nat"}}}'
expect_status 202 "the write is stored"
expect_like "and the condition names lo" \
	"False KernelRefused NEW_DEST tcp:192.0.2.10:80 192.0.2.11:80: EINVAL: the interface lo was never up *" "$(programmed "$one")"
expect "so does the log" grep -q 'EINVAL: .* lo ' "$(lvsd_log director)"
api director PUT "$one" '{"scheduler": "rr", "realServers": {}}'
expect_status 200 "a service without real servers is no trouble"
api director PUT /v1/services/fwm:7 '{"realServers": {"192.0.2.11:0": {}}}'
expect_status 202 "another one with real servers is"
api director GET /readyz
expect_status 200 "the daemon is ready all the same"

on director busybox ip link set lo up
expect "with lo up it comes right by itself" wait_until 15 is_programmed /v1/services/fwm:7
expect "in the kernel too" ipvs_has director '^-a -f 7 -r 192.0.2.11:0 -g -w 1$'
write director PUT "$one" '{"scheduler": "rr", "realServers": {"192.0.2.11:80": {}, "192.0.2.12:80": {"forward": "nat"}}}'
on director busybox ip link set lo down
write director PUT "$one" '{"scheduler": "rr", "realServers": {"192.0.2.13:80": {}}}'
expect "lo may go down later" ipvs_has director '^-a -t 192.0.2.10:80 -r 192.0.2.13:80 -g -w 1$'
expect "all is in sync" wait_until 5 in_sync director

# A scheduler that the kernel does not have: refused when that can be seen, else said and tried until it comes.

host director
lvsd_start director --resync 300
one=/v1/services/tcp:192.0.2.10:80 two=/v1/services/tcp:192.0.2.20:80
pool='"realServers": {"192.0.2.11:80": {}, "192.0.2.12:80": {"weight": 2}}'
programmed() { # PATH
	api director GET "$1"
	json '.status.conditions[] | select(.type == "Programmed") | .status + " " + .reason + " " + .message'
}
is_programmed() { [[ $(programmed "$1") == True* ]]; }

api director PUT "$one" '{"scheduler": "twos", '"$pool"'}'
expect_status 422 "one that is not installed is refused"
expect_json '.errors[] | .pointer + " " + .code' "/scheduler unknown_scheduler" "by its name"
expect_same "nothing changed" "" "$(ipvs_rules director)"

own_kernel || skip "takes modules away from the kernel: needs one of its own"
write director PUT "$one" '{"scheduler": "rr", '"$pool"'}'
rules=$(ipvs_rules director)
wait_until 20 modprobe -r ip_vs_sed ip_vs_nq # an earlier scenario may have left them
hide_modules ip_vs_sed ip_vs_nq
api director PATCH "$one" '{"scheduler": "sed", "realServers": {"192.0.2.12:80": {"weight": 5}}}'
expect_status 202 "one that cannot be loaded is stored"
expect_like "and named" "False SchedulerMissing SET_SERVICE tcp:192.0.2.10:80: ENOENT: the module of the scheduler *" "$(programmed "$one")"
expect_same "the kernel keeps the old one and takes the rest" "${rules/192.0.2.12:80 -g -w 2/192.0.2.12:80 -g -w 5}" "$(ipvs_rules director)"
api director PUT "$two" '{"scheduler": "nq", '"$pool"'}'
expect_status 202 "with a new service the same"
expect_like "and named" "False SchedulerMissing *" "$(programmed "$two")"
api director GET '/readyz?verbose'
expect_status 200 "the daemon is ready all the same"
expect_json '.conditions[] | select(.type == "InSync") | .status + " " + .reason' "False KernelRefused" "but not in sync"
write director PUT /v1/services/tcp:192.0.2.30:80 '{"scheduler": "rr", '"$pool"'}'
expect "other services are not held up" ipvs_has director '-A -t 192.0.2.30:80 -s rr'

hide_modules ip_vs_nq
expect "the first comes right by itself once it can be loaded" wait_until 15 is_programmed "$one"
expect "in the kernel too" ipvs_has director '-A -t 192.0.2.10:80 -s sed'
show_modules
api director POST /v1/reconcile
expect_status 200 "the second with a pass that somebody asks for"
expect "in the kernel too" ipvs_has director '-A -t 192.0.2.20:80 -s nq'
expect_same "its real servers are there" 2 "$(ipvs_rules director | grep -c -- '-a -t 192.0.2.20:80')"

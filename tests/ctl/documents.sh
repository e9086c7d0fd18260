# Files of apply: what a document is, several of them, prune with owners, faults by line.
# shellcheck shell=bash

lvsd_start
apply() { # STATUS TEXT OPTION…
	local status=$1
	printf '%s\n' "$2" >"$tmp/doc.json"
	shift 2
	runs "$status" apply -f "$tmp/doc.json" "$@"
}
names() {
	api /v1/config '[.services | keys[]] | @json'
}

apply 0 '{"services": {"tcp:192.0.2.1:80": {}}}
{"services": {"tcp:192.0.2.2:80": {}}, "sysctls": {"net.ipv4.ip_forward": {"value": "1"}}}' --owner ci
same "parts of several documents come together" '["tcp:192.0.2.1:80","tcp:192.0.2.2:80"]' "$(names)"
apply 0 '{"id": "tcp:192.0.2.3:80", "metadata": {"owner": "me"}}'
apply 0 '{"id": "tcp:192.0.2.2:80", "scheduler": "rr"}' --owner ci
same "without --prune the others stay" '["tcp:192.0.2.1:80","tcp:192.0.2.2:80","tcp:192.0.2.3:80"]' "$(names)"
apply 0 '{"id": "tcp:192.0.2.2:80", "scheduler": "rr"}' --owner ci --prune
same "--prune takes the owner's, and no others" '["tcp:192.0.2.2:80","tcp:192.0.2.3:80"]' "$(names)"
same "a part that no document has stays" 1 "$(api /v1/sysctls/net.ipv4.ip_forward .value)"
apply 0 '{"services": {"tcp:192.0.2.2:80": null}}' --owner ci
same "null removes" '["tcp:192.0.2.3:80"]' "$(names)"
apply 0 '{"id": "director", "ipv4Forwarding": true}
{"id": "real-server", "mode": "dr", "vips": {}}
{"policy": {"maxDeletePercent": 70}}'
same "roles by their id" '[true,"dr"]' "$(api /v1/config '[.roles.director.ipv4Forwarding, .roles.realServer.mode] | @json')"
apply 2 '{"id": "tcp:192.0.2.4:80"}

{"id": "tcp:192.0.2.4:80"}'
says err 'doc.json:3: tcp:192\.0\.2\.4:80 is there twice'
apply 2 '{"id": "tcp:192.0.2.4:80"}
{"id": "tcp:192.0.2.5:80",,}'
says err 'doc.json:2: '
apply 2 '{"scheduler": "rr"}'
says err 'must be a configuration'
apply 2 '"text"'
apply 2 '{"services": {"tcp:192.0.2.4:80": {"scheduler": "nope"}, "tcp:192.0.2.5:80": {"onePacket": true}}}'
says err '/services/tcp:192\.0\.2\.4:80/scheduler: '
says err '/services/tcp:192\.0\.2\.5:80/onePacket: '
same "nothing of a bad document is taken" '["tcp:192.0.2.3:80"]' "$(names)"
apply 0 '{"services": {"tcp:192.0.2.4:80": {}}}' --dry-run
says out '^add +service +tcp:192\.0\.2\.4:80'
same "nor of a dry run" '["tcp:192.0.2.3:80"]' "$(names)"
printf '{"id": "tcp:192.0.2.6:80"}' | lvsctl apply -f - >"$tmp/out" 2>"$tmp/err"
same "- is the standard input" 0 $?

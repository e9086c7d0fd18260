# The front end of ipvsadm where the real one is no measure: -R as one write, owners, dry runs. All else is compared in
# the lab (ipvsadm-front).
# shellcheck shell=bash

lvsd_start
revision() {
	api /v1 .revision
}
# restores STATUS TEXT OPTION…
restores() {
	local want=$1 text=$2 got=0
	shift 2
	"$LVSCTL" --socket "$socket" "$@" ipvsadm -R <<<"$text" >"$tmp/out" 2>"$tmp/err" || got=$?
	same "ipvsadm -R of $(wc -l <<<"$text") lines ends with $want" "$want" "$got"
}
rules='-A -t 192.0.2.2:80 -s rr
-a -t 192.0.2.2:80 -r 10.0.0.5:80 -m -w 3
-a -t 192.0.2.2:80 -r 10.0.0.6:8080 -m -w 0
-A -f 7 -s sh -p 60 -M 255.255.255.0 -b sh-port'
before=$(revision)
restores 0 "$rules"
silent out
silent err
same "lines that only add are one write" $((before + 1)) "$(revision)"
runs 0 ipvsadm -S -n
same "and all of them are there" "$(sort <<<"$rules")" "$(sort "$tmp/out")"
restores 255 "$rules"
same "again: each line says so, as ipvsadm does" \
	'Service already exists
Destination already exists
Destination already exists
Service already exists' "$(cat "$tmp/err")"
restores 0 "-A -t 192.0.2.3:80 -s rr
-A -t 192.0.2.2:80 -s rr
-A -t 192.0.2.4:80 -s rr"
same "what is new of it is added, and the last line counts" 'Service already exists' "$(cat "$tmp/err")"
same "both" '["rr","rr"]' "$(api /v1/config '[.services["tcp:192.0.2.3:80", "tcp:192.0.2.4:80"].scheduler] | @json')"
restores 2 "-A -t 192.0.2.5:80 -s rr
-a -t 192.0.2.5:80 -r 10.0.0.5:80
-a -t 192.0.2.5:80 -r 10.0.0.5:80
-A -t 192.0.2.5"
same "twice the same, and an end that is no call" 'Destination already exists
Zero port specified for non-persistent service' "$(cat "$tmp/err")"
same "what stood before it is there" 1 "$(api /v1/services/tcp:192.0.2.5:80 '.realServers | length')"
before=$(revision)
restores 0 "-A -t 192.0.2.6:80 -s rr
-a -t 192.0.2.6:80 -r 10.0.0.5:80" --dry-run
says out '^add +service +tcp:192\.0\.2\.6:80'
says out '^add +realServer tcp:192\.0\.2\.6:80/10\.0\.0\.5:80'
says out '^nothing was changed'
same "nothing was" "$before" "$(revision)"
restores 255 "-A -t 192.0.2.6:80 -s rr
-A -t 192.0.2.7:80 -s nosuch"
says err '^Scheduler or persistence engine not found'
same "a line that is refused leaves the others" rr "$(api /v1/services/tcp:192.0.2.6:80 .scheduler)"
# The line for curl does the same.
line=$("$LVSCTL" --socket "$socket" --show-curl ipvsadm -R <<<"-A -t 192.0.2.8:80 -s rr
-a -t 192.0.2.8:80 -r 10.0.0.5:80")
same "its line for curl works" '[]' "$(bash -c "$line" | jq -c .status.pending)"
same "its line for curl does it" 1 "$(api /v1/services/tcp:192.0.2.8:80 '.realServers | length')"

# Owners: -C and -D leave what is declared for others, and say so.
runs 0 --owner ci ipvsadm -A -t 192.0.2.9:80
runs 0 ipvsadm -C
says err '1 services of other owners stay: .*--owner NAME'
same "-C takes all that belongs to nobody" '["tcp:192.0.2.9:80"]' "$(api /v1/config '[.services | keys[]] | @json')"
runs 255 ipvsadm -D -t 192.0.2.9:80
says err "belongs to 'ci'"
says err 'use --owner NAME'
runs 0 --owner ci ipvsadm -C
silent err
same "its owner takes it" '{}' "$(api /v1/config '.services | @json')"
runs 0 --owner ci ipvsadm -A -t 192.0.2.9:80
runs 0 --force --dry-run ipvsadm -C
says out '^delete +service +tcp:192\.0\.2\.9:80'
runs 0 --force ipvsadm -C
silent err
same "and --force takes everybody's" '{}' "$(api /v1/config '.services | @json')"
runs 0 --dry-run ipvsadm -A -t 192.0.2.9:80
says out '^add +service +tcp:192\.0\.2\.9:80'
same "a dry run of -A adds nothing" '{}' "$(api /v1/config '.services | @json')"

lvsd_stop
restores 2 "$rules"
same "without the daemon it is said once" 1 "$(grep -c 'is lvsd running' "$tmp/err")"

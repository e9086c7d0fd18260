# Exit status, and what stderr says: the member, the reason, what to do.
# shellcheck shell=bash

lvsd_start
S=tcp:192.0.2.1:80
echo "{\"id\": \"$S\", \"realServers\": {\"10.0.0.5:80\": {}}}" >"$tmp/s.json"
runs 0 apply -f "$tmp/s.json" --owner ci
runs 2 set "$S" persistence.timeoutSeconds=0 --owner ci
says err '/persistence/timeoutSeconds: must be between 1 and'
silent out
runs 2 set "$S" scheduler=rr
says err 'another owner|owner'
says err 'use --owner NAME'
runs 0 set "$S" scheduler=rr --force
runs 2 get tcp:192.0.2.9:80
says err 'there is no service'
runs 2 get tcp:192.0.2.999:80
runs 2 get services limit=x
says err 'limit'
silent out
runs 2 get service
says err 'usage: lvsctl get'
runs 0 set --help
says out '^usage: lvsctl .* set weight SERVICE'
says out '^ +--dry-run'
if grep -q -- --prune "$tmp/out"; then not_ok "the help of a verb has its options only"; else ok "the help of a verb has its options only"; fi
runs 2 nonsense
says err 'there is no verb nonsense'
runs 2 set weight "$S"
says err 'usage: lvsctl set'
runs 2 set weight "$S" 10.0.0.5:80 heavy
says err 'a weight must be a number'
runs 2 get services --prune
says err 'get has no option --prune'
runs 2 get services -o yaml
runs 2 apply
runs 2 apply -f "$tmp/not-there.json"
says err 'No such file'
runs 2 realserver
runs 2 sysctl set kernel.panic 1
runs 2 vip add net.ipv4.ip_forward eth0

# 1: it went well, and something differs.
runs 1 plan -f <(echo "{\"services\": {\"$S\": {\"scheduler\": \"wrr\"}}}") --owner ci
says out '^set +service +tcp:192\.0\.2\.1:80  scheduler  Different'
runs 0 plan -f <(echo "{\"services\": {\"$S\": {\"scheduler\": \"rr\"}}}") --owner ci
runs 1 diff -f <(echo '{"services": {"tcp:192.0.2.2:80": {}}}')
runs 1 vip add 192.0.2.10 nothere
says out 'stored, and not in the kernel: Pending'
runs 1 status
says out '^InSync +False'

# Nobody there, and a file that may not be opened.
lvsd_stop
runs 2 get services
says err 'is lvsd running'
socket=$tmp/none.sock
runs 2 status
says err 'there is no such socket'
"$LVSCTL" --url http://127.0.0.1:1 status >"$tmp/out" 2>"$tmp/err"
same "a port that nobody serves" 2 $?

# A daemon that is slow: on a terminal something moves, elsewhere nothing is said.
lvsd_start
kill -STOP "$daemon"
(
	sleep 4
	kill -CONT "$daemon"
) &
script -qec "'$LVSCTL' --socket '$tmp/run/admin.sock' status" "$tmp/typescript" </dev/null >/dev/null
wait $!
cp "$tmp/typescript" "$tmp/out"
says out 'waiting for lvsd, [2-4] s'
says out '^.*InSync +'

# --show-curl: each line works when it is pasted, and does what the call would have done.
# shellcheck shell=bash

lvsd_start
S=tcp:192.0.2.1:80
echo "{\"services\": {\"$S\": {\"scheduler\": \"rr\", \"realServers\": {\"10.0.0.5:80\": {}}}}}" >"$tmp/s.json"

# pasted JQ WANT WORDS…: what the printed line answers.
pasted() {
	local jq=$1 want=$2 line
	shift 2
	line=$(lvsctl --show-curl "$@" 2>"$tmp/err")
	if [[ $line != curl\ * ]]; then
		not_ok "lvsctl --show-curl $* prints a line" "$tmp/err"
		return
	fi
	same "the line of $*" "$want" "$(bash -c "$line" 2>&1 | jq -r "$jq")"
}

pasted '.status.pending | length' 0 apply -f "$tmp/s.json" --owner "it's me"
same "an owner with a quote arrives" "it's me" "$(api "/v1/services/$S" .metadata.owner)"
pasted '.items[0].id' "$S" get services --owner "it's me"
pasted .weight 5 set weight "$S" 10.0.0.5:80 5
pasted .metadata.labels.a "b'c \$d" set label "$S" "a=b'c \$d" --force
pasted .interface eth0 vip add 2001:db8::10 eth0
pasted .scheduler rr get "$S"
pasted '.items | length' 0 diff
pasted .revision "$(api /v1 .revision)" status
pasted .status.pending '[]' import -f <(echo '-A -t 192.0.2.7:80 -s rr')
same "the text arrived" rr "$(api /v1/services/tcp:192.0.2.7:80 .scheduler)"
same "export" "$(lvsctl export)" "$(bash -c "$(lvsctl --show-curl export)")"
pasted .code not_found delete tcp:192.0.2.8:80

# Every verb that makes a call, one after the other.
pasted .id "$S" describe "$S"
pasted '.operations | length' 1 diff -f <(echo '{"id": "tcp:192.0.2.9:80"}')
pasted '.operations | length' 1 plan -f <(echo '{"id": "tcp:192.0.2.9:80"}')
pasted .scheduler sed set scheduler "$S" sed --force
pasted '.items | length' 1 vip list
pasted .id 2001:db8::10 vip announce 2001:db8::10
pasted .mode tun realserver on 192.0.2.20 mode=tun
pasted .mode tun realserver status
pasted . '' realserver off
pasted .ipv4Forwarding true director on ipv4Forwarding=true
pasted '.status.pending | length' 0 director set timeouts.tcpSeconds=5
pasted .timeouts.tcpSeconds 5 director status
pasted . '' director off
pasted .value 1 sysctl set net.ipv4.ip_forward 1
pasted '.items[0].id' net.ipv4.ip_forward sysctl list
pasted . '' sysctl del net.ipv4.ip_forward
pasted .syncId 5 sync master on eth0 syncId=5
pasted .syncId 5 sync master
pasted . '' sync master off
pasted .maxDeletePercent 60 policy set maxDeletePercent=60
pasted .maxDeletePercent 60 policy get
pasted . '' policy reset
pasted .revision "$(api /v1 .revision)" adopt all
pasted '.items[0].stats.connections' 0 stats
pasted .id "$S" stats "$S"
pasted '.services | type' number stats total
pasted '. | type' object stats zero
pasted '.items | length' 2 top
pasted . '' connections
pasted '.kernel | type' object get capabilities
pasted '.services | length' 2 export -o json
pasted '.code' owner_conflict explain owner_conflict
pasted '.version | type' string version
pasted . '' vip del 2001:db8::10
pasted '. | type' object reconcile
runs 2 doctor --show-curl
says err 'lvsctl status --show-curl'

# What is too long for a word of a command, or begins as the name of a file would, comes as lines behind it.
jq -nc '{services: ([range(1500) | {key: "tcp:198.51.100.1:\(. + 1)", value: {realServers: {"10.0.0.5:80": {forward: "nat"}}, metadata: {labels: {a: "END"}}}}]
	| from_entries)}' >"$tmp/long.json"
lvsctl --show-curl apply -f "$tmp/long.json" >"$tmp/line"
same "a long one works" '[]' "$(bash "$tmp/line" | jq -c .status.pending)"
same "all of it has arrived" 1500 "$(api /v1/config '.services | keys | map(select(startswith("tcp:198"))) | length')"
lvsctl --show-curl import -f <(echo "@$tmp/s.json") >"$tmp/line"
same "an @ is no file" 422 "$(bash "$tmp/line" | jq -r .status)"

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

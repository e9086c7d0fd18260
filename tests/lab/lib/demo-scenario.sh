# What the demo shows, step by step; its text goes to LAB_OUT/screen, which demo prints as it grows.

bold='' dim='' plain='' jq_colour=-M
if [[ $LAB_COLOUR ]]; then
	bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m' jq_colour=-C
fi
exec 4>>"$LAB_OUT/screen"

say() {
	printf '\n%s# %s%s\n' "$dim" "$*" "$plain" >&4
}

# Runs exactly the line that it prints; the answer's status and body follow.
show_curl() { # CURL-ARGUMENTS as typed [JQ-FILTER]
	local line="curl --unix-socket $SOCKET $1" quiet="curl -sS -w '\\n%{http_code}'" answer
	printf '%s$ %s%s%s\n' "$bold" "$line" "${2:+ | jq $2}" "$plain" >&4
	answer=$(eval "${line/#curl/$quiet}")
	api_status=${answer##*$'\n'}
	printf '%sHTTP %s%s\n' "$dim" "$api_status" "$plain" >&4
	jq "$jq_colour" "${2:-.}" <<<"${answer%$'\n'*}" >&4
	expect "the demo's request succeeds: $1" test "${api_status:0:1}" = 2
}

show_requests() { # EXPECTED, as "rs1=4 rs2=2"
	local line="for i in 1 2 3 4 5 6; do curl -s ${URL%:80/}; done | sort | uniq -c" got
	printf '%s$ %s%s    %s# on the client%s\n' "$bold" "$line" "$plain" "$dim" "$plain" >&4
	await_servers
	got=$(on client bash -c "$line")
	printf '%s\n' "$got" >&4
	expect_same "traffic balances ($1)" "$1" "$(awk '{ print $2 "=" $1 }' <<<"$got" | paste -sd ' ')"
}

topology dr
if [[ $LAB_MODE == uml ]]; then
	LVSD_RUNTIME=/run/lvsd
else
	LVSD_RUNTIME=$LAB_OUT/run
fi
export LVSD_RUNTIME
lvsd_start director
SOCKET=$(lvsd_socket director admin)
at=http://localhost/v1/services/$SERVICE

say "Four hosts on one LAN: client $CIP, director $DIP with the VIP $VIP, real servers $RIP1 and $RIP2."
say "A service with two real servers, one with twice the weight of the other:"
show_curl "-X PUT $at -d '{
    \"scheduler\": \"wrr\",
    \"realServers\": {\"$RS1\": {\"weight\": 2}, \"$RS2\": {\"weight\": 1}}
  }'" .status

say "It is in the kernel when the answer comes. How six requests land:"
show_requests "rs1=4 rs2=2"

say "What the kernel holds, by ipvsadm:"
printf '%s$ ipvsadm -Ln%s    %s# on the director%s\n' "$bold" "$plain" "$dim" "$plain" >&4
ipvs director -Ln >&4

say "The service and its state:"
show_curl "$at"

say "Another weight for the second real server, now both are equal:"
show_curl "-X PUT $at/real-servers/$RS2/weight -d 2"
show_requests "rs1=3 rs2=3"

say "Weight 0: no new connections for the first, open ones carry on:"
show_curl "-X PUT $at/real-servers/$RS1/weight -d 0"
show_requests "rs2=6"

say "And away with it:"
show_curl "-X DELETE $at"
expect_not "nobody answers without the service" get client "$URL"

if [[ $LAB_STAY ]]; then
	write director PUT "/v1/services/$SERVICE" \
		'{"scheduler": "wrr", "realServers": {"'"$RS1"'": {"weight": 2}, "'"$RS2"'": {}}}'
	say "The lab stays up, with the service made anew. From another terminal:"
	if [[ $LAB_MODE == uml ]]; then
		printf '$ curl http://%s:%s/v1/services\n' "$LAB_API_ADDRESS" "$LAB_API_PORT" >&4
	else
		printf '$ curl --unix-socket %s http://localhost/v1/services\n' "$SOCKET" >&4
	fi
	say "Ctrl-C ends it."
	sleep "$LAB_SECONDS"
fi

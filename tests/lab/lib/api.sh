# Requests to lvsd and expectations about the last answer.

api() { # HOST METHOD PATH [JSON [CURL-ARGUMENTS...]]: over admin.sock
	request admin "$@"
}

api_readonly() { # the same over readonly.sock
	request readonly "$@"
}

request() { # admin|readonly HOST METHOD PATH [JSON [CURL-ARGUMENTS...]]
	local socket arguments=()
	socket=$(lvsd_socket "$2" "$1")
	api_request="$3 $4"
	[[ -z ${5:-} ]] || arguments=(-H 'Content-Type: application/json' --data-binary "$5")
	: >"$LAB/api.head"
	: >"$LAB/api.body"
	api_status=$(curl -sS -g -m 70 --unix-socket "$socket" -X "$3" -D "$LAB/api.head" -o "$LAB/api.body" \
		-w '%{http_code}' "${arguments[@]}" "${@:6}" "http://localhost$4" 2>>"$LAB/api.err") || api_status=000
	printf '%s %s %s -> %s\n' "$3" "$4" "${5:-}" "$api_status" >>"$LAB_OUT/logs/api.log"
}

body() { # the last answer's body
	cat "$LAB/api.body"
}

header() { # NAME: of the last answer
	sed -n "s/^$1: *//Ip" "$LAB/api.head" | tr -d '\r' | tail -n 1
}

json() { # JQ-EXPRESSION: of the last answer, strings without quotes
	jq -r -c "$1" "$LAB/api.body" 2>/dev/null || echo "(no JSON answer)"
}

expect_status() { # CODE[|CODE...] [WHAT]
	local what=${2:-$api_request answers $1}
	if [[ "|$1|" == *"|$api_status|"* ]]; then
		ok "$what"
	else
		not_ok "$what" "request:  $api_request" "expected: $1" "got:      $api_status" "$(head -c 2000 "$LAB/api.body")"
	fi
}

expect_json() { # JQ-EXPRESSION VALUE [WHAT]
	local what=${3:-$api_request: $1 is $2} got
	got=$(json "$1")
	if [[ $got == "$2" ]]; then
		ok "$what"
	else
		not_ok "$what" "request:  $api_request" "jq:       $1" "expected: $2" "got:      $got" "$(head -c 2000 "$LAB/api.body")"
	fi
}

# A write that has to be in the kernel when the answer comes.
write() { # HOST METHOD PATH [JSON]
	api "$@"
	case $api_status in
	200 | 201 | 204) ;;
	*) not_ok "$2 $3 succeeds" "expected: 200, 201 or 204" "got:      $api_status" "$(head -c 2000 "$LAB/api.body")" ;;
	esac
}

# The daemon's own count of netlink write commands.
kernel_writes() { # HOST
	api "$1" GET /v1
	json .status.kernelWrites
}

in_sync() { # HOST: the daemon sees no difference between desired state and kernel
	api "$1" GET /v1/diff
	[[ $(json '.items | length') == 0 ]]
}

# Requests to lvsd and expectations about the last answer.

# Asks for a whole scenario, since under user-mode-linux the start of curl takes more than the request. Where it is not
# built, curl asks.
API_CLIENT=${LVSD_API_CLIENT:-$LAB_PROGRAMS/api-client}

# Who has no hosts runs programs as any shell does.
declare -F hand >/dev/null || hand() { # "" COMMAND...
	command "${@:2}"
}

api() { # HOST METHOD PATH [JSON [CURL-ARGUMENTS...]]: over admin.sock
	request admin "$@"
}

api_readonly() { # the same over readonly.sock
	request readonly "$@"
}

request() { # admin|readonly HOST METHOD PATH [JSON [CURL-ARGUMENTS...]]
	api_request="$3 $4"
	# shellcheck disable=SC2154 # lib/daemon.sh sets it
	local socket=${lvsd_runtime[$2]}/$1.sock
	if (($# > 5)); then
		ask_curl "$socket" "$3" "$4" "$5" "${@:6}"
	else
		ask "$socket" "$3" "$4" "${5:-}"
	fi
	printf '%s %s %s -> %s\n' "$3" "$4" "${5:-}" "$api_status" >>"$LAB_OUT/logs/api.log"
}

# Sets api_status, 000 without an answer, and fills api.head and api.body.
ask() { # SOCKET METHOD PATH JSON|@FILE|""
	if [[ ! -x $API_CLIENT ]]; then
		ask_curl "$@"
		return
	fi
	[[ ${api_words:-} ]] || start_client
	printf '%s\0' "$@" >&"$api_words"
	if ! read -r api_status <&"$api_statuses"; then # it ends when it gets no answer
		api_status=000
		exec {api_words}>&- {api_statuses}<&-
		api_words=''
	fi
}

start_client() {
	local name=$LAB/api.client.$BASHPID
	[[ -p $name.words ]] || hand '' mkfifo "$name.words" "$name.statuses"
	"$API_CLIENT" "$LAB/api.head" "$LAB/api.body" \
		<"$name.words" >"$name.statuses" 2>>"$LAB/api.err" &
	exec {api_words}>"$name.words" {api_statuses}<"$name.statuses"
}

ask_curl() { # SOCKET METHOD PATH JSON|"" CURL-ARGUMENTS...: the same by curl
	local arguments=()
	[[ -z $4 ]] || arguments=(-H 'Content-Type: application/json' --data-binary "$4")
	: >"$LAB/api.head"
	: >"$LAB/api.body"
	api_status=$(curl -sS -g -m 70 --unix-socket "$1" -X "$2" -D "$LAB/api.head" -o "$LAB/api.body" \
		-w '%{http_code}' "${arguments[@]}" "${@:5}" "http://localhost$3" 2>>"$LAB/api.err") || api_status=000
}

body() { # the last answer's body
	printf '%s\n' "$(<"$LAB/api.body")"
}

header() { # NAME: of the last answer
	local line value='' found=''
	while IFS= read -r line; do
		if [[ ${line,,} == "${1,,}:"* ]]; then
			found=yes value=${line#*:}
			value=${value#"${value%%[! ]*}"}
		fi
	done <"$LAB/api.head"
	[[ ! $found ]] || printf '%s\n' "${value%$'\r'}"
}

json() { # JQ-EXPRESSION: of the last answer, strings without quotes
	jq -r -c "$1" "$LAB/api.body" 2>/dev/null || echo "(no JSON answer)"
}

is_json() { # JQ-EXPRESSION VALUE: as json, and sets got to what it is; no subshell
	hand '' jq -r -c "$1" "$LAB/api.body" >"$LAB/json.$BASHPID" 2>/dev/null || echo "(no JSON answer)" >>"$LAB/json.$BASHPID"
	got=$(<"$LAB/json.$BASHPID")
	[[ $got == "$2" ]]
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
	if is_json "$1" "$2"; then
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
	local got
	is_json '.items | length' 0
}

# What the parts of tests/ctl/run share: one daemon on the kernel in memory, and verdicts as TAP.
# shellcheck shell=bash

tmp=$(mktemp -d "${TMPDIR:-/tmp}/lvsctl.XXXXXX")
daemon=''

lvsd_stop() {
	[[ ! $daemon ]] || kill "$daemon" 2>/dev/null
	[[ ! $daemon ]] || wait "$daemon"
	daemon=''
}

trap 'lvsd_stop; rm -rf "$tmp"' EXIT

# A fresh daemon; socket is its admin socket. Arguments are its own.
lvsd_start() {
	lvsd_stop
	rm -rf "$tmp/run"
	"$LVSD" --kernel fake --state :memory: --runtime-dir "$tmp/run" "$@" >"$tmp/lvsd.log" 2>&1 &
	daemon=$!
	socket=$tmp/run/admin.sock
	for _ in {1..200}; do
		curl -sf -o /dev/null --unix-socket "$socket" http://localhost/readyz && return
		sleep 0.05
	done
	echo "not ok - lvsd starts"
	sed 's/^/#   /' "$tmp/lvsd.log"
	exit 1
}

lvsctl() {
	"$LVSCTL" --socket "$socket" "$@"
}

ok() { # WHAT
	passed=$((passed + 1))
	echo "ok - $1"
}

not_ok() { # WHAT [FILE…]: the files say more
	failed=$((failed + 1))
	echo "not ok - $1"
	shift
	tail -n 30 "$@" 2>/dev/null | sed 's/^/#   /'
}

# runs STATUS WORDS…: lvsctl with these words has to end with it. Its output is in $tmp/out and $tmp/err.
runs() {
	local want=$1 got=0
	shift
	lvsctl "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
	if [[ $got == "$want" ]]; then
		ok "lvsctl $* ends with $want"
	else
		not_ok "lvsctl $* ends with $want, and not $got" "$tmp/out" "$tmp/err"
	fi
}

# says out|err REGEX: what came of the last call.
says() {
	if grep -qE -- "$2" "$tmp/$1"; then
		ok "its std$1 has /$2/"
	else
		not_ok "its std$1 has /$2/" "$tmp/$1"
	fi
}

silent() { # out|err
	if [[ -s $tmp/$1 ]]; then
		not_ok "its std$1 is empty" "$tmp/$1"
	else
		ok "its std$1 is empty"
	fi
}

# same WHAT WANT GOT
same() {
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		printf 'wanted: %s\ngot:    %s\n' "$2" "$3" >"$tmp/differ"
		not_ok "$1" "$tmp/differ"
	fi
}

# api PATH [JQ]: what the daemon says, by curl.
api() {
	curl -sSg --unix-socket "$socket" "http://localhost$1" | jq -r "${2:-.}"
}

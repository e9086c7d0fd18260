# Verdicts: ok, not_ok and the expect family. They write TAP lines to fd 3, which the runner reads.
# A failed expectation never stops the scenario; a failed command that is no expectation does.

declare -gA lab_log_seen=()

ok() { # WHAT
	printf 'ok - %s: %s\n' "$SCENARIO" "$*" >&3
}

not_ok() { # WHAT [DETAIL...]
	local what=$1 detail line
	shift
	{
		printf 'not ok - %s: %s\n' "$SCENARIO" "$what"
		for detail; do
			while IFS= read -r line; do
				printf '#   %s\n' "$line"
			done <<<"$detail"
		done
		useful_logs
	} >&3
}

# What the daemons have written since the last failure, as comments below this one; 12 lines at most each.
useful_logs() {
	local log lines seen
	for log in "$LAB_OUT"/logs/lvsd-*.log; do
		[[ -s $log ]] || continue
		lines=$(wc -l <"$log")
		seen=${lab_log_seen[$log]:-0}
		lab_log_seen[$log]=$lines
		((lines > seen)) || continue
		printf '#   --- %s\n' "${log##*/}"
		tail -n "+$((seen + 1))" "$log" | tail -n 12 | cut -c -400 | sed 's/^/#   | /'
	done
}

expect() { # WHAT COMMAND...: the command succeeds
	local what=$1
	shift
	if "$@" >"$LAB/expect.out" 2>&1; then
		ok "$what"
	else
		not_ok "$what" "command: $*" "output: $(tail -n 20 "$LAB/expect.out")"
	fi
}

expect_not() { # WHAT COMMAND...: the command fails
	local what=$1
	shift
	if "$@" >"$LAB/expect.out" 2>&1; then
		not_ok "$what" "command succeeded: $*" "output: $(tail -n 20 "$LAB/expect.out")"
	else
		ok "$what"
	fi
}

expect_same() { # WHAT EXPECTED GOT
	if [[ $2 == "$3" ]]; then
		ok "$1"
	elif [[ $2 == *$'\n'* || $3 == *$'\n'* ]]; then
		not_ok "$1" "expected (-) and got (+):" "$(diff -u <(printf '%s\n' "$2") <(printf '%s\n' "$3") | tail -n +3 | head -n 40)"
	else
		not_ok "$1" "expected: $2" "got:      $3"
	fi
}

expect_like() { # WHAT PATTERN GOT: the whole matches the shell pattern
	# shellcheck disable=SC2053 # a pattern is what is wanted
	if [[ $3 == $2 ]]; then
		ok "$1"
	else
		not_ok "$1" "expected: $2" "got:      $3"
	fi
}

# Ends a scenario that this kernel cannot show.
skip() { # WHY
	ok "# SKIP $*"
	exit 0
}

# Like sleep, but no process.
pause() { # SECONDS
	# shellcheck disable=SC2154 # scenario.sh has opened it
	read -rt "$1" <&"$lab_never" || true
}

# Whether a small file is there and has the text, without a process.
file_has() { # FILE TEXT
	[[ -r $1 && $(<"$1") == *"$2"* ]]
}

# Repeats a command until it succeeds, at most SECONDS long.
wait_until() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		pause 0.1
	done
}

# Takes over the ok and not ok lines that a helper program prints.
verdicts_of() { # COMMAND...
	local line status=0
	"$@" >"$LAB/verdicts.out" 2>"$LAB_OUT/logs/helper.err" || status=$?
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) not_ok "${line#not ok - }" ;;
		*) printf '#   %s\n' "$line" >&3 ;;
		esac
	done <"$LAB/verdicts.out"
	((status == 0)) || not_ok "the helper ends well" "command: $*" "exit status: $status" \
		"$(tail -n 20 "$LAB_OUT/logs/helper.err")"
}

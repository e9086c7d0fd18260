# Inside the guest: what the rows of the bench share. A row is a scenario of the lab (its README has the
# words host, on, spawn), so it has a kernel to itself, but in the short run; it ends with lines for the table.
# Times are µs.

: "${LAB_BENCH_TOOLS:?comes from tests/bench/run}"
declare -g kind=${LAB_BENCH_KIND:?uml or qemu} short=${LAB_BENCH_SHORT:-}
declare -g services=10000 dests=10 repeats=5
if [[ $short ]]; then
	services=1000 repeats=3
fi
declare -gA daemon_report=() daemon_pid=() daemon_ready=() daemon_synced=()
declare -g fresh_count=0 fresh=''

tool() { # NAME: the path of a small program
	echo "$LAB_BENCH_TOOLS/$1"
}

# The bound of this kernel; of the short run, where noise needs room.
by_kind() { # UML QEMU SHORT [SHORT-QEMU]
	if [[ $short && $kind == qemu ]]; then
		echo "${4:-$3}"
	elif [[ $short ]]; then
		echo "$3"
	elif [[ $kind == uml ]]; then
		echo "$1"
	else
		echo "$2"
	fi
}

# A network namespace that never held a service: what was deleted stays in the kernel for two minutes and
# makes every addition to the same namespace dear. Sets $fresh.
fresh_host() {
	fresh=bench$((++fresh_count))
	host "$fresh"
}

# The kernel's estimator, which every two seconds walks the counters of all services and real servers and makes
# whoever runs wait meanwhile (estimation_timer() of ip_vs_est.c up to Linux 6.1).
estimation() { # 0|1: in $fresh
	kernel "$fresh" count >/dev/null # loads ip_vs, which has the variable
	sysctl "$fresh" "net.ipv4.vs.run_estimation=$1"
}
kernel() { # HOST COMMAND...: bench-kernel there
	on "$1" "$LAB_BENCH_TOOLS/bench-kernel" "${@:2}"
}

expect_table() { # HOST SERVICES DESTS: the kernel holds all of it
	expect_same "the kernel holds $2 services with $3 real servers each" "$2 $(($2 * $3))" "$(kernel "$1" count)"
}

document() { # SERVICES DESTS: a file with it
	local file=$LAB/document-$1-$2.json
	[[ -e $file ]] || "$LAB_BENCH_TOOLS/bench-objects" json "$1" "$2" >"$file"
	echo "$file"
}

# A state directory with that table stored, made by a daemon on the kernel in memory.
stored() { # SERVICES DESTS
	local state=$LAB/state-$1-$2
	if [[ ! -e $state ]]; then
		fresh_host
		mkdir "$state"
		daemon_start "$fresh" "$state" synced --kernel fake
		put_document "$fresh" "$1" "$2" >/dev/null
		daemon_stop "$fresh"
	fi
	stored_state=$state
}

# Starts the daemon and waits until it is ready or, once, in sync. Sets daemon_pid[HOST], and the words "US
# CPU-US" of daemon_ready[HOST] and daemon_synced[HOST].
daemon_start() { # HOST STATE ready|synced [ARGUMENTS...]; with $preload as its LD_PRELOAD
	local name=$1 state=$2 until=$3 word pid us cpu fd
	shift 3
	mkdir -p "$LAB/run-$name"
	[[ -p $LAB/report-$name ]] || mkfifo "$LAB/report-$name"
	exec {fd}<>"$LAB/report-$name"
	on "$name" env ${preload:+"DAEMON_PRELOAD=$preload"} "COUNT_CALLS=$LAB/calls" "$LAB_BENCH_TOOLS/bench-daemon" "$LAB/report-$name" "$LVSD" \
		--state "$state" --runtime-dir "$LAB/run-$name" --drift-notice off --resync 86400 --log-level notice "$@" \
		2>>"$LAB_OUT/logs/lvsd-$name.log" &
	daemon_report[$name]=$!
	while read -r -t $((60 * LAB_SLOW)) word pid us cpu <&"$fd"; do
		daemon_pid[$name]=$pid
		[[ $word != ready ]] || daemon_ready[$name]="$us $cpu"
		[[ $word != synced ]] || daemon_synced[$name]="$us $cpu"
		[[ $word != "$until" ]] || break
	done
	exec {fd}<&-
	[[ ${word:-} == "$until" ]] || give_up "the daemon gets $until" "$(tail -n 5 "$LAB_OUT/logs/lvsd-$name.log")"
}

daemon_stop() { # HOST
	local status=0
	kill "${daemon_pid[$1]}"
	wait "${daemon_report[$1]}" || status=$?
	((status == 0)) || not_ok "the daemon stops well" "exit status: $status"
	unset "daemon_pid[$1]" "daemon_report[$1]"
}

# Starts a daemon whose calls are counted; it is slower by that, so nothing is timed.
daemon_start_counted() { # as daemon_start
	local preload=$LAB_BENCH_TOOLS/count-calls.so
	daemon_start "$@"
}

# How many calls the daemon made that was counted and has ended.
calls() { # kernel|sync
	local what n
	while read -r what n; do
		[[ $what != "$1" ]] || echo "$n"
	done <"$LAB/calls"
}

# One request; its answer has to be 200. Sets $took.
request() { # HOST METHOD PATH [BODY-FILE [ANSWER-FILE]]
	local status
	read -r status took < <("$LAB_BENCH_TOOLS/bench-http" "$LAB/run-$1/admin.sock" request "${@:2}")
	[[ $status == 200 ]] || give_up "$2 $3 succeeds" "it is answered with $status"
}

put_document() { # HOST SERVICES DESTS: prints the µs
	local file took
	file=$(document "$2" "$3")
	request "$1" PUT '/v1/config?owner=bench&wait=60' "$file"
	echo "$took"
}

status_of() { # HOST MEMBER: of the daemon's status, a number
	local took text
	request "$1" GET /v1 - "$LAB/status"
	text=$(<"$LAB/status")
	text=${text#*\"$2\":}
	echo "${text%%[!0-9]*}"
}

least() { # NUMBER...
	local best=$1 n
	for n; do
		((n >= best)) || best=$n
	done
	echo "$best"
}

ms() { # US: as text
	if (($1 < 10000)); then
		printf '%d.%02d ms' $(($1 / 1000)) $(($1 % 1000 / 10))
	else
		printf '%d ms' $(($1 / 1000))
	fi
}

hundredths() { # HUNDREDTHS: as text
	printf '%d.%02d' $(($1 / 100)) $(($1 % 100))
}

# Lines of the table. Bounds and values are in hundredths, so that the shell can compare them.
at_most() { # WORK VALUE BOUND UNIT DETAIL
	line "$1" "$(hundredths "$2")$4 ($5)" "at most $(hundredths "$3")$4" "$(($2 <= $3))"
}

at_least() { # WORK VALUE BOUND UNIT DETAIL
	line "$1" "$(hundredths "$2")$4 ($5)" "at least $(hundredths "$3")$4" "$(($2 >= $3))"
}

shown() { # WORK MEASURED: without a bound
	printf '%s\t%s\t%s\t-\tshown\n' "$SCENARIO" "$1" "$2" >>"$LAB_OUT/logs/table"
}

line() { # WORK MEASURED BOUND 0|1
	local verdict=LOST
	(($4 == 0)) || verdict=kept
	printf '%s\t%s\t%s\t%s\t%s\n' "$SCENARIO" "$1" "$2" "$3" "$verdict" >>"$LAB_OUT/logs/table"
	if [[ $verdict == kept ]]; then
		ok "$1: $2"
	else
		not_ok "$1: $3" "got: $2"
	fi
}

# ipvsadm -R of the whole table, twice, after a small one that warms up. Nothing is scaled up from a part: the
# price of one object falls with their number. Sets $ipvsadm_us to the lesser.
ipvsadm_restore() {
	local n us
	ipvsadm_us=''
	for n in 5 "$services" "$services"; do
		"$LAB_BENCH_TOOLS/bench-objects" ipvsadm "$n" "$dests" >"$LAB/rules"
		fresh_host
		us=$(on "$fresh" "$LAB_BENCH_TOOLS/bench-repeat" 1 1 ipvsadm -R <"$LAB/rules")
		us=${us% *}
		expect_table "$fresh" "$n" "$dests"
		kernel "$fresh" clear
		((n == services)) || continue
		if [[ ! $ipvsadm_us ]] || ((us < ipvsadm_us)); then
			ipvsadm_us=$us
		fi
	done
}

# Traffic: servers on the real servers, clients, long-lived streams and captures.

declare -ga lab_unready=()
declare -gA lab_stream_fd=()

serve() { # HOST ADDRESS PORT TEXT: an HTTP server that answers TEXT
	start_server tcp "$@"
}

serve_udp() { # HOST ADDRESS PORT TEXT: answers each datagram with TEXT
	start_server udp "$@"
}

start_server() { # tcp|udp HOST ADDRESS PORT TEXT
	local ready
	ready=$LAB/ready.$2.$1.$4.$RANDOM
	spawn "$2" "$LAB_PROGRAMS/real-server" "$1" "$3" "$4" "$5" "$ready"
	lab_unready+=("$ready")
}

# Servers start side by side; the first client waits for them all.
await_servers() {
	local ready
	for ready in "${lab_unready[@]}"; do
		wait_until 20 test -e "$ready"
	done
	lab_unready=()
}

get() { # HOST URL: one request, its answer on stdout
	await_servers
	on "$1" "$LAB_PROGRAMS/visitor" get "$2"
}

# N requests, each on a new connection; prints who answered how often, "rs1=4 rs2=2", and sets lab_counted to it.
# Each request has a source port of its own, below the ephemeral ones: a port that the client used
# before can still have its connection entry, which sends it to the old real server unscheduled.
count() { # N HOST URL
	local port=20000
	await_servers
	[[ ! -e $LAB/next-port ]] || read -r port <"$LAB/next-port"
	echo $((port + $1)) >"$LAB/next-port"
	visit "$1" "$2" count "$1" "$port" "$3"
}

# N datagrams from one socket, so all from one source port; prints like count.
count_udp() { # N HOST ADDRESS PORT
	await_servers
	visit "$1" "$2" datagrams "$1" "$3" "$4"
}

# The histogram of what the visitor gets; that it lacks some is status 1, and no fault of its own.
visit() { # N HOST VISITOR-ARGUMENTS...
	on "$2" "$LAB_PROGRAMS/visitor" "${@:3}" >"$LAB/answers.$BASHPID" || (($? == 1)) || give_up "the visitor asks"
	histogram "$1" <"$LAB/answers.$BASHPID"
}

# Counts equal lines; what is missing to N is called failed. Prints it and sets lab_counted.
histogram() { # N, lines on stdin
	local -A seen=()
	local line total=0 lab_sorted
	while IFS= read -r line; do
		[[ $line ]] || continue
		seen[$line]=$((${seen[$line]:-0} + 1))
		total=$((total + 1))
	done
	((total >= $1)) || seen[failed]=$(($1 - total))
	in_order "${!seen[@]}"
	lab_counted=
	for line in "${lab_sorted[@]}"; do
		lab_counted+=${lab_counted:+ }$line=${seen[$line]}
	done
	printf '%s\n' "$lab_counted"
}

in_order() { # WORD...: sets lab_sorted to them, sorted
	local word i
	lab_sorted=()
	for word; do
		for ((i = ${#lab_sorted[@]}; i > 0; i--)); do
			[[ ${lab_sorted[i - 1]} > $word ]] || break
		done
		lab_sorted=("${lab_sorted[@]:0:i}" "$word" "${lab_sorted[@]:i}")
	done
}

expect_count() { # WHAT HISTOGRAM N HOST URL
	local lab_counted
	count "$3" "$4" "$5" >/dev/null
	expect_same "$1 ($2)" "$2" "$lab_counted"
}

# A TCP connection that stays open: an HTTP client that keeps its connection alive.
open_stream() { # NAME HOST ADDRESS PORT
	local fd
	await_servers
	hand '' mkfifo "$LAB/stream.$1"
	: >"$LAB/stream.$1.out"
	exec {fd}<>"$LAB/stream.$1"
	lab_stream_fd[$1]=$fd
	"$HAND" "$2" busybox nc "$3" "$4" <"$LAB/stream.$1" >>"$LAB/stream.$1.out" &
	lab_pids+=("$!")
	stream_alive "$1"
}

# Sends a request down the open connection and waits for its answer.
stream_alive() { # NAME
	local answers before
	stream_answers "$1"
	before=$answers
	printf 'GET / HTTP/1.1\r\nHost: lab\r\n\r\n' >&"${lab_stream_fd[$1]}"
	wait_until 3 stream_answered "$1" "$before"
}

stream_answers() { # NAME: sets answers to how many came
	local lines line
	mapfile -t lines <"$LAB/stream.$1.out"
	answers=0
	for line in "${lines[@]}"; do
		[[ $line != 'HTTP/1.1 200'* ]] || answers=$((answers + 1))
	done
}

stream_answered() { # NAME BEFORE
	local answers
	stream_answers "$1"
	((answers > $2))
}

stream_server() { # NAME: which server holds the other end
	local lines
	mapfile -t lines <"$LAB/stream.$1.out"
	printf '%s\n' "${lines[-1]}"
}

# Starts tcpdump; captured looks at what it has seen so far.
capture() { # HOST INTERFACE FILTER
	local file=$LAB/capture.$1.$2
	"$HAND" "$1" tcpdump -i "$2" -nn -U -l --immediate-mode "$3" \
		>"$file" 2>"$file.err" &
	lab_pids+=("$!")
	wait_until 5 file_has "$file.err" 'listening on'
}

captured() { # HOST INTERFACE TEXT: some packet's line has the text
	file_has "$LAB/capture.$1.$2" "$3"
}

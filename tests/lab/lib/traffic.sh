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
	spawn "$2" python3 -I -S "$LAB_DIR/lib/real-server.py" "$1" "$3" "$4" "$5" "$ready"
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
	on "$1" curl -sS -g --noproxy '*' --connect-timeout 3 -m 5 "$2"
}

# N requests, each on a new connection; prints who answered how often: "rs1=4 rs2=2".
# Each request has a source port of its own, below the ephemeral ones: a port that the client used
# before can still have its connection entry, which sends it to the old real server unscheduled.
count() { # N HOST URL
	local i port requests=() answers
	await_servers
	port=$(cat "$LAB/next-port" 2>/dev/null || echo 20000)
	echo $((port + $1)) >"$LAB/next-port"
	for ((i = 0; i < $1; i++)); do
		((i == 0)) || requests+=(--next)
		requests+=(-s -g --noproxy '*' --connect-timeout 3 -m 5 -H 'Connection: close'
			--local-port $((port + i)) "$3")
	done
	answers=$(on "$2" curl "${requests[@]}") || true
	histogram "$1" <<<"$answers"
}

# N datagrams from one socket, so all from one source port; prints like count.
count_udp() { # N HOST ADDRESS PORT
	local answers
	await_servers
	answers=$(on "$2" python3 -I -S "$LAB_DIR/lib/udp-client.py" "$3" "$4" "$1") || true
	histogram "$1" <<<"$answers"
}

# Counts equal lines; what is missing to N is called failed.
histogram() { # N, lines on stdin
	local -A seen=()
	local line total=0
	while IFS= read -r line; do
		[[ $line ]] || continue
		seen[$line]=$((${seen[$line]:-0} + 1))
		total=$((total + 1))
	done
	((total >= $1)) || seen[failed]=$(($1 - total))
	for line in "${!seen[@]}"; do
		printf '%s=%s\n' "$line" "${seen[$line]}"
	done | sort | paste -sd ' '
}

expect_count() { # WHAT HISTOGRAM N HOST URL
	expect_same "$1 ($2)" "$2" "$(count "$3" "$4" "$5")"
}

# A TCP connection that stays open: an HTTP client that keeps its connection alive.
open_stream() { # NAME HOST ADDRESS PORT
	local fd
	await_servers
	mkfifo "$LAB/stream.$1"
	: >"$LAB/stream.$1.out"
	exec {fd}<>"$LAB/stream.$1"
	lab_stream_fd[$1]=$fd
	busybox nsenter --net="/run/netns/$2" busybox nc "$3" "$4" <"$LAB/stream.$1" >>"$LAB/stream.$1.out" &
	lab_pids+=("$!")
	stream_alive "$1"
}

# Sends a request down the open connection and waits for its answer.
stream_alive() { # NAME
	local before
	before=$(stream_answers "$1")
	printf 'GET / HTTP/1.1\r\nHost: lab\r\n\r\n' >&"${lab_stream_fd[$1]}"
	wait_until 3 stream_answered "$1" "$before"
}

stream_answers() { # NAME: how many answers came
	grep -c '^HTTP/1.1 200' "$LAB/stream.$1.out" || true
}

stream_answered() { # NAME BEFORE
	(($(stream_answers "$1") > $2))
}

stream_server() { # NAME: which server holds the other end
	tail -n 1 "$LAB/stream.$1.out"
}

# Starts tcpdump; captured looks at what it has seen so far.
capture() { # HOST INTERFACE FILTER
	local file=$LAB/capture.$1.$2
	busybox nsenter --net="/run/netns/$1" tcpdump -i "$2" -nn -U -l --immediate-mode "$3" \
		>"$file" 2>"$file.err" &
	lab_pids+=("$!")
	wait_until 5 grep -q 'listening on' "$file.err"
}

captured() { # HOST INTERFACE TEXT: some packet's line has the text
	grep -qF -- "$3" "$LAB/capture.$1.$2"
}

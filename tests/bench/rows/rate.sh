# Weight changes by 16 keep-alive clients, durable and applied, against ipvsadm -e in a loop; and on a disk whose
# fsync() takes 8 ms, against one client, whose changes cannot share a transaction.
# timeout: 600
. "$LAB_DIR/../bench/lib/bench.sh"

rate() { # HOST CLIENTS CHANGES: prints how many a second
	local us per_second
	read -r us per_second < <("$LAB_BENCH_TOOLS/bench-http" "$LAB/run-$1/admin.sock" weights "$2" "$3" "$services" "$dests")
	echo "$per_second"
}

most() { # NUMBER...
	local best=$1 n
	for n; do
		((n <= best)) || best=$n
	done
	echo "$best"
}

many=2000 single=100
[[ ! $short ]] || many=320 single=20
stored "$services" "$dests"
cp -r "$stored_state" "$LAB/state-slow"
fresh_host
quick=$fresh
daemon_start "$quick" "$stored_state" synced
fresh_host
slow=$fresh
preload=$LAB_BENCH_TOOLS/slow-fsync.so daemon_start "$slow" "$LAB/state-slow" synced

ours=() ipvsadm=() grouped=() alone=()
for ((k = 0; k < repeats; k++)); do
	ours+=("$(rate "$quick" 16 "$many")")
	read -r _ us < <(on "$quick" "$LAB_BENCH_TOOLS/bench-repeat" 20 $((100 * k + 7)) \
		ipvsadm -e -t 198.18.0.1:80 -r 10.0.0.1:80 -g -w @)
	ipvsadm+=("$us")
	grouped+=("$(rate "$slow" 16 "$many")")
	alone+=("$(rate "$slow" 1 "$single")")
done
daemon_stop "$quick"
daemon_start_counted "$quick" "$stored_state" synced
rate "$quick" 16 "$many" >/dev/null
daemon_stop "$quick"
daemon_stop "$slow"

ours=$(most "${ours[@]}") grouped=$(most "${grouped[@]}") alone=$(most "${alone[@]}")
ipvsadm=$(least "${ipvsadm[@]}")
at_least "weights by 16 clients, against ipvsadm -e in a loop" $((ours * ipvsadm / 10000)) "$(by_kind 2000 5000 800)" ' ×' \
	"$ours/s against $((1000000 / ipvsadm))/s"
at_most "weights by 16 clients, fsyncs for each change" $(($(calls sync) * 100 / many)) 25 '' "$(calls sync) of $many changes"
at_least "the same with fsync() of 8 ms, against one client" $((grouped * 100 / alone)) "$(by_kind 500 500 200)" ' ×' \
	"$grouped/s against $alone/s"

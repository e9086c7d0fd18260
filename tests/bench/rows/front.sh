# One call of the front end of ipvsadm (lvsctl ipvsadm) against the real program, in turns: the same real server's weight.
# timeout: 300
. "$LAB_DIR/../bench/lib/bench.sh"

lvsctl=$LAB_BENCH_TOOLS/../../agent/ctl/lvsctl
rounds=20
[[ ! $short ]] || rounds=8

times() { # HOST COMMAND...: the median of some calls, in µs
	local us
	us=$(on "$1" "$LAB_BENCH_TOOLS/bench-repeat" 5 1 "${@:2}")
	echo "${us% *}"
}

mkdir "$LAB/state"
fresh_host
theirs=$fresh
on "$theirs" ipvsadm -A -t 192.0.2.1:80 -s rr
on "$theirs" ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.5:80 -g
fresh_host
daemon_start "$fresh" "$LAB/state" synced
front=("$lvsctl" --socket "$LAB/run-$fresh/admin.sock" ipvsadm)
on "$fresh" "${front[@]}" -A -t 192.0.2.1:80 -s rr
on "$fresh" "${front[@]}" -a -t 192.0.2.1:80 -r 10.0.0.5:80 -g
real=() ours=()
for ((k = 0; k < rounds; k++)); do
	real+=("$(times "$theirs" ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.5:80 -g -w $((k + 2)))")
	ours+=("$(times "$fresh" "${front[@]}" -e -t 192.0.2.1:80 -r 10.0.0.5:80 -g -w $((k + 2)))")
done
real=$(least "${real[@]}") ours=$(least "${ours[@]}")
expect_same "both have the last weight" "$(on "$theirs" ipvsadm -Sn)" "$(on "$fresh" ipvsadm -Sn)"
more=$((ours > real ? ours - real : 0))
at_most 'lvsctl ipvsadm -e, what it takes more than ipvsadm -e' $((more / 10)) 500 ' ms' "$(ms "$ours") against $(ms "$real")"
daemon_stop "$fresh"

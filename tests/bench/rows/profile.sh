# What the daemon computes, by function: instructions (callgrind) of the reconciling of an empty kernel. By name
# only: nothing is bounded. Callgrind's file is among the logs (BENCH_LOGS), for callgrind_annotate.
# timeout: 900
. "$LAB_DIR/../bench/lib/bench.sh"

services=1000
profile=$LAB_OUT/logs/reconcile.callgrind

instructions() { # ANNOTATED-LINE: its first number
	local n=${1%%(*}
	echo "${n//[^0-9]/}"
}

stored "$services" "$dests"
fresh_host
mkdir -p "$LAB/run-$fresh"
spawn "$fresh" valgrind --tool=callgrind --callgrind-out-file="$profile" "--toggle-collect=reconcile_run" "$LVSD" \
	--state "$stored_state" --runtime-dir "$LAB/run-$fresh" --drift-notice off --resync 86400 \
	>"$LAB_OUT/logs/callgrind.log" 2>&1
for ((k = 0; k < 600 * LAB_SLOW; k++)); do
	[[ $(kernel "$fresh" count) != "$services $((services * dests))" ]] || break
	sleep 0.2
done
expect_table "$fresh" "$services" "$dests"
sleep 1
kill "$SPAWNED"
wait "$SPAWNED" || true
total='' n=0
while read -r line && ((n < 20)); do
	if [[ $line == *'PROGRAM TOTALS'* ]]; then
		total=$(instructions "$line")
	elif [[ $total && $line == *%* ]]; then
		shown "its function ${line##*:}" "${line%%)*})"
		n=$((n + 1))
	fi
done < <(callgrind_annotate --auto=no "$profile" 2>/dev/null)
shown "reconcile $services × $dests, instructions for each operation" "$((total / (services * (dests + 2))))"

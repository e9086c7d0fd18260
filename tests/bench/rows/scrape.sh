# GET /metrics with a series for each real server: what it adds to the resident memory, the longest turn of the loop, and
# how long it takes: the first, which reads all real servers once, and those after it.
# timeout: 600
. "$LAB_DIR/../bench/lib/bench.sh"

resident() { # VmRSS|VmHWM: in KiB
	local key value unit
	while read -r key value unit; do
		[[ $key != "$1:" ]] || echo "$value"
	done <"/proc/${daemon_pid[$fresh]}/status"
}
scrape() { # sets $took. The reader runs when the daemon waits: its own time is in no turn.
	renice -n 19 -p $BASHPID >/dev/null
	request "$fresh" GET /metrics - "$LAB/metrics"
	renice -n 0 -p $BASHPID >/dev/null
}

[[ ! $short ]] || repeats=3
stored "$services" "$dests"
fresh_host
estimation 0
kernel "$fresh" write "$services" "$dests" >/dev/null
turns=() firsts=() times=()
for ((k = 0; k < repeats; k++)); do
	daemon_start "$fresh" "$stored_state" synced
	sleep 2
	if ((k == 0)); then
		before=$(resident VmRSS)
		echo 5 >"/proc/${daemon_pid[$fresh]}/clear_refs"
	fi
	scrape
	firsts+=("$took")
	scrape
	times+=("$took")
	((k > 0)) || grown=$(($(resident VmHWM) - before))
	turns+=("$(status_of "$fresh" longestTurnMilliseconds)")
	daemon_stop "$fresh"
done
first=$(least "${firsts[@]}") turn=$(least "${turns[@]}")
series=$(grep -vc '^#' "$LAB/metrics")
expect_same "every real server has its series" $((services * dests)) "$(grep -c '^lvsd_real_server_weight{' "$LAB/metrics")"
at_most "memory that scrapes of $services × $dests add" $((grown * 100 / 1024)) 1600 ' MiB' \
	"$series series, $(($(stat -c %s "$LAB/metrics") / 1000000)) MB"
if [[ $short ]]; then
	# Milliseconds are noise on a busy machine; what is not sliced is a large share of the whole on any.
	at_most "longest turn, of the time of a scrape" $((turn * 100000 / $(least "${times[@]}"))) 30 '' "$turn ms"
else
	at_most "longest turn, start and scrapes of $services × $dests" $((turn * 100)) 1500 ' ms' ""
fi
shown "first scrape of $services × $dests, and later ones" "$(ms "$first"), $(ms "$(least "${times[@]}")")"

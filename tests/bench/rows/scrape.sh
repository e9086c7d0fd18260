# GET /metrics with a series for each real server: what it adds to the resident memory, turns of the loop above 15 ms, and
# how long it takes: the first, which reads all real servers once, and those after it. An answer says how many long turns
# there had been when it began, so the next one tells of those that it made.
# timeout: 600
. "$LAB_DIR/../bench/lib/bench.sh"

resident() { # VmRSS|VmHWM: in KiB
	local key value unit
	while read -r key value unit; do
		[[ $key != "$1:" ]] || echo "$value"
	done <"/proc/${daemon_pid[$fresh]}/status"
}
long_turns() { # before the last scrape
	sed -n 's/^lvsd_long_turns_total //p' "$LAB/metrics"
}

scrape() { # sets $took. The reader runs when the daemon waits: its own time is in no turn.
	renice -n 19 -p $BASHPID >/dev/null
	request "$fresh" GET /metrics - "$LAB/metrics"
	renice -n 0 -p $BASHPID >/dev/null
}

stored "$services" "$dests"
fresh_host
estimation 0
kernel "$fresh" write "$services" "$dests" >/dev/null
turns=() firsts=() times=() many_first=() many_later=()
for ((k = 0; k < repeats; k++)); do
	daemon_start "$fresh" "$stored_state" synced
	sleep 2
	if ((k == 0)); then
		before=$(resident VmRSS)
		echo 5 >"/proc/${daemon_pid[$fresh]}/clear_refs"
	fi
	scrape
	firsts+=("$took")
	before_first=$(long_turns)
	scrape
	times+=("$took")
	before_second=$(long_turns)
	((k > 0)) || grown=$(($(resident VmHWM) - before))
	turns+=("$(status_of "$fresh" longestTurnMilliseconds)")
	scrape
	many_first+=("$((before_second - before_first))") many_later+=("$(($(long_turns) - before_second))")
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
	at_most "turns above 15 ms by the first scrape of $services × $dests" $(($(least "${many_first[@]}") * 100)) 0 '' \
		"of all boots: ${many_first[*]}"
	at_most "turns above 15 ms by a later scrape" $(($(least "${many_later[@]}") * 100)) 0 '' \
		"of all boots: ${many_later[*]}"
	shown "longest turn, start and scrapes of $services × $dests" "$turn ms"
fi
shown "first scrape of $services × $dests, and later ones" "$(ms "$first"), $(ms "$(least "${times[@]}")")"

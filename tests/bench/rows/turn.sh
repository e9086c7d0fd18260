# The longest turn of the loop, by the daemon's own metric, while a whole document is taken in and applied to an
# empty kernel. Its one store transaction is counted apart. The kernel's estimator is off but for one last time, which is
# shown and not bounded.
# timeout: 600
. "$LAB_DIR/../bench/lib/bench.sh"

turns=() commits=() starts=()
puts=() plans=()

repeats=3
[[ ! $short ]] || services=2000 repeats=2
for ((k = 0; k < repeats; k++)); do
	fresh_host
	estimation 0
	mkdir "$LAB/state"
	daemon_start "$fresh" "$LAB/state" synced
	puts+=("$(put_document "$fresh" "$services" "$dests")")
	turns+=("$(status_of "$fresh" longestTurnMilliseconds)")
	commits+=("$(status_of "$fresh" longestCommitMilliseconds)")
	daemon_stop "$fresh"
	kernel "$fresh" clear

	# The same plan without the document: objects that were stored, and an empty kernel. Twice, since one of
	# two waits for the kernel in user-mode-linux: after some 800 batches it unmaps all that it had allocated for
	# them at once (purge_vmap_area_lazy() of mm/vmalloc.c), which takes 15 ms for each table that it holds.
	sync # else the kernel writes the state to its disk meanwhile
	for _ in 1 2; do
		fresh_host
		estimation 0
		daemon_start "$fresh" "$LAB/state" synced
		plans+=($((${daemon_synced[$fresh]% *} - ${daemon_ready[$fresh]% *})))
		starts+=("$(status_of "$fresh" longestTurnMilliseconds)")
		daemon_stop "$fresh"
		kernel "$fresh" clear # a list walks what other namespaces hold, too
	done
	if ((k < repeats - 1)); then
		rm -r "$LAB/state"
	fi
done
fresh_host
estimation 1
daemon_start "$fresh" "$LAB/state" synced
shown "longest turn, stored $services × $dests, with the kernel's estimator" \
	"$(status_of "$fresh" longestTurnMilliseconds) ms"
daemon_stop "$fresh"
turns=$(least "${turns[@]}") starts=$(least "${starts[@]}")
if [[ $short ]]; then
	# Milliseconds are noise on a busy machine; what is not sliced is a large share of the whole on any.
	puts=$(least "${puts[@]}") plans=$(least "${plans[@]}")
	at_most "longest turn, of the time to apply $services × $dests" $((starts * 100000 / plans)) 50 '' \
		"$starts ms of $(ms "$plans")"
	at_most "longest turn, of the time of a PUT of $services × $dests" $((turns * 100000 / puts)) 10 '' \
		"$turns ms of $(ms "$puts"); the store's transaction aside"
	return 0
fi
bound=15
at_most "longest turn, stored $services × $dests to an empty kernel" $((starts * 100)) $((bound * 100)) ' ms' \
	"without the store"
at_most "longest turn, PUT of $services × $dests" $((turns * 100)) $((bound * 100)) ' ms' \
	"the store's transaction aside: $(least "${commits[@]}") ms"

# The longest turn of the loop, by the daemon's own metric, while a whole document is taken in and applied to an
# empty kernel. Its one store transaction is counted apart.
# timeout: 600
. "$LAB_DIR/../bench/lib/bench.sh"

turns=() commits=() starts=()
[[ ! $short ]] || services=4000
for ((k = 0; k < repeats; k++)); do
	fresh_host
	mkdir "$LAB/state"
	daemon_start "$fresh" "$LAB/state" synced
	put_document "$fresh" "$services" "$dests" >/dev/null
	turns+=("$(status_of "$fresh" longestTurnMilliseconds)")
	commits+=("$(status_of "$fresh" longestCommitMilliseconds)")
	daemon_stop "$fresh"
	kernel "$fresh" clear

	# The same plan without the document: objects that were stored, and an empty kernel.
	fresh_host
	daemon_start "$fresh" "$LAB/state" synced
	starts+=("$(status_of "$fresh" longestTurnMilliseconds)")
	daemon_stop "$fresh"
	kernel "$fresh" clear
	rm -r "$LAB/state"
done
turns=$(least "${turns[@]}") starts=$(least "${starts[@]}")
bound=$(by_kind 15 15 40)
at_most "longest turn, stored $services × $dests to an empty kernel" $((starts * 100)) $((bound * 100)) ' ms' \
	"without the store"
at_most "longest turn, PUT of $services × $dests" $((turns * 100)) $((bound * 100)) ' ms' \
	"the store's transaction aside: $(least "${commits[@]}") ms"

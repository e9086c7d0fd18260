# Start with all objects stored and a kernel that is equal: CPU until it serves, and until the first full pass has
# found nothing.
# timeout: 600
. "$LAB_DIR/../bench/lib/bench.sh"

ready=() synced=()
[[ ! $short ]] || services=2000
stored "$services" "$dests"
fresh_host
kernel "$fresh" write "$services" "$dests" >/dev/null
for ((k = 0; k < repeats; k++)); do
	daemon_start "$fresh" "$stored_state" synced
	ready+=("${daemon_ready[$fresh]#* }")
	synced+=("${daemon_synced[$fresh]#* }")
	expect_same "the first pass writes nothing" 0 "$(status_of "$fresh" kernelWrites)"
	daemon_stop "$fresh"
done
ready=$(least "${ready[@]}") synced=$(least "${synced[@]}")
at_most "start with $services × $dests, CPU until it serves" $((ready / 10000)) "$(by_kind 100 100 60)" ' s' "$(ms "$ready")"
at_most "the same until the first full pass has found nothing" $((synced / 10000)) "$(by_kind 180 180 100)" ' s' \
	"$(ms "$synced")"

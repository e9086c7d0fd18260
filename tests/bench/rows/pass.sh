# A full pass that finds nothing to do, against reading the same table by one GET_DEST dump per service; another
# network namespace holds services too.
# timeout: 600
. "$LAB_DIR/../bench/lib/bench.sh"

read=() share=() ours=()
stored "$services" "$dests"
fresh_host
kernel "$fresh" write 700 1 >/dev/null
fresh_host
daemon_start "$fresh" "$stored_state" synced
expect_table "$fresh" "$services" "$dests"
written=$(status_of "$fresh" kernelWrites)
for ((k = 0; k < repeats; k++)); do
	read+=("$(kernel "$fresh" read "$services" "$dests")")
	share+=("$(kernel "$fresh" snapshot "$services" "$dests")")
	request "$fresh" POST '/v1/reconcile?wait=60'
	ours+=("$took")
done
expect_same "the passes write nothing" "$written" "$(status_of "$fresh" kernelWrites)"
expect_same "and find no drift" 0 "$(status_of "$fresh" driftFound)"
# A pass that does not see what is there would be quick too.
on "$fresh" ipvsadm -e -t 198.18.0.1:80 -r 10.0.0.1:80 -g -w 77
request "$fresh" POST '/v1/reconcile?wait=60'
expect_same "but would find some" 1 "$(status_of "$fresh" driftFound)"
daemon_stop "$fresh"
on "$fresh" ipvsadm -e -t 198.18.0.1:80 -r 10.0.0.1:80 -g -w 1
daemon_start_counted "$fresh" "$stored_state" synced
daemon_stop "$fresh"

read=$(least "${read[@]}") share=$(least "${share[@]}") ours=$(least "${ours[@]}")
work="full pass over $services × $dests, nothing to do"
at_most "$work, against a GET_DEST dump per service" $((ours * 100 / read)) "$(by_kind 40 20 90)" ' ×' \
	"$(ms "$ours") against $(ms "$read")"
at_most "$work, calls to the kernel for each service" $(($(calls kernel) * 100 / services)) 130 '' "$(calls kernel) in all"
shown "$work, against the same reads without comparing" \
	"$(hundredths $((ours * 100 / share))) × ($(ms "$ours") against $(ms "$share"))"

# The client's side: one PUT /v1/config with every member spelled, decoded, validated, durable, applied.
# timeout: 1500
. "$LAB_DIR/../bench/lib/bench.sh"

bare=() ours=()
file=$(document "$services" "$dests")
for ((k = 0; k < repeats; k++)); do
	fresh_host
	bare+=("$(kernel "$fresh" write "$services" "$dests")")
	kernel "$fresh" clear

	fresh_host
	mkdir "$LAB/state"
	daemon_start "$fresh" "$LAB/state" synced
	ours+=("$(put_document "$fresh" "$services" "$dests")")
	expect_table "$fresh" "$services" "$dests"
	daemon_stop "$fresh"
	kernel "$fresh" clear
	rm -r "$LAB/state"
done
bare=$(least "${bare[@]}") ours=$(least "${ours[@]}")
ipvsadm_restore
work="PUT /v1/config of $services × $dests, $(($(stat -c %s "$file") / 1000000)) MB"
at_least "$work, against ipvsadm -R" $((ipvsadm_us * 100 / ours)) "$(by_kind 4000 300 1000 150)" ' ×' \
	"$(ms "$ours") against $(ms "$ipvsadm_us")"
shown "$work, against a bare batched writer" "$(hundredths $((ours * 100 / bare))) × ($(ms "$ours") against $(ms "$bare"))"

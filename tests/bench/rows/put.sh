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
work="PUT /v1/config of $services × $dests, $(($(stat -c %s "$file") / 1000000)) MB"
against_bare=("$work, against a bare batched writer" $((ours * 100 / bare)))
details="$(ms "$ours") against $(ms "$bare")"
if [[ $short ]]; then
	# ipvsadm takes most of the time, and what would be lost against it is lost against the bare writer, too.
	at_most "${against_bare[@]}" 2000 ' ×' "$details"
	return 0
fi
shown "${against_bare[0]}" "$(hundredths "${against_bare[1]}") × ($details)"
ipvsadm_restore
at_least "$work, against ipvsadm -R" $((ipvsadm_us * 100 / ours)) "$(by_kind 4000 300)" ' ×' \
	"$(ms "$ours") against $(ms "$ipvsadm_us")"

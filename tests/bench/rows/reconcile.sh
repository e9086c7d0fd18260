# An empty kernel gets all objects from a daemon that has them loaded: from its first turn until it says "in sync".
# timeout: 1500
. "$LAB_DIR/../bench/lib/bench.sh"

bare=() ours=()
stored "$services" "$dests"
for ((k = 0; k < repeats; k++)); do
	fresh_host
	bare+=("$(kernel "$fresh" write "$services" "$dests")")
	kernel "$fresh" clear

	fresh_host
	daemon_start "$fresh" "$stored_state" synced
	ours+=($((${daemon_synced[$fresh]% *} - ${daemon_ready[$fresh]% *})))
	expect_table "$fresh" "$services" "$dests"
	daemon_stop "$fresh"
	kernel "$fresh" clear
done
fresh_host
daemon_start_counted "$fresh" "$stored_state" synced
daemon_stop "$fresh"
kernel "$fresh" clear

bare=$(least "${bare[@]}") ours=$(least "${ours[@]}")
work="reconcile $services × $dests"
at_most "$work against a bare batched writer" $((ours * 100 / bare)) "$(by_kind 150 130 500)" ' ×' \
	"$(ms "$ours") against $(ms "$bare")"
at_most "$work, calls to the kernel for each 100 objects" $(($(calls kernel) * 10000 / (services * (dests + 1)))) 500 '' \
	"$(calls kernel) in all"

# ipvsadm takes most of the time, and what would be lost against it is lost against the bare writer, too.
[[ ! $short ]] || return 0
ipvsadm_restore
at_least "$work against ipvsadm -R" $((ipvsadm_us * 100 / ours)) \
	"$(by_kind 20000 1500)" ' ×' "$(ms "$ours") against $(ms "$ipvsadm_us")"

[[ $kind == qemu ]] || return 0
"$LAB_BENCH_TOOLS/bench-objects" keepalived "$services" "$dests" >"$LAB/keepalived.conf"
fresh_host
# Without its log, which is a line for each service.
spawn "$fresh" keepalived --dont-fork --check --no-syslog -p "$LAB/keepalived.pid" -c "$LAB/checkers.pid" -f "$LAB/keepalived.conf"
read -r first rest < <(kernel "$fresh" await "$services" "$dests" 300)
at_least "$work against keepalived" $(((first + rest) * 100 / ours)) 800 ' ×' \
	"keepalived: $(ms "$first") until its first service, $(ms "$rest") from there"

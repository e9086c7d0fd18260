# One weight change over the API, durable and in the kernel, while the table holds 10 or 100,000 real servers.
# timeout: 900
. "$LAB_DIR/../bench/lib/bench.sh"

shapes=("1 10" "$services $dests" "20 $((services * dests / 20))")
hosts=() ours=('' '' '') share=('' '' '') ipvsadm=()
changes=200
[[ ! $short ]] || changes=40

for shape in "${shapes[@]}"; do
	# shellcheck disable=SC2086 # two numbers
	stored $shape
	fresh_host
	hosts+=("$fresh")
	daemon_start "$fresh" "$stored_state" synced
done
# All three take turns, so that what disturbs one disturbs all.
for ((k = 0; k < repeats * 2; k++)); do
	for i in 0 1 2; do
		# shellcheck disable=SC2086
		read -r us _ < <("$LAB_BENCH_TOOLS/bench-http" "$LAB/run-${hosts[i]}/admin.sock" weights 1 "$changes" ${shapes[i]})
		ours[i]+=" $us"
		# shellcheck disable=SC2086
		share[i]+=" $(kernel "${hosts[i]}" weights ${shapes[i]} "$changes")"
	done
	read -r us _ < <(on "${hosts[1]}" "$LAB_BENCH_TOOLS/bench-repeat" 10 $((100 * k + 7)) \
		ipvsadm -e -t 198.18.0.1:80 -r 10.0.0.1:80 -g -w @)
	ipvsadm+=("$us")
done
for i in 0 1 2; do
	daemon_stop "${hosts[i]}"
	# shellcheck disable=SC2086
	ours[i]=$(least ${ours[i]}) share[i]=$(least ${share[i]})
done
ipvsadm=$(least "${ipvsadm[@]}")

few="${ours[0]} µs with 1 × 10"
at_most "one weight with ${shapes[1]/ / × }, against 1 × 10" $((ours[1] * 100 / ours[0])) "$(by_kind 150 150 300)" ' ×' \
	"${ours[1]} µs, $few"
at_most "one weight with ${shapes[2]/ / × }, the kernel's own share subtracted" \
	$(((ours[2] - share[2]) * 100 / (ours[0] - share[0]))) "$(by_kind 150 150 300)" ' ×' \
	"${ours[2]} µs, of it the kernel ${share[2]}; $few, of it the kernel ${share[0]}"
at_most "one weight, against one ipvsadm -e" $((ours[1] * 100 / ipvsadm)) "$(by_kind 20 20 30)" ' ×' \
	"${ours[1]} against $ipvsadm µs"

# A full pass sees all of ours, also while another network namespace holds many services, writes nothing, and
# dumps real servers only where one call does not show them all.

host director other
services() { # COUNT PREFIX: as ipvsadm commands, each with one real server
	local i
	for ((i = 0; i < $1; i++)); do
		echo "-A -t $2.$((i / 250)).$((i % 250 + 1)):80 -s rr"
		echo "-a -t $2.$((i / 250)).$((i % 250 + 1)):80 -r 192.0.2.11:80 -g -w 1"
	done
}
ipvs other -R <<<"$(services 700 198.18)"
theirs=$(ipvs_rules other)

document=$(services 400 198.19 | awk '
	$1 == "-a" { printf "%s\"tcp:%s\": {\"scheduler\": \"rr\", \"realServers\": {\"%s\": {}}}", sep, $3, $5; sep = ", " }
	BEGIN { print "{\"services\": {" }
	END { print "}}" }')
lvsd_start director --resync 3600 --log-level debug
write director PUT /v1/config "$document"
ours=$(ipvs_rules director)
expect_same "all of ours are in the kernel" 800 "$(wc -l <<<"$ours")"

watch_netlink director
written=$(kernel_writes director)
pass() {
	write director POST /v1/reconcile
	grep 'full pass' "$(lvsd_log director)" | tail -n 1
}
expect_like "a pass sees them, and nothing else" '*: 400 services in *, 0 foreign ones' "$(pass)"
expect_like "so does the next" '*: 400 services in *, 0 foreign ones' "$(pass)"
expect_same "each lists the services once, and reads no service by itself" 2 "$(netlink_reads director GET_SERVICE)"
expect_same "no real server was dumped" 0 "$(netlink_reads director GET_DEST)"
expect_same "nothing was written" "$written" "$(kernel_writes director)"
expect_not "nothing was called drift" grep -qi drift "$(lvsd_log director)"

# The neighbour comes and goes while we list.
churn() {
	while [[ ! -e $LAB/enough ]]; do
		ipvs other -C
		ipvs other -R <<<"$(services 60 198.18)"
	done
}
churn &
for ((i = 0; i < 10; i++)); do
	expect_like "with a busy neighbour too, pass $i" '*: 400 services in *, 0 foreign ones' "$(pass)"
done
touch "$LAB/enough"
wait $!
expect_same "and still nothing was written" "$written" "$(kernel_writes director)"
expect_not "nor called drift" grep -qi drift "$(lvsd_log director)"
expect_same "our table is as before" "$ours" "$(ipvs_rules director)"

ipvs other -C
ipvs other -R <<<"$theirs"
ipvs director -D -t 198.19.1.7:80
ipvs director -d -t 198.19.0.3:80 -r 192.0.2.11:80
pass >/dev/null
expect_same "what is really missing is made again" "$ours" "$(ipvs_rules director)"
expect_same "the neighbour is left alone" "$theirs" "$(ipvs_rules other)"

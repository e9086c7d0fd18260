# Changes by others are looked at when they are made: all of this happens long before the next full pass.
# timeout: 300

count=${NOTICE_COUNT:-9} # repairs that are timed
storm=${NOTICE_SECONDS:-2} # of each storm
burst=$(((storm + 1) / 2)) # of those that only are as fast as they can
fight=$((2 * storm)) # of the one that is fought; what the daemon may do at once has to be a small part of it
limit=$((50 * LAB_SLOW)) # ms, for the median
host director
config=$LAB/lvsd.conf
: >"$config"
lvsd_start director --resync 86400 --config "$config"
passes() { api director GET /v1 && json .status.passes; }
rules_now() { # sets now, without the neighbour's
	local lines line
	ipvs_rules director >"$LAB/rules.now"
	mapfile -t lines <"$LAB/rules.now"
	now=
	for line in "${lines[@]}"; do
		[[ $line == *203.0.113* ]] || now+=$line$'\n'
	done
}
same_again() {
	local now
	rules_now
	[[ $now == "$mine" ]]
}
passes >/dev/null
expect_json .status.driftNotice tap "the tap is on"
watch_netlink director
for ((i = 1; i <= count; i++)); do
	write director PUT "/v1/services/tcp:192.0.2.$i:80" \
		'{"scheduler": "rr", "realServers": {"198.51.100.1:80": {}, "198.51.100.2:80": {"weight": 2}}}'
done
rules_now
mine=$now
own=$(awk 'NR == 1 { print $2 }' "$LAB/netlink.director") # the daemon's port id

recorded() { (($(wc -l <"$LAB/netlink.director") >= $1)); }
# Each line of the record is a write. What it takes from somebody's to the next one of the daemon, in ms, sorted.
answer_times() { # LINES-BEFORE LINES-MORE
	wait_until 5 recorded $(($1 + $2)) # by another process
	awk -v own="$own" -v before="$1" 'NR <= before { next }
		$2 != own { at = $3; next }
		at { printf "%.1f\n", ($3 - at) * 1000; at = 0 }' "$LAB/netlink.director" | sort -n
}

full_passes=$(passes)
before=$(netlink_writes director)
for ((i = 1; i <= count; i++)); do
	ipvs director -e -t "192.0.2.$i:80" -r 198.51.100.2:80 -g -w 9
	wait_until 5 same_again
done
mapfile -t times < <(answer_times "$before" $((2 * count)))
expect_same "$count weights are changed and as often put right" "$count" "${#times[@]}"
median=${times[count / 2]} worst=${times[-1]}
expect "within $limit ms: median $median ms, worst $worst ms" test "${median%.*}" -lt "$limit"
expect "and no one takes a second" test "${worst%.*}" -lt "$((1000 * LAB_SLOW))"
ipvs director -D -t 192.0.2.7:80
expect "a service deleted by hand is back" wait_until 5 same_again
ipvs director -d -t 192.0.2.7:80 -r 198.51.100.1:80
expect "a real server too" wait_until 5 same_again
expect_same "none of this took a full pass" "$full_passes" "$(passes)"
before=$(netlink_writes director)
ipvs director -C
expect "after ipvsadm -C all are back" wait_until 5 same_again
mapfile -t times < <(answer_times "$before" 2)
echo "# after ipvsadm -C the first repair came in ${times[0]} ms" >&3

# A busy neighbour: a program with services of its own.
storm() { on director python3 -I -S "$LAB_DIR/lib/ipvs-storm.py" "$@"; }
ticks() { # sets ticks, of 10 ms
	local stat
	read -ra stat <"/proc/${lvsd_pid[director]}/stat"
	ticks=$((stat[13] + stat[14]))
}
busy() { # COMMAND...: sets what it prints, and what the daemon spends meanwhile
	local begin
	ticks
	begin=$ticks
	"$@" >"$LAB/storm"
	read -r answered accepted theirs <"$LAB/storm"
	ticks
	spent=$((ticks - begin))
}
cheap() { # WHAT: less than it costs the other; a second has a hundred ticks
	local told="$1 cost the daemon $((spent / storm)) % of a processor, him $((theirs / storm)) %"
	if [[ ${LVSD_VALGRIND:-}${LVSD_ASAN:-} ]]; then
		echo "# $told, and the checker's share is in it" >&3
	else
		expect "$told" test "$spent" -lt "$theirs"
	fi
}
neighbour=(weight 203.0.113.1 80 198.51.100.9)
ipvs director -A -t 203.0.113.1:80 -s rr
ipvs director -a -t 203.0.113.1:80 -r 198.51.100.9:80 -g
pause 2 # the second pass after ipvsadm -C
full_passes=$(passes)
busy storm "${neighbour[@]}" 1000 "$storm"
expect_same "the neighbour's changes are his" "$answered" "$accepted"
cheap "$answered of them"
expect_same "they are no reason for a full pass" "$full_passes" "$(passes)"

# More than the daemon's socket holds: what is lost makes a full pass.
kill -STOP "${lvsd_pid[director]}"
busy storm "${neighbour[@]}" 1e9 2
ipvs director -e -t 192.0.2.5:80 -r 198.51.100.2:80 -g -w 9
kill -CONT "${lvsd_pid[director]}"
expect "a change behind $answered others that were too many is found" wait_until 5 same_again
expect "by a full pass" test "$(passes)" -gt "$full_passes"

# Somebody who fights about a service of ours.
before=$(kernel_writes director)
busy storm weight 192.0.2.3 80 198.51.100.2 100 "$fight"
repairs=$(($(kernel_writes director) - before))
expect "a fight does not become a busy loop: $repairs repairs of $answered changes" test "$repairs" -le $((10 * fight))
expect "nor is it ignored" test "$repairs" -ge "$fight"
expect "at the end what is declared holds" wait_until 30 same_again

# Requests that the kernel will refuse are on netlink too, and everybody can send them.
full_passes=$(passes)
busy on director /usr/bin/setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
	python3 -I -S "$LAB_DIR/lib/ipvs-storm.py" flush 1000 "$storm"
expect_same "a user without privileges clears nothing" 0 "$accepted"
cheap "$answered requests of his"
full_passes=$(($(passes) - full_passes))
expect "and are taken for a hint, but not each: $full_passes full passes" test "$full_passes" -le $((storm + 1))

# What the tap costs others: as fast as they can, with it and without in turn, the best of three.
with=0 without=0
for i in 1 2 3; do
	busy storm "${neighbour[@]}" 1e9 "$burst"
	((answered <= with)) || with=$answered
	echo 'drift-notice = off' >"$config"
	kill -HUP "${lvsd_pid[director]}"
	wait_until 10 eval '! ip -n director link show lvsd-nlmon'
	busy storm "${neighbour[@]}" 1e9 "$burst"
	((answered <= without)) || without=$answered
	: >"$config"
	kill -HUP "${lvsd_pid[director]}"
	wait_until 10 ip -n director link show lvsd-nlmon
done
expect "others are not slowed down much: $with changes in $burst s with the tap, $without without" test "$((with * 2))" -gt "$without"

# 1,500 VIPs (VIPS_COUNT) in one request, of IPv4 and then of IPv6: they take no more than three times what `ip -batch` takes for
# the same; a look that finds nothing to do takes no more than two dumps of the addresses by ip; one VIP of so many
# is back at once; another request takes them away and leaves nothing.
# timeout: 400

count=${VIPS_COUNT:-1500}
some=$((count / 5))
modprobe dummy || true
host director other
for name in director other; do
	ip -n "$name" link add d0 type dummy
	ip -n "$name" link add d1 type dummy
	ip -n "$name" link set d0 up
done
lvsd_start director

addresses() { # 4|6: all of them
	if [[ $1 == 4 ]]; then
		awk -v n="$count" 'BEGIN { for (i = 0; i < n; i++) printf "10.%d.%d.%d\n", i / 62500 + 1, i / 250 % 250, i % 250 + 1 }'
	else
		awk -v n="$count" 'BEGIN { for (i = 0; i < n; i++) printf "2001:db8:0:1::%x:%x\n", i / 250 + 1, i % 250 + 1 }'
	fi
}
now() { # in microseconds
	echo "${EPOCHREALTIME/./}"
}
number() { # 4|6 HOST: of addresses that are not of the kernel's making
	ip -n "$2" "-$1" -o address show dev d0 scope global | wc -l
}
has() { # 4|6 NUMBER
	(($(number "$1" director) == $2))
}
# What the daemon's process has used, in milliseconds of a processor.
used() {
	local stat
	stat=$(<"/proc/${lvsd_pid[director]}/stat")
	stat=(${stat##*) })
	echo $(((stat[11] + stat[12]) * 10))
}

# Milliseconds that ip needs for some lines of the batch.
batch() { # FIRST LAST
	local started
	started=$(now)
	sed -n "$1,$2p" "$LAB/batch" | ip -n other -batch -
	echo $((($(now) - started) / 1000))
}

# A fifth by ip is enough where lvsd with all is within the limit already. Else ip adds all: noise only adds.
added() { # 4|6
	local batch started took
	batch=$(batch 1 $some)
	started=$(now)
	api director PATCH '/v1/config?wait=60' "@$LAB/document"
	took=$((($(now) - started) / 1000))
	expect_status 200
	expect_same "IPv$1: lvsd adds them" "$count" "$(number "$1" director)"
	((took <= 3 * batch)) || batch=$((batch + $(batch $((some + 1)) "$count")))
	expect "IPv$1: all took $took ms, ip -batch for $(number "$1" other) of them $batch ms" test "$took" -le $((3 * batch))
}

# News of another interface make it look.
looks() { # 4|6
	local before started dump look
	sleep 2
	started=$(now)
	for _ in 1 2 3; do
		ip -n director -o address >"$LAB/dump"
	done
	dump=$((($(now) - started) / 3000))
	before=$(used)
	for i in 1 2 3 4 5; do
		ip -n director link set d1 mtu $((1400 + $1 * 10 + i))
		sleep 0.3
	done
	look=$((($(used) - before) / 5))
	expect "IPv$1: a look takes $look ms, ip's dump $dump ms" test "$look" -le $((2 * dump))
}

back() { # 4|6
	local times
	times=$(on director python3 -I -S "$LAB_DIR/lib/drift-times.py" address d0 \
		$(sed -n "18p;$((count / 2))p;${count}p" "$LAB/addresses") | sed 's/never/9999/' | sort -n)
	# shellcheck disable=SC2206 # a word each
	times=($times)
	expect "IPv$1: one of them is back after ${times[1]} ms" test "${times[1]%.*}" -lt $((100 * LAB_SLOW))
	expect "IPv$1: ${times[2]} ms at the worst" test "${times[2]%.*}" -lt $((500 * LAB_SLOW))
}

for family in 4 6; do
	length=/32
	[[ $family == 4 ]] || length='/128 nodad preferred_lft 0'
	addresses $family >"$LAB/addresses"
	jq -Rn '{vips: ([inputs | {(.): {interface: "d0"}}] | add)}' <"$LAB/addresses" >"$LAB/document"
	jq '.vips |= map_values(null)' "$LAB/document" >"$LAB/nothing"
	sed "s|.*|address add &$length dev d0|" "$LAB/addresses" >"$LAB/batch"
	added $family
	looks $family
	back $family
	started=$(now)
	api director PATCH /v1/config "@$LAB/nothing"
	expect_status "200|202"
	expect "IPv$family: all go" wait_until 120 has $family 0
	ok "they went within $((($(now) - started) / 1000)) ms"
done

# A real server never answers ARP for a VIP of its role: at no time between the request that makes it one and
# the end, in many repetitions, some with kill -9 in the middle. In the end all is as it was.
# timeout: 900

count=${QUIET_COUNT:-20} # each kind of death once
host client rs1
lan front client=192.0.2.1/24 rs1=192.0.2.11/24
modprobe ipip || true
sysctl rs1 net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.lo.arp_announce=1
# A tunnel device gets its IPv6 side when it is up for the first time, and keeps it.
ip -n rs1 link set tunl0 up
ip -n rs1 link set tunl0 down
lvsd_start rs1

# All variables that the host has, and all of its links and addresses.
picture() {
	ip -n rs1 -brief link | sed 's/@[^ ]*//'
	ip -n rs1 -brief address
	on rs1 busybox sh -c 'cd /proc/sys/net && grep -rs "" . | grep -v nf_conntrack_count' | sort
}
as_before() {
	[[ $(picture) == "$before" ]]
}
before=$(picture)
expect "$(wc -l <<<"$before") lines are compared each time" test "$(wc -l <<<"$before")" -gt 500

asking() { # FILE
	spawn client python3 -I -S "$LAB_DIR/lib/arp-asker.py" front 192.0.2.10 "$1"
	asker=$SPAWNED
	wait_until 10 test -e "$1"
}
asked() { # FILE: ends it
	kill -TERM "$asker"
	wait_until 5 grep -q '^asked' "$1"
}

# Mostly the quick way: an answer of 201 or 204 says that the kernel has it so. Now and then the daemon dies while
# it is at it, and all that could have changed is compared.
asking "$LAB/quiet"
missing=0 left=0 refused=0 deaths=0
dies() { # METHOD [JSON]: at some time after the request
	ask_curl "$(lvsd_socket rs1 admin)" "$1" /v1/roles/real-server "${2:-}" & # by a client of its own
	local request=$!
	busybox usleep $((i * 31357 % 250000))
	lvsd_kill rs1
	wait "$request" || true
	lvsd_restart rs1
	deaths=$((deaths + 1))
}
for ((i = 0; i < count; i++)); do
	mode=dr device=lo
	((i % 3 != 2)) || mode=tun device=tunl0
	role="{\"mode\": \"$mode\", \"vips\": {\"192.0.2.10\": {}}}"
	((i % 20 != 4)) || dies PUT "$role"
	write rs1 PUT /v1/roles/real-server "$role"
	((i % 10)) || has_address rs1 $device 192.0.2.10/32 || missing=$((missing + 1))
	((i % 20 != 13)) || dies DELETE
	api rs1 DELETE /v1/roles/real-server # 404 when the one that died was heard
	[[ $api_status == 204 || $api_status == 404 ]] || refused=$((refused + 1))
	((i % 10 != 3 && i % 10 != 4)) || wait_until $((5 * LAB_SLOW)) as_before || left=$((left + 1))
done
asked "$LAB/quiet"
expect_same "in $count repetitions with $deaths deaths the VIP came each time" 0 "$missing"
expect_same "and went without a word" 0 "$refused"
expect_same "and all was as before each time" 0 "$left"
as_before || expect_same "the difference" "$before" "$(picture)"
expect_same "nobody ever answered" "" "$(grep -v '^asked' "$LAB/quiet" || true)"
expect "although it was $(tail -n 1 "$LAB/quiet") times" test "$(sed -n 's/^asked //p' "$LAB/quiet")" -gt $((count * 20))

# The same question is answered when the address is on the interface and no role keeps it quiet.
asking "$LAB/loud"
write rs1 PUT /v1/vips/192.0.2.10 '{"interface": "front"}'
expect "a VIP without the role is answered for" wait_until 5 grep -q "$(mac_of rs1 front)" "$LAB/loud"
asked "$LAB/loud"

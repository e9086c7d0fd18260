# A connection outlives its director: opened through A, which tells B of it by its sync daemon, it goes on through B
# when the VIP moves there, every byte in its place. In user-mode-linux a sync master cannot be stopped: QEMU only.
# timeout: 200

[[ $LAB_MODE != uml ]] || skip "stopping a sync master hangs user-mode-linux"
host client a b rs1 rs2
lan front client=192.0.2.1/24 a=192.0.2.2/24 b=192.0.2.3/24 rs1=192.0.2.11/24 rs2=192.0.2.12/24
for rs in rs1 rs2; do # dr: they own the VIP and keep quiet
	sysctl "$rs" net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	addr "$rs" lo 192.0.2.10/32
	spawn "$rs" python3 -I -S "$LAB_DIR/lib/streamserver.py" "$LAB/ready.$rs" 80
done
for rs in rs1 rs2; do
	wait_until 60 test -e "$LAB/ready.$rs"
done
for name in a b; do
	lvsd_start "$name"
	write "$name" PUT /v1/services/tcp:192.0.2.10:80 '{"scheduler": "rr", "realServers": {"192.0.2.11:80": {}, "192.0.2.12:80": {}}}'
	# Both roles on both: whoever has the VIP tells the other one. Tell at once, not at the third packet.
	write "$name" PUT /v1/sync/master '{"interface": "front", "syncId": 5}'
	write "$name" PUT /v1/sync/backup '{"interface": "front", "syncId": 5}'
	write "$name" PUT /v1/roles/director '{"ipvs": {"sync_threshold": "1 50"}}'
done
write a PUT /v1/vips/192.0.2.10 '{"interface": "front"}'

# Two downloads, one through each real server, slow enough to live through two moves.
for n in 1 2; do
	spawn client python3 -I -S "$LAB_DIR/lib/slow-download.py" 192.0.2.10 80 "seed$n" "$LAB/download.$n"
done
bytes() { # N: how many have come so far, all of them right
	sed -n 's/^ok //p' "$LAB/download.$1" 2>/dev/null | tail -n 1
}
more_bytes() { # N BEFORE
	local now
	now=$(bytes "$1")
	((${now:-0} > ${2:-0}))
}
for n in 1 2; do
	expect "download $n begins" wait_until 20 more_bytes "$n" 20000
done
knows() { # HOST: has entries of both downloads, told by the other one
	[[ $(on "$1" cat /proc/net/ip_vs_conn_sync | grep -c ESTABLISHED) == 2 ]]
}
expect "the backup hears of both connections" wait_until 30 knows b
expect_same "and it was told" 2 "$(on b cat /proc/net/ip_vs_conn_sync | grep -c 'SYNC')"

move() { # FROM TO
	local n before
	api "$1" DELETE /v1/vips/192.0.2.10
	expect_status 204
	write "$2" PUT /v1/vips/192.0.2.10 '{"interface": "front"}'
	for n in 1 2; do
		before=$(bytes "$n")
		expect "$1 to $2: download $n goes on" wait_until 30 more_bytes "$n" "$((before + 20000))"
	done
	expect_not "$1 to $2: $1 has no VIP any more" has_address "$1" front 192.0.2.10/32
}
move a b
move b a
for n in 1 2; do
	expect_not "download $n: no byte was wrong" grep -v '^ok' "$LAB/download.$n"
done
write a DELETE /v1/sync/master
write a DELETE /v1/sync/backup
expect_same "the daemons of a are stopped" '' "$(ipvs a -L --daemon -n)"

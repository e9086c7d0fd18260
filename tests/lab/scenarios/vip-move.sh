# A VIP with its service moves between two directors by two requests: DELETE here, PUT there. The client learns
# the new MAC address by the announcement, not by asking again, and is served within a second.
# timeout: 240

host client director other rs1 rs2
lan front client=192.0.2.1/24,2001:db8::1/64 director=192.0.2.2/24,2001:db8::2/64 other=192.0.2.3/24,2001:db8::3/64
lan back director=198.51.100.1/24,2001:db8:1::1/64 other=198.51.100.2/24,2001:db8:1::2/64 \
	rs1=198.51.100.11/24,2001:db8:1::11/64 rs2=198.51.100.12/24,2001:db8:1::12/64
for rs in rs1 rs2; do
	ip -n "$rs" route add 192.0.2.0/24 via 198.51.100.1
	serve "$rs" 0.0.0.0 8080 "$rs"
done
knows() { # HOST: the client's entry for the VIP is that of this director
	knows_mac client front 192.0.2.10 "$(mac_of "$1" front)"
}
service='{"scheduler": "rr", "realServers": {
	"198.51.100.11:8080": {"forward": "nat"}, "198.51.100.12:8080": {"forward": "nat"}}}'
for name in director other; do
	lvsd_start "$name"
	write "$name" PUT /v1/roles/director '{"ipv4Forwarding": true}'
	write "$name" PUT /v1/services/tcp:192.0.2.10:80 "$service"
done
write director PUT /v1/vips/192.0.2.10 '{"interface": "front"}'
expect_count "the first director balances" "rs1=3 rs2=3" 6 client http://192.0.2.10/
expect "the client knows it" knows director

# From here on the client does not ask: what it knows it has been told.
on client busybox sh -c 'echo 600000 >/proc/sys/net/ipv4/neigh/front/base_reachable_time_ms'
HEARD=$LAB/heard
spawn client python3 -I -S "$LAB_DIR/lib/newly-served.py" front 192.0.2.10 80 "$HEARD"
expect "new connections are served" wait_until 10 grep -q ^served "$HEARD"

ms() { # since the epoch
	echo $((${EPOCHREALTIME/./} / 1000))
}
# The first time of such an event from FROM on; nothing: none.
first() { # FROM EVENT [MAC]
	awk -v from="$1" -v event="$2" -v mac="${3:-}" \
		'$1 == event && $2 >= from && (mac == "" || $3 == mac) { print $2; exit }' "$HEARD"
}
is_served_by() { # FROM MAC: by a connection that is begun after the announcement of this MAC address
	told=$(first "$1" told "$2")
	[[ $told ]] || return 1
	served=$(first $((told + 1)) served)
	[[ $served ]]
}
move() { # FROM TO GATEWAY
	local began asked mac
	mac=$(mac_of "$2" front)
	began=$(ms)
	api "$1" DELETE /v1/vips/192.0.2.10
	expect_status 204
	for rs in rs1 rs2; do # their answers go back through the director
		ip -n "$rs" route replace 192.0.2.0/24 via "$3"
	done
	asked=$(ms)
	write "$2" PUT /v1/vips/192.0.2.10 '{"interface": "front"}'
	expect "from $1 to $2: the client is told of the new MAC address, and served" wait_until $((5 * LAB_SLOW)) is_served_by "$asked" "$mac"
	expect "it is told $((told - asked)) ms after the request began" test $((told - asked)) -le $((1000 * LAB_SLOW))
	expect "and a new connection is served after $((served - asked)) ms" test $((served - asked)) -le $((1000 * LAB_SLOW))
	expect_same "it has not asked meanwhile" "" "$(awk -v a="$began" -v b="$served" '$1 == "asked" && $2 >= a && $2 <= b' "$HEARD")"
	expect "what it was told it knows" knows "$2"
	expect "the announcement is a request and a reply without a question" \
		wait_until 2 grep -q "^told [0-9]* $mac 2" "$HEARD"
	# The other connections take turns as well.
	expect_like "$2 balances" "rs1=[1-5] rs2=[1-5]" "$(count 6 client http://192.0.2.10/)"
	expect_not "$1 has it no more" has_address "$1" front 192.0.2.10/32
}
move director other 198.51.100.2
move other director 198.51.100.1

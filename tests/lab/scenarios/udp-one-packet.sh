# UDP: by default one source port sticks to one real server; with onePacket each datagram is scheduled.

topology dr
serve_udp rs1 "$VIP" 53 rs1
serve_udp rs2 "$VIP" 53 rs2
lvsd_start director
service=/v1/services/udp:$(at "$VIP" 53)
write director PUT "$service" '{
	"scheduler": "rr",
	"realServers": {"'"$(at "$RIP1" 53)"'": {}, "'"$(at "$RIP2" 53)"'": {}}
}'
expect_like "datagrams of one socket go to one server" 'rs[12]=6' "$(count_udp 6 client "$VIP" 53)"

write director PATCH "$service" '{"onePacket": true}'
expect_same "with onePacket they spread evenly" "rs1=3 rs2=3" "$(count_udp 6 client "$VIP" 53)"
expect "the kernel has the flag" ipvs_has director '^-A -u .* (-o|--ops)'

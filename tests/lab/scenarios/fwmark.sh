# A firewall-mark service: two ports, marked by iptables, are one service.

topology dr
for rs in rs1 rs2; do
	serve "$rs" "$VIP" 8080 "$rs"
done
on director iptables-legacy -t mangle -A PREROUTING -d "$VIP" -p tcp -m multiport --dports 80,8080 \
	-j MARK --set-mark 100
lvsd_start director
write director PUT /v1/services/fwm:100 '{
	"scheduler": "rr",
	"realServers": {"'"$(at "$RIP1" 0)"'": {}, "'"$(at "$RIP2" 0)"'": {}}
}'
expect_count "port 80 balances" "rs1=2 rs2=2" 4 client "$URL"
expect_count "port 8080 balances" "rs1=2 rs2=2" 4 client "http://$(at "$VIP" 8080)/"
expect "the kernel has the service by its mark" ipvs_has director '^-A -f 100 '

write director PUT /v1/services/fwm6:100 '{"scheduler": "rr"}'
expect_same "the same mark for IPv6 is another service" 2 "$(ipvs_rules director | grep -c '^-A -f 100')"
write director DELETE /v1/services/fwm6:100
expect_count "which goes alone" "rs1=2 rs2=2" 4 client "$URL"

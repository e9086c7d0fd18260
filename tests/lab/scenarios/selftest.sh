# The lab itself: every topology balances with plain ipvsadm, so a failure elsewhere is lvsd's.

declare -A option=([dr]=-g [nat]=-m [tun]=-i)

for family in 4 6; do
	for kind in dr nat tun; do
		topology "$kind" "$family"
		ipvs director -A -t "$(at "$VIP" 80)" -s wrr
		ipvs director -a -t "$(at "$VIP" 80)" -r "$RS1" "${option[$kind]}" -w 2
		ipvs director -a -t "$(at "$VIP" 80)" -r "$RS2" "${option[$kind]}" -w 1
		expect_count "$kind over IPv$family balances 2 to 1" "rs1=4 rs2=2" 6 client "$URL"

		expect "$kind over IPv$family keeps a stream" open_stream "$kind$family" client "$VIP" 80
		ipvs director -e -t "$(at "$VIP" 80)" -r "$RS1" "${option[$kind]}" -w 0
		expect_count "$kind over IPv$family avoids weight 0" "rs2=4" 4 client "$URL"
		expect "$kind over IPv$family: the stream is alive" stream_alive "$kind$family"
	done
done

topology tun
ipvs director -A -t "$(at "$VIP" 80)" -s rr
watch_netlink director
ipvs director -a -t "$(at "$VIP" 80)" -r "$RS1" -i
ipvs director -a -t "$(at "$VIP" 80)" -r "$RS2" -i
expect_same "nlmon shows the netlink writes of others" 2 "$(netlink_writes director)"
capture rs1 front 'ip proto 4'
count 2 client "$URL" >/dev/null
expect "packets reach the real server inside IPIP" wait_until 3 captured rs1 front "$VIP.80"

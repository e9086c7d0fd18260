# Edits of all kinds, one after the other, while clients download and ask: nobody who uses what stays is cut off,
# refused, or given other bytes.
# timeout: 240
#
# HURTS_EDITS (500) says how many edits, HURTS_SEED makes a run repeatable.

CIP=192.0.2.1 VIP=192.0.2.10
host client director rs1 rs2
lan front client=$CIP/24 director=192.0.2.2/24 rs1=192.0.2.11/24,192.0.2.12/24,192.0.2.13/24,192.0.2.14/24
lan back director=198.51.100.1/24 rs2=198.51.100.11/24,198.51.100.12/24,198.51.100.13/24,198.51.100.14/24
addr director front $VIP/32
sysctl director net.ipv4.ip_forward=1
tunnel_device rs1 tunl0
sysctl rs1 net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
addr rs1 lo $VIP/32
ip -n rs2 route add default via 198.51.100.1
spawn rs1 python3 -I -B "$LAB_DIR/lib/streamserver.py" "$LAB/front.ready" 80 81
spawn rs2 python3 -I -B "$LAB_DIR/lib/streamserver.py" "$LAB/back.ready" 8080
lab_unready+=("$LAB/front.ready" "$LAB/back.ready")
lvsd_start director
await_servers
edits=500
((LAB_SLOW == 1)) || edits=100
verdicts_of on client python3 -I -B "$LAB_DIR/lib/never-hurts.py" --socket "$(lvsd_socket director admin)" \
	--vip $VIP --client $CIP --edits "${HURTS_EDITS:-$edits}" --seed "${HURTS_SEED:-$RANDOM}"

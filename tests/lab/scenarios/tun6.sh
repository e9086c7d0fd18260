# Tunnelling over IPv6: IPv6 packets inside IPv6.

topology tun 6
lvsd_start director
capture rs1 front 'ip6 proto 41'
check_balancing tun
expect "packets to the real server came inside IPv6" captured rs1 front "$VIP.80"

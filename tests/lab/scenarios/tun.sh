# Tunnelling: packets travel inside IPIP to real servers that own the VIP.

topology tun
lvsd_start director
capture rs1 front 'ip proto 4'
check_balancing tun
expect "packets to the real server came inside IPIP" captured rs1 front "$VIP.80"

# NAT with port mapping over IPv6.

topology nat 6
lvsd_start director
check_balancing nat

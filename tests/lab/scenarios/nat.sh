# NAT with port mapping: the service listens on 80, the real servers on 8080.

topology nat
lvsd_start director
check_balancing nat

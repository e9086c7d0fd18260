# Direct routing over IPv6.

topology dr 6
lvsd_start director
check_balancing dr

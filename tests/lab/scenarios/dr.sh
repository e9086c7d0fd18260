# Direct routing: requests balance by scheduler and weight, replies go straight to the client.

topology dr
lvsd_start director
check_balancing dr

# In the guest: what the boot has left. guest-prepare.sh had stored a state before: one service, and a VIP
# on an interface that comes up with the network. Sourced by guest-test.sh.

boots() {
	expect_same "whoever is ordered after network-online.target finds the service" \
		"-A -t 192.0.2.50:80 -s wrr
-a -t 192.0.2.50:80 -r 192.0.2.51:80 -g -w 7" "$(cat /run/witness/ipvs)"
	expect_like "and the VIP" "*inet 192.0.2.50/32 scope global d9*" "$(cat /run/witness/addresses)"
	expect_same "which is what READY=1 stands for" "active running" "$(property ActiveState SubState)"
	expect "the sockets were there long before" awk -v a="$(monotonic lvsd.socket)" -v b="$(monotonic sysinit.target)" \
		-v c="$(monotonic lvsd.service)" 'BEGIN { exit !(a > 0 && a >= b && a < c) }'
	expect_same "they are enabled too" "enabled enabled disabled" \
		"$(systemctl is-enabled lvsd.socket lvsd-readonly.socket lvsd-tcp.socket | paste -sd ' ')"
	expect_like "StatusText says how it stands" "in sync: 1 service with 1 real server, 1 VIP; revision *" \
		"$(property StatusText)"
	api here PATCH '/v1/config?allowMassDelete=true' '{"services": null, "vips": null}'
	expect_status '200|202' "all of it goes"
	expect_same "from the kernel too" "" "$(ipvsadm -Sn)"
	ip link delete d9
}

monotonic() { # UNIT: when it became active, in microseconds since the boot
	systemctl show --value -p ActiveEnterTimestampMonotonic "$1"
}

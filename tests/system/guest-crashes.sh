# In the guest: hangs and crashes. Sourced by guest-test.sh.

processor_ticks() { # PID: hundredths of a second
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

watchdog() {
	local pid before
	mkdir -p /run/systemd/system/lvsd.service.d
	printf '[Service]\nWatchdogSec=2s\n' >/run/systemd/system/lvsd.service.d/watchdog.conf
	systemctl daemon-reload
	systemctl restart lvsd
	pid=$(property MainPID)
	before=$(processor_ticks "$pid")
	sleep 4.5
	expect_same "an idle daemon feeds the watchdog" "$pid 0" "$(property MainPID NRestarts)"
	expect "and sleeps otherwise" test $(($(processor_ticks "$pid") - before)) -lt 30
	mark
	kill -STOP "$pid"
	expect "a hanging daemon is ended and started again" wait_until 30 restarted 1
	expect "by the watchdog" manager_says "Watchdog timeout"
	kept "the watchdog"
	rm -r /run/systemd/system/lvsd.service.d
	systemctl daemon-reload
}

# The running program is changed so that its reconciler returns at once and does nothing, as a fault in it
# might. The loop still turns, and requests are answered.
stuck() {
	local pid base offset
	offset=$(sed -n 's/ [Tt] reconcile_run$//p' /mnt/symbols)
	if [[ ! $offset || $(uname -m) != x86_64 ]]; then
		ok "a stuck reconciler # SKIP no symbols, or another processor"
		return
	fi
	mkdir -p /run/systemd/system/lvsd.service.d
	printf '[Service]\nWatchdogSec=2s\n' >/run/systemd/system/lvsd.service.d/watchdog.conf
	systemctl daemon-reload
	systemctl restart lvsd
	pid=$(property MainPID)
	base=$(sed -n 's|-.*/lvsd$||p' "/proc/$pid/maps" | head -n 1)
	mark
	# return now;
	perl -e 'open(my $f, "+<", "/proc/$ARGV[0]/mem") or die $!; sysseek($f, hex($ARGV[1]) + hex($ARGV[2]), 0);
		syswrite($f, "\x48\x89\xf0\xc3") or die $!' "$pid" "$base" "$offset"
	expect "it answers all the same" answers
	expect "a reconciler that does nothing is ended and started again" wait_until 30 restarted 1
	expect "it has said why" new_record MESSAGE_ID $ID_STUCK
	expect "by the watchdog" manager_says "Watchdog timeout"
	kept "a stuck reconciler"
	rm -r /run/systemd/system/lvsd.service.d
	systemctl daemon-reload
}

# A director that systemd has given up is worse than one that is tried once more.
crashes_often() {
	local i
	systemctl restart lvsd
	for i in 1 2 3 4 5 6; do
		kill -9 "$(property MainPID)"
		wait_until 30 restarted "$i" || break
	done
	expect "six crashes in a row do not make systemd give up" wait_until 30 restarted 6
	kept "crashing"
}

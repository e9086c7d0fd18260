# The tap's device: made, reused, removed, one in each network namespace, never somebody else's; and the daemon
# without it.
# timeout: 240

notice() { api "$1" GET /v1 && json .status.driftNotice; }
has_device() { hand '' ip -n "$1" -d link show lvsd-nlmon; }
index() { # HOST
	local number rest
	IFS=: read -r number rest < <(ip -n "$1" -o link show lvsd-nlmon)
	echo "$number"
}
times_said() { # HOST TEXT: in the log since the last start
	local line lines times=0
	mapfile -t lines <"$LAB_OUT/logs/lvsd-$1.log"
	for line in "${lines[@]}"; do
		[[ $line != '--- start'* ]] || times=0
		[[ $line != *"$2"* ]] || times=$((times + 1))
	done
	echo "$times"
}
document='{"scheduler": "rr", "realServers": {"198.51.100.1:80": {"weight": 2}}}'
rule='-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 2'
as_declared() { ipvs_has "$1" "^$rule\$"; }
spoil() { ipvs "$1" -e -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 9; }
repaired() { # WHAT HOST
	spoil "$2"
	expect "$1" wait_until 5 as_declared "$2"
}

host one two
tapping() {
	local got
	api "$1" GET /v1
	is_json .status.driftNotice tap
}
if own_kernel && { ! loaded_modules | grep -qx nlmon || rmmod nlmon; }; then
	hide_modules nlmon
	lvsd_start one --resync 86400
	expect_same "without the module there is no tap" interval "$(notice one)"
	expect_same "it is said once" 1 "$(times_said one 'the kernel module nlmon is missing')"
	show_modules
	kill -HUP "${lvsd_pid[one]}"
	expect "SIGHUP tries again" wait_until 10 tapping one
	lvsd_stop one
fi

lvsd_start one --resync 86400
lvsd_start two --resync 86400
write one PUT /v1/services/tcp:192.0.2.10:80 "$document"
write two PUT /v1/services/tcp:192.0.2.10:80 "$document"
expect "each namespace has a device" eval 'has_device one && has_device two'
repaired "a change in one is put right" one
repaired "a change in the other as well" two
expect_same "the first daemon saw its own alone" 1 "$(times_said one 'drift repaired')"
expect_same "the second too" 1 "$(times_said two 'drift repaired')"
lvsd_stop one
expect_not "the device goes with the daemon" has_device one
expect "the other's stays" has_device two
lvsd_stop two

lvsd_start one --resync 86400
before=$(index one)
lvsd_kill one
expect "kill -9 leaves the device" has_device one
lvsd_start one --resync 86400
expect_same "the next start takes it over" "$before" "$(index one)"
expect_same "and taps" tap "$(notice one)"
repaired "and sees" one
ip -n one link delete lvsd-nlmon
expect "a device that somebody removes is made again" wait_until 10 has_device one
expect_same "it taps again" tap "$(notice one)"
repaired "and sees again" one
ip -n one link set lvsd-nlmon down
spoil one
expect "one that somebody switches off is switched on, and what came meanwhile is looked at" wait_until 10 as_declared one
lvsd_stop one
expect_not "at the end it is gone" has_device one

ip -n one link add lvsd-nlmon type dummy
lvsd_start one --resync 86400
expect_same "a device of this name that is somebody else's is not used" interval "$(notice one)"
expect_same "that is said once" 1 "$(times_said one 'that lvsd has not made')"
lvsd_stop one
expect "it stays as it was" eval 'has_device one | grep -q dummy'
ip -n one link delete lvsd-nlmon
ip -n one link add lvsd-nlmon up type nlmon
lvsd_start one --resync 86400
expect_same "also when it is of the same kind" interval "$(notice one)"
lvsd_stop one
expect "that one stays too" has_device one
ip -n one link delete lvsd-nlmon

# A module that is loaded anew has another family id.
if own_kernel; then
	lvsd_start one --resync 86400
	write one DELETE /v1/services/tcp:192.0.2.10:80
	ipvs two -C
	unload_ipvs
	write one PUT /v1/services/tcp:192.0.2.10:80 "$document"
	repaired "after ip_vs was loaded anew changes are still seen" one
	lvsd_stop one
fi

# Without the capability, and with two seconds between full passes.
plain=("${lvsd_wrapper[@]}")
lvsd_wrapper=(/usr/bin/setpriv --bounding-set -net_raw "${plain[@]}")
lvsd_start one --resync 2
lvsd_wrapper=("${plain[@]}")
expect_same "without CAP_NET_RAW there is no tap" interval "$(notice one)"
repaired "the interval finds it" one
repaired "and again" one
expect_same "why is said once" 1 "$(times_said one 'full passes only: CAP_NET_RAW is missing')"
expect_not "no device is left behind" has_device one
lvsd_stop one

lvsd_start one --resync 2 --drift-notice off
expect_same "switched off there is no tap" interval "$(notice one)"
expect_not "nor a device" has_device one
expect_same "nor a word" 0 "$(times_said one 'changes by others')"
repaired "the interval finds it then too" one
lvsd_stop one

config=$LAB/lvsd.conf
echo 'drift-notice = off' >"$config"
lvsd_start one --resync 86400 --config "$config"
expect_same "the file can switch it off" interval "$(notice one)"
echo 'drift-notice = auto' >"$config"
kill -HUP "${lvsd_pid[one]}"
expect "and on" wait_until 10 tapping one
repaired "then changes are seen" one
echo 'drift-notice = off' >"$config"
kill -HUP "${lvsd_pid[one]}"
off() { ! tapping one; }
expect "and off again" wait_until 10 off
expect_not "with its device" has_device one

#!/usr/bin/env bash
# In the guest, under systemd: what an operator of the service relies on. Writes TAP to /mnt/tap.
# `expect…` come from tests/lab/lib/report.sh, `api…` from tests/lab/lib/api.sh.
set -uo pipefail
SCENARIO=system LAB=$(mktemp -d) LAB_OUT=/mnt
export SCENARIO LAB LAB_OUT
exec 3>>/mnt/tap
mkfifo "$LAB/never"
# For what is sourced: pause waits at it; whom `here` is; what asks, or curl.
# shellcheck disable=SC2034
exec {lab_never}<>"$LAB/never"
# shellcheck disable=SC2034
declare -A lvsd_runtime=([here]=/run/lvsd)
export LVSD_API_CLIENT=/mnt/api-client
. /mnt/report.sh
. /mnt/api.sh
. /mnt/guest-apparmor.sh
. /mnt/guest-boot.sh
. /mnt/guest-crashes.sh
. /mnt/guest-journal.sh
. /mnt/guest-packages.sh
. /mnt/guest-sockets.sh

# shellcheck disable=SC2034
EXAMPLES=$(dirname "$(dirname "$(command -v lvsd)")")/share/doc/lvsd/examples
SERVICE=/v1/services/tcp:192.0.2.10:80
# From agent/base/log.h.
ID_STARTED=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e01
ID_STOPPED=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e02
ID_COMMIT=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e03
ID_PASS=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e04
ID_DRIFT=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e05
ID_REPAIR=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e06
ID_REFUSAL=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e07
# shellcheck disable=SC2034 # the sourced files use them
{
	ID_STUCK=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0b
	ID_BAD_CONFIG=1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0d
}

property() { # NAME...: of the unit, in one line
	local name line
	local -A value=()
	while IFS= read -r line; do
		value[${line%%=*}]=${line#*=}
	done < <(systemctl show "${@/#/-p}" lvsd.service)
	for name; do
		[[ $name == "$1" ]] || printf ' '
		printf '%s' "${value[$name]:-}"
	done
}

main_field() { # NAME: a line of /proc/PID/status of the daemon
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(property MainPID)/status" | tr '\t' ' '
}

records() { # MATCH...: the journal's records of the unit, one JSON object each
	journalctl -q -o json _SYSTEMD_UNIT=lvsd.service "$@"
}

mark() { # what manager_says and new_record look at begins here
	cursor=$(journalctl -q -n 0 --show-cursor | sed -n 's/^-- cursor: //p')
}

# Not by journalctl's own matches: with --after-cursor they swallow the first hit.
since_mark() { # JQ-CONDITION
	journalctl -q -o json --after-cursor="$cursor" | jq -e -s "any(.[]; $1)" >/dev/null
}

manager_says() { # TEXT: systemd wrote it about the unit
	since_mark ".UNIT == \"lvsd.service\" and (.MESSAGE | tostring | contains(\"$1\"))"
}

new_record() { # FIELD VALUE: the daemon wrote it
	since_mark "._SYSTEMD_UNIT == \"lvsd.service\" and .$1 == \"$2\""
}

answers() {
	curl -s -f -m 2 -o /dev/null --unix-socket /run/lvsd/admin.sock http://localhost/v1
}

answers_to() { # GROUP SOCKET
	setpriv --reuid=nobody --regid="$1" --clear-groups \
		curl -s -f -m 30 -o /dev/null --unix-socket "/run/lvsd/$2.sock" http://localhost/v1
}

restarted() { # N: systemd has restarted it by itself so often, and it serves
	[[ $(property NRestarts ActiveState) == "$1 active" ]] && answers
}

kept() { # WHAT: the kernel's table is as declared at first
	expect_same "$1 leaves the kernel's table as it is" "$rules" "$(ipvsadm -Sn)"
}

starts() {
	expect_same "the unit is enabled" enabled "$(systemctl is-enabled lvsd)"
	expect "systemd-analyze verify is silent" \
		bash -c 'out=$(systemd-analyze verify --man=no lvsd.service lvsd.socket lvsd-readonly.socket lvsd-tcp.socket 2>&1) && echo "$out" && [[ -z $out ]]'
	expect "systemd-analyze security gives 2.0 or better" \
		systemd-analyze security --offline=true --threshold=20 --no-pager lvsd.service
	wait_until 10 answers
	expect_same "the unit is active after the boot, by READY=1" "active running notify" \
		"$(property ActiveState SubState Type)"
	expect_same "at the first attempt" 0 "$(property NRestarts)"
	expect_like "StatusText says how it stands" "in sync: 0 services with 0 real servers, 0 VIPs; revision *" "$(property StatusText)"
	expect "the start is recorded" records MESSAGE_ID=$ID_STARTED
	expect_same "ip_vs was loaded, though the daemon may not load modules" ip_vs \
		"$(awk '$1 == "ip_vs" { print $1 }' /proc/modules)"
}

sandbox() {
	local id
	id=$(id -u lvsd)
	expect_same "runs as user lvsd" "$id $id $id $id" "$(main_field Uid)"
	expect_same "CapEff is CAP_NET_ADMIN and nothing else" 0000000000001000 "$(main_field CapEff)"
	expect_same "CapBnd too" 0000000000001000 "$(main_field CapBnd)"
	expect_same "no new privileges, system calls filtered" "1 2" "$(main_field NoNewPrivs) $(main_field Seccomp)"
	expect_same "state belongs to the user alone" "700 lvsd lvsd, 600 lvsd lvsd" \
		"$(stat -c '%a %U %G' /var/lib/lvsd), $(stat -c '%a %U %G' /var/lib/lvsd/lvsd.db)"
	expect_same "sockets belong to their groups" "755 lvsd lvsd, 660 root lvsd-admin, 660 root lvsd-readonly" \
		"$(stat -c '%a %U %G' /run/lvsd), $(stat -c '%a %U %G' /run/lvsd/admin.sock), $(stat -c '%a %U %G' /run/lvsd/readonly.sock)"
	expect "a member of lvsd-admin may use the one" answers_to lvsd-admin admin
	expect_not "but not of lvsd" answers_to lvsd admin
	expect "a member of lvsd-readonly may use the other" answers_to lvsd-readonly readonly
	expect_not "and that only" answers_to lvsd-readonly admin
	expect_not "others may use neither" answers_to nogroup readonly
}

serves() {
	local record
	mark
	api here PUT "$SERVICE" '{"scheduler": "wlc", "realServers": {"192.0.2.11:80": {"weight": 3}, "192.0.2.12:80": {}}}' \
		-H 'X-Request-Id: system-1'
	expect_status 201
	rules=$(ipvsadm -Sn)
	expect_same "the service is in the kernel" "-A -t 192.0.2.10:80 -s wlc
-a -t 192.0.2.10:80 -r 192.0.2.11:80 -m -w 3
-a -t 192.0.2.10:80 -r 192.0.2.12:80 -m -w 1" "${rules//-g -w/-m -w}"
	expect "the journal has the commit record" wait_until 5 new_record MESSAGE_ID $ID_COMMIT
	record=$(records MESSAGE_ID=$ID_COMMIT LVSD_REQUEST_ID=system-1)
	expect_same "with request id, priority and program" "system-1 6 lvsd" \
		"$(jq -r '"\(.LVSD_REQUEST_ID) \(.PRIORITY) \(._COMM)"' <<<"$record")"
	expect_like "with its peer" "*0*" "$(jq -r .LVSD_PEER <<<"$record")"
	expect_like "with the URL in its message" "revision *: PUT $SERVICE" "$(jq -r .MESSAGE <<<"$record")"
	expect_like "StatusText follows" "in sync: 1 service with 2 real servers, 0 VIPs; revision *" "$(property StatusText)"
	api_readonly here GET "$SERVICE"
	expect_status 200 "readonly.sock serves reads"
	api_readonly here DELETE "$SERVICE"
	expect_status 403 "readonly.sock refuses writes"
	kept "a refused write"
}

reloads() {
	local pid
	pid=$(property MainPID)
	mkdir -p /etc/lvsd
	echo 'log-level = debug' >/etc/lvsd/lvsd.conf
	systemd-analyze log-level debug
	mark
	expect "systemctl reload succeeds" systemctl reload lvsd
	expect "the daemon announces the reload" wait_until 5 manager_says RELOADING=1
	expect "and its end" wait_until 5 manager_says READY=1
	api here POST /v1/reconcile
	expect "debug records come from now on" wait_until 5 new_record MESSAGE_ID $ID_PASS
	echo 'log-level = nonsense' >/etc/lvsd/lvsd.conf
	mark
	systemctl reload lvsd
	expect "a bad configuration is refused with an error" wait_until 5 new_record PRIORITY 3
	expect_same "and the daemon stays as it is" "active $pid" "$(property ActiveState MainPID)"
	rm /etc/lvsd/lvsd.conf
	systemctl reload lvsd
	systemd-analyze log-level info
	kept "reloading"
}

variable() { # FILE VALUE: has it?
	[[ $(cat "/proc/sys/net/$1") == "$2" ]]
}

# The sandbox lets the daemon write below /proc/sys/net and nowhere else in /proc/sys.
host() {
	local before
	before=$(cat /proc/sys/net/ipv4/conf/all/arp_ignore)
	ip link add d0 type dummy
	api here PATCH /v1/config '{"vips": {"192.0.2.10": {"interface": "d0"}}, "sysctls": {
		"net.ipv4.conf.all.arp_ignore": {"value": "3"}, "net.ipv4.vs.conntrack": {"value": "1"}}}'
	expect_status '200|202' "a VIP and variables are declared"
	expect "the VIP is there" wait_until 5 eval 'ip -o address show dev d0 | grep -q 192.0.2.10/32'
	expect "a variable of an interface is set" wait_until 5 variable ipv4/conf/all/arp_ignore 3
	expect "one of IPVS too" wait_until 5 variable ipv4/vs/conntrack 1
	expect_not "other variables are read-only for it" nsenter -t "$(property MainPID)" -m \
		sh -c 'echo 1 >/proc/sys/vm/overcommit_memory'
	mark
	echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore
	expect "what others write is put right within seconds" wait_until 3 variable ipv4/conf/all/arp_ignore 3
	expect "that is recorded" wait_until 5 new_record MESSAGE_ID $ID_REPAIR
	ip address delete 192.0.2.10/32 dev d0
	expect "a VIP removed by hand is back" wait_until 3 eval 'ip -o address show dev d0 | grep -q 192.0.2.10/32'
	systemctl restart lvsd
	wait_until 10 answers
	expect "a restart leaves both" eval 'variable ipv4/conf/all/arp_ignore 3 && ip -o address show dev d0 | grep -q 192.0.2.10/32'
	api here PATCH /v1/config '{"vips": null, "sysctls": null}'
	expect_status '200|202' "they are taken back"
	expect "the variable is as it was" wait_until 5 variable ipv4/conf/all/arp_ignore "$before"
	expect "and the VIP gone" wait_until 5 eval '! ip -o address show dev d0 | grep -q 192.0.2.10'
	ip link delete d0
	kept "the host's side"
}

# The tap on what others write: not as installed, but with the drop-in of the examples.
notices() {
	local drop_in=/etc/systemd/system/lvsd.service.d
	api here GET /v1
	expect_json .status.driftNotice interval "as installed, changes by others are noticed at the interval"
	mkdir -p "$drop_in"
	cp "$EXAMPLES/announce.conf" "$drop_in"
	systemctl daemon-reload
	systemctl restart lvsd
	wait_until 10 answers
	api here GET /v1
	expect_json .status.driftNotice tap "with the drop-in they are noticed at once"
	expect_same "CapEff then is CAP_NET_ADMIN and CAP_NET_RAW" 0000000000003000 "$(main_field CapEff)"
	mark
	ipvsadm -e -t 192.0.2.10:80 -r 192.0.2.11:80 -g -w 9
	expect "and put right long before the interval" wait_until 5 eval '[[ $(ipvsadm -Sn) == "$rules" ]]'
	expect "the drift is recorded" wait_until 5 new_record MESSAGE_ID $ID_DRIFT
	expect "and its repair" wait_until 5 new_record MESSAGE_ID $ID_REPAIR
	mkdir -p /run/modprobe.d
	echo 'install ip_vs_nq /bin/false' >/run/modprobe.d/test.conf
	api here PUT /v1/services/tcp:192.0.2.99:80 '{"scheduler": "nq"}'
	expect_status 202 "a scheduler that cannot be loaded"
	expect "the refusal is recorded" wait_until 5 new_record MESSAGE_ID $ID_REFUSAL
	rm /run/modprobe.d/test.conf
	api here DELETE /v1/services/tcp:192.0.2.99:80
	expect_status 204 "the service goes again"
	rm -r "$drop_in"
	systemctl daemon-reload
	systemctl restart lvsd
	wait_until 10 answers
	expect_not "no device is left" ip link show lvsd-nlmon
	kept "all that"
}

restarts() {
	local config directory
	api here GET /v1/config
	config=$(body)
	directory=$(stat -c %i /run/lvsd)
	expect "systemctl restart succeeds" systemctl restart lvsd
	expect "and the daemon serves when it returns" answers
	expect_same "in the same directory, which containers may have mounted" "$directory" "$(stat -c %i /run/lvsd)"
	kept "a restart"
	api here GET /v1/config
	expect_same "state survives it" "$config" "$(body)"
	api here GET /v1
	expect_json .status.kernelWrites 0 "nothing is written to a kernel that is as declared"

	mark
	kill -9 "$(property MainPID)"
	expect "after kill -9 systemd starts it again and it serves" wait_until 30 restarted 1
	kept "kill -9"
	api here GET /v1/config
	expect_same "state survives it" "$config" "$(body)"
	api here PUT "$SERVICE/real-servers/192.0.2.12:80/weight" '{"weight": 5}'
	expect_status '200|201' "and writes go on"
	rules=$(ipvsadm -Sn)
	expect_like "to the kernel" "*192.0.2.12:80 * -w 5*" "$rules"
}

stops() {
	systemctl restart lvsd
	systemd-analyze log-level debug
	mark
	kill -TERM "$(property MainPID)"
	expect "SIGTERM ends it, and systemd does not start it again" \
		wait_until 10 eval '[[ $(property ActiveState) == inactive ]]'
	expect_same "with success" "success 0" "$(property Result ExecMainStatus)"
	expect "having said STOPPING=1" manager_says STOPPING=1
	systemd-analyze log-level info
	expect "the end is recorded" new_record MESSAGE_ID $ID_STOPPED
	kept "SIGTERM"
	systemctl start lvsd
	expect "systemctl stop succeeds" systemctl stop lvsd
	kept "systemctl stop"
	expect "the sockets stay" test -S /run/lvsd/admin.sock
	expect "systemctl stop of the sockets succeeds" systemctl stop lvsd.socket lvsd-readonly.socket
	expect_not "no socket is left behind" ls /run/lvsd/admin.sock
	expect "a start brings them back" systemctl start lvsd
	expect "for their groups" answers_to lvsd-readonly readonly
	systemctl stop lvsd
	kept "all that"
}

# What a restart cannot heal must not be tried again for ever.
gives_up() {
	echo 'log-level = nonsense' >/etc/lvsd/lvsd.conf
	expect_not "it does not start with a bad configuration" systemctl start lvsd
	expect_same "and is not tried again: exit status 2" "failed 2 0" \
		"$(property ActiveState ExecMainStatus NRestarts)"
	rm /etc/lvsd/lvsd.conf
	cp /var/lib/lvsd/lvsd.db "$LAB/lvsd.db"
	head -c 8192 /dev/urandom | setpriv --reuid=lvsd --regid=lvsd --clear-groups dd of=/var/lib/lvsd/lvsd.db \
		conv=notrunc status=none
	expect_not "it does not start with unreadable state" systemctl start lvsd
	expect_same "and is not tried again: exit status 3" "failed 3 0" \
		"$(property ActiveState ExecMainStatus NRestarts)"
	kept "a failed start"
	cat "$LAB/lvsd.db" >/var/lib/lvsd/lvsd.db
	systemctl reset-failed lvsd
	expect "with state and configuration put right it starts" systemctl start lvsd
	kept "all that"
}

journalctl -f -n 0 -u lvsd >/mnt/logs/lvsd-journal.log &
follower=$!
read -r -a parts </mnt/parts
all=(boots apparmor starts sandbox serves host reloads notices restarts watchdog stuck crashes_often sockets refused_socket credentials tokens_of_a_group stops gives_up floods journal apparmor_denied_nothing)
[[ ! -d /mnt/packages ]] || all+=(upgrades removes purges reinstalls)
[[ ${parts[*]} ]] || parts=("${all[@]}")
for part in "${parts[@]}"; do
	printf '%s: %s\n' "$(cut -d ' ' -f 1 /proc/uptime)" "$part"
	"$part"
done
kill "$follower"
journalctl -q >/mnt/logs/journal.log
cut -d ' ' -f 1 /proc/uptime
sync
touch /mnt/done

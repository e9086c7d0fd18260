#!/usr/bin/env bash
# lvsd as the Kubernetes manifest runs it, in the box: as root without root's powers, on a root file system that
# is read-only but for the volumes, with /proc/sys as container runtimes have it. container.json is what
# manifest.js found in the manifest. Prints TAP.
set -uo pipefail

rm -f /var/lib/man-db/auto-update
dpkg --force-unsafe-io -i lvsd_*.deb lvsctl_*.deb >/tmp/dpkg 2>&1 || cat /tmp/dpkg

jq -r .settings container.json >/etc/lvsd/lvsd.conf
# Directories of root, as the kubelet makes them.
for volume in /var/lib/lvsd /run/lvsd; do
	mkdir -p "$volume"
	mount -t tmpfs -o mode=755 volume "$volume"
done
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -o remount,ro /

# The rights of the container, before a command.
contained=(setpriv --bounding-set "-all$(jq -r '.capabilities[] | ",+" + .' container.json | tr -d '\n')" --inh-caps -all
	--no-new-privs)
# What the readiness probe has to find: 1 says that the kernel is not as it should be, here without IPVS.
ready=1
[ ! -e /proc/net/ip_vs ] || ready=0

ok() { # WHAT COMMAND…
	local what=$1
	shift
	if "$@" >/tmp/out 2>&1; then
		echo "ok - container: $what"
	else
		echo "not ok - container: $what"
		sed 's/^/#   /' /tmp/out /tmp/lvsd
	fi
}

probe() { # NUMBER
	local -a command
	mapfile -t command < <(jq -r ".probes[$1][]" container.json)
	"${contained[@]}" "${command[@]}"
}

# ends STATUS COMMAND…
ends() {
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$wanted" ]
}

serves() {
	local i
	for ((i = 0; i < 100; i++)); do
		! probe 0 >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	probe 0
}

mapfile -t args < <(jq -r '.args[]' container.json)
"${contained[@]}" lvsd "${args[@]}" >/tmp/lvsd 2>&1 &
daemon=$!
ok 'it starts, and the startup probe hears it' serves
ok 'so does the liveness probe' probe 1
ok "the readiness probe ends with $ready" ends $ready probe 2
ok 'a VIP is set' "${contained[@]}" lvsctl vip add 192.0.2.1 lo prefixLength=32
ok 'and there' grep -qF 192.0.2.1/32 <(ip -o address show dev lo)
ok 'all is as declared' "${contained[@]}" lvsctl diff
ok 'a variable is stored and refused, as the manifest says' \
	ends 1 "${contained[@]}" lvsctl sysctl set net.ipv4.conf.lo.arp_ignore 1
cat /tmp/out >&2
ok 'the state is on its volume' test -s /var/lib/lvsd/lvsd.db
kill "$daemon"
ok 'SIGTERM ends it well' wait "$daemon"
ok 'the VIP stays' grep -qF 192.0.2.1/32 <(ip -o address show dev lo)

#!/usr/bin/env bash
# lvsd as the Kubernetes manifest runs it, in the box: as root without root's powers, on a root file system that
# is read-only but for the volumes, with /proc/sys as container runtimes have it. container.json is what
# manifest.js found in the manifest. Prints TAP.
set -uo pipefail

rm -f /var/lib/man-db/auto-update
dpkg --force-unsafe-io -i lvsd_*.deb lvsctl_*.deb >/tmp/dpkg 2>&1 || cat /tmp/dpkg

jq -r .settings container.json >/etc/lvsd/lvsd.conf
mkdir -p /var/lib/lvsd /run/lvsd
mount -t tmpfs -o mode=755 state /var/lib/lvsd
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -o remount,ro /

# contained COMMAND…: with the rights of the container. What the kernel has of IPVS is not tried here.
contained() {
	local bounding
	bounding=-all$(jq -r '.capabilities[] | ",+" + .' container.json | tr -d '\n')
	setpriv --bounding-set "$bounding" --inh-caps -all --no-new-privs "$@"
}

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
	contained "${command[@]}"
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
contained lvsd "${args[@]}" >/tmp/lvsd 2>&1 &
daemon=$!
ok 'it starts, and the startup probe hears it' serves
ok 'so does the liveness probe' probe 1
ok 'and the readiness probe' probe 2
ok 'a VIP is set' contained lvsctl vip add 192.0.2.1 lo prefixLength=32
ok 'and there' grep -qF 192.0.2.1/32 <(ip -o address show dev lo)
ok 'it is still ready' probe 2
ok 'the state is on its volume' test -s /var/lib/lvsd/lvsd.db
kill "$daemon"
ok 'SIGTERM ends it well' wait "$daemon"
ok 'the VIP stays' grep -qF 192.0.2.1/32 <(ip -o address show dev lo)

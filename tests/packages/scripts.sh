#!/usr/bin/env bash
# What the maintainer scripts of the Debian package do to the service, in the box: dpkg is real, systemctl is
# not. The directory has the packages. Prints TAP.
set -uo pipefail

log=/run/systemctl.log

rm -f /usr/sbin/policy-rc.d /var/lib/man-db/auto-update
install -m 755 "$(dirname "$0")/systemctl" /usr/local/bin/systemctl
mkdir -p /run/systemd/system
dpkg --purge lvsd lvsctl >/dev/null 2>&1

ok() { # WHAT COMMAND…
	local what=$1
	shift
	if "$@" >/tmp/out 2>&1; then
		echo "ok - scripts: $what"
	else
		echo "not ok - scripts: $what"
		sed 's/^/#   /' /tmp/out /tmp/dpkg
	fi
}

# What a dpkg call asks systemd for, but for questions and reloads, a word for each: start:lvsd.service.
asked_for() {
	grep -vE 'is-(active|enabled)|daemon-reload|^(--quiet )?(--system )?show' "$log" |
		sed -E 's/--[a-z-]+ //g; s/ /:/' | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# dpkg_asks WHAT WANTED DPKG-ARGUMENT…
dpkg_asks() {
	local what=$1 wanted=$2
	shift 2
	: >$log
	ok "$what succeeds" dpkg --force-unsafe-io "$@"
	cp /tmp/out /tmp/dpkg
	ok "$what: systemd is asked for '$wanted'" same "$wanted" "$(asked_for)"
}

same() {
	[ "$1" = "$2" ] || {
		echo "not '$1' but '$2'"
		false
	}
}

not() {
	! "$@"
}

package=$(ls lvsd_*.deb)
stored=/var/lib/lvsd/lvsd.db

dpkg_asks 'a first installation' 'start:lvsd.service' -i "$package"
ok 'the user is there' getent passwd lvsd
ok 'the settings that are installed are taken' runuser -u lvsd -- lvsd --check

# What the service would have made.
install -d -o lvsd -g lvsd -m 700 /var/lib/lvsd
runuser -u lvsd -- timeout 2 lvsd --kernel fake --runtime-dir /tmp/lvsd >/tmp/dpkg 2>&1
ok 'there is a state' test -s $stored

echo 'resync = 10' >/etc/lvsd/lvsd.conf
dpkg_asks 'an upgrade of what is stopped' '' -i "$package"
touch /run/lvsd-runs
dpkg_asks 'an upgrade of what runs' 'try-restart:lvsd.service' -i "$package"
ok 'settings of the operator stay' grep -qx 'resync = 10' /etc/lvsd/lvsd.conf
echo 'resync = never' >/etc/lvsd/lvsd.conf
dpkg_asks 'an upgrade with settings that the new program refuses' '' -i "$package"
ok 'it says so' grep -q 'refuses the settings' /tmp/dpkg
echo 'resync = 10' >/etc/lvsd/lvsd.conf

asked_to_stop='stop:lvsd-readonly.socket stop:lvsd.service stop:lvsd.socket stop:lvsd-tcp.socket'
asked_to_stop=$(tr ' ' '\n' <<<"$asked_to_stop" | sort | tr '\n' ' ' | sed 's/ $//')
dpkg_asks 'a removal' "$asked_to_stop" --remove lvsd
rm /run/lvsd-runs
ok 'the state stays' test -s $stored
dpkg_asks 'an installation after it' '' -i "$package"
dpkg_asks 'a purge' "$asked_to_stop" --purge lvsd
ok 'the state is gone' not test -e /var/lib/lvsd
ok 'so are the settings' not test -e /etc/lvsd

install -d /var/lib/lvsd
touch $stored
dpkg_asks 'an installation beside a state' '' -i "$package"
ok 'it says so' grep -q 'not started' /tmp/dpkg

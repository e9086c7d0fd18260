#!/usr/bin/env bash
# In the guest, before systemd: puts the kernel's modules, lvsd and the test into the root file system.
# /mnt is the directory that the host shares.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
modules=/lib/modules/$(uname -r)
mkdir -p "$modules"
# In QEMU they are there already.
[[ -e $modules/modules.dep ]] || mount -t hostfs -o "/usr/lib/uml/modules/$(uname -r),ro" none "$modules"

if [[ -d /mnt/packages ]]; then
	dpkg --path-include='/usr/share/doc/lvsd/*' -i /mnt/packages/old/*.deb
else
	# What a package would do: files of root, the system user, the unit enabled.
	tar -c -C /mnt/install . | tar -x -C / --no-same-owner --no-same-permissions --keep-directory-symlink
	systemd-sysusers
	journalctl --update-catalog
	systemctl --root=/ enable lvsd.service
fi

# systemd starts a dozen generators at each daemon-reload, of which there are more than twenty: for disks, consoles
# and init scripts that this machine has not.
mkdir -p /etc/systemd/system-generators
for generator in /lib/systemd/system-generators/*; do
	[[ $generator != */systemd-debug-generator ]] || continue # it reads systemd.mask= of the kernel's command line
	ln -s /dev/null "/etc/systemd/system-generators/${generator##*/}"
done

# A state from before the boot, made on the kernel in memory.
install -d -o lvsd -g lvsd -m 700 /var/lib/lvsd /tmp/store
setpriv --reuid=lvsd --regid=lvsd --clear-groups lvsd --kernel fake --runtime-dir /tmp/store &
store=$!
curl -s -f -o /dev/null --retry 50 --retry-all-errors --retry-delay 1 --unix-socket /tmp/store/admin.sock \
	-X PUT http://localhost/v1/config?wait=0 -d '{"vips": {"192.0.2.50": {"interface": "d9"}},
	"services": {"tcp:192.0.2.50:80": {"scheduler": "wrr", "realServers": {"192.0.2.51:80": {"weight": 7, "forward": "dr"}}}}}'
kill "$store"
wait "$store" || true

# Who makes the interface, and who wants to find all in place.
cat >/etc/systemd/system/network.service <<'UNIT'
[Unit]
Before=network.target
Wants=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'ip link add d9 type dummy && ip link set d9 up'
[Install]
WantedBy=multi-user.target
UNIT
cat >/etc/systemd/system/witness.service <<'UNIT'
[Unit]
After=network-online.target
Wants=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
RuntimeDirectory=witness
ExecStart=/bin/sh -c 'ipvsadm -Sn >/run/witness/ipvs; ip -o address >/run/witness/addresses'
[Install]
WantedBy=multi-user.target
UNIT
systemctl --root=/ enable network.service witness.service

cat >/etc/systemd/system/lvsd-test.service <<'UNIT'
[Unit]
Description=Tests of lvsd
After=multi-user.target lvsd.service
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/bin/bash /mnt/guest-test.sh
StandardOutput=append:/mnt/output.log
StandardError=append:/mnt/output.log
TimeoutStartSec=infinity
UNIT
cat >/etc/systemd/system/lvsd-test.target <<'UNIT'
[Unit]
Description=Tests of lvsd
Requires=multi-user.target lvsd-test.service
After=multi-user.target lvsd-test.service
UNIT
exec /lib/systemd/systemd

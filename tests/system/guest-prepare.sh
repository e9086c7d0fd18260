#!/usr/bin/env bash
# In the guest, before systemd: puts the kernel's modules, lvsd and the test into the root file system.
# /mnt is the directory that the host shares.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
modules=/lib/modules/$(uname -r)
mkdir -p "$modules"
mount -t hostfs -o "/usr/lib/uml/modules/$(uname -r),ro" none "$modules"

# What a package would do: files of root, the system user, the unit enabled.
tar -c -C /mnt/install . | tar -x -C / --no-same-owner --no-same-permissions --keep-directory-symlink
systemd-sysusers
systemctl --root=/ enable lvsd.service

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
TimeoutStartSec=270
UNIT
cat >/etc/systemd/system/lvsd-test.target <<'UNIT'
[Unit]
Description=Tests of lvsd
Requires=multi-user.target lvsd-test.service
After=multi-user.target lvsd-test.service
UNIT
exec /lib/systemd/systemd

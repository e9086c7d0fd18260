#!/usr/bin/env bash
# PID 1 of a QEMU guest, after the initrd of qemu.sh: a small system over the host's read-only root, some
# scenarios, off. Of the kernel's command line, lab_top is the directory with a result directory for each
# scenario, lab_env the file with LAB_SCENARIOS, LAB_SEEN (as in uml-init.sh) and the environment.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8
declare -a LAB_SCENARIOS=() LAB_SEEN=()
LAB_DIR=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck disable=SC2154 # from the kernel's command line
top=$lab_top
# shellcheck source=/dev/null disable=SC2154
. "$lab_env"

mount --bind / /mnt # what /tmp and /run are about to hide
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
ln -sf /proc/self/fd /dev/fd
for directory in "${LAB_SEEN[@]}"; do
	case $directory in
	/tmp/* | /run/*)
		mkdir -p "$directory"
		mount --bind "/mnt$directory" "$directory"
		;;
	esac
done
mkdir -p "$top"
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 out0 "$top"

# Each module that the kernel asks for leaves a line in /run/modprobe.log.
cat >/run/modprobe <<'MODPROBE'
#!/bin/sh
echo "$@" >>/run/modprobe.log
exec modprobe "$@"
MODPROBE
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe

modprobe ipv6 2>/dev/null # built in, as a rule
ip link set lo up
LAB_MODE=native "$LAB_DIR/lib/scenarios.sh" "$top" "${LAB_SCENARIOS[@]}"
sync
echo b >/proc/sysrq-trigger # with -no-reboot QEMU ends
sleep 10

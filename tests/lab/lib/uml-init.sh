#!/usr/bin/env bash
# PID 1 of user-mode-linux: a small system over the host's read-only root, one program, power off.
#
# The kernel hands "lab_out=DIRECTORY" of its command line over in the environment. DIRECTORY/env
# says the rest: LAB_RUN (the program and its arguments), LAB_SEEN (directories that have to stay
# visible though /tmp and /run are new), PATH and whatever the program needs.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8
declare -a LAB_RUN=() LAB_SEEN=()
# shellcheck source=/dev/null disable=SC2154
. "$lab_out/env"

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t tmpfs modules /lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" "/lib/modules/$(uname -r)"
ln -s /proc/self/fd /dev/fd
mkdir -p /dev/shm /dev/net /var/tmp
for directory in "${LAB_SEEN[@]}"; do
	case $directory in
	/tmp/* | /run/*)
		mkdir -p "$directory"
		mount -t hostfs -o "$directory,ro" none "$directory"
		;;
	esac
done
mkdir -p "$lab_out"
mount -t hostfs -o "$lab_out" none "$lab_out"
# A crash of this kernel must not take the results with it.
echo 20 >/proc/sys/vm/dirty_writeback_centisecs
echo 20 >/proc/sys/vm/dirty_expire_centisecs

# Each module that the kernel asks for leaves a line in /run/modprobe.log.
cat >/run/modprobe <<'EOF'
#!/bin/sh
echo "$@" >>/run/modprobe.log
exec modprobe "$@"
EOF
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe

modprobe ipv6 # the daemon may rely on it, as on any distribution's kernel
ip link set lo up
# With --stay the demo is reached from outside: a tap device there, vec0 here, the admin socket behind it.
if [[ ${LAB_API_ADDRESS:-} ]]; then
	ip address add "$LAB_API_ADDRESS/30" dev vec0
	ip link set vec0 up
	socat "TCP-LISTEN:$LAB_API_PORT,bind=$LAB_API_ADDRESS,reuseaddr,fork" UNIX-CONNECT:/run/lvsd/admin.sock &
fi
LAB_OUT=$lab_out LAB_MODE=uml "${LAB_RUN[@]}"
sync
echo o >/proc/sysrq-trigger
sleep 10

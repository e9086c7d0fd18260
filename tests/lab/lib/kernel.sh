# The kernel's view of IPVS, read without lvsd: rules, connections, netlink writes, modules.

ipvs() { # HOST IPVSADM-ARGUMENTS...
	on "$1" ipvsadm "${@:2}"
}

# The table as ipvsadm commands, sorted. Where it runs in a subshell, as in "$(ipvs_rules director)", it ends that.
ipvs_rules() { # HOST
	finally "$1" busybox sh -o pipefail -c 'ipvsadm -Sn | busybox sort' # which forks for less than bash
}

ipvs_has() { # HOST REGEX: some rule matches
	local rules rule
	ipvs "$1" -Sn >"$LAB/rules.$BASHPID" || return
	mapfile -t rules <"$LAB/rules.$BASHPID"
	for rule in "${rules[@]}"; do
		[[ ! $rule =~ $2 ]] || return 0
	done
	return 1
}

# Upper and lower thresholds, which ipvsadm -S leaves out: "192.0.2.11:80 100 50".
ipvs_thresholds() { # HOST
	ipvs "$1" -Ln --thresholds | awk '$1 == "->" && ($3 > 0 || $4 > 0) { print $2, $3, $4 }' | sort
}

# The connection entries without state and expiry, which change by themselves.
connections() { # HOST
	# shellcheck disable=SC2016 # for awk
	on "$1" awk 'NR > 1 { print $1, $2, $3, $4, $5, $6, $7 }' /proc/net/ip_vs_conn | sort
}

# Records every IPVS write command that crosses netlink in this host, whoever sends it.
watch_netlink() { # HOST
	hand '' ip -n "$1" -batch - <<<$'link add nlmon0 type nlmon\nlink set nlmon0 up'
	spawn "$1" python3 -I -S "$LAB_DIR/lib/netlink-writes.py" nlmon0 "$LAB/netlink.$1"
	wait_until 10 test -e "$LAB/netlink.$1"
}

netlink_writes() { # HOST: how many so far
	settled_lines "$LAB/netlink.$1" .
}

netlink_reads() { # HOST GET_SERVICE|GET_DEST: how many requests so far
	settled_lines "$LAB/netlink.$1.reads" "^$2 "
}

settled_lines() { # FILE REGEX: how many lines; the tap is read by another process, so let it settle
	local before=-1 now=0 i lines line
	[[ -r $1 ]] || give_up "there is a record $1"
	for ((i = 0; i < 10 && now != before; i++)); do
		before=$now now=0
		pause 0.2
		mapfile -t lines <"$1"
		for line in "${lines[@]}"; do
			[[ ! $line =~ $2 ]] || now=$((now + 1))
		done
	done
	echo "$now"
}

scheduler_modules() { # the schedulers that this kernel has as modules
	local file
	for file in /lib/modules/"$(uname -r)"/kernel/net/netfilter/ipvs/ip_vs_*.ko*; do
		file=${file##*/ip_vs_}
		file=${file%%.ko*}
		[[ $file == ftp || $file == pe_* ]] || echo "$file"
	done
}

loaded_modules() {
	cut -d ' ' -f 1 /proc/modules | sort
}

# Whether this kernel is the lab's alone, so that modules can go and come.
own_kernel() {
	[[ -e /run/modprobe ]]
}

# From now on modprobe cannot load these, as if they were not installed; as root and for the kernel alike.
hide_modules() { # MODULE...
	mkdir -p /run/modprobe.d
	printf 'install %s /bin/false\n' "$@" >/run/modprobe.d/lab.conf
}

show_modules() { # all of them again
	rm -f /run/modprobe.d/lab.conf
}

# Takes IPVS out of the kernel; it may have no services left, in any namespace.
unload_ipvs() {
	local modules
	mapfile -t modules < <(grep -o '^ip_vs_[a-z_]*' /proc/modules)
	modprobe -r "${modules[@]}" ip_vs
}

# The number by which netlink calls IPVS; it is another one after each load of the module.
ipvs_family() {
	genl ctrl get name IPVS | sed -n 's/.*ID: \(0x[0-9a-f]*\).*/\1/p'
}

# What the kernel has asked modprobe for so far (user-mode-linux only; empty elsewhere).
modprobe_requests() {
	[[ ! -e /run/modprobe.log ]] || cat /run/modprobe.log
}

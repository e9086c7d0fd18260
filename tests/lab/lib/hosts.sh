# Hosts, cables and addresses: every host is a network namespace.

declare -ga lab_hosts=() lab_bridges=() lab_pids=()

host() { # NAME...
	local name
	for name; do
		ip netns add "$name"
		on "$name" busybox ip link set lo up
		lab_hosts+=("$name")
		sysctl "$name" net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
			net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
	done
}

# busybox is static: under user-mode-linux it starts three times as fast as the usual nsenter.
on() { # HOST COMMAND...: runs the command in that host
	local name=$1
	shift
	busybox nsenter --net="/run/netns/$name" "$@"
}

sysctl() { # HOST KEY=VALUE...
	local name=$1 pair key script=
	shift
	for pair; do
		key=${pair%%=*}
		key=${key//./\/}
		script+="echo ${pair#*=} >/proc/sys/$key;"
	done
	on "$name" busybox sh -ec "$script"
}

addr() { # HOST INTERFACE ADDRESS/PREFIX [more words of "ip address add"]
	ip -n "$1" -batch - <<<"$(addr_line "${@:2}")"
}

addr_line() { # INTERFACE ADDRESS/PREFIX [...]: for ip -batch
	local nodad=
	[[ $2 != *:* ]] || nodad=nodad
	echo "address add $2 dev $1 ${*:3} $nodad"
}

has_address() { # HOST INTERFACE ADDRESS/PREFIX
	local addresses
	addresses=$(ip -n "$1" address show dev "$2") # no pipe: grep -q would leave before ip is done
	grep -qF " $3 " <<<"$addresses"
}

# A switch; each host gets an interface called like it.
lan() { # NAME HOST=ADDRESS/PREFIX[,ADDRESS/PREFIX]...
	ip -batch - <<<"link add sw-$1 type bridge
		link set sw-$1 up"
	lab_bridges+=("sw-$1")
	lan_join "$@"
}

lan_join() { # NAME HOST=ADDRESS/PREFIX[,ADDRESS/PREFIX]...: further hosts
	local name=$1 pair member address script=
	shift
	for pair; do
		member=${pair%%=*}
		script+="link add $name netns $member type veth peer name $name-$member"$'\n'
		script+="link set $name-$member master sw-$name up"$'\n'
	done
	ip -batch - <<<"$script"
	for pair; do
		script=
		for address in ${pair//[=,]/ }; do
			if [[ $address == */* ]]; then
				script+=$(addr_line "$name" "$address")$'\n'
			fi
		done
		ip -n "${pair%%=*}" -batch - <<<"${script}link set $name up"
	done
}

# A cable; at each end the interface is called like the host at the other.
link() { # HOST_A HOST_B ADDRESS_A/PREFIX ADDRESS_B/PREFIX
	ip -n "$1" link add "$2" type veth peer name "$1" netns "$2"
	addr "$1" "$2" "$3"
	addr "$2" "$1" "$4"
	ip -n "$1" link set "$2" up
	ip -n "$2" link set "$1" up
}

# Starts a program in a host and forgets it; it ends with the scenario at the latest.
# Sets SPAWNED to its process id.
spawn() { # HOST COMMAND...
	local name=$1
	shift
	busybox nsenter --net="/run/netns/$name" "$@" &
	SPAWNED=$!
	lab_pids+=("$SPAWNED")
}

# Takes down everything that this scenario has built.
tear_down() {
	local pid name
	for pid in "${lab_pids[@]}"; do
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	for name in "${lab_hosts[@]}"; do
		ip netns delete "$name"
	done
	for name in "${lab_bridges[@]}"; do
		ip link delete "$name"
	done
	lab_hosts=() lab_bridges=() lab_pids=()
}

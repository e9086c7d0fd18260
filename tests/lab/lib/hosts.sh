# Hosts, cables and addresses: every host is a network namespace.

declare -ga lab_hosts=() lab_bridges=() lab_pids=()

# The programs of ../meson.build.
LAB_PROGRAMS=${LAB_PROGRAMS:-$LAB_DIR/../../build/tests/lab}
HAND=$LAB_PROGRAMS/hand

host() { # NAME...
	local name script=
	for name; do
		script+=": >/run/netns/$name; busybox unshare --net=/run/netns/$name busybox sh -ec '
			busybox ip link set lo up
			cd /proc/sys/net
			echo 0 >ipv4/conf/all/rp_filter; echo 0 >ipv4/conf/default/rp_filter
			echo 0 >ipv6/conf/all/disable_ipv6; echo 0 >ipv6/conf/default/disable_ipv6';"
	done
	hand '' busybox sh -ec "$script"
	lab_hosts+=("$@")
}

on() { # HOST COMMAND...: runs the command in that host
	hand "$@"
}

# Runs a program in a host, or in none where that is empty. For the scenario's own shell the hand does it, which
# stays for all of them: the fork of bash is dear under user-mode-linux.
hand() { # HOST|"" COMMAND...
	local out status
	if [[ $BASHPID != "$$" ]]; then
		if [[ $1 ]]; then
			"$HAND" "$@"
		else
			command "${@:2}"
		fi
		return
	fi
	[[ ${hand_words:-} ]] || start_hand
	exec {out}>&1
	printf '%s\0' "$(($# + 1))" "$out" "$@" >&"$hand_words"
	read -r -u "$hand_statuses" status || give_up "the hand lives" "$(tail -n 3 "$LAB_OUT/logs/hand.err")"
	exec {out}>&-
	return "$status"
}

start_hand() {
	[[ -x $HAND ]] || give_up "the programs of the lab are there" "no such program: $HAND (ninja -C build)"
	"$HAND" <"$LAB/hand.words" >"$LAB/hand.statuses" 2>>"$LAB_OUT/logs/hand.err" &
	# Read too, so that the shell gets no SIGPIPE where the hand is gone, but sees it.
	exec {hand_words}<>"$LAB/hand.words" {hand_statuses}<"$LAB/hand.statuses"
}

# As "on" where it is the last that a subshell does: the subshell becomes the program.
finally() { # HOST COMMAND...
	[[ $BASHPID == "$$" ]] || exec "$HAND" "$@"
	on "$@"
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
	local line
	addr_line "${@:2}"
	hand '' ip -n "$1" -batch - <<<"$line"
}

addr_line() { # INTERFACE ADDRESS/PREFIX [...]: sets line, for ip -batch
	line="address add $2 dev $1 ${*:3}"
	[[ $2 != *:* ]] || line+=' nodad'
}

has_address() { # HOST INTERFACE ADDRESS/PREFIX
	on "$1" busybox ip address show dev "$2" >"$LAB/addresses.$BASHPID" &&
		file_has "$LAB/addresses.$BASHPID" " $3 "
}

mac_of() { # HOST INTERFACE
	local link
	hand '' ip -n "$1" -brief link show dev "$2" >"$LAB/link.$BASHPID"
	read -ra link <"$LAB/link.$BASHPID"
	[[ ${link[2]:-} == *:* ]] || give_up "$1 has a MAC address on $2"
	echo "${link[2]}"
}

knows_mac() { # HOST INTERFACE ADDRESS MAC: its entry for the neighbour
	hand '' ip -n "$1" neigh show "$3" dev "$2" >"$LAB/neighbour.$BASHPID" && file_has "$LAB/neighbour.$BASHPID" "lladdr $4 "
}

# What roles may change in a host with an interface "front". Of IPv6 only what is there from the beginning: a tunnel
# device gets its IPv6 side when it is up for the first time.
picture_of_roles() { # HOST
	on "$1" busybox sh -c 'printf "link\naddress\n" | /sbin/ip -brief -batch - | sed "s/@[^ ]*//"
		cd /proc/sys/net && grep "" ipv4/ip_forward \
		ipv4/conf/*/*arp_* ipv4/conf/*/*rp_filter* ipv4/conf/*/*forward* ipv4/conf/*/*redirects* \
		ipv6/conf/all/forwarding ipv6/conf/default/forwarding ipv6/conf/front/forwarding'
}

# A switch; each host gets an interface called like it.
lan() { # NAME HOST=ADDRESS/PREFIX[,ADDRESS/PREFIX]...
	local script="link add sw-$1 type bridge"$'\n'"link set sw-$1 up"$'\n'
	lab_bridges+=("sw-$1")
	lan_members "$@"
}

lan_join() { # NAME HOST=ADDRESS/PREFIX[,ADDRESS/PREFIX]...: further hosts
	local script=
	lan_members "$@"
}

lan_members() { # as lan_join; script has what comes before
	local name=$1 pair member address line
	shift
	for pair; do
		member=${pair%%=*}
		script+="link add $name netns $member type veth peer name $name-$member"$'\n'
		script+="link set $name-$member master sw-$name up"$'\n'
	done
	hand '' ip -batch - <<<"$script"
	for pair; do
		script=
		for address in ${pair//[=,]/ }; do
			if [[ $address == */* ]]; then
				addr_line "$name" "$address"
				script+=$line$'\n'
			fi
		done
		hand '' ip -n "${pair%%=*}" -batch - <<<"${script}link set $name up"
	done
}

# A cable; at each end the interface is called like the host at the other.
link() { # HOST_A HOST_B ADDRESS_A/PREFIX ADDRESS_B/PREFIX
	local line
	addr_line "$2" "$3"
	hand '' ip -n "$1" -batch - <<<"link add $2 type veth peer name $1 netns $2"$'\n'"$line"$'\n'"link set $2 up"
	addr_line "$1" "$4"
	hand '' ip -n "$2" -batch - <<<"$line"$'\n'"link set $1 up"
}

# Starts a program in a host and forgets it; it ends with the scenario at the latest.
# Sets SPAWNED to its process id.
spawn() { # HOST COMMAND...
	"$HAND" "$@" &
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
		hand '' ip netns delete "$name"
	done
	for name in "${lab_bridges[@]}"; do
		hand '' ip link delete "$name"
	done
	lab_hosts=() lab_bridges=() lab_pids=()
}

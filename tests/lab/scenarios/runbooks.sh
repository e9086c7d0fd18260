# docs/QUICKSTART.md and docs/RUNBOOKS.md: every command in them is run as it is written, on a client, a
# director and two real servers, with a look at real packets or at the kernel after each task.
# timeout: 400

LVSCTL=${LVSCTL:-$LAB_DIR/../../build/agent/ctl/lvsctl}
BOOKS=$LAB_DIR/../../docs
VIP=192.0.2.10 SERVICE=tcp:192.0.2.10:80
HERE='' # the host whose commands are run

[[ -x $LVSCTL ]] || give_up "lvsctl is there" "no such program: $LVSCTL"
modprobe ipip || true
host client director rs1 rs2
lan eth0 client=192.0.2.1/24 director=192.0.2.2/24 rs1=192.0.2.11/24 rs2=192.0.2.12/24
lan back director=198.51.100.1/24 rs1=198.51.100.11/24 rs2=198.51.100.12/24
for rs in rs1 rs2; do
	serve "$rs" 0.0.0.0 80 "$rs"
	serve "$rs" "198.51.100.1${rs#rs}" 8080 "$rs"
done
for name in director rs1 rs2; do
	lvsd_start "$name"
done

# The programs that the books name, on the host that they mean. Status 1 of lvsctl is no failure: something
# differs.
lvsctl() {
	local status=0
	on "$HERE" "$LVSCTL" --socket "${lvsd_runtime[$HERE]}/admin.sock" "$@" || status=$?
	((status == 1)) || return "$status"
}

systemctl() {
	case $* in
	'start lvsd') lvsd_restart "$HERE" ;;
	'disable keepalived') ;;
	'kill -s KILL keepalived') pkill -KILL -x keepalived ;;
	*) return 1 ;;
	esac
}

curl() {
	local socket words=()
	if [[ ! $HERE ]]; then
		command curl "$@"
		return
	fi
	for socket; do
		[[ $socket != /run/lvsd/admin.sock ]] || socket=$(lvsd_socket "$HERE" admin)
		words+=("$socket")
	done
	on "$HERE" /usr/bin/curl -m 20 "${words[@]}"
}

ipvsadm() {
	on "$HERE" /usr/sbin/ipvsadm "$@"
}

# block HOSTS TEXT: one code block of a book.
block() {
	local text=$2
	for HERE in $1; do
		lab_block=$text
		if run_block >"$LAB_OUT/logs/block-$HERE.log" 2>&1; then
			ok "$title, on $HERE"
		else
			not_ok "$title, on $HERE" "$text" "$(tail -n 20 "$LAB_OUT/logs/block-$HERE.log")"
		fi
	done
	HERE=''
}

# Line by line but for here-documents, so that each command has to succeed.
run_block() {
	local line command='' end=''
	while IFS= read -r line <&8; do
		command+=$line$'\n'
		if [[ $end ]]; then
			[[ $line == "$end" ]] || continue
			end=''
		elif [[ $line == *'<<EOF' ]]; then
			end=EOF
			continue
		fi
		eval "$command" || return 1
		command=''
	done 8<<<"$lab_block"
}

shares() { # WHAT "rs1=N rs2=N" N [VIP]
	on client ip neigh flush dev eth0
	wait_until $((5 * LAB_SLOW)) on client busybox wget -q -O /dev/null "http://${4:-$VIP}/" || true
	expect_count "$1" "$2" "$3" client "http://${4:-$VIP}/"
}

gone() { # HOST ADDRESS
	on "$1" busybox ip -o address >"$LAB/addresses" && ! file_has "$LAB/addresses" " $2/"
}

# keepalived's own services, without VRRP.
keepalived_starts() {
	cat >"$LAB/keepalived.conf" <<-EOF
		virtual_server 192.0.2.10 80 {
			lvs_sched rr
			lvs_method NAT
			protocol TCP
			real_server 198.51.100.11 8080 { weight 1 }
			real_server 198.51.100.12 8080 { weight 1 }
		}
	EOF
	spawn director /usr/sbin/keepalived -n -C -f "$LAB/keepalived.conf" -p "$LAB/k.pid" -c "$LAB/kc.pid"
	wait_until $((10 * LAB_SLOW)) ipvs_has director '198.51.100.12:8080'
}

before() {
	case $title in
	'Recover after a crash') lvsd_kill director ;;
	'Recover a lost state')
		HERE=director lvsctl export -o json >backup.json
		lvsd_kill director
		rm -r "$LAB/director/state"
		lvsd_restart director
		;;
	'When InSync is false') api director PUT /v1/vips/192.0.2.30 '{"interface": "nothere"}' ;;
	'Build a cluster with NAT')
		api director PUT '/v1/config?allowMassDelete=true' '{"services": {}, "vips": {}}'
		for rs in rs1 rs2; do
			api "$rs" DELETE /v1/roles/real-server
			ip -n "$rs" address del "192.0.2.1${rs#rs}/24" dev eth0
			ip -n "$rs" route add default via 198.51.100.1
		done
		;;
	'Move from ipvsadm')
		api director PATCH '/v1/config?allowMassDelete=true' "{\"services\": {\"$SERVICE\": null}}"
		ipvs director -A -t 192.0.2.10:80 -s rr
		ipvs director -a -t 192.0.2.10:80 -r 198.51.100.11:8080 -m
		ipvs director -a -t 192.0.2.10:80 -r 198.51.100.12:8080 -m
		writes=$(kernel_writes director)
		;;
	'Move from keepalived')
		api director PATCH '/v1/config?allowMassDelete=true' "{\"services\": {\"$SERVICE\": null}}"
		keepalived_starts
		;;
	esac
}

after() {
	case $title in
	'Install') ;; # the doctor's own word
	'Make the real servers ready')
		for rs in rs1 rs2; do
			expect "$title: $rs has the VIP" has_address "$rs" lo 192.0.2.10/32
		done
		;;
	'Make the director') expect "$title: it has the VIP" has_address director eth0 192.0.2.10/32 ;;
	'Test it') expect_same "$title: both serve in turn" 'rs1 rs1 rs2 rs2' "$(grep -o 'rs[12]' "$LAB_OUT/logs/block-client.log" | sort | paste -sd ' ')" ;;
	'Take a server out, and back') expect "$title: it is back" ipvs_has director '192.0.2.12:80 -g -w 1' ;;
	'See it repair')
		expect "$title: the service is back" ipvs_has director 192.0.2.12:80
		shares "$title: packets flow" "rs1=3 rs2=3" 6
		;;
	'Keep a copy') expect "$title: nothing differs" in_sync director ;;
	'Take it down again')
		expect "$title: no service is left" gone_services
		for name in director rs1 rs2; do
			expect "$title: no VIP is left on $name" gone "$name" 192.0.2.10
		done
		;;
	'Build a cluster with direct routing') shares "$title: packets flow" "rs1=3 rs2=3" 6 ;;
	'Change weights') shares "$title: rs1 gets twice as many" "rs1=4 rs2=2" 6 ;;
	'Take a server out')
		expect_like "$title: its connections are listed" '*TCP *192.0.2.1:*192.0.2.10:80*192.0.2.12:80*' \
			"$(HERE=director lvsctl connections realServer=192.0.2.12:80)"
		shares "$title: rs2 gets none" "rs1=6" 6
		;;
	'Take a server back') shares "$title: it is back" "rs1=4 rs2=2" 6 ;;
	'Add a VIP') shares "$title: packets flow" "rs1=3 rs2=3" 6 192.0.2.20 ;;
	'Recover after a crash')
		expect "$title: nothing differs" in_sync director
		shares "$title: packets flow" "rs1=4 rs2=2" 6
		;;
	'Recover a lost state')
		expect_same "$title: the kernel was not written to" 0 "$(kernel_writes director)"
		expect "$title: nothing differs" in_sync director
		expect "$title: all is declared again" same_as_backup
		;;
	'When InSync is false') expect "$title: the VIP is there" has_address director eth0 192.0.2.30/32 ;;
	'Take a cluster down')
		expect "$title: no service is left" gone_services
		for name in director rs1 rs2; do
			expect "$title: no VIP is left on $name" gone "$name" 192.0.2.10
		done
		;;
	'Build a cluster with tunnels') shares "$title: packets flow" "rs1=3 rs2=3" 6 ;;
	'Build a cluster with NAT') shares "$title: packets flow" "rs1=3 rs2=3" 6 ;;
	'Move from ipvsadm')
		expect_same "$title: the kernel was not written to" "$writes" "$(kernel_writes director)"
		shares "$title: packets flow" "rs1=3 rs2=3" 6
		;;
	'Move from keepalived')
		expect_not "$title: keepalived has gone" pgrep -x keepalived
		shares "$title: packets flow" "rs1=3 rs2=3" 6
		;;
	*) not_ok "$title: the scenario has a check for it" ;;
	esac
}

same_as_backup() {
	diff <(jq -S . backup.json) <(HERE=director lvsctl export -o json | jq -S .)
}

gone_services() {
	[[ ! $(ipvs_rules director) ]]
}

# Runs a book. What it writes to files goes to a directory of its own.
play() { # FILE
	local line hosts='' text='' blocks=0
	title=''
	# Not from stdin, which the commands have.
	while IFS= read -r line <&7; do
		case $line in
		'## '*)
			((blocks == 0)) || after
			title=${line#\#\# } blocks=0
			before
			;;
		'```sh '*) hosts=${line#*sh } text='' ;;
		'```')
			if [[ $hosts ]]; then
				block "$hosts" "$text"
				blocks=$((blocks + 1))
			fi
			hosts=''
			;;
		*) [[ ! $hosts ]] || text+=$line$'\n' ;;
		esac
	done 7<"$1"
	((blocks == 0)) || after
}

cd "$LAB"
play "$BOOKS/QUICKSTART.md"
play "$BOOKS/RUNBOOKS.md"

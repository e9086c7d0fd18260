# lvsctl, called as ipvsadm, where there are connections, sync daemons and services of others: it shows them as the real
# program does, and takes what others made with --foreign only. In user-mode-linux a sync master cannot be stopped: the
# backup only.
# timeout: 200

topology dr
host real
lan_join front real=192.0.2.4/24
echo 'hosts: files' >"$LAB/nsswitch" # nobody answers here, and resolvers wait long for that
mount --bind "$LAB/nsswitch" /etc/nsswitch.conf
LVSD_RUNTIME=/run/lvsd lvsd_start director --resync 3600
FRONT=$LAB/ipvsadm
ln -s "$(realpath "${LVSCTL:-$LAB_DIR/../../build/agent/ctl/lvsctl}")" "$FRONT"
front() { # ARGUMENTS…: its output and exit status; stderr in $LAB/front.err
	on director "$FRONT" "$@" 2>"$LAB/front.err"
}
fails() { # STATUS ARGUMENTS…
	local want=$1 got=0
	shift
	front "$@" || got=$?
	expect_same "$* ends with $want" "$want" "$got"
}

# Connections: open, closed, templates of persistence and of an engine.
revision() {
	api director GET /v1
	json .revision
}
before=$(revision)
front -R <<-RULES
	-A -t $VIP:80 -s rr -p 300
	-a -t $VIP:80 -r $RIP1:80 -g
	-a -t $VIP:80 -r $RIP2:80 -g
	-A -u $VIP:5060 -s rr -p 60 --pe sip
	-a -u $VIP:5060 -r $RIP1:5060 -g
	-A -u $VIP:53 -s wrr
	-a -u $VIP:53 -r $RIP2:53 -g
RULES
expect_same "-R is one write" $((before + 1)) "$(revision)"
expect "a client opens a connection" open_stream long client "$VIP" 80
count 2 client "$URL" >/dev/null
on client python3 -I -S -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"INVITE sip:a@example.org SIP/2.0\r\nCall-ID: 4711@example.org\r\n\r\n", (sys.argv[1], 5060))
s.sendto(b"x", (sys.argv[1], 53))' "$VIP"
as_seen() { # FILE: sets seen to it, but for the time that is left
	seen=$(<"$1")
	while [[ $seen =~ ' '[0-9]{2,}:[0-9]{2}' ' ]]; do
		seen=${seen//"${BASH_REMATCH[0]}"/ mm:ss }
	done
}
alike() { # OPTIONS…
	local seen theirs
	on director /sbin/ipvsadm "$@" >"$LAB/seen"
	as_seen "$LAB/seen"
	theirs=$seen
	front "$@" >"$LAB/seen"
	as_seen "$LAB/seen"
	[[ $theirs == "$seen" ]]
}
expect "connections are there" test "$(front -Lnc | wc -l)" -gt 7
expect_like "one has an engine" '*sip *4711@example.org*' "$(front -Lnc --persistent-conn)"
for options in '-Lnc' '-L -c' '-l -n -c --sort' '-Lnc --persistent-conn' '-Ln' '-Ln --persistent-conn' '-Ln --thresholds' \
	'-Ln --stats' '-Ln --stats --exact' "-Ln -t $VIP:80 --stats" '-Ln --rate'; do
	# shellcheck disable=SC2086
	expect "$options is that of ipvsadm" wait_until $((5 * LAB_SLOW)) alike $options
done
expect_same "--nosort: the same lines" "$(on director /sbin/ipvsadm -Ln --nosort | sort)" "$(front -Ln --nosort | sort)"
expect "some packet was counted" grep -q '[1-9]' <(front -Ln --stats | tail -n +4)
expect "the connection is still open" stream_alive long

# Services of others.
theirs() {
	ipvs_rules director | grep -E '192\.0\.2\.77|-f 77' || true
}
ipvs director -R <<<'-A -t 192.0.2.77:80 -s rr
-a -t 192.0.2.77:80 -r 192.0.2.11:80 -g -w 5
-A -f 77 -s wlc'
foreign=$(theirs)
expect "-Ln shows them too" alike -Ln
expect "so does -Sn" alike -Sn
fails 255 -D -t 192.0.2.77:80
expect_same "as if it were not there" 'No such service' "$(head -n 1 "$LAB/front.err")"
expect_like "and what to do" '*--foreign*' "$(<"$LAB/front.err")"
fails 255 -E -t 192.0.2.77:80 -s wrr
fails 255 -a -t 192.0.2.77:80 -r 192.0.2.12:80
fails 255 -d -t 192.0.2.77:80 -r 192.0.2.11:80
fails 255 -A -f 77
fails 0 -D -u "$VIP:53"
fails 0 -C
expect_like "-C says what it leaves" '*2 services that lvsd does not manage stay*--foreign*' "$(<"$LAB/front.err")"
expect_same "-C leaves exactly them" "$foreign" "$(ipvs_rules director)"
fails 0 -D -t 192.0.2.77:80 --foreign
expect_same "-D --foreign takes one" '-A -f 77 -s wlc' "$(ipvs_rules director)"
fails 255 -D -t 192.0.2.77:80 --foreign
front -A -t "$VIP:80"
fails 0 -C --foreign
expect_same "-C --foreign takes all" '' "$(ipvs_rules director)"
expect "and lvsd agrees" in_sync director

# The scripts that come with ipvsadm, with the front end in its place.
front -R <<-RULES
	-A -t $VIP:80 -s rr -p 300
	-a -t $VIP:80 -r $RIP1:80 -g -w 3
	-A -f 7 -s wlc
RULES
rules=$(ipvs_rules director)
mount --bind "$(realpath "$FRONT")" /usr/sbin/ipvsadm
on director /usr/sbin/ipvsadm-save -n >"$LAB/saved"
front -d -t "$VIP:80" -r "$RIP1:80"
front -A -f 8
on director /usr/sbin/ipvsadm-restore <"$LAB/saved"
umount /usr/sbin/ipvsadm
expect_same "ipvsadm-save and ipvsadm-restore" "$rules" "$(ipvs_rules director)"
expect "through lvsd" in_sync director

# Sync daemons, against the real program in a namespace of its own, which has no services.
front -C
lines=$LAB_DIR/lib/ipvsadm-front-sync.txt
if [[ $LAB_MODE == uml ]]; then
	grep -v master "$lines" >"$LAB/sync.txt"
	lines=$LAB/sync.txt
fi
verdicts_of on real python3 -I -B "$LAB_DIR/lib/ipvsadm-front.py" --director director --front "$FRONT" --lines "$lines" \
	--random 0 --seed 1
fails 255 --start-daemon backup --mcast-interface nosuch
expect_same "an interface that is not there" "$(on real /sbin/ipvsadm --start-daemon backup --mcast-interface nosuch 2>&1 || true)" \
	"$(head -n 1 "$LAB/front.err")"
expect_like "lvsd waits for it" '*stored, and lvsd tries again*' "$(<"$LAB/front.err")"

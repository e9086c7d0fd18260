# doctor, with the daemon and without it.
# shellcheck shell=bash

lvsd_start
runs 1 doctor
says out '^ok    the socket .* answers'
says out '^ok    InSync is True'
says out '^ok    kernel [0-9]'
runs 1 doctor -o json
same "as JSON" ok "$(jq -r '.[] | select(.what | startswith("InSync")) | .verdict' "$tmp/out")"
runs 1 vip add 192.0.2.10 nothere
runs 1 doctor
says out '^FAIL  InSync is False: HostDiffers'
says out 'lvsctl diff shows what differs'
lvsd_stop
runs 1 doctor
says out '^FAIL  the socket .*(No such file|Connection refused)'
says out 'systemctl start lvsd|start lvsd'
silent err

# A port of the settings that somebody else has, and one that is free.
python3 - "$tmp/port" <<-'EOF' &
	import socket, sys, time
	taken, free = socket.socket(), socket.socket()
	taken.bind(('127.0.0.1', 0))
	taken.listen()
	free.bind(('127.0.0.1', 0))
	ports = taken.getsockname()[1], free.getsockname()[1]
	free.close()
	with open(sys.argv[1], 'w') as f:
	    f.write('listen = tcp://127.0.0.1:%d\nlisten=tcp://127.0.0.1:%d ; and this\n' % ports)
	time.sleep(20)
EOF
holder=$!
for _ in {1..100}; do
	[[ ! -s $tmp/port ]] || break
	sleep 0.1
done
runs 1 doctor -f "$tmp/port"
kill "$holder"
says out '^FAIL  port [0-9]+ of 127\.0\.0\.1: Address already in use'
says out '^ok    port [0-9]+ of 127\.0\.0\.1 is free for lvsd'

# Somebody who may not open the socket.
if [[ $EUID == 0 ]]; then
	lvsd_start
	public=$(mktemp -d "${TMPDIR:-/tmp}/lvsctl.XXXXXX")
	chmod 755 "$public"
	cp "$LVSCTL" "$public/lvsctl"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$public/lvsctl" --socket "$socket" doctor >"$tmp/out" 2>"$tmp/err"
	rm -rf "$public"
	says out '^FAIL  the socket .*Permission denied'
	says out 'usermod -aG lvsd'
fi

# top in a terminal of tmux: rows, keys, another size, and the terminal as it was.
# shellcheck shell=bash

lvsd_start
lvsctl apply -f - >/dev/null <<-'EOF'
	{"id": "tcp:192.0.2.1:80", "realServers": {"10.0.0.5:80": {}, "10.0.0.6:80": {}}}
	{"id": "udp:192.0.2.1:53", "realServers": {"10.0.0.5:53": {}}}
EOF
runs 0 top
says out '^tcp:192\.0\.2\.1:80 +0 +0 +0 +0 +0 +0 +0$'

tm() {
	tmux -L "lvsctl.$$" -f /dev/null "$@"
}

# shown REGEX: within some seconds the screen has it.
shown() {
	local i
	for ((i = 0; i < 100; i++)); do
		tm capture-pane -p >"$tmp/screen"
		if grep -qE -- "$1" "$tmp/screen"; then
			ok "the screen has /$1/"
			return
		fi
		sleep 0.1
	done
	not_ok "the screen has /$1/" "$tmp/screen"
}

tm new-session -d -x 120 -y 12 "PS1='prompt> ' bash --norc"
shown '^prompt>'
tm send-keys "stty -g >'$tmp/tty.before'; '$LVSCTL' --socket '$socket' top; stty -g >'$tmp/tty.after'; echo ended-\$?" Enter
shown '  2 services; '
shown 'CPS\*'
shown '^udp:192\.0\.2\.1:53 '
tm send-keys a
shown 'Active\*'
tm send-keys r
shown '  3 real servers; '
shown '^tcp:192\.0\.2\.1:80/10\.0\.0\.6:80 '
tm resize-window -x 100 -y 5
shown 'SERVICE/REAL-SERVER'
same "it keeps to a smaller window" 5 "$(tm capture-pane -p | wc -l)"
same "which shows what fits" 2 "$(tm capture-pane -p | grep -c '^[a-z]*:192')"
tm resize-window -x 120 -y 12
shown '^udp:192\.0\.2\.1:53/10\.0\.0\.5:53 '
tm send-keys q
shown '^ended-0'
same "the terminal is as it was" "$(cat "$tmp/tty.before")" "$(cat "$tmp/tty.after")"
tm send-keys "'$LVSCTL' --socket '$socket' top; echo ended-\$?" Enter
shown '  2 services; '
tm send-keys C-c
shown '^ended-0'

# A daemon that needs longer than the time between two pictures: keys are heard all the same.
python3 - "$tmp/slow.sock" <<-'EOF' &
	import socket, sys, time
	listening = socket.socket(socket.AF_UNIX)
	listening.bind(sys.argv[1])
	listening.listen()
	body = b'{"items": [{"id": "tcp:192.0.2.9:80", "realServers": {}}], "continue": null}'
	for _ in range(20):  # connections
	    client = listening.accept()[0]
	    while client.recv(65536):
	        time.sleep(2.3)
	        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
EOF
slow=$!
for _ in {1..100}; do
	[[ ! -S $tmp/slow.sock ]] || break
	sleep 0.1
done
tm send-keys "'$LVSCTL' --socket '$tmp/slow.sock' top; echo ended-again-\$?" Enter
shown '^tcp:192\.0\.2\.9:80 '
tm send-keys q
shown '^ended-again-0'
tm kill-server
kill "$slow"
wait "$slow" 2>/dev/null

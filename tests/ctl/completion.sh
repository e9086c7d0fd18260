# Completion for bash with the ids of a running daemon; that of zsh, where there is one.
# shellcheck shell=bash

lvsd_start
lvsctl apply -f - >/dev/null <<-'EOF'
	{"id": "tcp:192.0.2.1:80", "scheduler": "rr", "realServers": {"10.0.0.5:80": {}, "10.0.0.6:80": {}}}
	{"id": "udp:[2001:db8::1]:53", "scheduler": "rr"}
	{"id": "192.0.2.10", "interface": "eth0"}
EOF

# completes LINE WORD…: what bash offers at the end of the line, sorted.
completes() {
	local line=$1 got
	shift
	got=$(PATH=$(dirname "$LVSCTL"):$PATH bash -c '
		. "$1"
		COMP_LINE=$2 COMP_POINT=${#2}
		_lvsctl
		printf "%s\n" "${COMPREPLY[@]}"' bash "$root/packaging/completion/lvsctl.bash" "lvsctl -s $socket $line" | sort | paste -sd ' ')
	same "completion of '$line'" "$*" "$got"
}

completes 'rec' reconcile
completes 'des' describe
completes 'get s' services state sysctls
completes 'get tcp' tcp:192.0.2.1:80
completes 'get tcp:' 192.0.2.1:80
completes 'get tcp:192.0.2.1:80 ' 10.0.0.5:80 10.0.0.6:80
completes 'get udp:' '[2001:db8::1]:53'
completes 'describe 192' 192.0.2.10
completes 'set w' weight
completes 'set weight tcp:192.0.2.1:' 80
completes 'set weight tcp:192.0.2.1:80 10.0.0.6' 10.0.0.6:80
completes 'set scheduler tcp:192.0.2.1:80 ml' ''
completes 'set scheduler tcp:192.0.2.1:80 w' wlc wrr
completes 'vip del ' 192.0.2.10
completes 'get services --lab' --label
completes 'get services -o w' wide
completes 'get nothing' ''
if command -v zsh >/dev/null; then
	if zsh -n "$root/packaging/completion/_lvsctl" 2>"$tmp/err"; then ok "that of zsh can be read"; else not_ok "that of zsh can be read" "$tmp/err"; fi
fi

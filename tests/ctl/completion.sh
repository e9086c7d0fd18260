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
completes 'ipvsa' ipvsadm
completes 'ipvsadm -D -t ' 192.0.2.1:80
completes 'ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.6' 10.0.0.6:80
completes 'ipvsadm -E -t 192.0.2.1:80 -s wr' wrr
completes 'ipvsadm -E -s rr -t ' 192.0.2.1:80
completes 'ipvsadm -L --per' --persistent --persistent-conn
completes 'ipvsadm --stop-daemon m' master

# offers LINE WORD: what the function for zsh gives to zsh, which picks by the beginning itself.
offers() {
	local got
	got=$(zsh -f -c '
		compadd() { [[ $1 == -a ]] && print -l -- ${(P)2} || print -l -- "$@" }
		_files() { :; }
		words=(${(z)2}) CURRENT=$(($#words + 1)) words+=("")
		. "$1"' zsh "$root/packaging/completion/_lvsctl" "$LVSCTL -s $socket $1" 2>&1)
	if grep -qxF -- "$2" <<<"$got"; then
		ok "zsh: '$1' offers $2"
	else
		echo "$got" >"$tmp/err"
		not_ok "zsh: '$1' offers $2" "$tmp/err"
	fi
}

if command -v zsh >/dev/null; then
	offers '' reconcile
	offers get services
	offers get tcp:192.0.2.1:80
	offers describe 'udp:[2001:db8::1]:53'
	offers 'get tcp:192.0.2.1:80' 10.0.0.6:80
	offers 'set weight tcp:192.0.2.1:80' 10.0.0.5:80
	offers 'vip del' 192.0.2.10
	offers 'get services -o' wide
	offers 'ipvsadm -D -t' 192.0.2.1:80
	offers 'ipvsadm -E -s rr -t' 192.0.2.1:80
	offers 'ipvsadm -e -t 192.0.2.1:80 -r' 10.0.0.5:80
	offers 'ipvsadm -L -n' --persistent-conn
else
	echo 'ok - completion for zsh # SKIP there is no zsh'
fi

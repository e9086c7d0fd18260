# In the guest: sockets that systemd holds, TCP, tokens and keys. Sourced by guest-test.sh.

# Held by systemd, a socket misses no request.
sockets() {
	local i got=''
	expect "the service stops while its sockets stay" systemctl stop lvsd
	expect "the first request starts the daemon" answers_to lvsd-readonly readonly
	expect_same "the unit runs" active "$(property ActiveState)"
	for i in 1 2 3; do
		kill -9 "$(property MainPID)"
		got+=$(curl -s -m 30 -o /dev/null -w '%{http_code} ' --unix-socket /run/lvsd/admin.sock http://localhost/v1)
	done
	expect_same "a request right after kill -9 is answered" "200 200 200 " "$got"
	kill -9 "$(property MainPID)"
	api here PUT "$SERVICE/real-servers/192.0.2.12:80/weight" '{"weight": 6}'
	expect_status '200|201' "a write too"
	rules=$(ipvsadm -Sn)
	expect_like "and reaches the kernel" "*192.0.2.12:80 * -w 6*" "$rules"
	kept "socket activation"
}

# Everybody could rule the balancer by it: nobody gets so far.
refused_socket() {
	mark
	systemctl -q enable lvsd-tcp.socket
	expect_not "a TCP socket without TLS and tokens keeps lvsd from starting" systemctl restart lvsd
	expect_same "it is not tried again: exit status 2" "failed 2 0" \
		"$(property ActiveState ExecMainStatus NRestarts)"
	expect "and the journal says why" since_mark '(.MESSAGE | tostring | contains("needs TLS and authentication"))'
	systemctl -q disable --now lvsd-tcp.socket
	expect "without that socket it starts" systemctl start lvsd
	kept "a refused socket"
}

over_tcp() { # URL [CURL-ARGUMENTS...]: the status of an answer
	curl -s -m 30 -o /dev/null -w '%{http_code}' --cacert /mnt/tls/server.pem "${@:2}" "$1/v1"
}

# The socket for TCP with a certificate, tokens and client certificates, all of them readable by root only.
credentials() {
	local drop_in=/etc/systemd/system/lvsd.service.d url=https://127.0.0.1:8443
	local token='Authorization: Bearer secret' client=(--cert /mnt/tls/client.pem --key /mnt/tls/client.key)
	mkdir -p /etc/lvsd "$drop_in"
	printf 'ci operator %s\n' "$(printf secret | sha256sum | cut -d ' ' -f 1)" >/etc/lvsd/tokens
	cp /mnt/tls/server.pem /mnt/tls/server.key /mnt/tls/clients.pem /etc/lvsd
	chmod 600 /etc/lvsd/{tokens,*.pem,*.key}
	chown root:root /etc/lvsd/{tokens,*.pem,*.key}
	cp "$EXAMPLES/credentials.conf" "$drop_in"
	# As the example says it.
	sed -n 's|^#   \(.*= /run/credentials/.*\)|\1|p' "$drop_in/credentials.conf" >/etc/lvsd/lvsd.conf
	expect_same "the example has a setting for each credential" 4 "$(wc -l </etc/lvsd/lvsd.conf)"
	systemctl daemon-reload
	systemctl -q enable lvsd-tcp.socket
	expect "with systemd's credentials it starts" systemctl restart lvsd
	expect_same "and asks for token or certificate" "401 401 200 200" \
		"$(over_tcp "$url") $(over_tcp "$url" -H 'Authorization: Bearer other') $(over_tcp "$url" -H "$token") $(over_tcp "$url" "${client[@]}")"
	expect_not "nobody else may read them" setpriv --reuid=nobody --regid=lvsd --clear-groups \
		cat /run/credentials/lvsd.service/key
	expect "a reload succeeds" systemctl reload lvsd
	expect_same "and they hold" "401 200" "$(over_tcp "$url") $(over_tcp "$url" -H "$token")"
	kill -9 "$(property MainPID)"
	expect_same "after kill -9 a request over TCP is answered too" 200 "$(over_tcp "$url" -H "$token")"
	systemctl -q disable --now lvsd-tcp.socket
	rm -r "$drop_in" /etc/lvsd/{tokens,lvsd.conf,*.pem,*.key}
	systemctl daemon-reload
	systemctl restart lvsd
	kept "credentials"
}

# Without systemd's help: a file of root's that the group may read.
tokens_of_a_group() {
	local url=http://127.0.0.1:8080 token='Authorization: Bearer secret'
	printf 'ci operator %s\n' "$(printf secret | sha256sum | cut -d ' ' -f 1)" >/etc/lvsd/tokens
	chmod 600 /etc/lvsd/tokens
	printf 'tokens = /etc/lvsd/tokens\nlisten = tcp://127.0.0.1:8080\n' >/etc/lvsd/lvsd.conf
	expect_not "it does not start with a file that it may not read" systemctl restart lvsd
	chown root:lvsd /etc/lvsd/tokens
	chmod 644 /etc/lvsd/tokens
	expect_not "nor with one that everybody may read" systemctl restart lvsd
	expect_same "and is not tried again: exit status 2" "failed 2 0" \
		"$(property ActiveState ExecMainStatus NRestarts)"
	chmod 640 /etc/lvsd/tokens
	expect "root:lvsd 0640 is fine" systemctl restart lvsd
	expect_same "and the token is asked for" "401 200" "$(over_tcp "$url") $(over_tcp "$url" -H "$token")"
	rm /etc/lvsd/lvsd.conf /etc/lvsd/tokens
	systemctl restart lvsd
	kept "tokens"
}

# --url: TLS with a token, TLS with a client certificate, and what is said when they are missing.
# shellcheck shell=bash

pem=$tmp/pem
mkdir -p "$pem"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca \
	-keyout "$pem/ca.key" -out "$pem/ca.crt" 2>"$tmp/err"
signed() { # NAME SUBJECT
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$pem/$1.key" \
		-out "$pem/$1.csr" 2>"$tmp/err"
	openssl x509 -req -in "$pem/$1.csr" -CA "$pem/ca.crt" -CAkey "$pem/ca.key" -CAcreateserial -days 2 \
		-extfile <(echo 'subjectAltName=IP:127.0.0.1') -out "$pem/$1.crt" 2>"$tmp/err"
	chmod 600 "$pem/$1.key"
}
signed server 127.0.0.1
signed client me
printf 'a-token-of-32-characters-or-more-00' >"$pem/token"
echo "me admin $(sha256sum <"$pem/token" | cut -d' ' -f1)" >"$pem/tokens"
chmod 600 "$pem/tokens"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
lvsd_start --listen "tcp://127.0.0.1:$port" --tokens "$pem/tokens" --tls-certificate "$pem/server.crt" \
	--tls-key "$pem/server.key" --tls-client-ca "$pem/ca.crt" --tls-client-role reader
lvsctl vip add 192.0.2.10 eth0 >/dev/null

remote() { # STATUS OPTION…
	local want=$1 got=0
	shift
	"$LVSCTL" --url "https://127.0.0.1:$port" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
	same "lvsctl --url ${*//$tmp/} ends with $want" "$want" "$got"
}

remote 0 --cacert "$pem/ca.crt" --token-file "$pem/token" get vips
says out '^192\.0\.2\.10 '
remote 0 --cacert "$pem/ca.crt" --token-file "$pem/token" vip del 192.0.2.10
remote 0 --cacert "$pem/ca.crt" --cert "$pem/client.crt" --key "$pem/client.key" get vips
remote 2 --cacert "$pem/ca.crt" --cert "$pem/client.crt" --key "$pem/client.key" vip add 192.0.2.10 eth0
says err 'role'
remote 0 --cacert "$pem/ca.crt" --token-file "$pem/token" ipvsadm -A -t 192.0.2.1:80 -s rr
remote 0 --cacert "$pem/ca.crt" --token-file "$pem/token" ipvsadm -L -n
says out '^TCP  192\.0\.2\.1:80 rr$'
remote 255 --cacert "$pem/ca.crt" --cert "$pem/client.crt" --key "$pem/client.key" ipvsadm -D -t 192.0.2.1:80
says err '^Permission denied'
remote 2 --cacert "$pem/ca.crt" get vips
says err 'use --token-file, or a client certificate'
remote 2 --token-file "$pem/token" get vips
says err 'certificate'
remote 2 --token-file "$pem/none" get vips
says err 'token file .* cannot be read'
remote 2 --cert "$pem/client.crt" get vips
says err 'go together'
line=$("$LVSCTL" --url "https://127.0.0.1:$port" --cacert "$pem/ca.crt" --token-file "$pem/token" --show-curl get vips -o json)
same "the line for curl has the token's file and works" 0 "$(bash -c "$line" | jq '.items | length')"
same "it does not show the token" 0 "$(grep -c a-token <<<"$line")"

# The formats of get, filters, single objects, colours.
# shellcheck shell=bash

lvsd_start
cat >"$tmp/objects.json" <<-'EOF'
	{"id": "tcp:192.0.2.1:80", "scheduler": "rr", "realServers": {"10.0.0.5:80": {}, "10.0.0.6:8080": {"forward": "nat"}},
	 "metadata": {"labels": {"team": "web"}}}
	{"id": "udp:[2001:db8::1]:53", "onePacket": true, "realServers": {"[2001:db8::5]:53": {"forward": "tun"}}}
	[{"id": "fwm:5", "persistence": {"timeoutSeconds": 60, "prefixLength": 24}, "realServers": {"10.0.0.5:0": {}}},
	 {"items": [{"id": "fwm6:5", "realServers": {}}, {"id": "192.0.2.10", "interface": "eth0"}]}]
EOF
runs 0 apply -f "$tmp/objects.json"
runs 0 get services
cat >"$tmp/want" <<-'EOF'
	Prot LocalAddress:Port Scheduler Flags
	  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
	UDP  [2001:db8::1]:53 wlc ops
	  -> [2001:db8::5]:53             Tunnel  1      0          0         
	TCP  192.0.2.1:80 rr
	  -> 10.0.0.5:80                  Route   1      0          0         
	  -> 10.0.0.6:8080                Masq    1      0          0         
	FWM  5 wlc persistent 60 mask /24
	  -> 10.0.0.5:0                   Route   1      0          0         
	FWM  5 IPv6 wlc
EOF
same "get services looks like ipvsadm -Ln" "$(sort "$tmp/want")" "$(sort "$tmp/out")"
runs 0 get services -o wide
says out '^TCP  192\.0\.2\.1:80 rr label team=web InSync$'
says out 'PersistConn'
runs 0 get services -o ndjson
same "ndjson: an object a line" 4 "$(jq -s length "$tmp/out")"
runs 0 get services -o json
same "json: one document" 4 "$(jq '.items | length' "$tmp/out")"
runs 0 get vips -o json
same "json of another list" eth0 "$(jq -r '.items[0].interface' "$tmp/out")"
runs 0 get sysctls -o json
same "json of an empty list" '{"items":[]}' "$(jq -c . "$tmp/out")"
runs 0 get services -o ipvsadm
same "ipvsadm: the text of the export" "$(curl -sS --unix-socket "$socket" http://localhost/v1/export/ipvsadm)" "$(cat "$tmp/out")"
runs 0 get fwm:5 -o ipvsadm
same "ipvsadm of one mark, and not the other family's" '-A -f 5 -s wlc -p 60 -M 255.255.255.0
-a -f 5 -r 10.0.0.5:0 -g -w 1' "$(cat "$tmp/out")"
runs 0 get fwm6:5 -o ipvsadm
same "ipvsadm of the other family's" '-A -f 5 -6 -s wlc' "$(cat "$tmp/out")"
runs 2 get tcp:192.0.2.9:80 -o ipvsadm
runs 0 get services -l team=web
says out '^TCP'
same "a label filters" 1 "$(grep -c '^[A-Z]* *[0-9\[]' "$tmp/out")"
runs 0 get services protocol=fwm -o ndjson
same "any filter of the API" fwm:5 "$(jq -r .id "$tmp/out")"
runs 0 get services --owner ci -o ndjson
silent out
runs 0 get tcp:192.0.2.1:80 -o json
same "one object" rr "$(jq -r .scheduler "$tmp/out")"
runs 0 get tcp:192.0.2.1:80 10.0.0.6:8080 -o json
same "a real server" nat "$(jq -r .forward "$tmp/out")"
runs 0 describe tcp:192.0.2.1:80
says out '^ +Programmed +True +InSync'
says out 'vip_missing: '
runs 0 get config
same "the configuration is JSON" 4 "$(jq '.services | length' "$tmp/out")"
runs 0 get state
runs 0 get capabilities
runs 0 get services -o json
cp "$tmp/out" "$tmp/list.json"
runs 0 apply -f "$tmp/list.json"

# Colours: on a terminal only.
coloured() { # ENVIRONMENT…: whether describe has escape sequences on a terminal
	env "$@" script -qec "'$LVSCTL' --socket '$socket' describe tcp:192.0.2.1:80" /dev/null </dev/null >"$tmp/screen"
	grep -q $'\e\[' "$tmp/screen" # not behind a pipe, which it would break
}
if coloured TERM=xterm; then ok "a terminal gets colours"; else not_ok "a terminal gets colours"; fi
if coloured TERM=xterm NO_COLOR=1; then not_ok "NO_COLOR is heard"; else ok "NO_COLOR is heard"; fi
if coloured TERM=dumb; then not_ok "a dumb terminal gets none"; else ok "a dumb terminal gets none"; fi
runs 0 describe tcp:192.0.2.1:80
if grep -q $'\e' "$tmp/out"; then not_ok "a pipe gets none"; else ok "a pipe gets none"; fi

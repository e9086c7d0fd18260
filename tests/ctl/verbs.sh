# Each verb does what it says: the daemon is asked by curl afterwards.
# shellcheck shell=bash

lvsd_start
S=tcp:192.0.2.1:80
R=10.0.0.5:80
cat >"$tmp/web.json" <<-EOF
	{"services": {"$S": {"scheduler": "rr", "realServers": {"$R": {}, "10.0.0.6:80": {"weight": 3}}}}}
EOF
runs 0 apply -f "$tmp/web.json"
says out 'the kernel holds it'
same "apply declares it" "rr 2" "$(api "/v1/services/$S" '"\(.scheduler) \(.realServers | length)"')"

runs 0 set weight "$S" "$R" 7
same "the weight" 7 "$(api "/v1/services/$S" ".realServers[\"$R\"].weight")"
runs 0 set weight "$S/$R" 8
same "the weight, by the id that diff shows" 8 "$(api "/v1/services/$S" ".realServers[\"$R\"].weight")"
runs 0 set scheduler "$S" sh sh-port
same "the scheduler" '["sh",["sh-port"]]' "$(api "/v1/services/$S" '[.scheduler, .schedulerFlags] | @json')"
runs 0 set scheduler "$S" wrr
same "its flags go with it" '["wrr",[]]' "$(api "/v1/services/$S" '[.scheduler, .schedulerFlags] | @json')"
runs 0 set label "$S" team=web tier=1
runs 0 set label "$S" tier-
same "labels come and go" '{"team":"web"}' "$(api "/v1/services/$S" '.metadata.labels | @json')"
runs 0 set "$S" persistence.timeoutSeconds=60
same "an inner member" 60 "$(api "/v1/services/$S" .persistence.timeoutSeconds)"
runs 0 set "$S" "$R" upperThreshold=9
same "a member of a real server" 9 "$(api "/v1/services/$S" ".realServers[\"$R\"].upperThreshold")"

runs 0 set weight "$S" "$R" 1 --dry-run
says out 'set +realServer .*weight'
same "a dry run changes nothing" 8 "$(api "/v1/services/$S" ".realServers[\"$R\"].weight")"

runs 0 vip add 192.0.2.10 eth0 announce.count=1
same "the VIP" 'eth0 1' "$(api /v1/vips/192.0.2.10 '"\(.interface) \(.announce.count)"')"
runs 0 vip list
says out '^192\.0\.2\.10 +eth0'
runs 0 vip announce 192.0.2.10
runs 0 vip del 192.0.2.10
runs 2 vip announce 192.0.2.10
runs 0 realserver on 192.0.2.20 192.0.2.21
same "the role of a real server" '["dr",["192.0.2.20","192.0.2.21"]]' \
	"$(api /v1/roles/real-server '[.mode, (.vips | keys)] | @json')"
runs 0 realserver status
says out 'address +192\.0\.2\.20/32@lo: wanted present, found present, InSync'
runs 0 realserver off
runs 2 realserver status
runs 0 director on ipv4Forwarding=true ipvs.expire_nodest_conn=1
runs 0 director set timeouts.tcpSeconds=900
same "the role of a director" '[true,"1",900]' \
	"$(api /v1/roles/director '[.ipv4Forwarding, .ipvs.expire_nodest_conn, .timeouts.tcpSeconds] | @json')"
runs 0 director
says out 'tcpSeconds: 900'
runs 0 director off
runs 0 director set ipvs.expire_nodest_conn=1
same "set begins the role where there is none" '[null,"1"]' \
	"$(api /v1/roles/director '[.ipv4Forwarding, .ipvs.expire_nodest_conn] | @json')"
runs 2 director set ipvs.expire_nodest_conn=7
says err '/roles/director/ipvs/expire_nodest_conn'
runs 0 director off
runs 0 sysctl set net.ipv4.conf.eth0.rp_filter 0
same "a variable" 0 "$(api /v1/sysctls/net.ipv4.conf.eth0.rp_filter .value)"
runs 0 sysctl list
says out '^net\.ipv4\.conf\.eth0\.rp_filter +0 +InSync'
runs 0 sysctl del net.ipv4.conf.eth0.rp_filter
runs 0 policy set maxDeletePercent=60
same "the policy" 60 "$(api /v1/policy .maxDeletePercent)"
runs 0 policy reset
runs 0 policy get
says out 'maxDeletePercent: 50'

runs 0 sync master on eth0 syncId=5
same "a sync daemon" '["eth0",5]' "$(api /v1/sync/master '[.interface, .syncId] | @json')"
runs 0 sync master
says out 'sync +master: wanted eth0 id 5 '
runs 0 sync master off
runs 2 sync backup
runs 0 connections
says out '^pro  expire state '
runs 0 connections service="$S" -o json
same "no connections as JSON" '{"items":[]}' "$(jq -c . "$tmp/out")"
runs 2 connections colour=red
says err 'known are: service, client'

runs 0 status
says out '^InSync +True'
runs 0 diff
silent out
runs 0 reconcile
runs 0 stats
says out '^TCP  192\.0\.2\.1:80 +0 +0 +0 +0 +0$'
runs 0 stats --rate "$S"
says out 'CPS'
runs 0 stats total
says out '^services: 1'
runs 0 stats zero
runs 0 stats zero "$S"
runs 0 explain owner_conflict
says out 'remedy: '
runs 0 version
says out '^lvsd [0-9]'
runs 0 adopt all

runs 0 export
cp "$tmp/out" "$tmp/rules"
says out '^-a -t 192\.0\.2\.1:80 -r 10\.0\.0\.5:80 -g -w 8 -x 9'
runs 0 delete "$S" "$R"
runs 0 import -f "$tmp/rules" --prune
runs 0 export
same "export and import lose nothing" "$(cat "$tmp/rules")" "$(cat "$tmp/out")"
runs 0 export -o json
jq 'del(.policy)' "$tmp/out" >"$tmp/config.json"
runs 0 delete "$S"
same "it is gone" not_found "$(api "/v1/services/$S" .code)"
runs 0 apply -f "$tmp/config.json" --prune
same "the exported configuration is back" wrr "$(api "/v1/services/$S" .scheduler)"

# Where the policy wants a precondition for each write, lvsctl reads the object before it.
runs 0 policy set requireIfMatch=true
runs 0 set weight "$S" "$R" 4
runs 0 set scheduler "$S" rr
runs 0 vip add 192.0.2.10 eth0
runs 0 apply -f <(echo '{"id": "tcp:192.0.2.7:80"}')
runs 0 import -f <(echo '-A -t 192.0.2.8:80')
runs 0 director set timeouts.tcpSeconds=800
runs 0 ipvsadm --set 700 0 0
runs 0 ipvsadm -A -t 192.0.2.9:80
runs 0 delete tcp:192.0.2.9:80
same "all of them arrived" '["rr","eth0",4,700,["tcp:192.0.2.7:80","tcp:192.0.2.8:80"]]' "$(api /v1/config \
	"[.services[\"$S\"].scheduler, .vips[\"192.0.2.10\"].interface, .services[\"$S\"].realServers[\"$R\"].weight,
	.roles.director.timeouts.tcpSeconds, (.services | keys - [\"$S\"])] | @json")"
runs 0 director off
runs 0 ipvsadm --set 600 0 0
same "--set begins the role" 600 "$(api /v1/roles/director .timeouts.tcpSeconds)"
runs 2 delete tcp:192.0.2.99:80
says err 'no service'
runs 0 ipvsadm -C
runs 0 policy set requireIfMatch=false

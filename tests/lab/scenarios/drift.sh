# Somebody clears the table by hand: what is ours comes back within the resync interval, what is not stays gone.

host director
ipvs director -A -t 192.0.2.21:80 -s rr
lvsd_start director --resync 2 --drift-notice off
write director PUT /v1/services/tcp:192.0.2.10:80 '{
	"scheduler": "rr",
	"realServers": {"192.0.2.11:80": {}, "192.0.2.12:80": {"weight": 2}}
}'
write director PUT '/v1/services/udp:[2001:db8::10]:53' '{"realServers": {"[2001:db8::11]:53": {"forward": "nat"}}}'
mine=$(ipvs_rules director | grep -v 192.0.2.21)
same_again() { [[ $(ipvs_rules director) == "$mine" ]]; }

ipvs director -C
expect "after ipvsadm -C all of ours are back in time" wait_until 6 same_again
pause 3
expect_same "and the foreign service is not made anew" "$mine" "$(ipvs_rules director)"
expect "the log calls it drift" grep -qi drift "$(lvsd_log director)"

ipvs director -d -t 192.0.2.10:80 -r 192.0.2.12:80
expect "a deleted real server comes back" wait_until 6 same_again
ipvs director -e -t 192.0.2.10:80 -r 192.0.2.12:80 -g -w 9
expect "a changed weight is set right" wait_until 6 same_again
ipvs director -a -t 192.0.2.10:80 -r 192.0.2.13:80 -g
expect "a real server slipped into our service goes" wait_until 6 same_again
ipvs director -E -t 192.0.2.10:80 -s wlc
expect "a changed scheduler is set right" wait_until 6 same_again
expect "the daemon knows that it is in sync" wait_until 6 in_sync director

# The text of ipvsadm in and out: random rule sets, between the real ipvsadm and lvsd in both directions; and a
# table that lvsd cannot declare or ipvsadm not print.
# timeout: 90

host director maker
lvsd_start director --resync 3600
on maker ipvsadm -C # loads IPVS
verdicts_of on maker python3 -I -B "$LAB_DIR/lib/ipvsadm-text.py" --socket "$(lvsd_socket director admin)" \
	--director director --sets "${TEXT_SETS:-6}" --seed "${TEXT_SEED:-1}"

text() { # METHOD PATH TEXT
	api director "$1" "$2" '' -H 'Content-Type: text/plain' --data-binary "$3"
}
write director PUT '/v1/config?allowMassDelete=true' '{"services": {}}'
ipvs director -R <<<'-A -f 4294967290 -s rr
-A -t 192.0.2.1:80 -s wlc -p 10 -M 255.0.255.0
-a -t 192.0.2.1:80 -r 192.0.2.31:80 -g -w 1
-A -u 192.0.2.2:53 -s rr'
api director GET '/v1/export/ipvsadm?source=kernel'
expect_same "the kernel's table, what cannot be printed at its end as comments" \
	"-A -u 192.0.2.2:53 -s rr
-A -f 4294967290 -s rr
# left out, since ipvsadm has no options for it: tcp:192.0.2.1:80" "$(body)"
api director GET /v1/export/ipvsadm
expect_same "nothing of it is declared" "" "$(body)"
rules=$(ipvs_rules director)
text POST /v1/import/ipvsadm $'-A -t 192.0.2.9:80\n-A -u 192.0.2.2:53 -s rr'
expect_status 409 "a service that somebody else made is a conflict"
text POST '/v1/import/ipvsadm?mode=replace' $'-A -t 192.0.2.9:80\n\n-a -t 192.0.2.9:http -r 192.0.2.31:80 -m # port\n-D -t 192.0.2.9:80\n-A -t 192.0.2.10:80 -p 5 -M 255.0.255.0'
expect_json '[.errors[] | .pointer + " " + .code] | join(" ")' \
	"/lines/3 name_not_allowed /lines/4 unsupported_option /lines/5 unsupported_netmask" "every bad line is named"
expect_same "and nothing is changed" "$rules" "$(ipvs_rules director)"
text POST '/v1/import/ipvsadm?names=true' $'-A -t 192.0.2.9:http -s rr\n-a -t 192.0.2.9:http -r 192.0.2.31:domain -m'
expect_status 200 "names of ports, when told to"
expect "they are those of the machine" ipvs_has director '^-a -t 192.0.2.9:80 -r 192.0.2.31:53 -m -w 1$'
text POST '/v1/import/ipvsadm?adopt=true' '-A -u 192.0.2.2:53 -s lc'
expect "a foreign service is taken over when told to" ipvs_has director '^-A -u 192.0.2.2:53 -s lc$'
expect "what a merge does not name stays" ipvs_has director '^-a -t 192.0.2.9:80'

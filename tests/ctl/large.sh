# 10,000 services with 100,000 real servers: lists begin at once and need little memory.
# shellcheck shell=bash

lvsd_start
python3 - >"$tmp/large.json" <<-'EOF'
	import json
	print(json.dumps({"services": {f"tcp:10.1.{i >> 8}.{i & 255}:80": {"realServers": {f"10.2.0.{k}:80": {} for k in range(1, 11)}}
	                               for i in range(1, 10001)}}))
EOF
runs 0 apply -f "$tmp/large.json" --wait 60
cat >"$tmp/measure.py" <<-'EOF'
	import resource, subprocess, sys, time
	begin = time.monotonic()
	p = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE)
	lines, first, wanted = 0, 0, int(sys.argv[1])
	for line in p.stdout:
	    lines += 1
	    if lines == wanted:
	        first = time.monotonic() - begin
	status = p.wait()
	print(status, lines, int(first * 1000), int((time.monotonic() - begin) * 1000),
	      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
EOF

# lists LINES EARLY WORDS…: so many lines come, and line EARLY long before the last one (0: all at the end).
lists() {
	local want=$1 early=$2 status lines first all rss
	shift 2
	python3 "$tmp/measure.py" "$early" "$LVSCTL" --socket "$socket" "$@" >"$tmp/measured"
	read -r status lines first all rss <"$tmp/measured"
	echo "# $*: line $early after $first ms, all after $all ms, $rss KiB"
	same "$* ends well and is complete" "0 $want" "$status $lines"
	if ((rss < 32 * 1024)); then ok "$*: in less than 32 MiB"; else not_ok "$*: in less than 32 MiB" "$tmp/measured"; fi
	((early)) || return 0
	# A busy machine only adds: what counts is that nobody waits for the whole list.
	if ((first < 100 || first * 5 < all)); then
		ok "$*: line $early comes long before the last one"
	else
		not_ok "$*: line $early comes long before the last one" "$tmp/measured"
	fi
}

rows=110000
lists $((rows + 2)) 3 get services
lists $((rows + 3)) 1 ipvsadm -Ln          # sorted as ipvsadm sorts: the head comes at once
lists $((rows + 3)) 4 ipvsadm -Ln --nosort # and so do the services
lists $((rows + 3)) 1 ipvsadm -Ln --stats
lists 13 0 ipvsadm -Ln -t 10.1.1.1:80 --stats
lists 1 0 ipvsadm -L --timeout

# Out as one object a line, and in again: nothing is changed.
revision=$(api /v1 .revision)
lvsctl get services -o ndjson >"$tmp/large.ndjson"
same "ndjson has all of them" 10000 "$(wc -l <"$tmp/large.ndjson")"
runs 0 apply -f "$tmp/large.ndjson" --wait 60
same "applying what was read changes nothing" "$revision" "$(api /v1 .revision)"

# 10,000 services: the list comes page by page, in little memory.
# shellcheck shell=bash

lvsd_start
python3 - >"$tmp/large.json" <<-'EOF'
	import json
	print(json.dumps({"services": {f"tcp:10.1.{i >> 8}.{i & 255}:80": {"realServers": {f"10.2.0.{k}:80": {} for k in range(1, 4)}}
	                               for i in range(1, 10001)}}))
EOF
runs 0 apply -f "$tmp/large.json" --wait 60
python3 - "$LVSCTL" "$socket" >"$tmp/measured" <<-'EOF'
	import resource, subprocess, sys, time
	begin = time.monotonic()
	p = subprocess.Popen([sys.argv[1], '--socket', sys.argv[2], 'get', 'services'], stdout=subprocess.PIPE)
	lines, first = 0, 0
	for line in p.stdout:
	    lines += 1
	    if lines == 3:  # after the head
	        first = time.monotonic() - begin
	status = p.wait()
	print(status, lines, int(first * 1000), int((time.monotonic() - begin) * 1000),
	      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
EOF
read -r status lines first all rss <"$tmp/measured"
echo "# first service after $first ms, all after $all ms, $rss KiB"
same "get services ends well" 0 "$status"
same "all of them are shown" $((2 + 10000 * 4)) "$lines"
if ((rss < 32 * 1024)); then ok "in less than 32 MiB"; else not_ok "in less than 32 MiB" "$tmp/measured"; fi
# A busy machine only adds: what counts is that nobody waits for the whole list.
if ((first < 100 || first * 5 < all)); then
	ok "the first service comes long before the last one"
else
	not_ok "the first service comes long before the last one" "$tmp/measured"
fi

# Out as one object a line, and in again: nothing is changed.
revision=$(api /v1 .revision)
lvsctl get services -o ndjson >"$tmp/large.ndjson"
same "ndjson has all of them" 10000 "$(wc -l <"$tmp/large.ndjson")"
runs 0 apply -f "$tmp/large.ndjson" --wait 60
same "applying what was read changes nothing" "$revision" "$(api /v1 .revision)"

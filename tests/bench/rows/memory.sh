# Resident memory: idle without objects; settled with all of them; at the peak of a whole-document PUT of what GET
# answered, with the status of everything, also after twenty of them.
# timeout: 900
. "$LAB_DIR/../bench/lib/bench.sh"

resident() { # HOST VmRSS|VmHWM: in KiB
	local key value unit
	while read -r key value unit; do
		[[ $key != "$2:" ]] || echo "$value"
	done <"/proc/${daemon_pid[$1]}/status"
}

mebibytes() { # WORK KIB BOUND-IN-MIB DETAIL
	at_most "$1" $(($2 * 100 / 1024)) $(($3 * 100)) ' MiB' "$4"
}

# What a GET of all services answered, in the shape of a document.
answer_as_document() { # HOST FILE
	local took
	request "$1" GET /v1/services - "$LAB/answer"
	python3 -I -S -c 'import json, sys
answer = json.load(open(sys.argv[1]))
json.dump({"services": {s.pop("id"): s for s in answer["items"]}}, open(sys.argv[2], "w"))' "$LAB/answer" "$2"
}

# Every weight is another one.
other_weights() { # FILE OTHER
	sed 's/"weight": \([0-9]*\)/"weight": 1\1/g' "$1" >"$2"
}

fresh_host
mkdir "$LAB/empty"
daemon_start "$fresh" "$LAB/empty" synced
sleep 2
mebibytes "idle, no objects" "$(resident "$fresh" VmRSS)" 8 VmRSS
daemon_stop "$fresh"

stored "$services" "$dests"
fresh_host
daemon_start "$fresh" "$stored_state" synced
answer_as_document "$fresh" "$LAB/full"
size="$(($(stat -c %s "$LAB/full") / 100000)) MB" && size=${size/%? MB/.${size: -4}}
sleep 2
settled=$((short ? 12 : 32)) peak=$((short ? 20 : 64))
mebibytes "settled with $services × $dests" "$(resident "$fresh" VmRSS)" "$settled" VmRSS
whole() { # FILE
	request "$fresh" PUT '/v1/config?owner=bench&wait=60' "$1"
}
echo 5 >"/proc/${daemon_pid[$fresh]}/clear_refs"
whole "$LAB/full"
mebibytes "peak of a PUT of what GET answered, $size" "$(resident "$fresh" VmHWM)" "$peak" VmHWM
for ((k = 0; k < 19; k++)); do
	whole "$LAB/full"
done
mebibytes "peak of twenty of them" "$(resident "$fresh" VmHWM)" "$peak" VmHWM
sleep 2
mebibytes "settled after them" "$(resident "$fresh" VmRSS)" "$settled" VmRSS
other_weights "$LAB/full" "$LAB/other"
whole "$LAB/other"
shown "peak of one that changes every weight" "$(($(resident "$fresh" VmHWM) / 1024)) MiB"
daemon_stop "$fresh"

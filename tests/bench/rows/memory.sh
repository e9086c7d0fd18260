# Resident memory: idle without objects; settled with all of them; at the peak of a whole-document PUT of what GET
# answered, also after twenty of them. The document is what GET /v1/services answers, with the metadata and the status of
# everything; the conditions of the real servers, which are half of it, are left out.
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

# What a GET of all services answered, in the shape of a document, without and with all conditions.
answer_as_documents() { # HOST FILE FILE-WITH-ALL
	local took
	request "$1" GET /v1/services - "$LAB/answer"
	python3 -I -S -c 'import json, sys
document = {"services": {s["id"]: s for s in json.load(open(sys.argv[1]))["items"]}}
json.dump(document, open(sys.argv[3], "w"), separators=(",", ":"))
for service in document["services"].values():
    for server in service["realServers"].values():
        del server["status"]["conditions"], server["status"]["warnings"]
json.dump(document, open(sys.argv[2], "w"), separators=(",", ":"))' "$LAB/answer" "$2" "$3"
	rm "$LAB/answer"
}

megabytes() { # FILE
	local tenths=$(($(stat -c %s "$1") / 100000))
	echo "$((tenths / 10)).$((tenths % 10)) MB"
}

# Every weight gets a digit in front.
other_weights() { # DIGIT FILE OTHER
	sed "s/\"weight\":/&$1/g" "$2" >"$3"
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
answer_as_documents "$fresh" "$LAB/full" "$LAB/fuller"
daemon_stop "$fresh"

# Anew, so that it has not served that large answer.
daemon_start "$fresh" "$stored_state" synced
sleep 2
settled=$((short ? 16 : 32)) peak=$((short ? 18 : 64))
mebibytes "settled with $services × $dests" "$(resident "$fresh" VmRSS)" "$settled" VmRSS
whole() { # FILE
	request "$fresh" PUT '/v1/config?owner=bench&wait=60' "$1"
}
echo 5 >"/proc/${daemon_pid[$fresh]}/clear_refs"
whole "$LAB/full"
mebibytes "peak of a PUT of what GET answered, $(megabytes "$LAB/full")" "$(resident "$fresh" VmHWM)" "$peak" VmHWM
for ((k = 0; k < 19; k++)); do
	whole "$LAB/full"
done
mebibytes "peak of twenty of them" "$(resident "$fresh" VmHWM)" "$peak" VmHWM
sleep 2
mebibytes "settled after them" "$(resident "$fresh" VmRSS)" "$settled" VmRSS
other_weights 1 "$LAB/full" "$LAB/other"
whole "$LAB/other"
shown "peak of one that changes every weight" "$(($(resident "$fresh" VmHWM) / 1024)) MiB"
other_weights 2 "$LAB/fuller" "$LAB/other"
whole "$LAB/other"
shown "the same with all conditions, $(megabytes "$LAB/other")" "$(($(resident "$fresh" VmHWM) / 1024)) MiB"
daemon_stop "$fresh"

# What one object costs in a table of ten times the size. The kernel's own growth is in the same work done without the
# daemon: it is subtracted, and shown.
# timeout: 1500
. "$LAB_DIR/../bench/lib/bench.sh"

[[ ! $short ]] || services=2000
small=$((services / 10))
declare -A reconcile=() write=() put=() pass=() snapshot=() ready=() first=()

measure() { # SERVICES: one more time of each
	local n=$1 took
	fresh_host
	write[$n]+=" $(kernel "$fresh" write "$n" "$dests")"
	kernel "$fresh" clear

	fresh_host
	daemon_start "$fresh" "$LAB/state-$n-$dests" synced
	reconcile[$n]+=" $((${daemon_synced[$fresh]% *} - ${daemon_ready[$fresh]% *}))"
	request "$fresh" POST '/v1/reconcile?wait=60'
	pass[$n]+=" $took"
	daemon_stop "$fresh"
	snapshot[$n]+=" $(kernel "$fresh" snapshot "$n" "$dests")"
	daemon_start "$fresh" "$LAB/state-$n-$dests" synced
	ready[$n]+=" ${daemon_ready[$fresh]#* }"
	first[$n]+=" ${daemon_synced[$fresh]#* }"
	daemon_stop "$fresh"
	kernel "$fresh" clear

	fresh_host
	mkdir "$LAB/state"
	daemon_start "$fresh" "$LAB/state" synced
	put[$n]+=" $(put_document "$fresh" "$n" "$dests")"
	daemon_stop "$fresh"
	kernel "$fresh" clear
	rm -r "$LAB/state"
}

# What is left of ten times the work, by what is left of the work; where hardly anything is left, a twentieth of the
# kernel's time is noise.
growth() { # NAME OF-OURS OF-THE-KERNEL|-
	local -n ours=$2
	local a b ka=0 kb=0 noise more share=''
	# shellcheck disable=SC2086 # numbers
	a=$(least ${ours[$small]}) b=$(least ${ours[$services]})
	if [[ $3 != - ]]; then
		local -n theirs=$3
		# shellcheck disable=SC2086
		ka=$(least ${theirs[$small]}) kb=$(least ${theirs[$services]})
		share="; the kernel alone $(ms "$ka") and $(ms "$kb"), $(hundredths $((kb * 10 / ka))) ×"
	fi
	noise=$((kb / 20))
	((a - ka > noise / 10)) || a=$((ka + noise / 10 + 1))
	more=$((b > kb ? b - kb : 0))
	at_most "$1 per object, $services × $dests against $small × $dests" $((more * 10 / (a - ka))) \
		"$(by_kind 130 130 400)" ' ×' "$(ms "$a") and $(ms "$b")$share"
}

stored "$small" "$dests"
stored "$services" "$dests"
for ((k = 0; k < repeats; k++)); do
	measure "$small"
	measure "$services"
	[[ $short ]] || measure "$small"
done
growth reconcile reconcile write
growth PUT put write
growth "full pass" pass snapshot
growth "CPU of a start" ready -
growth "CPU until the first pass" first snapshot

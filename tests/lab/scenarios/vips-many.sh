# 5,000 VIPs in one request take no more than three times what `ip -batch` takes for the same; a look that
# finds nothing to do takes no more than two dumps of the addresses by ip; one VIP of so many is back at
# once; another request takes them away and leaves nothing.
# timeout: 400

count=${VIPS_COUNT:-5000}
modprobe dummy || true
host director other
for name in director other; do
	ip -n "$name" link add d0 type dummy
	ip -n "$name" link add d1 type dummy
	ip -n "$name" link set d0 up
done
lvsd_start director

address() { # NUMBER
	echo "10.$(($1 / 62500 + 1)).$(($1 / 250 % 250)).$(($1 % 250 + 1))"
}
for ((i = 0; i < count; i++)); do
	address $i
done >"$LAB/addresses"
jq -Rn '{vips: ([inputs | {(.): {interface: "d0"}}] | add)}' <"$LAB/addresses" >"$LAB/document"
sed 's|.*|address add &/32 dev d0|' "$LAB/addresses" >"$LAB/batch"

now() { # in microseconds
	echo "${EPOCHREALTIME/./}"
}
number() { # HOST: of addresses on d0
	ip -n "$1" -o -4 address show dev d0 | wc -l
}
has() { # NUMBER
	(($(number director) == $1))
}
# What the daemon's process has used, in milliseconds of a processor.
used() {
	local stat
	stat=$(<"/proc/${lvsd_pid[director]}/stat")
	stat=(${stat##*) })
	echo $(((stat[11] + stat[12]) * 10))
}

jq '.vips |= map_values(null)' "$LAB/document" >"$LAB/nothing"

# Twice if need be: noise of the machine only adds.
for attempt in first second; do
	started=$(now)
	ip -n other -batch - <"$LAB/batch"
	batch=$((($(now) - started) / 1000))
	started=$(now)
	api director PATCH '/v1/config?wait=60' "@$LAB/document"
	took=$((($(now) - started) / 1000))
	[[ $attempt == first ]] && ((took > 3 * batch)) || break
	api director PATCH '/v1/config?wait=60' "@$LAB/nothing"
	ip -n other address flush dev d0
done
expect_status 200
expect_same "ip -batch adds them" "$count" "$(number other)"
expect_same "lvsd adds them" "$count" "$(number director)"
expect "it took $took ms, ip -batch $batch ms" test "$took" -le $((3 * batch))

# News of another interface make it look.
sleep 2
started=$(now)
for _ in 1 2 3 4 5; do
	ip -n other -o address >"$LAB/dump"
done
dump=$((($(now) - started) / 5000))
before=$(used)
for i in 1 2 3 4 5 6 7 8 9 10; do
	ip -n director link set d1 mtu $((1400 + i))
	sleep 0.3
done
look=$((($(used) - before) / 10))
expect "a look takes $look ms, ip's dump $dump ms" test "$look" -le $((2 * dump))

for i in 17 $((count / 2)) $((count - 1)); do
	times=$(on director python3 -I -S "$LAB_DIR/lib/drift-times.py" address d0 "$(address $i)")
	expect "one of them is back after $times ms" test "${times%.*}" -lt $((500 * LAB_SLOW))
done

started=$(now)
api director PATCH /v1/config "@$LAB/nothing"
expect_status "200|202"
expect "all go" wait_until 120 has 0
ok "they went within $((($(now) - started) / 1000)) ms"

# In the guest: the journal after all that has happened. Sourced by guest-test.sh.

# The commands of docs/JOURNAL.md, one block each, to numbered files. What they look for is what the parts
# before have done.
journal_examples() { # DIRECTORY
	awk -v dir="$1" '/^```/ { inside = !inside; n += inside; next } inside { print > (dir "/" n) }' /mnt/JOURNAL.md
}

journal() {
	local example dir=$LAB/examples n=0
	mkdir -p "$dir"
	journal_examples "$dir"
	for example in "$dir"/*; do
		n=$((n + 1))
		expect "docs/JOURNAL.md, example $n finds something: $(head -c 60 "$example" | head -n 1)" \
			bash -c 'out=$(bash -euo pipefail "$1" | grep -v "^-- No entries") && [[ $out == *[^[:space:]]* ]]' - "$example"
	done
	expect_same "there are six examples" 6 "$n"
	expect_like "one tells who wrote a service, by which request" "*uid=0*system-1*PUT $SERVICE*" "$(bash "$dir/1")"
	expect_like "one tells of a VIP" "*192.0.2.10*was changed by somebody else*" "$(bash "$dir/5")"
	expect_like "journalctl -x explains" "*goes on with what it had*lvsd --check*" \
		"$(journalctl -q -x MESSAGE_ID=$ID_BAD_CONFIG | tr '\n' ' ')"
	expect_same "every kind of record has its page" 20 "$(journalctl --list-catalog | grep -c '^1e2f0dc1d9d24c6f8c2f6a4a5d0b7e')"
}

# A flush of many services is one line for each service, up to a hundred, and a count of the rest.
floods() {
	local before services i document=''
	for ((i = 1; i <= 150; i++)); do
		document+="${document:+, }\"tcp:198.51.100.$i:80\": {}"
	done
	api here PATCH /v1/config "{\"services\": {$document}}"
	expect_status '200|202' "150 more services"
	before=$(ipvsadm -Sn | wc -l)
	services=$(ipvsadm -Sn | grep -c '^-A')
	mark
	ipvsadm -C
	api here POST /v1/reconcile
	expect "after a flush they are back" wait_until 25 eval '[[ $(ipvsadm -Sn | wc -l) == "$before" ]]'
	expect "what was not written is counted" wait_until 25 new_record LVSD_SUPPRESSED_MESSAGE_ID $ID_DRIFT
	expect_same "each kind of record has a hundred, and the count of the rest" "100 $((services - 100))" \
		"$(journalctl -q -o json --after-cursor="$cursor" | jq -s -r "[(map(select(.MESSAGE_ID == \"$ID_DRIFT\")) | length),
			(map(select(.LVSD_SUPPRESSED_MESSAGE_ID == \"$ID_DRIFT\")) | .[0].LVSD_SUPPRESSED)] | join(\" \")")"
	api here PATCH '/v1/config?allowMassDelete=true' "{\"services\": {${document//\{\}/null}}}"
	expect_status '200|202' "they go again"
	kept "a flush"
}

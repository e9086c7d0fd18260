# The policy on a real kernel: services of others are removed only when it says so, and a mass of them, or of our own,
# only at the operator's word.

host director
wait_for_pass() { write director POST /v1/reconcile; }
theirs() { ipvs_rules director | grep -v 192.0.2.10: || true; }
foreign='-A -t 192.0.2.21:80 -s rr
-A -u 192.0.2.22:53 -s sed
-A -f 7 -s wlc
-a -t 192.0.2.21:80 -r 192.0.2.31:80 -g -w 5'
ipvs director -R <<<"$foreign"
foreign=$(theirs)

lvsd_start director --resync 300 --drift-notice off
write director PUT /v1/services/tcp:192.0.2.10:80 '{"scheduler": "rr", "realServers": {"192.0.2.11:80": {}}}'
ours=$(ipvs_rules director | grep 192.0.2.10:)
for policy in report ignore; do
	write director PUT /v1/policy '{"foreign": "'$policy'"}'
	wait_for_pass
	expect_same "$policy: services of others stay" "$foreign" "$(theirs)"
done

write director PUT /v1/policy '{"foreign": "prune"}'
wait_for_pass
expect_same "prune: services of others go" "" "$(theirs)"
expect_same "ours stay" "$ours" "$(ipvs_rules director)"
wait_for_pass
expect_same "a pass later still" "$ours" "$(ipvs_rules director)"

for i in {1..12}; do
	echo "-A -t 192.0.2.21:$i -s rr"
done | ipvs director -R
foreign=$(theirs)
wait_for_pass
expect_same "a mass of them is held" "$foreign" "$(theirs)"
expect "the log says so" grep -q '12 of 13 services are to be pruned' "$(lvsd_log director)"
api director GET '/readyz?verbose'
expect_json '.conditions[] | select(.type == "InSync").reason' MassDeleteHeld
write director POST '/v1/reconcile?allowMassDelete=true'
expect_same "until the word is given" "" "$(theirs)"
write director PUT /v1/policy '{}'

# Our own: eleven more services, all of them taken away by one document.
write director PATCH /v1/config "$(jq -n '{services: ([range(1; 12) | {"tcp:192.0.2.10:\(100 + .)": {scheduler: "rr"}}] | add)}')"
rules=$(ipvs_rules director)
api director PUT /v1/config '{"services": {"tcp:192.0.2.10:80": {"scheduler": "rr"}}}'
expect_status 409 "a document that takes eleven of twelve away"
expect_json .code mass_delete_refused
expect_same "changes nothing" "$rules" "$(ipvs_rules director)"
write director PUT '/v1/config?allowMassDelete=true' '{"services": {"tcp:192.0.2.10:80": {"scheduler": "rr"}}}'
expect_same "with the word it is done" "$ours" "$(ipvs_rules director)"

# A change of the forwarding method can reach open connections, since the kernel keeps one route for all of them: it
# is announced, and new connections are right.

topology tun
lvsd_start director
write director PUT "/v1/services/$SERVICE" '{"scheduler": "rr", "realServers": {"'"$RS1"'": {"forward": "dr"}}}'
expect_count "direct routing" "rs1=2" 2 client "$URL"
rs1=/v1/services/$SERVICE/real-servers/$RS1
for change in '{"forward": "tun"}' '{"forward": "nat"}' '{"forward": "tun", "tunnel": {"type": "gre"}}'; do
	api director PATCH "$rs1?dryRun=true" "$change"
	expect_json '.status.plan.operations | map(.disruptive)' '[true]' "$change is disruptive"
done
api director PATCH "$rs1?dryRun=true" '{"weight": 5, "upperThreshold": 9}'
expect_json '.status.plan.operations | map(.disruptive)' '[false]' "weight and threshold are not"
write director PATCH "$rs1" '{"forward": "tun"}'
expect_count "by tunnel" "rs1=2" 2 client "$URL"
write director PATCH "$rs1" '{"forward": "dr"}'
expect_count "and back" "rs1=2" 2 client "$URL"

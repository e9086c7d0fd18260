# What every forwarding method has to show, whatever the topology and the address family.

# Needs a topology and a running daemon.
check_balancing() { # dr|nat|tun
	write director PUT "/v1/services/$SERVICE" '{
		"scheduler": "rr",
		"realServers": {
			"'"$RS1"'": {"forward": "'"$1"'"},
			"'"$RS2"'": {"forward": "'"$1"'"}
		}
	}'
	expect_count "rr spreads evenly" "rs1=3 rs2=3" 6 client "$URL"

	write director PATCH "/v1/services/$SERVICE" '{"scheduler": "wrr"}'
	write director PUT "/v1/services/$SERVICE/real-servers/$RS1/weight" '{"weight": 3}'
	expect_count "wrr follows the weights 3 and 1" "rs1=6 rs2=2" 8 client "$URL"

	write director PUT "/v1/services/$SERVICE/real-servers/$RS2/weight" '{"weight": 3}'
	expect_count "equal weights show in the next requests" "rs1=3 rs2=3" 6 client "$URL"

	write director PUT "/v1/services/$SERVICE/real-servers/$RS1/weight" 1
	expect_count "so does a bare number, 1 against 3" "rs1=2 rs2=6" 8 client "$URL"

	write director DELETE "/v1/services/$SERVICE"
	expect_not "without the service nobody answers" get client "$URL"
}

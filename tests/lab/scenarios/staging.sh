# A new service that waits for its real servers is silent, and aloud when it has to wait for its scheduler;
# without the persistence engine that makes it silent it is made all the same.

own_kernel || skip "takes modules away from the kernel: needs one of its own"
host client director
link client director 192.0.2.1/24 192.0.2.2/24
addr director client 192.0.2.10/32
lvsd_start director
pool='"realServers": {"198.51.100.11:80": {"forward": "nat"}}'

wait_until 20 modprobe -r ip_vs_nq
hide_modules ip_vs_nq
api director PUT /v1/services/tcp:192.0.2.10:80 '{"scheduler": "nq", '"$pool"'}'
expect_status 202 "a scheduler that cannot be loaded"
expect "has left the service without one" ipvs_has director '-A -t 192.0.2.10:80 -s none$'
refused() {
	on client python3 -I -c '
import socket
try:
    socket.create_connection(("192.0.2.10", 80), 3)
except ConnectionRefusedError:
    raise SystemExit(0)
raise SystemExit(1)'
}
expect "which refuses clients at once" refused
show_modules
write director POST /v1/reconcile
expect "and is put right when the scheduler comes" ipvs_has director '-A -t 192.0.2.10:80 -s nq$'

# Killed between the two steps of the creation, and started again without the scheduler.
lvsd_stop director
ipvs director -E -t 192.0.2.10:80 -s none -p 360 --pe sip
expect_not "a service that was left silent drops packets" refused
wait_until 20 modprobe -r ip_vs_nq
hide_modules ip_vs_nq
lvsd_restart director
expect "is aloud after the next start" wait_until 10 ipvs_has director '-A -t 192.0.2.10:80 -s none$'
expect "refuses clients again" refused
show_modules
write director POST /v1/reconcile
expect "and gets its scheduler when that comes" ipvs_has director '-A -t 192.0.2.10:80 -s nq$'
write director DELETE /v1/services/tcp:192.0.2.10:80

lvsd_stop director
unload_ipvs
hide_modules ip_vs_pe_sip
asked() { # for the engine, so far
	modprobe_requests | grep -c ip_vs_pe_sip || true
}
before=$(asked)
lvsd_restart director
for port in 81 82; do
	write director PUT "/v1/services/tcp:192.0.2.10:$port" '{"scheduler": "rr", '"${pool/:80/:$port}"'}'
	expect "without the engine the service of port $port is there" ipvs_has director "-A -t 192.0.2.10:$port -s rr\$"
done
expect_same "the kernel was asked for the engine once more" $((before + 1)) "$(asked)"
expect_same "both have their real servers" 2 "$(ipvs_rules director | grep -c -- -a)"

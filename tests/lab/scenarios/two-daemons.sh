# One lvsd per network namespace: a second one refuses to start and touches nothing, whatever state the first one is in.

host director
lvsd_start director
write director PUT /v1/services/tcp:192.0.2.10:80 '{"realServers": {"192.0.2.11:80": {}}}'
rules=$(ipvs_rules director)
status=0
on director timeout 20 "$LVSD" --state "$LAB/second" --runtime-dir "$LAB/second-run" 2>"$LAB/second.log" || status=$?
expect_same "the second one fails" 1 "$status"
expect "it says why" grep -q 'another lvsd .* manages IPVS in this network namespace' "$LAB/second.log"
expect_same "the kernel is as before" "$rules" "$(ipvs_rules director)"

host other
status=0
on other timeout 5 "$LVSD" --state "$LAB/third" --runtime-dir "$LAB/third-run" 2>"$LAB/third.log" || status=$?
expect "in another namespace one more is fine" grep -q 'serves in' "$LAB/third.log"
on director timeout 5 "$LVSD" --kernel fake --state :memory: --runtime-dir "$LAB/fake-run" 2>"$LAB/fake.log" || true
expect "one with a kernel in memory is in nobody's way" grep -q 'serves in' "$LAB/fake.log"

# The first one hangs, and many have knocked at its lock.
refused() { # WHAT
	status=0
	on director timeout 20 "$LVSD" --state "$LAB/second" --runtime-dir "$LAB/second-run" 2>"$LAB/second.log" || status=$?
	expect_same "$1" 1 "$status"
	expect "and it says why" grep -Eq 'another lvsd( \(pid [1-9][0-9]*\))? manages IPVS in this network namespace' "$LAB/second.log"
}
kill -STOP "${lvsd_pid[director]}"
refused "a second one fails while the first one hangs"
on director python3 -I -S -c 'import socket
for i in range(40):
	s = socket.socket(socket.AF_UNIX)
	s.setblocking(False)
	s.connect_ex("\0lvsd-manages-ipvs")'
refused "also after many have tried"
kill -CONT "${lvsd_pid[director]}"
expect_same "the kernel is as before" "$rules" "$(ipvs_rules director)"

lvsd_kill director
lvsd_restart director
ok "the lock of one that was killed is free"
lvsd_stop director

# Somebody without privileges has taken the name of the lock.
spawn director python3 -I -S -c '
import os, socket, time
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
s = socket.socket(socket.AF_UNIX)
s.bind("\0lvsd-manages-ipvs")
s.listen(1)
time.sleep(1000)'
wait_until 10 on director grep -q "@lvsd-manages-ipvs" /proc/net/unix
: >"$(lvsd_log director)"
lvsd_restart director
expect "a stranger cannot keep lvsd from its work" in_sync director
expect "which it says" grep -q 'uid 65534 that cannot be lvsd holds the name' "$(lvsd_log director)"

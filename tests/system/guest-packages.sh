# In the guest, where lvsd came as a Debian package: upgrade, removal, purge, with a connection through this
# director that must not notice. Sourced by guest-test.sh.

# A client on the one side of this host, a real server on the other.
neighbours() {
	local name
	for name in client server; do
		ip netns add "$name"
		ip link add "$name" type veth peer name eth0 netns "$name"
		ip link set "$name" up
		ip -n "$name" link set eth0 up
	done
	ip address add 203.0.113.1/25 dev client
	ip address add 203.0.113.129/25 dev server
	ip -n client address add 203.0.113.2/25 dev eth0
	ip -n server address add 203.0.113.130/25 dev eth0
	ip -n server route add default via 203.0.113.129
}

# Sends back each line.
echo_server() {
	ip netns exec server perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(LocalAddr => "203.0.113.130", LocalPort => 7, Listen => 1) or die "listen: $!";
		my $c = $s->accept or die "accept: $!";
		$c->autoflush(1);
		print $c $_ while <$c>;'
}

# One connection; a line each 50 ms, each of which must come back within 10 s. Says how many did when it is
# told to stop.
echo_client() {
	ip netns exec client perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => "203.0.113.3", PeerPort => 7, Timeout => 5) or die "connect: $!";
		$s->autoflush(1);
		my $n = 0;
		while (!-e "/run/enough") {
			alarm 10;
			print $s ++$n, "\n";
			my $line = <$s>;
			die "line $n: cut\n" unless defined $line && $line == $n;
			open(my $f, ">", "/run/echoed") or die; print $f "$n\n"; close $f;
			select(undef, undef, undef, 0.05);
		}
		print "$n\n";' >"$LAB/client" 2>&1
}

echoed_more_than() { # N
	[[ $(cat /run/echoed 2>/dev/null || echo 0) -gt $1 ]]
}

connected() { # WHAT: the client's connection goes on
	expect "$1 does not disturb the connection" wait_until 10 echoed_more_than "$(cat /run/echoed)"
}

connects() {
	neighbours
	api here PATCH /v1/config '{
		"vips": {"203.0.113.3": {"interface": "client"}},
		"roles": {"director": {"ipv4Forwarding": true}},
		"services": {"tcp:203.0.113.3:7": {"realServers": {"203.0.113.130:7": {"forward": "nat"}}}}}'
	expect_status '200|202' "a balanced service"
	rules=$(ipvsadm -Sn)
	echo_server &
	wait_until 10 ip netns exec server perl -e 'open(my $f, "<", "/proc/net/tcp"); exit !grep { / [0-9A-F]+:0007 0{8}:0000 0A / } <$f>'
	echo_client &
	client=$!
	expect "a client talks to the real server through this director" wait_until 10 echoed_more_than 5
	expect "which has its connection" grep -q 'CB007102 .* CB007103 0007 CB007182 0007 ESTABLISHED' /proc/net/ip_vs_conn
}

version() {
	dpkg-query -W -f '${Version}' lvsd
}

# Requests all the time, one after the other; what was answered otherwise than by 200.
requests() {
	while [[ ! -e /run/asked ]]; do
		curl -s -m 20 -o /dev/null -w '%{http_code}\n' --unix-socket /run/lvsd/admin.sock http://localhost/v1
	done | sort | uniq -c >"$LAB/answers"
}

upgrades() {
	local old pid asking
	old=$(version) pid=$(property MainPID)
	connects
	echo 'log-level = debug' >/etc/lvsd/lvsd.conf
	requests &
	asking=$!
	expect "the upgrade succeeds" dpkg --path-include='/usr/share/doc/lvsd/*' --force-confold -i /mnt/packages/new/*.deb
	expect "and the daemon serves" wait_until 10 answers
	touch /run/asked
	wait "$asking"
	expect_like "every request meanwhile was answered" "+([0-9 ]) 200" "$(cat "$LAB/answers")"
	expect_not "the version is another one" test "$old" = "$(version)"
	expect_not "the process too" test "$pid" = "$(property MainPID)"
	expect_same "the operator's settings stay" 'log-level = debug' "$(cat /etc/lvsd/lvsd.conf)"
	api here GET /v1
	expect_json .status.kernelWrites 0 "nothing was written to the kernel"
	connected "an upgrade"
	kept "an upgrade"
}

removes() {
	expect "the removal succeeds" dpkg -r lvsd
	expect_not "the daemon is gone" pgrep -x lvsd
	expect_not "so are its sockets" ls /run/lvsd/admin.sock
	expect "the state stays" grep -q 'tcp:203.0.113.3:7' /var/lib/lvsd/lvsd.db
	connected "a removal"
	kept "a removal"
}

purges() {
	expect "the purge succeeds" dpkg -P lvsd
	expect_same "state, settings and sockets are gone" "" "$(ls -d /var/lib/lvsd /etc/lvsd /run/lvsd 2>/dev/null)"
	expect "the VIP stays" eval 'ip -o address show dev client | grep -q 203.0.113.3/32'
	connected "a purge"
	kept "a purge"
	touch /run/enough
	wait "$client"
	expect_like "the one connection has lived all the time" "+([0-9])" "$(cat "$LAB/client")"
}

reinstalls() {
	expect "an installation after the purge succeeds" dpkg -i /mnt/packages/new/*.deb
	expect "and starts it" wait_until 10 answers
	expect "the test of the source package for machines of their own is content" sh /mnt/service
}

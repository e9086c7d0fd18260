/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the front end of ipvsadm: words to calls, what is refused, and tables as text. That the
 * real program does the same is shown in the lab (ipvsadm-front). */
#include "ctl_ipvsadm.h"

#include <errno.h>

#include "test.h"
#include "util.h"

#define MAX_WORDS 32

static struct ipvsadm_call call;

/* Reads a line of words; stderr is not looked at. */
static bool reads(const char *line)
{
	_cleanup_(freep) char *copy = strdup(line);
	char program[] = "ipvsadm", *argv[MAX_WORDS] = { program }, *save = NULL;
	int argc = 1;

	for (char *w = strtok_r(copy, " ", &save); w && argc < MAX_WORDS - 1;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return ipvsadm_read(argc, argv, &call);
}

static bool is_address(const struct inaddr *a, const char *text)
{
	char buf[INADDR_TEXT_MAX];

	return streq(inaddr_format(a, buf), text);
}

TEST(services)
{
	CHECK(reads("-A -t 192.0.2.1:80"));
	CHECK(call.command == IPVSADM_ADD && call.service.key.protocol == IPPROTO_TCP);
	CHECK(is_address(&call.service.key.address, "192.0.2.1") && call.service.key.port == 80);
	CHECK(streq(call.service.scheduler, "wlc") && !call.service.persistent);
	CHECK(reads("-At[2001:db8::1]:443 -srr -p -M 64"));
	CHECK(call.service.persistent && call.service.persistence_timeout == 360);
	CHECK(call.service.persistence_prefix == 64 && streq(call.service.scheduler, "rr"));
	CHECK(reads("--edit-service --fwmark-service=7 -6 --persistent=60 --pe sip -o"));
	CHECK(call.command == IPVSADM_EDIT && call.service.key.fwmark == 7);
	CHECK(call.service.key.address.family == AF_INET6 && call.service.one_packet);
	CHECK(call.service.persistence_timeout == 60 && call.service.persistence_prefix == 128);
	CHECK(streq(call.service.persistence_engine, "sip"));
	CHECK(reads("-A -t 192.0.2.1:0 -p 5 -M 255.255.0.0 -s sh -b sh-port,,flag-3"));
	CHECK(call.service.persistence_prefix == 16);
	CHECK(call.service.scheduler_flags == (1u << IPVS_FLAG_SH_PORT | 1u << IPVS_FLAG_3));
	CHECK(reads("-A -t 192.0.2.1:1 -b sh-port -s sh") && call.service.scheduler_flags);
	CHECK(reads("-D -u 10.513:53") && is_address(&call.service.key.address, "10.0.2.1"));
}

TEST(servers)
{
	CHECK(reads("-a -t 192.0.2.1:80 -r 10.0.0.5:8080 -m -w=+007 -x 9 -y 4"));
	CHECK(call.dest.key.port == 8080 && call.dest.forward == IPVS_FORWARD_NAT);
	CHECK(call.dest.weight == 7 && call.dest.upper_threshold == 9);
	CHECK(call.dest.lower_threshold == 4);
	CHECK(reads("-a -t 192.0.2.1:80 -r 10.0.0.5:8080"));
	CHECK(call.dest.key.port == 80 && call.dest.forward == IPVS_FORWARD_DR);
	CHECK(reads("-a -f 3 -r 10.0.0.5:8080") && call.dest.key.port == 8080);
	CHECK(reads("-e -t 192.0.2.1:80 -r [2001:db8::5]:80 -i --tun-type gue --tun-port 6080 "
		    "--tun-remcsum"));
	CHECK(call.dest.key.port == 80 && call.dest.tunnel_type == IPVS_TUNNEL_GUE);
	CHECK(call.dest.tunnel_port == 6080);
	CHECK(call.dest.tunnel_checksum == IPVS_CHECKSUM_REMOTE);
	CHECK(reads("-a -r 10.0.0.5 -m -t 192.0.2.1:80") && call.dest.key.port == 0);
}

TEST(others)
{
	CHECK(reads("--set 600 0 30"));
	CHECK(call.timeouts[0] == 600 && call.timeouts[1] == 0 && call.timeouts[2] == 30);
	CHECK(reads("-L -n -X --stats") && ipvsadm_has(&call, IPVSADM_EXACT));
	CHECK(reads("-ln --sort") && call.command == IPVSADM_LIST);
	CHECK(reads("-D -f 1 --foreign") && ipvsadm_has(&call, IPVSADM_FOREIGN));
	CHECK(reads("-C --foreign") && reads("-S -n") && reads("-R") && reads("-Z -f 1"));
	CHECK(reads("--start-daemon backup --mcast-interface eth1 --syncid 5 --sync-maxlen 1400 "
		    "--mcast-group 224.0.0.82 --mcast-port 8849 --mcast-ttl 2"));
	CHECK(call.sync.backup && streq(call.sync.interface, "eth1") && call.sync.sync_id == 5);
	CHECK(call.sync.max_length == 1400 && call.sync.port == 8849 && call.sync.ttl == 2);
	CHECK(is_address(&call.sync.group, "224.0.0.82"));
	CHECK(reads("--stop-daemon master") && !call.sync.backup);
}

TEST(refusals)
{
	static const struct {
		const char *line;
		int status;
	} cases[] = {
		{ "-A", 2 },
		{ "-A -s rr", 2 },
		{ "-A -t 192.0.2.1", 2 },
		{ "-A -t 80", 2 },
		{ "-A -t 192.0.2.1:65536", 2 },
		{ "-A -t [2001:db8::1", 2 },
		{ "-A -t [2001:db8::1]x", 2 },
		{ "-A -t 192.0.2.1:80 -t 192.0.2.1:80", 2 },
		{ "-A -t 192.0.2.1:80 -r 10.0.0.5", 2 },
		{ "-A -t 192.0.2.1:80 -o", 2 },
		{ "-A -t 192.0.2.1:80 -p 0", 2 },
		{ "-A -t 192.0.2.1:80 -p 9 -M 255.0.255.0", 2 },
		{ "-A -t 192.0.2.1:80 -b nosuch", 2 },
		{ "-A -t 192.0.2.1:80 -b sh-port", 2 },
		{ "-A -6 -f 5", 2 },
		{ "-A -f 0", 2 },
		{ "-A -f 4294967296", 2 },
		{ "-A -f 1 -L", 2 },
		{ "-a -t 192.0.2.1:80", 2 },
		{ "-a -t 192.0.2.1:80 -r 10.0.0.5 -w -1", 2 },
		{ "-a -t 192.0.2.1:80 -r [2001:db8::5]:80", 2 },
		{ "-A -t [2001:db8::1] -p", 2 },
		{ "-a -t 192.0.2.1:80 -r 10.0.0.5 -i --tun-type gue", 2 },
		{ "-a -t 192.0.2.1:80 -r 10.0.0.5 --tun-csum", 2 },
		{ "-a -t 192.0.2.1:80 -r 10.0.0.5 --foreign", 2 },
		{ "-L -c --stats", 2 },
		{ "-L --timeout --daemon", 2 },
		{ "-L word", 2 },
		{ "--set 1 2", 2 },
		{ "--set 1 2 3 4", 2 },
		{ "--start-daemon nobody", 2 },
		{ "-n -L", 255 },
		{ "-q", 255 },
		{ "-L -q", 255 },
		{ "-L --numeric=5", 255 },
		{ "-A -t", 255 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK(!reads(cases[i].line));
		CHECK(call.status == cases[i].status);
	}
	CHECK(!reads("-A -t") && !call.ends); /* a restore goes on behind it */
	CHECK(!reads("-A") && call.ends);
}

static struct ipvs_stats many = { .connections = UINT64_C(123456789012) };

static void add(struct ipvsadm_table *t, const char *id, const char *real, uint32_t weight)
{
	struct ipvsadm_listed l = { .first = t->dests.n, .n = 1 };
	struct ipvsadm_listed_dest d = { 0 };
	struct ipvs_service_key key;
	struct ipvs_dest_key dest_key;
	const char *why;

	CHECK(ipvs_service_key_parse(id, strlen(id), &key, &why) == 0);
	CHECK(ipvs_dest_key_parse(real, strlen(real), &dest_key, &why) == 0);
	ipvs_service_init(&key, &l.service);
	ipvs_dest_init(&dest_key, &d.observed.dest);
	d.observed.dest.weight = weight;
	l.stats = d.stats = &many;
	CHECK(vec_push(&t->services, l) == 0 && vec_push(&t->dests, d) == 0);
}

/* The table in the format of these arguments. */
static void prints(const char *line, const char *want)
{
	struct ipvsadm_table t = { 0 };
	char *got = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&got, &size);

	add(&t, "tcp:192.0.2.1:80", "10.0.0.5:80", 3);
	add(&t, "tcp:10.0.0.1:80", "10.0.0.5:80", 0);
	add(&t, "fwm6:7", "[2001:db8::5]:80", 1);
	CHECK(to && reads(line));
	if (!to)
		return;
	ipvsadm_table_sort(&t);
	if (call.command == IPVSADM_LIST)
		ipvsadm_print_title(&call, to);
	ipvsadm_print_table(&t, &call, to);
	(void)fclose(to);
	if (!streq(got, want))
		(void)fprintf(stderr, "%s: got\n%swanted\n%s", line, got, want);
	CHECK(streq(got, want));
	free(got);
	ipvsadm_table_done(&t);
}

/* 192.0.2.1 comes before 10.0.0.1: ipvsadm compares as if addresses had a sign. */
TEST(tables)
{
	prints("-L -n", "Prot LocalAddress:Port Scheduler Flags\n"
			"  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n"
			"TCP  192.0.2.1:80 wlc\n"
			"  -> 10.0.0.5:80                  Route   3      0          0         \n"
			"TCP  10.0.0.1:80 wlc\n"
			"  -> 10.0.0.5:80                  Route   0      0          0         \n"
			"FWM  7 IPv6 wlc\n"
			"  -> [2001:db8::5]:80             Route   1      0          0         \n");
	prints("-S -n", "-A -t 192.0.2.1:80 -s wlc\n"
			"-a -t 192.0.2.1:80 -r 10.0.0.5:80 -g -w 3\n"
			"-A -t 10.0.0.1:80 -s wlc\n"
			"-a -t 10.0.0.1:80 -r 10.0.0.5:80 -g -w 0\n"
			"-A -f 7 -6 -s wlc\n"
			"-a -f 7 -6 -r [2001:db8::5]:80 -g -w 1\n");
}

TEST(numbers)
{
	prints("-L -n --stats",
	       "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n"
	       "  -> RemoteAddress:Port\n"
	       "TCP  192.0.2.1:80                     123G        0        0        0        0\n"
	       "  -> 10.0.0.5:80                      123G        0        0        0        0\n"
	       "TCP  10.0.0.1:80                      123G        0        0        0        0\n"
	       "  -> 10.0.0.5:80                      123G        0        0        0        0\n"
	       "FWM  7 IPv6                           123G        0        0        0        0\n"
	       "  -> [2001:db8::5]:80                 123G        0        0        0        0\n");
}

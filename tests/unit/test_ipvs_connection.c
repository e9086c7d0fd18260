/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the kernel's list of connections, and the walk over both files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipvs_connection_walk.h"
#include "test.h"

#define HEADING	     "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n"
#define SYNC_HEADING "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n"

static int parse(const char *line, bool sync, struct ipvs_connection *ret)
{
	return ipvs_connection_parse(line, strlen(line), sync, ret);
}

static void check_end(const struct ipvs_endpoint *e, const char *address, uint16_t port)
{
	char text[INADDR_TEXT_MAX];

	CHECK_STR(inaddr_format(&e->address, text), address);
	CHECK_INT(e->port, port);
}

TEST(an_ipv4_connection)
{
	struct ipvs_connection c;

	CHECK_INT(parse("TCP C0000201 9C40 C000020A 0050 C633640B 1F90 ESTABLISHED     899", false,
			&c),
		  0);
	CHECK_STR(c.protocol, "TCP");
	check_end(&c.client, "192.0.2.1", 40000);
	check_end(&c.virtual, "192.0.2.10", 80);
	check_end(&c.real, "198.51.100.11", 8080);
	CHECK_STR(c.state, "ESTABLISHED");
	CHECK_INT(c.expires, 899);
	CHECK_STR(c.engine, "");
	CHECK(!ipvs_connection_is_template(&c));
	CHECK_INT(ipvs_connection_mark(&c), 0);
}

TEST(ipv6_and_a_real_server_of_the_other_family)
{
	struct ipvs_connection c;

	CHECK_INT(parse("UDP 2001:0db8:0000:0000:0000:0000:0000:0001 0035 "
			"2001:0db8:0000:0000:0000:0000:0000:000a 0035 C633640B 0035 UDP          "
			"   300",
			false, &c),
		  0);
	check_end(&c.client, "2001:db8::1", 53);
	check_end(&c.virtual, "2001:db8::a", 53);
	check_end(&c.real, "198.51.100.11", 53);
	CHECK_STR(c.state, "UDP");
}

TEST(origins)
{
	struct ipvs_connection c;

	CHECK_INT(parse("TCP C0000201 9C40 C000020A 0050 C633640B 1F90 FIN_WAIT    SYNC       119",
			true, &c),
		  0);
	CHECK_INT(c.origin, IPVS_ORIGIN_SYNC);
	CHECK_INT(c.expires, 119);
	CHECK_INT(parse("TCP C0000201 9C40 C000020A 0050 C633640B 1F90 FIN_WAIT    LOCAL      119",
			true, &c),
		  0);
	CHECK_INT(c.origin, IPVS_ORIGIN_LOCAL);
	CHECK_INT(parse("TCP C0000201 9C40 C000020A 0050 C633640B 1F90 FIN_WAIT    119", true, &c),
		  -EINVAL);
}

TEST(templates_marks_and_engines)
{
	struct ipvs_connection c;

	CHECK_INT(parse("TCP C0000200 0000 C000020A 0050 C633640B 0050 NONE            300", false,
			&c),
		  0);
	CHECK(ipvs_connection_is_template(&c));
	CHECK_INT(parse("TCP C0000200 FFFF C000020A 0050 C633640B 0050 NONE              5", false,
			&c),
		  0);
	CHECK(ipvs_connection_is_template(&c));
	CHECK_INT(parse("TCP C0000200 FFFF C000020A 0050 C633640B 0050 SYN_RECV         59", false,
			&c),
		  0);
	CHECK(!ipvs_connection_is_template(&c));
	/* Firewall marks. */
	CHECK_INT(parse("IP  C0000200 0000 00000064 0000 C633640B 0000 NONE            300", false,
			&c),
		  0);
	CHECK_INT(ipvs_connection_mark(&c), 100);
	CHECK_INT(parse("IP  2001:0db8:0000:0000:0000:0000:0000:0000 0000 "
			"0000:0000:0000:0000:0000:0000:0102:0304 0000 "
			"2001:0db8:0000:0000:0000:0000:0000:000b 0000 NONE            300",
			false, &c),
		  0);
	CHECK_INT(ipvs_connection_mark(&c), 0x01020304);
	CHECK(ipvs_connection_is_template(&c));
	/* Data of the engine: whatever the client has sent. */
	CHECK_INT(parse("UDP C0000200 0000 C000020A 13C4 C633640B 13C4 UDP             300 sip a b"
			"\xff@host ",
			false, &c),
		  0);
	CHECK_STR(c.engine, "sip");
	CHECK_INT(c.data_len, 10);
	CHECK_INT(memcmp(c.data, "a b\xff@host ", 10), 0);
}

TEST(nonsense_is_refused)
{
	static const char *const lines[] = {
		"",
		"TCP",
		"TCP C0000201 9C40 C000020A 0050 C633640B 1F90 ESTABLISHED",
		"TCP C0000201 9C40 C000020A 0050 C633640B 1F90 ESTABLISHED     -1",
		"TCP C0000201 9C40 C000020A 0050 C633640B 1F90 ESTABLISHED     4294967296",
		"TCP C000020 9C40 C000020A 0050 C633640B 1F90 ESTABLISHED     899",
		"TCP C0000201 9C4 C000020A 0050 C633640B 1F90 ESTABLISHED     899",
		"TCP C00002G1 9C40 C000020A 0050 C633640B 1F90 ESTABLISHED     899",
		"TCP 2001:0db8:0000:0000:0000:0000:0000:0001 9C40 C000020A 0050 C633640B 1F90 "
		"ESTABLISHED     899",
		"TCP 2001-0db8:0000:0000:0000:0000:0000:0001 9C40 "
		"2001:0db8:0000:0000:0000:0000:0000:0001 0050 C633640B 1F90 ESTABLISHED 899",
		"A-PROTOCOL-THAT-IS-LONG C0000201 9C40 C000020A 0050 C633640B 1F90 X 899",
	};
	struct ipvs_connection c;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		CHECK_INT(parse(lines[i], false, &c), -EINVAL);
	CHECK_INT(parse(HEADING, false, &c), -ENODATA);
	CHECK_INT(parse(SYNC_HEADING, true, &c), -ENODATA);
}

/* The walk ------------------------------------------------------------------------------------- */

static void put(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* Ports of all that the walk finds, with "l", "s" or "?" for the origin. */
static void check_walk(const char *conns, const char *origins, const char *want)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", path[128], got[512] = "";
	struct ipvs_connection_walk *w;
	struct ipvs_connection c;
	size_t len = 0;
	int r;

	CHECK(mkdtemp(dir));
	put(dir, "ip_vs_conn", conns);
	put(dir, "ip_vs_conn_sync", origins);
	CHECK_INT(ipvs_connection_walk_open(dir, &w), 0);
	while ((r = ipvs_connection_walk_next(w, &c)) > 0)
		if (r == IPVS_WALK_FOUND && len < sizeof(got) - 8)
			len += (size_t)snprintf(got + len, sizeof(got) - len, "%u%c ",
						c.client.port, "?ls"[c.origin]);
	CHECK_INT(r, IPVS_WALK_END);
	CHECK_STR(got, want);
	ipvs_connection_walk_free(w);
	(void)snprintf(path, sizeof(path), "%s/ip_vs_conn", dir);
	CHECK_INT(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/ip_vs_conn_sync", dir);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(rmdir(dir), 0);
}

#define CONN(port) "TCP C0000201 000" port " C000020A 0050 C633640B 1F90 SYN_RECV 9\n"
#define SYNC(port, origin)                                                                         \
	"TCP C0000201 000" port " C000020A 0050 C633640B 1F90 SYN_RECV " origin " 9\n"

TEST(both_files_go_in_step)
{
	check_walk(HEADING, SYNC_HEADING, "");
	check_walk("", "", "");
	check_walk(HEADING CONN("1") CONN("2"), SYNC_HEADING SYNC("1", "LOCAL") SYNC("2", "SYNC"),
		   "1l 2s ");
	/* One has come, one has gone in between, one is nonsense. */
	check_walk(HEADING CONN("1") CONN("2") "rubbish\n" CONN("4"),
		   SYNC_HEADING SYNC("2", "SYNC") SYNC("3", "LOCAL") SYNC("4", "LOCAL"),
		   "1? 2s 4l ");
	/* A line that does not end is not taken. */
	check_walk(HEADING CONN("1") "TCP C0000201", SYNC_HEADING SYNC("1", "LOCAL"), "1l ");
}

TEST(many_pages)
{
	enum { COUNT = 5000 };
	char *conns = malloc(COUNT * 80), *origins = malloc(COUNT * 80);
	size_t a = 0, b = 0;
	char dir[] = "/tmp/lvsd-test-XXXXXX", path[128];
	struct ipvs_connection_walk *w;
	struct ipvs_connection c;
	unsigned found = 0, known = 0;
	int r;

	CHECK(conns && origins && mkdtemp(dir));
	for (unsigned i = 0; i < COUNT; i++) {
		a += (size_t)sprintf(
			conns + a, "TCP C0000201 %04X C000020A 0050 C633640B 1F90 SYN_RECV 9\n", i);
		if (i % 7) /* not all are in both */
			b += (size_t)sprintf(origins + b,
					     "TCP C0000201 %04X C000020A 0050 C633640B 1F90 "
					     "SYN_RECV SYNC 9\n",
					     i);
	}
	put(dir, "ip_vs_conn", conns);
	put(dir, "ip_vs_conn_sync", origins);
	CHECK_INT(ipvs_connection_walk_open(dir, &w), 0);
	while ((r = ipvs_connection_walk_next(w, &c)) > 0) {
		if (r != IPVS_WALK_FOUND)
			continue;
		CHECK_INT(c.client.port, found);
		CHECK(c.origin == (found % 7 ? IPVS_ORIGIN_SYNC : IPVS_ORIGIN_UNKNOWN));
		known += c.origin == IPVS_ORIGIN_SYNC;
		found++;
	}
	CHECK_INT(r, IPVS_WALK_END);
	CHECK_INT(found, COUNT);
	CHECK_INT(known, COUNT - (COUNT + 6) / 7);
	ipvs_connection_walk_free(w);
	(void)snprintf(path, sizeof(path), "%s/ip_vs_conn", dir);
	CHECK_INT(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/ip_vs_conn_sync", dir);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(rmdir(dir), 0);
	free(conns);
	free(origins);
}

TEST(without_files)
{
	struct ipvs_connection_walk *w;
	struct ipvs_connection c;

	CHECK_INT(ipvs_connection_walk_open("/nonexistent", &w), -ENOENT);
	CHECK_INT(ipvs_connection_walk_open(NULL, &w), 0);
	CHECK_INT(ipvs_connection_walk_next(w, &c), IPVS_WALK_END);
	ipvs_connection_walk_free(w);
}

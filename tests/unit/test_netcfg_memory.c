/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered, and its form in the store: netcfg_memory.c. */
#include "netcfg_memory.h"

#include <errno.h>

#include "test.h"
#include "util.h"

static const struct {
	const char *kind, *id, *value;
} rows[] = {
	{ "sysctl", "net.ipv4.conf.all.forwarding", "0" },
	{ "sysctl", "net.ipv4.conf.eth0/100.rp_filter", "2" },
	{ "sysctl", "net.ipv4.vs.sync_threshold", "3 50" },
	{ "sysctl", "net.ipv4.vs.later", "ours" },
	{ "link", "ip6tnl0", "absent" },
	{ "link", "sit0", "up" },
	{ "link", "tunl0", "down" },
	{ "fou", "gue:5555", "ours" },
	{ "fou", "gue6:1", "foreign" },
	{ "address", "192.0.2.10/32@eth0", "ours" },
	{ "address", "192.0.2.10/32@eth1.5", "foreign" },
	{ "address", "192.0.2.11/32@a@b", "ours" },
	{ "address", "2001:db8::10/128@lo", "ours" },
	{ "interface", "eth0", "2 0123456789abcdef0123456789abcdef-1000" },
	{ "interface", "tunl0", "2147483647 once-0-0" },
};

TEST(rows_go_both_ways_and_are_in_order)
{
	struct netcfg_memo last = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];
		struct netcfg_memo memo;

		printf("# %s %s\n", rows[i].kind, rows[i].id);
		CHECK_INT(netcfg_memo_parse(rows[i].kind, rows[i].id, rows[i].value, &memo), 0);
		CHECK_STR(netcfg_memo_format(&memo, id, value), rows[i].kind);
		CHECK_STR(id, rows[i].id);
		CHECK_STR(value, rows[i].value);
		CHECK(i == 0 || netcfg_memo_compare(&last, &memo) < 0);
		CHECK_INT(netcfg_memo_compare(&memo, &memo), 0);
		last = memo;
	}
}

TEST(other_rows_are_refused)
{
	static const struct {
		const char *kind, *id, *value;
	} bad[] = {
		{ "", "", "" },
		{ "service", "x", "ours" },
		{ "sysctl", "kernel.panic", "1" },
		{ "sysctl", "net.ipv4.ip_forward", "1" }, /* not a slot */
		{ "sysctl", "net.ipv4.vs.conntrack", " 1" },
		{ "sysctl", "net.ipv4.vs.conntrack", "\n" },
		{ "link", "tunl0", "ours" },
		{ "link", "a/b", "up" },
		{ "link", "", "up" },
		{ "fou", "gue:65536", "ours" },
		{ "fou", "gue:", "ours" },
		{ "fou", "fou:1", "ours" },
		{ "fou", "gue", "ours" },
		{ "fou", "gue:1", "up" },
		{ "address", "192.0.2.10/32", "ours" },
		{ "address", "192.0.2.10@eth0", "ours" },
		{ "address", "192.0.2.10/33@eth0", "ours" },
		{ "address", "192.0.2/32@eth0", "ours" },
		{ "address", "192.0.2.10/32@", "ours" },
		{ "address", "192.0.2.10/32@eth0", "" },
		{ "interface", "eth0", "" },
		{ "interface", "eth0", "2" },
		{ "interface", "eth0", "2 " },
		{ "interface", "eth0", " a" },
		{ "interface", "eth0", "0 a" },
		{ "interface", "eth0", "2147483648 a" },
		{ "interface", "a/b", "2 a" },
		{ "interface", "eth0",
		  "2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct netcfg_memo memo = { .kind = 77 };

		printf("# %s %s\n", bad[i].kind, bad[i].id);
		CHECK_INT(netcfg_memo_parse(bad[i].kind, bad[i].id, bad[i].value, &memo), -EINVAL);
		CHECK_INT(memo.kind, 77);
	}
}

TEST(the_memory_is_sorted_and_has_no_doubles)
{
	netcfg_memo_vec memory = { 0 };
	struct netcfg_memo memo;

	for (size_t round = 0; round < 2; round++)
		for (size_t i = ARRAY_SIZE(rows); i-- > 0;) {
			CHECK_INT(netcfg_memo_parse(rows[i].kind, rows[i].id, rows[i].value, &memo),
				  0);
			CHECK_INT(netcfg_memory_put(&memory, &memo), 0);
		}
	CHECK_INT(memory.n, ARRAY_SIZE(rows));
	for (size_t i = 1; i < memory.n; i++)
		CHECK(netcfg_memo_compare(&memory.items[i - 1], &memory.items[i]) < 0);
	/* The last says what holds. */
	memo.class = NETCFG_WAS_UP;
	CHECK_INT(netcfg_memo_parse("link", "tunl0", "up", &memo), 0);
	CHECK_INT(netcfg_memory_put(&memory, &memo), 0);
	CHECK_INT(memory.n, ARRAY_SIZE(rows));
	CHECK_INT(netcfg_memory_find(&memory, &memo)->class, NETCFG_WAS_UP);
	netcfg_memory_drop(&memory, &memo);
	netcfg_memory_drop(&memory, &memo);
	CHECK_INT(memory.n, ARRAY_SIZE(rows) - 1);
	CHECK(!netcfg_memory_find(&memory, &memo));
	vec_done(&memory);
}

static struct netcfg_memo link_memo(const char *name, enum netcfg_memo_class class)
{
	struct netcfg_memo memo = { .kind = NETCFG_MEMO_LINK, .class = (uint8_t) class };

	memcpy(memo.interface, name, strlen(name) + 1);
	return memo;
}

/* Many changes at once are the same as one after the other. */
TEST(changes_are_merged)
{
	netcfg_memo_vec memory = { 0 }, plain = { 0 }, put = { 0 }, drop = { 0 };
	uint32_t x = 12345;

	for (int round = 0; round < 300; round++) {
		put.n = drop.n = 0;
		for (int i = 0; i < 6; i++) {
			struct netcfg_memo memo;

			x = x * 1103515245 + 12345;
			memo = link_memo((const char[]){ (char)('a' + (x >> 16) % 12), 0 },
					 (enum netcfg_memo_class)(NETCFG_WAS_UP + (x >> 24) % 3));
			CHECK_INT(vec_push((x >> 20) % 3 ? &put : &drop, memo), 0);
		}
		CHECK_INT(netcfg_memory_change(&memory, &put, &drop), 0);
		vec_foreach(memo, &put)
			CHECK_INT(netcfg_memory_put(&plain, memo), 0);
		vec_foreach(memo, &drop)
			netcfg_memory_drop(&plain, memo);
		CHECK_INT(memory.n, plain.n);
		for (size_t i = 0; i < memory.n; i++) {
			CHECK_INT(netcfg_memo_compare(&memory.items[i], &plain.items[i]), 0);
			CHECK_INT(memory.items[i].class, plain.items[i].class);
		}
	}
	vec_done(&memory);
	vec_done(&plain);
	vec_done(&put);
	vec_done(&drop);
}

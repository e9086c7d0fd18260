/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel in memory has beyond the parity scenario: news, faults, a furnished start. */
#include <errno.h>
#include <poll.h>

#include "netcfg_world.h"

#define WORLD _cleanup_(world_done) struct world x

static bool readable(struct world *x)
{
	struct pollfd p = { .fd = x->kernel->ops->events_fd(x->kernel), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* The kinds of the news that there are, in order; a capital letter: something is gone. */
static const char *news(struct world *x)
{
	static const char letters[] = { [NETCFG_CHANGE_LINK] = 'l',
					[NETCFG_CHANGE_ADDRESS] = 'a',
					[NETCFG_CHANGE_SYSCTL] = 's' };
	static char text[128];
	struct netcfg_changes c = { 0 };
	size_t n = 0;

	CHECK_INT(x->kernel->ops->events(x->kernel, &c), 0);
	vec_foreach(change, &c.items)
		text[n++] = (char)(letters[change->kind] - (change->gone ? 'a' - 'A' : 0));
	if (c.everything)
		text[n++] = '!';
	text[n] = '\0';
	netcfg_changes_done(&c);
	CHECK(!readable(x));
	return text;
}

TEST(it_is_furnished_and_quiet)
{
	WORLD;

	world_init(&x);
	CHECK(!readable(&x));
	CHECK_STR(news(&x), "");
	CHECK(world_has(&x, "127.0.0.1", 1) && world_has(&x, "::1", 1));
	CHECK(world_has(&x, "198.51.100.1", 2) && world_has(&x, "203.0.113.1", 3));
	CHECK_INT(x.kernel->ops->writes(x.kernel), 0);
}

TEST(everything_that_happens_is_news)
{
	const struct netcfg_link link = { .name = "eth7", .flags = IFF_UP };
	WORLD;

	world_init(&x);
	CHECK_INT(netcfg_fake_link(x.kernel, &link), 0);
	CHECK(readable(&x));
	CHECK_STR(news(&x), "l");
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "192.0.2.1", 32, 4), 0);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "2001:db8::1", 64, 4), 0);
	CHECK_STR(news(&x), "aa");
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth7.rp_filter", "1"), 0);
	CHECK_STR(news(&x), "s");
	CHECK_INT(world_write(&x, "net.ipv4.ip_forward", "1"), 0);
	CHECK_STR(news(&x), "sssss"); /* all, and four links */
	netcfg_fake_unlink(x.kernel, "eth7");
	CHECK_STR(news(&x), "AAL");
	netcfg_fake_lose_events(x.kernel);
	CHECK_STR(news(&x), "!");
}

TEST(a_link_that_goes_down_loses_its_ipv6_addresses)
{
	struct netcfg_op down = { .verb = NETCFG_LINK_DOWN, .index = 2 };
	WORLD;

	world_init(&x);
	CHECK_INT(netcfg_fake_do(x.kernel, &down), 0);
	CHECK_STR(news(&x), "Al");
	CHECK(world_has(&x, "198.51.100.1", 2) && !world_has(&x, "2001:db8:ffff::1", 2));
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "2001:db8::1", 64, 3), 0);
	CHECK_INT(world_write(&x, "net.ipv6.conf.eth1.keep_addr_on_down", "1"), 0);
	down.index = 3;
	CHECK_INT(netcfg_fake_do(x.kernel, &down), 0);
	CHECK(world_has(&x, "2001:db8::1", 3));
}

TEST(too_many_news_become_one)
{
	WORLD;

	world_init(&x);
	for (int i = 0; i < 600; i++) {
		CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "192.0.2.1", 32, 2), 0);
		CHECK_INT(world_other(&x, NETCFG_ADDRESS_DELETE, "192.0.2.1", 32, 2), 0);
	}
	{
		struct netcfg_changes c = { 0 };

		CHECK_INT(x.kernel->ops->events(x.kernel, &c), 0);
		CHECK(c.everything);
		CHECK(c.items.n <= 1024);
		netcfg_changes_done(&c);
	}
	CHECK_STR(news(&x), "");
}

TEST(a_fault_is_injected_once)
{
	struct netcfg_op ops[3] = { { .verb = NETCFG_ADDRESS_ADD },
				    { .verb = NETCFG_ADDRESS_ADD },
				    { .verb = NETCFG_ADDRESS_ADD } };
	int results[3] = { 1, 1, 1 };
	WORLD;

	world_init(&x);
	for (uint8_t i = 0; i < 3; i++) {
		ops[i].address.index = 2;
		ops[i].address.address = world_address("192.0.2.1");
		ops[i].address.address.bytes[3] = (uint8_t)(1 + i);
		ops[i].address.prefix_length = 32;
	}
	netcfg_fake_fail(x.kernel, 1, -EPERM);
	CHECK_INT(x.kernel->ops->apply(x.kernel, ops, 3, results), 0);
	CHECK(results[0] == 0 && results[1] == -EPERM && results[2] == 0);
	CHECK(world_has(&x, "192.0.2.1", 2) && !world_has(&x, "192.0.2.2", 2) &&
	      world_has(&x, "192.0.2.3", 2));
	CHECK_INT(x.kernel->ops->writes(x.kernel), 3);
}

TEST(looking_asks_for_what_matters_only)
{
	struct netcfg_memo memo;
	const struct netcfg_value *v;
	WORLD;

	world_init(&x);
	world_sysctl(&x, "net.ipv4.ip_forward", "1");
	world_sysctl(&x, "net.ipv4.conf.eth0.rp_filter", "1");
	CHECK_INT(netcfg_memo_parse("sysctl", "net.ipv4.vs.conntrack", "0", &memo), 0);
	CHECK_INT(netcfg_memory_put(&x.memory, &memo), 0);
	world_plan(&x);
	/* forwarding of all and default, the filter, conntrack */
	CHECK_INT(x.found.values.n, 4);
	v = netcfg_found_value(&x.found, &memo.key);
	CHECK(v && v->present);
	CHECK_STR(v->text, "0");
	CHECK(!netcfg_found_link(&x.found, "eth9") && !netcfg_found_link_at(&x.found, 9));
	CHECK_INT(netcfg_found_link_at(&x.found, 2)->index, 2);
}

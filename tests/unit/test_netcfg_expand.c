/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conflicts, and who wants what: netcfg_expand.c and netcfg_source.c. What is done of it is in
 * test_netcfg_plan.c. */
#include "netcfg_expand.h"

#include "netcfg_world.h"

#define WORLD _cleanup_(world_done) struct world x

static void one_conflict(struct world *x, const char *what, const char *values, const char *first,
			 const char *second)
{
	const struct netcfg_conflict *c;
	char text[256];

	world_plan(x);
	CHECK_INT(x->conflicts.n, 1);
	c = &x->conflicts.items[0];
	CHECK_STR(c->what, what);
	snprintf(text, sizeof(text), "%s %s", c->first_value, c->second_value);
	CHECK_STR(text, values);
	CHECK_STR(netcfg_source_pointer(&c->first, &x->declared, true, text, sizeof(text)), first);
	CHECK_STR(netcfg_source_pointer(&c->second, &x->declared, true, text, sizeof(text)),
		  second);
}

TEST(a_role_and_a_sysctl_disagree)
{
	WORLD;

	world_init(&x);
	world_director(&x);
	x.director.ipv4_forwarding = NETCFG_ON;
	world_sysctl(&x, "net.ipv4.ip_forward", "0");
	one_conflict(&x, "net.ipv4.conf.all.forwarding", "0 1",
		     "/sysctls/net.ipv4.ip_forward/value", "/roles/director/ipv4Forwarding");
	/* The first is followed. */
	CHECK_STR(x.wanted.sysctls.items[0].value, "0");
	CHECK_INT(x.wanted.sysctls.items[0].wishes.n, 1);
}

TEST(two_sysctls_of_one_variable_disagree)
{
	WORLD;

	world_init(&x);
	world_sysctl(&x, "net.ipv4.conf.all.forwarding", "0");
	world_sysctl(&x, "net.ipv4.ip_forward", "1");
	one_conflict(&x, "net.ipv4.conf.all.forwarding", "0 1",
		     "/sysctls/net.ipv4.conf.all.forwarding/value",
		     "/sysctls/net.ipv4.ip_forward/value");
}

TEST(the_director_and_a_sysctl_disagree_about_ipvs)
{
	WORLD;

	world_init(&x);
	world_director(&x);
	x.director_ipvs[0] = (struct netcfg_sysctl){ "net.ipv4.vs.conntrack", "1" };
	x.declared.n_director_ipvs = 1;
	world_sysctl(&x, "net.ipv4.vs.conntrack", "0");
	one_conflict(&x, "net.ipv4.vs.conntrack", "0 1", "/sysctls/net.ipv4.vs.conntrack/value",
		     "/roles/director/ipvs/conntrack");
}

TEST(redirects_disagree_before_the_interface_is_there)
{
	WORLD;

	world_init(&x);
	world_director(&x);
	x.director.send_redirects = NETCFG_OFF;
	world_sysctl(&x, "net.ipv4.conf.eth9/1.send_redirects", "1");
	one_conflict(&x, "net.ipv4.conf.eth9/1.send_redirects", "1 0",
		     "/sysctls/net.ipv4.conf.eth9~11.send_redirects/value",
		     "/roles/director/sendRedirects");
}

TEST(an_address_has_one_place)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.10", "lo");
	world_real_server(&x, NETCFG_MODE_DR, "192.0.2.9 192.0.2.10");
	one_conflict(&x, "192.0.2.10", "lo lo", "/vips/192.0.2.10",
		     "/roles/realServer/vips/192.0.2.10");
	CHECK_INT(x.wanted.addresses.n, 2);
}

TEST(a_value_that_serves_the_role_too_is_no_conflict)
{
	static const char *const values[] = { "0", "1", "2", "3", "8" };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		bool serves = strchr("128", values[i][0]);
		WORLD;

		world_init(&x);
		world_sysctl(&x, "net.ipv4.conf.all.arp_ignore", values[i]);
		world_real_server(&x, NETCFG_MODE_DR, "");
		world_plan(&x);
		CHECK_INT(x.conflicts.n, !serves);
		CHECK_STR(x.wanted.sysctls.items[0].value, values[i]);
		CHECK_INT(x.wanted.sysctls.items[0].wishes.n, 1 + serves);
	}
}

TEST(values_that_the_kernel_flips_are_no_conflict)
{
	WORLD;

	world_init(&x);
	world_director(&x);
	x.director_ipvs[0] = (struct netcfg_sysctl){ "net.ipv4.vs.drop_entry", "2" };
	x.declared.n_director_ipvs = 1;
	world_sysctl(&x, "net.ipv4.vs.drop_entry", "1");
	world_plan(&x);
	CHECK_INT(x.conflicts.n, 0);
	CHECK_STR(x.wanted.sysctls.items[0].value, "1");
}

TEST(pointers_in_the_objects_own_document)
{
	char text[128];
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.1", "eth0");
	world_sysctl(&x, "net.ipv4.ip_forward", "1");
	world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10");
	world_director(&x);
	x.director.ipv6_forwarding = NETCFG_ON;
	world_plan(&x);
	for (size_t i = 0; i < x.wanted.sources.n; i++) {
		static const char *const names[] = {
			[NETCFG_OBJECT_VIP] = "vip 192.0.2.1",
			[NETCFG_OBJECT_SYSCTL] = "sysctl net.ipv4.ip_forward",
			[NETCFG_OBJECT_REAL_SERVER] = "role real-server",
			[NETCFG_OBJECT_DIRECTOR] = "role director",
		};
		const struct netcfg_source *s = &x.wanted.sources.items[i];

		CHECK_STR(netcfg_source_text(s, &x.declared, text, sizeof(text)), names[s->object]);
		(void)netcfg_source_pointer(s, &x.declared, false, text, sizeof(text));
		CHECK(streq(text, "") || streq(text, "/value") || streq(text, "/mode") ||
		      streq(text, "/vips/192.0.2.10") || streq(text, "/ipv6Forwarding"));
	}
}

TEST(wishes_name_their_objects)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.1", "eth0");
	world_vip(&x, "192.0.2.2", "eth0");
	world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10");
	world_plan(&x);
	CHECK_INT(x.wanted.addresses.n, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct netcfg_wishes *wishes = &x.wanted.addresses.items[i].wishes;

		CHECK_INT(netcfg_wants(&x.wanted, wishes, NETCFG_OBJECT_VIP, 0), i == 0);
		CHECK_INT(netcfg_wants(&x.wanted, wishes, NETCFG_OBJECT_VIP, 1), i == 1);
		CHECK_INT(netcfg_wants(&x.wanted, wishes, NETCFG_OBJECT_REAL_SERVER, 0), i == 2);
		CHECK(!netcfg_wants(&x.wanted, wishes, NETCFG_OBJECT_DIRECTOR, 0));
	}
}

TEST(nothing_wants_nothing)
{
	WORLD;

	world_init(&x);
	CHECK_INT(world_settle(&x), 0);
	CHECK_INT(x.wanted.sysctls.n + x.wanted.links.n + x.wanted.fous.n + x.wanted.addresses.n +
			  x.wanted.sources.n,
		  0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The roles of this host: what they do, in which order, and how it is undone, on the kernel in
 * memory. */
#include <errno.h>

#include "netcfg_world.h"

#define WORLD _cleanup_(world_done) struct world x

TEST(the_role_of_a_real_server_by_direct_routing)
{
	_cleanup_(freep) char *before = NULL, *after = NULL;
	WORLD;

	world_init(&x);
	before = world_picture(&x);
	world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10 2001:db8::10");
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.all.arp_ignore=1 (0)\n"
		      "write net.ipv4.conf.lo.arp_ignore=1 (0)\n"
		      "write net.ipv4.conf.all.arp_announce=2 (0)\n"
		      "write net.ipv4.conf.lo.arp_announce=2 (0)\n"
		      "add 192.0.2.10/32@lo\n"
		      "add 2001:db8::10/128@lo\n");
	for (size_t i = 0; i < 4; i++)
		CHECK(netcfg_op_depends(&x.wanted, &x.plan.ops.items[4], &x.plan.ops.items[i]));
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	world_plan(&x);
	world_ops(&x, "-delete 192.0.2.10/32@lo\n"
		      "-delete 2001:db8::10/128@lo\n"
		      "-write net.ipv4.conf.all.arp_ignore=0 (1)\n"
		      "-write net.ipv4.conf.lo.arp_ignore=0 (1)\n"
		      "-write net.ipv4.conf.all.arp_announce=0 (2)\n"
		      "-write net.ipv4.conf.lo.arp_announce=0 (2)\n");
	CHECK_INT(world_settle(&x), 1);
	after = world_picture(&x);
	CHECK_STR(after, before);
}

TEST(the_role_of_a_real_server_on_an_interface)
{
	WORLD;

	world_init(&x);
	world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10");
	memcpy(x.real_server.interface, "eth1", 5);
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.all.arp_ignore=1 (0)\n"
		      "write net.ipv4.conf.eth1.arp_ignore=1 (0)\n"
		      "write net.ipv4.conf.all.arp_announce=2 (0)\n"
		      "write net.ipv4.conf.eth1.arp_announce=2 (0)\n"
		      "add 192.0.2.10/32@eth1\n");
}

TEST(the_role_of_a_real_server_by_tunnel)
{
	_cleanup_(freep) char *after = NULL, *again = NULL;
	WORLD;

	world_init(&x);
	world_real_server(&x, NETCFG_MODE_TUN, "192.0.2.10");
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.all.arp_ignore=1 (0)\n"
		      "write net.ipv4.conf.all.arp_announce=2 (0)\n"
		      "link-add tunl0\n");
	CHECK(x.plan.again);
	(void)world_apply(&x, x.plan.ops.n);
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.tunl0.arp_ignore=1 (0)\n"
		      "write net.ipv4.conf.tunl0.arp_announce=2 (0)\n"
		      "write net.ipv4.conf.tunl0.rp_filter=2 (0)\n"
		      "link-up tunl0\n"
		      "add 192.0.2.10/32@tunl0\n");
	CHECK(!x.plan.again);
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	world_plan(&x);
	world_ops(&x, "-delete 192.0.2.10/32@tunl0\n"
		      "-link-down tunl0\n"
		      "-link-delete tunl0\n"
		      "-write net.ipv4.conf.all.arp_ignore=0 (1)\n"
		      "-write net.ipv4.conf.tunl0.arp_ignore=0 (1)\n"
		      "-write net.ipv4.conf.all.arp_announce=0 (2)\n"
		      "-write net.ipv4.conf.tunl0.arp_announce=0 (2)\n"
		      "-write net.ipv4.conf.tunl0.rp_filter=0 (2)\n");
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(x.memory.n, 0);
	/* The device that came with the module stays, down and as it was. */
	after = world_picture(&x);
	world_real_server(&x, NETCFG_MODE_TUN, "192.0.2.10");
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	again = world_picture(&x);
	CHECK_STR(again, after);
}

TEST(tunnels_by_type_and_family)
{
	static const struct {
		uint8_t type, checksum;
		const char *vips, *links;
	} cases[] = {
		{ NETCFG_TUNNEL_IPIP, 0, "192.0.2.10", "tunl0" },
		{ NETCFG_TUNNEL_IPIP, 0, "2001:db8::10", "ip6tnl0 sit0" },
		{ NETCFG_TUNNEL_IPIP, 0, "192.0.2.10 2001:db8::10", "ip6tnl0 sit0 tunl0" },
		{ NETCFG_TUNNEL_GUE, 0, "192.0.2.10", "tunl0 4/5555" },
		{ NETCFG_TUNNEL_GUE, 2, "2001:db8::10", "ip6tnl0 sit0 4/5555 6/5555" },
		{ NETCFG_TUNNEL_GRE, 0, "192.0.2.10", "gre0" },
		{ NETCFG_TUNNEL_GRE, 0, "192.0.2.10 2001:db8::10", "gre0 ip6gre0" },
		{ NETCFG_TUNNEL_GRE, 1, "192.0.2.10", "lvsd-gre" },
		{ NETCFG_TUNNEL_GRE, 1, "2001:db8::10", "lvsd-gre lvsd-gre6" },
		{ NETCFG_TUNNEL_IPIP, 0, "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(buf_done) struct buf b = { 0 };
		WORLD;

		world_init(&x);
		world_real_server(&x, NETCFG_MODE_TUN, cases[i].vips);
		x.real_server.tunnel_type = cases[i].type;
		x.real_server.tunnel_checksum = cases[i].checksum;
		x.real_server.tunnel_port = cases[i].type == NETCFG_TUNNEL_GUE ? 5555 : 0;
		CHECK(world_settle(&x) <= 2);
		buf_add_str(&b, "");
		vec_foreach(link, &x.wanted.links) {
			CHECK_INT(netcfg_link_state(link, &x.found), NETCFG_STATE_IN_SYNC);
			buf_printf(&b, "%s%s", b.len ? " " : "", link->name);
			CHECK_INT(link->wishes.n, 1);
		}
		vec_foreach(fou, &x.wanted.fous) {
			CHECK_INT(netcfg_fou_state(fou, &x.found), NETCFG_STATE_IN_SYNC);
			buf_printf(&b, " %u/%u", fou->fou.family == AF_INET6 ? 6 : 4,
				   fou->fou.port);
		}
		CHECK_STR(b.data, cases[i].links);
		vec_foreach(a, &x.wanted.addresses)
			CHECK_INT(netcfg_address_state(a, &x.found, &x.memory),
				  NETCFG_STATE_IN_SYNC);
		world_nothing(&x);
		CHECK(world_settle(&x) <= 1);
		CHECK_INT(x.memory.n, 0);
	}
}

TEST(a_device_for_the_other_family_holds_up_nothing)
{
	size_t addresses = 0;
	WORLD;

	world_init(&x);
	world_real_server(&x, NETCFG_MODE_TUN, "2001:db8::10");
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.all.arp_ignore=1 (0)\n"
		      "write net.ipv4.conf.all.arp_announce=2 (0)\n"
		      "link-add ip6tnl0\n"
		      "link-add sit0\n");
	netcfg_fake_fail(x.kernel, 3, -EOPNOTSUPP);
	CHECK(!world_apply(&x, 4));
	world_plan(&x);
	vec_foreach(op, &x.plan.ops) {
		addresses += op->verb == NETCFG_ADDRESS_ADD;
		vec_foreach(earlier, &x.plan.ops)
			if (streq(earlier->name, "sit0"))
				CHECK(!netcfg_op_depends(&x.wanted, op, earlier));
			else if (streq(earlier->name, "ip6tnl0") &&
				 earlier->verb == NETCFG_LINK_UP && op->verb == NETCFG_ADDRESS_ADD)
				CHECK(netcfg_op_depends(&x.wanted, op, earlier));
	}
	CHECK_INT(addresses, 1);
	(void)world_settle(&x);
	/* gre0 is the one device of IPv4 and an additional one of IPv6. */
	world_real_server(&x, NETCFG_MODE_TUN, "192.0.2.10 2001:db8::10");
	x.real_server.tunnel_type = NETCFG_TUNNEL_GRE;
	world_plan(&x);
	CHECK_INT(x.wanted.links.n, 2);
	CHECK(!x.wanted.links.items[0].optional && !x.wanted.links.items[1].optional);
}

TEST(a_port_that_is_taken_is_left)
{
	WORLD;
	const struct netcfg_op mine = { .verb = NETCFG_FOU_ADD, .fou = { 5555, AF_INET, true } };
	const struct netcfg_op other = { .verb = NETCFG_FOU_ADD, .fou = { 5555, AF_INET, false } };

	world_init(&x);
	world_real_server(&x, NETCFG_MODE_TUN, "192.0.2.10");
	x.real_server.tunnel_type = NETCFG_TUNNEL_GUE;
	x.real_server.tunnel_port = 5555;
	CHECK_INT(netcfg_fake_do(x.kernel, &mine), 0);
	(void)world_settle(&x);
	world_nothing(&x);
	(void)world_settle(&x);
	CHECK_INT(netcfg_fake_do(x.kernel, &mine), -EADDRINUSE); /* it is still there */

	world_done(&x);
	world_init(&x);
	CHECK_INT(netcfg_fake_do(x.kernel, &other), 0);
	world_real_server(&x, NETCFG_MODE_TUN, "192.0.2.10");
	x.real_server.tunnel_type = NETCFG_TUNNEL_GUE;
	x.real_server.tunnel_port = 5555;
	(void)world_settle(&x);
	CHECK_INT(netcfg_fou_state(&x.wanted.fous.items[0], &x.found), NETCFG_STATE_FOREIGN);
	world_nothing(&x);
	(void)world_settle(&x);
	CHECK_INT(x.memory.n, 0);
}

TEST(the_role_of_a_director)
{
	_cleanup_(freep) char *before = NULL, *after = NULL;
	WORLD;

	world_init(&x);
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth1.forwarding", "1"), 0);
	before = world_picture(&x);
	world_director(&x);
	x.director.ipv4_forwarding = NETCFG_ON;
	x.director.send_redirects = NETCFG_OFF;
	x.director_ipvs[0] = (struct netcfg_sysctl){ "net.ipv4.vs.conntrack", "1" };
	x.declared.n_director_ipvs = 1;
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.all.forwarding=1 (0)\n"
		      "write net.ipv4.conf.all.send_redirects=0 (1)\n"
		      "write net.ipv4.conf.default.send_redirects=0 (1)\n"
		      "write net.ipv4.conf.eth0.send_redirects=0 (1)\n"
		      "write net.ipv4.conf.eth1.send_redirects=0 (1)\n"
		      "write net.ipv4.conf.lo.send_redirects=0 (1)\n"
		      "write net.ipv4.vs.conntrack=1 (0)\n");
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(x.memory.n, 0);
	after = world_picture(&x); /* eth1 alone forwards, as before */
	CHECK_STR(after, before);
}

TEST(an_interface_that_comes_later_takes_part)
{
	const struct netcfg_link later = { .name = "eth7" };
	WORLD;

	world_init(&x);
	world_director(&x);
	x.director.send_redirects = NETCFG_OFF;
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(netcfg_fake_link(x.kernel, &later), 0);
	CHECK_INT(world_settle(&x), 0); /* born with the value of default */
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth7.send_redirects", "1"), 0);
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	/* It would have been born with the value that default had before. */
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth7.send_redirects"), "1");
	CHECK_STR(world_read(&x, "net.ipv4.conf.default.send_redirects"), "1");
}

TEST(an_exception_from_forwarding)
{
	_cleanup_(freep) char *before = NULL, *after = NULL;
	WORLD;

	world_init(&x);
	before = world_picture(&x);
	world_director(&x);
	x.director.ipv4_forwarding = NETCFG_ON;
	world_sysctl(&x, "net.ipv4.conf.eth1.forwarding", "0");
	world_plan(&x);
	/* eth1 is 0, but will not be when the first is done. */
	world_ops(&x, "write net.ipv4.conf.all.forwarding=1 (0)\n"
		      "write net.ipv4.conf.eth1.forwarding=0 (0)\n");
	CHECK_INT(world_settle(&x), 1);
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.forwarding"), "0");
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth0.forwarding"), "1");
	/* The exception goes: the interface does as all do. */
	x.declared.n_sysctls = 0;
	CHECK_INT(world_settle(&x), 1);
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.forwarding"), "1");
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	after = world_picture(&x);
	CHECK_STR(after, before);
}

TEST(what_is_still_wanted_survives_the_way_back)
{
	WORLD;

	world_init(&x);
	world_director(&x);
	x.director.ipv4_forwarding = NETCFG_ON;
	world_sysctl(&x, "net.ipv4.conf.eth1.forwarding", "1");
	CHECK_INT(world_settle(&x), 1);
	x.declared.director = NULL;
	world_plan(&x);
	world_ops(&x, "-write net.ipv4.conf.all.forwarding=0 (1)\n"
		      "-write net.ipv4.conf.eth1.forwarding=1 (1)\n");
	CHECK_INT(world_settle(&x), 1);
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.forwarding"), "1");
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth0.forwarding"), "0");
	CHECK_STR(world_read(&x, "net.ipv4.ip_forward"), "0");
}

TEST(two_names_of_forwarding_are_one_wish)
{
	WORLD;

	world_init(&x);
	world_director(&x);
	x.director.ipv4_forwarding = NETCFG_ON;
	world_sysctl(&x, "net.ipv4.ip_forward", "1");
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.all.forwarding=1 (0)\n");
	CHECK_INT(x.wanted.sysctls.items[0].wishes.n, 2);
	CHECK_INT(world_settle(&x), 1);
	x.declared.director = NULL; /* one wish is left */
	CHECK_INT(world_settle(&x), 0);
	CHECK_STR(world_read(&x, "net.ipv4.ip_forward"), "1");
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	CHECK_STR(world_read(&x, "net.ipv4.ip_forward"), "0");
}

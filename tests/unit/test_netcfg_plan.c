/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done for what is declared, in which order, and how it is undone: netcfg_plan.c and
 * netcfg_expand.c on the kernel in memory. */
#include "netcfg_plan.h"

#include <errno.h>

#include "netcfg_world.h"

#define WORLD _cleanup_(world_done) struct world x

TEST(a_vip_comes_and_goes)
{
	_cleanup_(freep) char *before = NULL, *after = NULL;
	WORLD;

	world_init(&x);
	before = world_picture(&x);
	world_vip(&x, "192.0.2.10", "eth0");
	world_vip(&x, "2001:db8::10", "eth0");
	world_plan(&x);
	world_ops(&x, "add 192.0.2.10/32@eth0\nadd 2001:db8::10/128@eth0\n");
	CHECK(!x.plan.again);
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(x.memory.n, 2);
	world_nothing(&x);
	world_plan(&x);
	world_ops(&x, "-delete 192.0.2.10/32@eth0\n-delete 2001:db8::10/128@eth0\n");
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(x.memory.n, 0);
	after = world_picture(&x);
	CHECK_STR(after, before);
}

TEST(a_vip_waits_for_its_interface)
{
	WORLD;
	const struct netcfg_link later = { .name = "eth7", .flags = IFF_UP };

	world_init(&x);
	world_vip(&x, "192.0.2.10", "eth7");
	CHECK_INT(world_settle(&x), 0);
	CHECK_INT(netcfg_address_state(&x.wanted.addresses.items[0], &x.found, &x.memory),
		  NETCFG_STATE_PENDING);
	CHECK_INT(x.memory.n, 0);
	CHECK_INT(netcfg_fake_link(x.kernel, &later), 0);
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(netcfg_address_state(&x.wanted.addresses.items[0], &x.found, &x.memory),
		  NETCFG_STATE_IN_SYNC);
	/* The interface goes and comes back: so does the address. */
	netcfg_fake_unlink(x.kernel, "eth7");
	CHECK_INT(world_settle(&x), 0);
	CHECK_INT(netcfg_fake_link(x.kernel, &later), 0);
	CHECK_INT(world_settle(&x), 1);
	CHECK(world_has(&x, "192.0.2.10", 5));
}

TEST(a_vip_moves_by_addition_before_deletion)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.10", "eth0");
	CHECK_INT(world_settle(&x), 1);
	memcpy(x.vips[0].interface, "eth1", 5);
	world_plan(&x);
	world_ops(&x, "add 192.0.2.10/32@eth1\n-delete 192.0.2.10/32@eth0\n");
	CHECK_INT(world_settle(&x), 1);
	CHECK(world_has(&x, "192.0.2.10", 3) && !world_has(&x, "192.0.2.10", 2));
}

TEST(an_address_of_somebody_else_is_used_and_left)
{
	WORLD;

	world_init(&x);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", 32, 2), 0);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "2001:db8::10", 64, 2), 0);
	world_vip(&x, "192.0.2.10", "eth0");
	world_vip(&x, "2001:db8::10", "eth0");
	world_vip(&x, "198.51.100.1", "eth0"); /* the host's own, /24 */
	CHECK_INT(world_settle(&x), 0);
	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(netcfg_address_state(&x.wanted.addresses.items[i], &x.found, &x.memory),
			  NETCFG_STATE_FOREIGN);
		CHECK_INT(x.memory.items[i].class, NETCFG_FOREIGN);
	}
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 0);
	CHECK(world_has(&x, "192.0.2.10", 2) && world_has(&x, "2001:db8::10", 2));
	CHECK_INT(x.memory.n, 0);
}

TEST(what_somebody_else_takes_away_is_ours_then)
{
	WORLD;

	world_init(&x);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", 32, 2), 0);
	world_vip(&x, "192.0.2.10", "eth0");
	CHECK_INT(world_settle(&x), 0);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", 32, 2), 0);
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	CHECK(!world_has(&x, "192.0.2.10", 2));
}

TEST(an_adopted_address_is_ours)
{
	struct netcfg_memo memo;
	WORLD;

	world_init(&x);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "2001:db8::10", 128, 2), 0);
	world_vip(&x, "2001:db8::10", "eth0");
	CHECK_INT(world_settle(&x), 0);
	memo = x.memory.items[0];
	memo.class = NETCFG_OURS;
	CHECK_INT(netcfg_memory_put(&x.memory, &memo), 0);
	world_plan(&x);
	world_ops(&x, "set 2001:db8::10/128@eth0\n"); /* its preferred lifetime */
	CHECK_INT(x.plan.ops.items[0].changed, NETCFG_CHANGED_LIFETIME);
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	CHECK(!world_has(&x, "2001:db8::10", 2));
}

/* A lost store: our mark tells. */
TEST(what_bears_our_mark_is_ours)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.10", "eth0");
	CHECK_INT(world_settle(&x), 1);
	vec_done(&x.memory);
	CHECK_INT(world_settle(&x), 0);
	CHECK_INT(x.memory.n, 1);
	CHECK_INT(x.memory.items[0].class, NETCFG_OURS);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 1);
	CHECK(!world_has(&x, "192.0.2.10", 2));
}

TEST(somebody_who_comes_first_keeps_it)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.10", "eth0");
	world_plan(&x);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", 32, 2), 0);
	CHECK(!world_apply(&x, 1));
	CHECK_INT(x.memory.n, 1);
	CHECK_INT(x.memory.items[0].class, NETCFG_FOREIGN);
	CHECK_INT(world_settle(&x), 0);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 0);
	CHECK(world_has(&x, "192.0.2.10", 2));
}

/* We tried, the kernel refused, and somebody else succeeded. */
TEST(what_could_not_be_added_is_not_ours)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.10", "eth0");
	world_plan(&x);
	netcfg_fake_fail(x.kernel, 0, -EPERM);
	CHECK(!world_apply(&x, 1));
	CHECK_INT(x.memory.n, 0);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", 32, 2), 0);
	CHECK_INT(world_settle(&x), 0);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 0);
	CHECK(world_has(&x, "192.0.2.10", 2));
}

TEST(drift_is_put_right)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.10", "eth0");
	world_vip(&x, "2001:db8::10", "eth0");
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", 32, 2), 0);
	CHECK_INT(world_other(&x, NETCFG_ADDRESS_SET, "2001:db8::10", 128, 2), 0);
	world_plan(&x);
	world_ops(&x, "add 192.0.2.10/32@eth0\nset 2001:db8::10/128@eth0\n");
	CHECK_INT(world_settle(&x), 1);
}

TEST(a_label_is_changed_by_a_new_address)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.10", "eth0");
	CHECK_INT(world_settle(&x), 1);
	memcpy(x.vips[0].label, "eth0:vip", 9);
	world_plan(&x);
	world_ops(&x, "delete 192.0.2.10/32@eth0\nadd 192.0.2.10/32@eth0\n");
	CHECK_INT(x.plan.ops.items[1].changed, NETCFG_CHANGED_LABEL);
	/* The deletion fails: the addition's EEXIST makes nobody else its owner. */
	netcfg_fake_fail(x.kernel, 0, -EPERM);
	CHECK(!world_apply(&x, 2));
	CHECK_INT(x.memory.items[0].class, NETCFG_OURS);
	CHECK_INT(world_settle(&x), 1);
}

TEST(a_variable_is_put_back_with_the_last_wish)
{
	WORLD;

	world_init(&x);
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth0.rp_filter", "1"), 0);
	world_sysctl(&x, "net.ipv4.conf.eth0.rp_filter", "2");
	world_sysctl(&x, "net.ipv4.ip_nonlocal_bind", "0"); /* as it is */
	world_plan(&x);
	world_ops(&x, "write net.ipv4.conf.eth0.rp_filter=2 (1)\n");
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(x.memory.n, 2);
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth0.rp_filter", "0"), 0);
	CHECK_INT(world_write(&x, "net.ipv4.ip_nonlocal_bind", "1"), 0);
	CHECK_INT(world_settle(&x), 1);
	world_nothing(&x);
	world_plan(&x);
	/* Not the value of the drift, and nothing for what was always so. */
	world_ops(&x, "-write net.ipv4.conf.eth0.rp_filter=1 (2)\n");
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(x.memory.n, 0);
}

TEST(the_kernels_own_flips_are_no_drift)
{
	WORLD;

	world_init(&x);
	world_sysctl(&x, "net.ipv4.vs.drop_entry", "1");
	CHECK_INT(world_settle(&x), 1);
	CHECK_INT(world_write(&x, "net.ipv4.vs.drop_entry", "2"), 0);
	CHECK_INT(world_settle(&x), 0);
	CHECK_INT(world_write(&x, "net.ipv4.vs.drop_entry", "3"), 0);
	CHECK_INT(world_settle(&x), 1);
}

TEST(a_variable_waits_for_its_module_and_its_interface)
{
	const struct netcfg_link later = { .name = "eth7" };
	WORLD;

	world_init(&x);
	netcfg_fake_ipvs(x.kernel, false);
	world_sysctl(&x, "net.ipv4.vs.conntrack", "1");
	world_sysctl(&x, "net.ipv4.vs.later", "1");
	world_sysctl(&x, "net.ipv4.conf.eth7.rp_filter", "2");
	CHECK_INT(world_settle(&x), 0);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(netcfg_sysctl_state(&x.wanted.sysctls.items[i], &x.found),
			  NETCFG_STATE_PENDING);
	netcfg_fake_ipvs(x.kernel, true);
	CHECK_INT(netcfg_fake_link(x.kernel, &later), 0);
	CHECK_INT(world_settle(&x), 1);
	CHECK_STR(world_read(&x, "net.ipv4.vs.conntrack"), "1");
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth7.rp_filter"), "2");
	/* Gone with their interface and module: nothing is left to be put back. */
	netcfg_fake_unlink(x.kernel, "eth7");
	netcfg_fake_ipvs(x.kernel, false);
	world_nothing(&x);
	CHECK_INT(world_settle(&x), 0);
	CHECK_INT(x.memory.n, 0);
}

TEST(vips_do_not_depend_on_roles)
{
	WORLD;

	world_init(&x);
	world_vip(&x, "192.0.2.20", "eth0");
	world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10");
	world_plan(&x);
	CHECK_INT(x.plan.ops.n, 6);
	CHECK(netcfg_op_depends(&x.wanted, &x.plan.ops.items[4], &x.plan.ops.items[0]));
	CHECK(!netcfg_op_depends(&x.wanted, &x.plan.ops.items[5], &x.plan.ops.items[0]));
	CHECK(!netcfg_op_depends(&x.wanted, &x.plan.ops.items[0], &x.plan.ops.items[4]));
}

TEST(outcomes)
{
	static const struct {
		enum netcfg_verb verb;
		int result;
		enum netcfg_outcome outcome;
	} cases[] = {
		{ NETCFG_ADDRESS_ADD, 0, NETCFG_OUTCOME_DONE },
		{ NETCFG_ADDRESS_ADD, -EEXIST, NETCFG_OUTCOME_FOREIGN },
		{ NETCFG_ADDRESS_ADD, -ENODEV, NETCFG_OUTCOME_GONE },
		{ NETCFG_ADDRESS_ADD, -EPERM, NETCFG_OUTCOME_REFUSED },
		{ NETCFG_ADDRESS_DELETE, -EADDRNOTAVAIL, NETCFG_OUTCOME_DONE },
		{ NETCFG_ADDRESS_DELETE, -ENODEV, NETCFG_OUTCOME_DONE },
		{ NETCFG_LINK_ADD, -EEXIST, NETCFG_OUTCOME_DONE },
		{ NETCFG_LINK_ADD, -EOPNOTSUPP, NETCFG_OUTCOME_REFUSED },
		{ NETCFG_LINK_UP, -ENODEV, NETCFG_OUTCOME_GONE },
		{ NETCFG_LINK_DELETE, -ENODEV, NETCFG_OUTCOME_DONE },
		{ NETCFG_FOU_ADD, -EADDRINUSE, NETCFG_OUTCOME_FOREIGN },
		{ NETCFG_FOU_ADD, -ENOENT, NETCFG_OUTCOME_REFUSED },
		{ NETCFG_SYSCTL_WRITE, -ENOENT, NETCFG_OUTCOME_GONE },
		{ NETCFG_SYSCTL_WRITE, -EROFS, NETCFG_OUTCOME_REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netcfg_op op = { .verb = cases[i].verb };

		CHECK_INT(netcfg_outcome(&op, cases[i].result), cases[i].outcome);
		op.forgets = true;
		if (cases[i].outcome == NETCFG_OUTCOME_GONE)
			CHECK_INT(netcfg_outcome(&op, cases[i].result), NETCFG_OUTCOME_DONE);
	}
}

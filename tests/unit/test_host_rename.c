/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces that get another name, or are replaced by another one, while the daemon looks and
 * while it does not run. */
#include "host_world.h"

static const struct netcfg_kernel_ops *usual;

static int broken(struct netcfg_kernel *k, const struct netcfg_op *ops, size_t n, int *results)
{
	(void)usual->apply(k, ops, n, results);
	return -EIO;
}

/* Others give an interface another name. */
static void rename_link(struct world *x, const char *from, const char *to)
{
	const struct netcfg_link link = world_link(x, from);

	netcfg_fake_rename(x->kernel, from, to);
	CHECK_STR(world_link(x, to).name, to);
	CHECK_INT(world_link(x, to).index, link.index);
}

TEST(a_renamed_interface_keeps_nothing_of_ours)
{
	struct world x;
	struct declared *o;

	world_init(&x);
	o = world_vip(&x, "192.0.2.10", "eth1");
	(void)world_sysctl(&x, "net.ipv4.conf.eth1.arp_ignore", "1");
	(void)world_run(&x);
	rename_link(&x, "eth1", "lan0");
	world_news(&x);
	CHECK(!world_has(&x, "192.0.2.10", "lan0"));
	CHECK_STR(world_read(&x, "net.ipv4.conf.lan0.arp_ignore"), "0");
	CHECK_INT(world_item(&x, o, NULL).state, NETCFG_STATE_PENDING);
	CHECK_INT(x.stored.n, 0);
	rename_link(&x, "lan0", "eth1");
	world_news(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth1"));
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.arp_ignore"), "1");
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

/* Whether a daemon that starts now could read what is stored. */
static bool can_be_read_back(const struct world *x)
{
	char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];
	bool good = true;

	vec_foreach(row, &x->stored) {
		struct netcfg_memo back;
		const char *kind = netcfg_memo_format(row, id, value);

		good = netcfg_memo_parse(kind, id, value, &back) == 0 && good;
	}
	return good;
}

TEST(a_name_that_no_id_can_have_is_not_stored)
{
	static const char *const names[] = { "all", "a\001b" };
	struct netcfg_kernel_ops ops;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct world x;

		world_init(&x);
		(void)world_vip(&x, "192.0.2.10", "eth1");
		(void)world_sysctl(&x, "net.ipv4.conf.eth1.arp_ignore", "1");
		(void)world_run(&x);
		rename_link(&x, "eth1", names[i]);
		usual = x.kernel->ops;
		ops = *usual;
		ops.apply = broken; /* so that the rows stay */
		x.kernel->ops = &ops;
		world_news(&x);
		CHECK(can_be_read_back(&x));
		x.kernel->ops = usual;
		(void)world_pass(&x, 2000);
		CHECK(can_be_read_back(&x));
		world_done(&x);
	}
}

/* A VIP and a variable on eth1, which another value was written to before. */
static void declare_on_eth1(struct world *x)
{
	CHECK_INT(world_write(x, "net.ipv4.conf.eth1.arp_ignore", "2"), 0);
	(void)world_vip(x, "192.0.2.10", "eth1");
	(void)world_sysctl(x, "net.ipv4.conf.eth1.arp_ignore", "1");
	(void)world_run(x);
}

TEST(an_interface_renamed_while_nobody_looked_keeps_nothing_of_ours)
{
	struct world x;

	world_init(&x);
	declare_on_eth1(&x);
	world_kill(&x);
	rename_link(&x, "eth1", "lan0");
	world_start(&x);
	(void)world_run(&x);
	CHECK(!world_has(&x, "192.0.2.10", "lan0"));
	CHECK_STR(world_read(&x, "net.ipv4.conf.lan0.arp_ignore"), "2");
	CHECK_INT(x.stored.n, 0);
	/* The name comes back on it, again while nobody looks. */
	world_kill(&x);
	rename_link(&x, "lan0", "eth1");
	world_start(&x);
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth1"));
	CHECK(host_in_sync(x.host));
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	world_remove(&x, DECLARED_SYSCTL, "net.ipv4.conf.eth1.arp_ignore");
	(void)world_run(&x);
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.arp_ignore"), "2");
	CHECK_INT(x.stored.n, 0);
	world_done(&x);
}

TEST(names_swapped_while_nobody_looked_are_told_apart)
{
	struct world x;

	world_init(&x);
	declare_on_eth1(&x);
	world_kill(&x);
	rename_link(&x, "eth1", "spare");
	rename_link(&x, "eth0", "eth1");
	rename_link(&x, "spare", "eth0");
	/* Somebody has the same address on what is called eth1 now. */
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth1"), 0);
	world_start(&x);
	(void)world_run(&x);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth0.arp_ignore"), "2");
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.arp_ignore"), "1");
	CHECK(host_in_sync(x.host));
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	world_remove(&x, DECLARED_SYSCTL, "net.ipv4.conf.eth1.arp_ignore");
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth1")); /* it was never ours */
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.arp_ignore"), "0");
	CHECK_INT(x.stored.n, 0);
	world_done(&x);
}

TEST(an_interface_that_was_replaced_while_nobody_looked_is_another_one)
{
	static const char *const identities[] = { "fake", "other" };

	/* In another boot indices mean nothing, and the names hold. */
	for (size_t i = 0; i < ARRAY_SIZE(identities); i++) {
		bool same = i == 0;
		struct netcfg_link link;
		struct world x;

		world_init(&x);
		declare_on_eth1(&x);
		world_kill(&x);
		link = world_link(&x, "eth1");
		netcfg_fake_unlink(x.kernel, "eth1");
		link.index = 0;
		CHECK_INT(netcfg_fake_link(x.kernel, &link), 0);
		CHECK_INT(world_write(&x, "net.ipv4.conf.eth1.arp_ignore", "3"), 0);
		CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth1"), 0);
		netcfg_fake_identity(x.kernel, identities[i]);
		world_start(&x);
		(void)world_run(&x);
		CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.arp_ignore"), "1");
		world_remove(&x, DECLARED_VIP, "192.0.2.10");
		world_remove(&x, DECLARED_SYSCTL, "net.ipv4.conf.eth1.arp_ignore");
		(void)world_run(&x);
		CHECK_INT(world_has(&x, "192.0.2.10", "eth1"), same);
		CHECK_STR(world_read(&x, "net.ipv4.conf.eth1.arp_ignore"), same ? "3" : "2");
		CHECK_INT(x.stored.n, 0);
		world_done(&x);
	}
}

static int unwatched(struct netcfg_kernel *k, const struct netcfg_sysctl_key *keys, size_t n)
{
	(void)k;
	(void)keys;
	(void)n;
	return -ENOMEM;
}

TEST(a_look_that_fails_does_not_follow_a_swap_twice)
{
	struct netcfg_kernel_ops ops;
	struct world x;

	world_init(&x);
	declare_on_eth1(&x);
	(void)world_vip(&x, "192.0.2.11", "eth0");
	(void)world_run(&x);
	world_kill(&x);
	rename_link(&x, "eth1", "spare");
	rename_link(&x, "eth0", "eth1");
	rename_link(&x, "spare", "eth0");
	world_start(&x);
	usual = x.kernel->ops;
	ops = *usual;
	ops.watch = unwatched; /* comes after the interfaces were followed */
	x.kernel->ops = &ops;
	(void)world_turn(&x);
	CHECK(!host_in_sync(x.host));
	x.kernel->ops = usual;
	(void)world_pass(&x, 5000);
	CHECK(host_in_sync(x.host));
	CHECK(!world_has(&x, "192.0.2.10", "eth0") && world_has(&x, "192.0.2.10", "eth1"));
	CHECK(!world_has(&x, "192.0.2.11", "eth1") && world_has(&x, "192.0.2.11", "eth0"));
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth0.arp_ignore"), "2");
	world_done(&x);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others do to the host: drift and its repair by news, by the timer and by reading again;
 * interfaces that come, go and flap; programs that fight. */
#include <unistd.h>

#include "host_world.h"

TEST(a_vip_removed_by_hand_is_back_and_announced)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_pass(&x, 2000);
	x.frames = 0;
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
	world_news(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK_INT(x.frames, 2);
	(void)world_pass(&x, 2000);
	CHECK_INT(x.frames, 6);
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

TEST(lost_news_are_a_full_look)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
	netcfg_fake_lose_events(x.kernel);
	world_news(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

TEST(the_timer_finds_what_no_news_told)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
	(void)world_pass(&x, 29000);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	(void)world_pass(&x, 2000);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

TEST(a_shorter_pause_holds_at_once)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	host_set_resync(x.host, 2000);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
	(void)world_pass(&x, 1900);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	(void)world_pass(&x, 200);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

TEST(a_variable_is_read_again_every_second)
{
	struct world x;

	world_init(&x);
	(void)world_sysctl(&x, "net.ipv4.conf.eth0.arp_ignore", "1");
	(void)world_run(&x);
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth0.arp_ignore", "0"), 0);
	(void)world_pass(&x, 1100);
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth0.arp_ignore"), "1");
	/* And at once when the kernel tells. */
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth0.arp_ignore", "0"), 0);
	world_news(&x);
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth0.arp_ignore"), "1");
	world_remove(&x, DECLARED_SYSCTL, "net.ipv4.conf.eth0.arp_ignore");
	(void)world_run(&x);
	CHECK_STR(world_read(&x, "net.ipv4.conf.eth0.arp_ignore"), "0");
	CHECK(world_turn(&x) == INT64_MAX); /* nobody wakes for nothing */
	world_done(&x);
}

TEST(flips_of_the_kernel_are_no_drift)
{
	struct world x;
	uint64_t writes;

	world_init(&x);
	(void)world_sysctl(&x, "net.ipv4.vs.drop_entry", "1");
	(void)world_run(&x);
	writes = x.kernel->ops->writes(x.kernel);
	CHECK_INT(world_write(&x, "net.ipv4.vs.drop_entry", "2"), 0);
	host_notice(x.host);
	(void)world_pass(&x, 5000);
	CHECK_INT(x.kernel->ops->writes(x.kernel), writes);
	world_done(&x);
}

TEST(others_addresses_ask_for_no_look)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.77", "eth0"), 0);
	host_notice(x.host);
	CHECK(world_turn(&x) > x.now);
	/* But who asks sees them. */
	CHECK(host_address_is_foreign(x.host, &(struct inaddr){ AF_INET, { 192, 0, 2, 77 } }));
	CHECK(!host_address_is_foreign(x.host, &(struct inaddr){ AF_INET, { 192, 0, 2, 10 } }));
	world_done(&x);
}

TEST(an_interface_comes_later_goes_and_comes_again)
{
	struct world x;
	struct netcfg_link late;
	struct declared *o;

	world_init(&x);
	late = world_link(&x, "eth1");
	late.index = 0;
	memset(late.name, 0, sizeof(late.name));
	memcpy(late.name, "late0", 6);
	o = world_vip(&x, "192.0.2.10", "late0");
	(void)world_run(&x);
	CHECK_INT(world_item(&x, o, NULL).state, NETCFG_STATE_PENDING);
	CHECK_STR(world_item(&x, o, NULL).found, "absent");
	CHECK(!host_in_sync(x.host));
	for (int i = 0; i < 2; i++) {
		x.frames = 0;
		CHECK_INT(netcfg_fake_link(x.kernel, &late), 0);
		world_news(&x);
		CHECK(world_has(&x, "192.0.2.10", "late0"));
		CHECK_INT(x.frames, 2);
		(void)world_pass(&x, 1000);
		netcfg_fake_unlink(x.kernel, "late0");
		world_news(&x);
		CHECK_INT(world_item(&x, o, NULL).state, NETCFG_STATE_PENDING);
		(void)world_pass(&x, 3000);
	}
	world_done(&x);
}

TEST(carrier_that_comes_back_announces)
{
	struct world x;
	struct netcfg_link link;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_pass(&x, 2000);
	link = world_link(&x, "eth0");
	link.carrier = false;
	CHECK_INT(netcfg_fake_link(x.kernel, &link), 0);
	world_news(&x);
	CHECK_INT(host_announce(x.host, &(struct inaddr){ AF_INET, { 192, 0, 2, 10 } }, x.now),
		  -ENETDOWN);
	x.frames = 0;
	link.carrier = true;
	CHECK_INT(netcfg_fake_link(x.kernel, &link), 0);
	world_news(&x);
	(void)world_pass(&x, 2000);
	CHECK_INT(x.frames, 6);
	world_done(&x);
}

TEST(a_fight_is_slowed_down_and_told)
{
	struct world x;
	struct declared *o;
	uint64_t writes;
	char names[200];

	world_init(&x);
	o = world_vip(&x, "192.0.2.10", "eth0");
	(void)world_vip(&x, "192.0.2.11", "eth0"); /* nobody touches it */
	(void)world_run(&x);
	CHECK_INT(host_contested_names(x.host, &x.declared, names, sizeof(names)), 0);
	CHECK_STR(names, "");
	for (int i = 0; i < 5; i++) {
		CHECK(!(host_conditions(x.host, o) & 1 << HOST_CONTESTED));
		CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
		world_news(&x);
		CHECK(world_has(&x, "192.0.2.10", "eth0"));
		x.now += 100;
	}
	/* From here on the other one needs a second, then two … for each of its deletions. */
	writes = x.kernel->ops->writes(x.kernel);
	for (int i = 0; i < 600; i++) {
		if (world_has(&x, "192.0.2.10", "eth0"))
			CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"),
				  0);
		host_notice(x.host);
		(void)world_pass(&x, 100);
	}
	CHECK((host_conditions(x.host, o) & 1 << HOST_CONTESTED));
	CHECK_INT(host_contested_names(x.host, &x.declared, names, sizeof(names)), 1);
	CHECK_STR(names, "vip 192.0.2.10");
	CHECK(!host_in_sync(x.host));
	CHECK(x.kernel->ops->writes(x.kernel) > writes);
	CHECK(x.kernel->ops->writes(x.kernel) < writes + 10);
	CHECK_STR(world_item(&x, o, NULL).message, "another program keeps changing it back");
	/* It gives up: in the end all is well. */
	(void)world_pass(&x, 400000);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK(!(host_conditions(x.host, o) & 1 << HOST_CONTESTED));
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

TEST(conditions_know_since_when_they_are_so)
{
	struct world x;
	struct declared *o, *other;
	int64_t first, second;

	world_init(&x);
	o = world_vip(&x, "192.0.2.10", "eth0");
	o->meta.updated = 5;
	other = world_vip(&x, "192.0.2.11", "late0");
	other->meta.updated = 6;
	CHECK_INT(host_condition_since(x.host, o, HOST_PROGRAMMED, false), 5);
	(void)world_run(&x);
	first = host_condition_since(x.host, o, HOST_PROGRAMMED, true);
	CHECK(first > 1000000000000); /* the clock's, not the declaration's */
	CHECK_INT(host_condition_since(x.host, other, HOST_PROGRAMMED, false), 6);
	CHECK(host_condition_since(x.host, other, HOST_PENDING, true) >= first);
	CHECK_INT(host_condition_since(x.host, other, HOST_CONTESTED, false), 6);
	(void)usleep(3000);
	host_kick(x.host); /* a look that finds nothing new changes nothing */
	(void)world_run(&x);
	CHECK_INT(host_condition_since(x.host, o, HOST_PROGRAMMED, true), first);
	/* What cannot be repaired. */
	netcfg_fake_unlink(x.kernel, "eth0");
	world_news(&x);
	CHECK_INT(host_conditions(x.host, o), 1 << HOST_PENDING);
	second = host_condition_since(x.host, o, HOST_PROGRAMMED, false);
	CHECK(second > first);
	CHECK_INT(host_condition_since(x.host, o, HOST_PENDING, true), second);
	CHECK_INT(host_condition_since(x.host, o, HOST_FOREIGN, false), 5);
	/* A new generation has not been programmed since it was declared. */
	(void)usleep(3000);
	o = world_vip(&x, "192.0.2.10", "eth1");
	o->meta.updated = 7;
	(void)world_run(&x);
	CHECK(host_condition_since(x.host, o, HOST_PROGRAMMED, true) > second);
	CHECK(host_condition_since(x.host, o, HOST_PENDING, false) > second);
	first = host_condition_since(x.host, o, HOST_PROGRAMMED, true);
	(void)usleep(3000);
	o = world_vip(&x, "192.0.2.10", "eth1");
	o->meta.updated = 8;
	CHECK_INT(host_condition_since(x.host, o, HOST_PROGRAMMED, false), 8);
	(void)world_run(&x);
	CHECK(host_condition_since(x.host, o, HOST_PROGRAMMED, true) > first);
	world_done(&x);
}

TEST(names_of_what_is_fought_for_fit_in)
{
	char id[32], names[80], all[240];
	struct world x;

	world_init(&x);
	for (int i = 0; i < 9; i++) {
		(void)snprintf(id, sizeof(id), "192.0.2.%d", 10 + i);
		(void)world_vip(&x, id, "eth0");
	}
	(void)world_sysctl(&x, "net.ipv4.conf.eth0.arp_ignore", "1");
	(void)world_run(&x);
	for (int round = 0; round < 7; round++) {
		for (int i = 0; i < 9; i++) {
			(void)snprintf(id, sizeof(id), "192.0.2.%d", 10 + i);
			(void)world_somebody(&x, NETCFG_ADDRESS_DELETE, id, "eth0");
		}
		CHECK_INT(world_write(&x, "net.ipv4.conf.eth0.arp_ignore", "0"), 0);
		world_news(&x);
		x.now += 100;
	}
	CHECK_INT(host_contested_names(x.host, &x.declared, names, sizeof(names)), 10);
	CHECK_STR(names, "vip 192.0.2.10, vip 192.0.2.11, vip 192.0.2.12 and 7 more");
	CHECK_INT(host_contested_names(x.host, &x.declared, all, sizeof(all)), 10);
	CHECK(strstr(all, ", vip 192.0.2.18, sysctl net.ipv4.conf.eth0.arp_ignore"));
	CHECK(!strstr(all, "more"));
	/* Nobody wants it any more: it is no longer the daemon's affair. */
	for (int i = 0; i < 9; i++) {
		(void)snprintf(id, sizeof(id), "192.0.2.%d", 10 + i);
		world_remove(&x, DECLARED_VIP, id);
	}
	(void)world_run(&x);
	CHECK_INT(host_contested_names(x.host, &x.declared, names, sizeof(names)), 1);
	CHECK_STR(names, "sysctl net.ipv4.conf.eth0.arp_ignore");
	world_done(&x);
}

TEST(news_without_end_do_not_keep_it_busy)
{
	struct world x;
	struct netcfg_link link;
	int busy = 0;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	link = world_link(&x, "eth1");
	for (int i = 0; i < 1000; i++) {
		link.mtu = 1500 + i;
		CHECK_INT(netcfg_fake_link(x.kernel, &link), 0);
		host_notice(x.host);
		(void)world_turn(&x);
		busy += host_found(x.host) != NULL &&
			netcfg_found_link(host_found(x.host), "eth1")->mtu == link.mtu;
		x.now += 10;
	}
	CHECK_INT(busy, 1000); /* who asks sees the newest */
	CHECK_INT(x.kernel->ops->writes(x.kernel), 1);
	world_done(&x);
}

static const struct netcfg_kernel_ops *usual;

/* Somebody else does the same, a moment before. */
static int overtake(struct netcfg_kernel *k, const struct netcfg_op *ops, size_t n, int *results)
{
	CHECK_INT(netcfg_fake_do(k, &ops[0]), 0);
	return usual->apply(k, ops, n, results);
}

TEST(what_others_make_a_moment_before_is_theirs)
{
	struct netcfg_kernel_ops ops;
	struct declared *o;
	struct world x;

	world_init(&x);
	usual = x.kernel->ops;
	ops = *usual;
	ops.apply = overtake;
	o = world_vip(&x, "192.0.2.10", "eth0");
	x.kernel->ops = &ops;
	(void)world_run(&x);
	x.kernel->ops = usual;
	CHECK_INT(world_rows(&x), 1);
	CHECK_INT(x.stored.items[0].class, NETCFG_FOREIGN);
	CHECK_INT(world_item(&x, o, NULL).state, NETCFG_STATE_FOREIGN);
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

/* The transport breaks: nobody knows what was done. */
static int broken(struct netcfg_kernel *k, const struct netcfg_op *ops, size_t n, int *results)
{
	(void)usual->apply(k, ops, n, results);
	return -EIO;
}

TEST(a_broken_transport_loses_nothing)
{
	struct netcfg_kernel_ops ops;
	struct world x;

	world_init(&x);
	usual = x.kernel->ops;
	ops = *usual;
	ops.apply = broken;
	(void)world_vip(&x, "192.0.2.10", "eth0");
	x.kernel->ops = &ops;
	(void)world_run(&x);
	CHECK_INT(world_rows(&x), 1); /* it may be there */
	CHECK(!host_in_sync(x.host));
	x.kernel->ops = usual;
	(void)world_pass(&x, 2000);
	CHECK(host_in_sync(x.host));
	x.kernel->ops = &ops;
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	(void)world_run(&x);
	CHECK_INT(world_rows(&x), 1);
	x.kernel->ops = usual;
	(void)world_pass(&x, 2000);
	CHECK_INT(x.stored.n, 0);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

TEST(what_was_gone_and_is_there_is_tried_again_soon)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	netcfg_fake_fail(x.kernel, 0, -ENODEV); /* the interface went and came */
	(void)world_run(&x);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	(void)world_pass(&x, 100);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

TEST(news_during_a_round_that_does_nothing_are_not_lost)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_vip(&x, "192.0.2.11", "eth0");
	(void)world_run(&x);
	/* A deletion that waits for its next try: a round without operations, in two parts. */
	world_remove(&x, DECLARED_VIP, "192.0.2.11");
	netcfg_fake_fail(x.kernel, 0, -EPERM);
	(void)world_run(&x);
	host_notice(x.host);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth1"), 0);
	(void)host_run(x.host, HOST_FIRST, x.now);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
	host_notice(x.host);
	(void)host_run(x.host, HOST_FIRST, x.now);
	(void)world_pass(&x, 10);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

TEST(a_kick_tries_at_once)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	netcfg_fake_fail(x.kernel, 0, -ENOBUFS);
	(void)world_run(&x);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	host_kick(x.host);
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

static int disturbances;

static int disturbed(struct netcfg_kernel *k, netcfg_address_vec *ret)
{
	return disturbances-- > 0 ? -EAGAIN : usual->addresses(k, ret);
}

TEST(a_disturbed_dump_is_repeated_soon)
{
	struct netcfg_kernel_ops ops;
	struct declared *o;
	struct world x;

	world_init(&x);
	usual = x.kernel->ops;
	ops = *usual;
	ops.addresses = disturbed;
	disturbances = 5;
	o = world_vip(&x, "192.0.2.10", "eth0");
	x.kernel->ops = &ops;
	CHECK(world_turn(&x) > x.now);
	CHECK(!host_idle(x.host));
	CHECK_INT(host_observed(x.host, o), 0);
	(void)world_pass(&x, 400);
	x.kernel->ops = usual;
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK(host_in_sync(x.host));
	/* Not for ever. */
	x.kernel->ops = &ops;
	disturbances = 1000000;
	host_kick(x.host);
	(void)world_pass(&x, 4000);
	CHECK(host_idle(x.host));
	CHECK(!host_in_sync(x.host));
	x.kernel->ops = usual;
	(void)world_pass(&x, 4000);
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

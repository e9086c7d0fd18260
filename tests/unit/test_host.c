/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rounds of the host reconciler: what is declared comes and goes, also with a crash in the middle,
 * refusals and a store that fails. */
#include "host_private.h"
#include "host_world.h"

TEST(nothing_declared_nothing_done)
{
	struct world x;

	world_init(&x);
	CHECK(world_turn(&x) == INT64_MAX);
	CHECK(host_idle(x.host));
	CHECK(host_in_sync(x.host));
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.9", "eth0"), 0);
	host_notice(x.host);
	CHECK(world_turn(&x) == INT64_MAX);
	CHECK_INT(x.kernel->ops->writes(x.kernel), 0);
	CHECK_INT(x.stores, 0);
	/* It is looked at when somebody asks. */
	CHECK(host_found(x.host));
	CHECK(host_address_is_foreign(x.host, &(struct inaddr){ AF_INET, { 192, 0, 2, 9 } }));
	world_done(&x);
}

TEST(a_vip_comes_is_announced_and_goes)
{
	struct world x;
	struct declared *o;
	struct host_item item;
	struct netcfg_announce_status status;
	_cleanup_(freep) char *before = NULL, *after = NULL;

	world_init(&x);
	before = world_picture(&x);
	o = world_vip(&x, "192.0.2.10", "eth0");
	CHECK_INT(host_observed(x.host, o), 0);
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK_INT(host_observed(x.host, o), 1);
	item = world_item(&x, o, "192.0.2.10/32@eth0");
	CHECK_STR(item.kind, "address");
	CHECK_STR(item.wanted, "present");
	CHECK_STR(item.found, "present");
	CHECK_INT(item.state, NETCFG_STATE_IN_SYNC);
	CHECK(host_in_sync(x.host));
	CHECK_INT(world_rows(&x), 1);
	CHECK_INT(x.stored.items[0].class, NETCFG_OURS);
	CHECK_INT(x.frames, 2); /* request and reply at once */
	(void)world_pass(&x, 2000);
	CHECK_INT(x.frames, 6);
	CHECK(host_announce_status(x.host, &o->vip.address, &status));
	CHECK_INT(status.announcements, 3);
	CHECK_INT(x.kernel->ops->writes(x.kernel), 1);
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	(void)world_run(&x);
	after = world_picture(&x);
	CHECK_STR(after, before);
	CHECK_INT(x.stored.n, 0);
	CHECK(world_turn(&x) == INT64_MAX);
	world_done(&x);
}

TEST(own_changes_are_no_news)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_sysctl(&x, "net.ipv4.ip_forward", "1");
	(void)world_run(&x);
	host_notice(x.host);
	CHECK(world_turn(&x) > x.now);
	CHECK_INT(x.kernel->ops->writes(x.kernel), 2);
	world_done(&x);
}

TEST(many_vips_take_one_store_and_few_turns)
{
	struct world x;
	char address[INADDR_TEXT_MAX];

	world_init(&x);
	for (int i = 0; i < 1000; i++) {
		snprintf(address, sizeof(address), "10.1.%d.%d", i / 250, i % 250 + 1);
		(void)world_vip(&x, address, "eth0");
	}
	(void)world_run(&x);
	CHECK_INT(x.kernel->ops->writes(x.kernel), 1000);
	CHECK_INT(x.stores, 1);
	CHECK_INT(world_rows(&x), 1000);
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

static int64_t ticking;

/* Each look at the clock takes a millisecond. */
static int64_t tick(void)
{
	return ++ticking;
}

TEST(much_work_is_done_in_slices)
{
	static const struct host_hooks hooks = { .declared = world_declared,
						 .remember = world_remember,
						 .clock = tick };
	struct world x;
	netcfg_memo_vec memory = { 0 };
	char address[INADDR_TEXT_MAX];
	uint64_t writes = 0;

	world_init(&x);
	host_free(x.host);
	CHECK_INT(host_new(x.kernel, x.announce, &memory, &hooks, &x, 30000, &x.host), 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(address, sizeof(address), "10.1.%d.%d", i / 250, i % 250 + 1);
		(void)world_vip(&x, address, "eth0");
	}
	while (!host_idle(x.host)) {
		(void)world_turn(&x);
		CHECK(x.kernel->ops->writes(x.kernel) - writes <= 2 * 10 * 32);
		writes = x.kernel->ops->writes(x.kernel);
	}
	CHECK_INT(writes, 1000);
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

TEST(a_role_comes_in_order_and_goes_without_a_trace)
{
	struct world x;
	struct declared *o;
	_cleanup_(freep) char *before = NULL, *after = NULL;

	world_init(&x);
	before = world_picture(&x);
	o = world_real_server(&x, NETCFG_MODE_TUN, "192.0.2.10");
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "tunl0"));
	CHECK_STR(world_read(&x, "net.ipv4.conf.all.arp_ignore"), "1");
	CHECK(host_in_sync(x.host));
	CHECK_STR(world_item(&x, o, "tunl0").found, "up");
	CHECK_STR(world_item(&x, o, "net.ipv4.conf.all.arp_announce").effective, "2");
	CHECK_INT(x.frames, 0); /* nobody asks for the VIP of a real server */
	world_remove(&x, DECLARED_REAL_SERVER, "real-server");
	(void)world_run(&x);
	after = world_picture(&x);
	CHECK(!world_has(&x, "192.0.2.10", "lo"));
	CHECK_INT(x.stored.n, 0);
	CHECK_STR(after, before);
	world_done(&x);
}

/* The daemon dies after n operations of the first part, and of the second. */
static void die_after(unsigned n, enum netcfg_mode mode)
{
	struct world x;
	_cleanup_(freep) char *before = NULL, *after = NULL;

	world_init(&x);
	CHECK_INT(world_write(&x, "net.ipv4.conf.all.rp_filter", "1"), 0);
	before = world_picture(&x);
	(void)world_real_server(&x, mode, "192.0.2.10");
	netcfg_fake_fail(x.kernel, n, -EIO);
	(void)world_turn(&x); /* with the failed one, what depends on it is not done */
	world_kill(&x);
	world_start(&x);
	(void)world_run(&x);
	CHECK(host_in_sync(x.host));
	CHECK(world_has(&x, "192.0.2.10", mode == NETCFG_MODE_TUN ? "tunl0" : "lo"));
	world_remove(&x, DECLARED_REAL_SERVER, "real-server");
	netcfg_fake_fail(x.kernel, n, -EIO);
	(void)host_run(x.host, HOST_FIRST, x.now);
	(void)host_run(x.host, HOST_SECOND, x.now);
	world_kill(&x);
	world_start(&x);
	(void)world_pass(&x, 5000);
	after = world_picture(&x);
	CHECK_STR(after, before);
	CHECK_INT(x.stored.n, 0);
	world_done(&x);
}

TEST(a_crash_in_the_middle_is_made_good)
{
	for (unsigned n = 0; n < 8; n++) {
		die_after(n, NETCFG_MODE_DR);
		die_after(n, NETCFG_MODE_TUN);
	}
}

TEST(second_part_waits_for_its_turn)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	CHECK(host_run(x.host, HOST_FIRST, x.now) <= x.now);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK(!host_idle(x.host));
	(void)host_run(x.host, HOST_SECOND, x.now);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	/* Declared again before its removal: it does not go. */
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	(void)host_run(x.host, HOST_FIRST, x.now);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	CHECK_INT(x.kernel->ops->writes(x.kernel), 3);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

TEST(a_move_is_never_without_the_vip)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_pass(&x, 1000);
	(void)world_vip(&x, "192.0.2.10", "eth1");
	(void)host_run(x.host, HOST_FIRST, x.now);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK(world_has(&x, "192.0.2.10", "eth1"));
	x.frames = 0;
	(void)world_pass(&x, 1000);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	CHECK_INT(x.frames_at, 3);
	CHECK_INT(x.frames, 6 - 2); /* the first went out in the first part */
	world_done(&x);
}

/* The kernel routes to a new one of IPv6 a moment after it has accepted it. */
TEST(a_move_of_ipv6_waits_before_the_old_one_goes)
{
	struct world x;
	int64_t next;

	world_init(&x);
	(void)world_vip(&x, "2001:db8::10", "eth0");
	(void)world_run(&x);
	(void)world_vip(&x, "2001:db8::10", "eth1");
	next = world_turn(&x);
	CHECK(world_has(&x, "2001:db8::10", "eth1"));
	CHECK(next > x.now);
	(void)world_turn(&x);
	CHECK(world_has(&x, "2001:db8::10", "eth0"));
	x.now = next;
	(void)world_run(&x);
	CHECK(world_has(&x, "2001:db8::10", "eth1"));
	CHECK(!world_has(&x, "2001:db8::10", "eth0"));
	world_done(&x);
}

TEST(a_refusal_is_told_and_tried_again)
{
	struct world x;
	struct declared *o;
	struct host_item item;
	uint64_t writes;

	world_init(&x);
	o = world_vip(&x, "192.0.2.10", "eth0");
	netcfg_fake_fail(x.kernel, 0, -EPERM);
	(void)world_run(&x);
	item = world_item(&x, o, NULL);
	CHECK_INT(item.error, -EPERM);
	CHECK(item.message && strstr(item.message, "CAP_NET_ADMIN"));
	CHECK_INT(item.state, NETCFG_STATE_DIFFERS);
	CHECK_INT(host_observed(x.host, o), 1);
	CHECK(!host_in_sync(x.host));
	CHECK_INT(x.stored.n, 0); /* what was not made is not ours */
	writes = x.kernel->ops->writes(x.kernel);
	(void)world_pass(&x, 700);
	CHECK_INT(x.kernel->ops->writes(x.kernel), writes);
	(void)world_pass(&x, 700);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK_INT(world_item(&x, o, NULL).error, 0);
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

TEST(an_address_waits_for_the_variables_of_its_role)
{
	struct world x;
	struct declared *o;
	struct host_item item;

	world_init(&x);
	o = world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10");
	netcfg_fake_fail(x.kernel, 0, -EROFS);
	(void)world_run(&x);
	CHECK(!world_has(&x, "192.0.2.10", "lo"));
	item = world_item(&x, o, "192.0.2.10/32@lo");
	CHECK_INT(item.error, -ECANCELED);
	CHECK(item.message && strstr(item.message, "waits for sysctl net.ipv4.conf."));
	/* Also in rounds before the retry. */
	host_notice(x.host);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth0"), 0);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
	(void)world_run(&x);
	CHECK(!world_has(&x, "192.0.2.10", "lo"));
	(void)world_pass(&x, 1500);
	CHECK(world_has(&x, "192.0.2.10", "lo"));
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

TEST(nothing_is_done_that_is_not_stored_first)
{
	struct world x;
	struct declared *o;

	world_init(&x);
	o = world_vip(&x, "192.0.2.10", "eth0");
	x.store_error = -EIO;
	(void)world_run(&x);
	CHECK_INT(x.kernel->ops->writes(x.kernel), 0);
	CHECK(!host_in_sync(x.host));
	CHECK_INT(host_observed(x.host, o), 1);
	/* Somebody else makes it meanwhile: it is not taken for ours. */
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth0"), 0);
	x.store_error = 0;
	(void)world_pass(&x, 2000);
	CHECK_INT(world_item(&x, o, NULL).state, NETCFG_STATE_FOREIGN);
	CHECK_INT(x.stored.items[0].class, NETCFG_FOREIGN);
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK_INT(x.kernel->ops->writes(x.kernel), 0);
	world_done(&x);
}

TEST(a_full_disk_takes_no_memory)
{
	struct world x;
	size_t dirty;

	world_init(&x);
	for (int i = 1; i < 100; i++) {
		char address[INADDR_TEXT_MAX];

		snprintf(address, sizeof(address), "10.1.0.%d", i);
		(void)world_vip(&x, address, "eth0");
	}
	x.store_error = -ENOSPC;
	(void)world_run(&x);
	host_kick(x.host);
	(void)world_run(&x);
	dirty = x.host->dirty.n;
	for (int i = 0; i < 20; i++) {
		host_kick(x.host);
		(void)world_run(&x);
	}
	CHECK_INT(x.host->dirty.n, dirty);
	x.store_error = 0;
	(void)world_pass(&x, 100000);
	CHECK_INT(x.host->dirty.n, 0);
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

static bool is_left(struct world *x, enum declared_kind kind, const char *id)
{
	struct declared_key key;
	const char *why;

	CHECK_INT(declared_key_parse(kind, id, &key, &why), 0);
	return host_is_left(x->host, &key);
}

TEST(what_could_not_be_undone_is_told)
{
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_vip(&x, "192.0.2.11", "eth0");
	(void)world_sysctl(&x, "net.ipv4.ip_forward", "1");
	(void)world_run(&x);
	CHECK(!host_is_left(x.host, NULL));
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	netcfg_fake_fail(x.kernel, 0, -EPERM);
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK(is_left(&x, DECLARED_VIP, "192.0.2.10"));
	CHECK(!is_left(&x, DECLARED_VIP, "192.0.2.11"));
	CHECK(is_left(&x, DECLARED_DIRECTOR, "director"));
	CHECK(host_is_left(x.host, NULL));
	(void)world_pass(&x, 2000);
	CHECK(!host_is_left(x.host, NULL));
	world_remove(&x, DECLARED_SYSCTL, "net.ipv4.ip_forward");
	netcfg_fake_fail(x.kernel, 0, -EROFS);
	(void)world_run(&x);
	CHECK(is_left(&x, DECLARED_SYSCTL, "net.ipv4.ip_forward"));
	CHECK(is_left(&x, DECLARED_SYSCTL, "net.ipv4.conf.all.forwarding"));
	CHECK(!is_left(&x, DECLARED_SYSCTL, "net.ipv4.conf.all.rp_filter"));
	(void)world_pass(&x, 2000);
	/* Nor is it known where the store refuses to take note, or nothing can be read. */
	world_remove(&x, DECLARED_VIP, "192.0.2.11");
	x.store_error = -EIO;
	(void)world_run(&x);
	CHECK(is_left(&x, DECLARED_VIP, "192.0.2.11"));
	x.store_error = 0;
	(void)world_pass(&x, 2000);
	CHECK(!host_is_left(x.host, NULL));
	world_done(&x);
}

static const struct netcfg_kernel_ops *usual;

static int no_links(struct netcfg_kernel *k, netcfg_link_vec *ret)
{
	(void)k;
	(void)ret;
	return -EIO;
}

/* As a list of processors that is too long for us. */
static int unreadable(struct netcfg_kernel *k, const struct netcfg_sysctl_key *key,
		      char ret[NETCFG_SYSCTL_VALUE_MAX])
{
	char name[NETCFG_SYSCTL_NAME_MAX];

	return streq(netcfg_sysctl_format(key, name), "net.ipv4.vs.conntrack")
		       ? -EBADMSG
		       : usual->read(k, key, ret);
}

TEST(a_variable_that_cannot_be_read_stops_nothing_else)
{
	struct netcfg_kernel_ops ops;
	struct world x;
	struct declared *o;

	world_init(&x);
	(void)world_sysctl(&x, "net.ipv4.vs.conntrack", "1");
	(void)world_run(&x);
	usual = x.kernel->ops;
	ops = *usual;
	ops.read = unreadable;
	x.kernel->ops = &ops;
	o = world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	CHECK(world_has(&x, "192.0.2.10", "eth0"));
	CHECK_INT(host_observed(x.host, o), 1);
	CHECK(!host_in_sync(x.host));
	/* The value before is kept until it can be put back. */
	world_remove(&x, DECLARED_SYSCTL, "net.ipv4.vs.conntrack");
	(void)world_run(&x);
	CHECK_INT(world_rows(&x), 2);
	CHECK(is_left(&x, DECLARED_SYSCTL, "net.ipv4.vs.conntrack"));
	CHECK(is_left(&x, DECLARED_DIRECTOR, "director"));
	CHECK(!is_left(&x, DECLARED_SYSCTL, "net.ipv4.ip_forward"));
	CHECK(!is_left(&x, DECLARED_VIP, "192.0.2.10"));
	CHECK(!host_in_sync(x.host));
	x.kernel->ops = usual;
	(void)world_pass(&x, 31000);
	CHECK(!host_is_left(x.host, NULL));
	CHECK_STR(world_read(&x, "net.ipv4.vs.conntrack"), "0");
	CHECK_INT(world_rows(&x), 1);
	CHECK(host_in_sync(x.host));
	world_done(&x);
}

TEST(what_was_not_looked_at_was_not_tried)
{
	struct netcfg_kernel_ops ops;
	struct world x;
	struct declared *o;

	world_init(&x);
	usual = x.kernel->ops;
	ops = *usual;
	ops.links = no_links;
	x.kernel->ops = &ops;
	o = world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	CHECK_INT(host_observed(x.host, o), 0);
	x.kernel->ops = usual;
	(void)world_pass(&x, 2000);
	CHECK_INT(host_observed(x.host, o), 1);
	/* A new generation. */
	x.kernel->ops = &ops;
	o = world_vip(&x, "192.0.2.10", "eth1");
	(void)world_run(&x);
	CHECK_INT(host_observed(x.host, o), 1);
	x.kernel->ops = usual;
	(void)world_pass(&x, 2000);
	CHECK_INT(host_observed(x.host, o), 2);
	CHECK(world_has(&x, "192.0.2.10", "eth1"));
	world_done(&x);
}

TEST(a_foreign_address_stays_until_it_is_adopted)
{
	struct world x;
	const struct inaddr a = world_address("192.0.2.10");
	struct declared *o;

	world_init(&x);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth0"), 0);
	CHECK(host_address_is_foreign(x.host, &a));
	CHECK_INT(host_adopt(x.host, &a), -ENOENT); /* nobody declares it */
	o = world_vip(&x, "192.0.2.10", "eth0");
	(void)world_run(&x);
	CHECK_INT(world_item(&x, o, NULL).state, NETCFG_STATE_FOREIGN);
	CHECK_INT(x.frames, 0);
	x.store_error = -EIO;
	CHECK_INT(host_adopt(x.host, &a), -EIO);
	x.store_error = 0;
	CHECK(host_address_is_foreign(x.host, &a));
	CHECK_INT(host_adopt(x.host, &a), 0);
	CHECK(!host_address_is_foreign(x.host, &a));
	(void)world_run(&x);
	CHECK_INT(world_item(&x, o, NULL).state, NETCFG_STATE_IN_SYNC);
	CHECK_INT(x.frames, 2);
	CHECK_INT(x.stored.items[0].class, NETCFG_OURS);
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	(void)world_run(&x);
	CHECK(!world_has(&x, "192.0.2.10", "eth0"));
	world_done(&x);
}

TEST(announcing_on_request)
{
	struct world x;
	const struct inaddr a = world_address("192.0.2.10"), b = world_address("192.0.2.11");
	struct netcfg_announce_status status;
	struct declared *o;

	world_init(&x);
	CHECK_INT(host_announce(x.host, &a, x.now), -ENOENT);
	o = world_vip(&x, "192.0.2.10", "eth0");
	o->vip.announce_count = 0;
	(void)world_vip(&x, "192.0.2.11", "lo");
	(void)world_pass(&x, 1000);
	CHECK_INT(x.frames, 0);
	CHECK_INT(host_announce(x.host, &b, x.now), -EOPNOTSUPP);
	CHECK_INT(host_announce(x.host, &a, x.now), 0);
	(void)world_pass(&x, 1000);
	CHECK_INT(x.frames, 2);
	CHECK(!host_announce_status(x.host, &a, &status)); /* it is not remembered */
	world_done(&x);
}

TEST(asking_again_makes_no_more_of_a_burst)
{
	const struct inaddr a = world_address("192.0.2.10");
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0");
	(void)world_pass(&x, 1000);
	CHECK_INT(x.frames, 6);
	for (int i = 0; i < 20; i++) {
		CHECK_INT(host_announce(x.host, &a, x.now), 0);
		(void)world_pass(&x, 10);
	}
	(void)world_pass(&x, 1000);
	CHECK_INT(x.frames, 12);
	world_done(&x);
}

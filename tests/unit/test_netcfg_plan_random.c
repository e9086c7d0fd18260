/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of netcfg_plan.c over random declarations on a kernel in memory: the plan arrives, in
 * a legal order, and stops; broken off anywhere the next one goes on; what is no longer declared
 * leaves no trace; what others have is left alone.
 */
#include "netcfg_plan.h"

#include <errno.h>

#include "netcfg_world.h"

/* With sanitizers a round takes thirteen times as long, and what they look for shows early. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ROUNDS 150
#endif
#endif
#ifndef ROUNDS
#define ROUNDS 1500
#endif

static uint32_t random_u32(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

static uint32_t below(uint32_t n)
{
	return random_u32() % n;
}

static const char *const addresses[] = { "192.0.2.1",	"192.0.2.2",   "192.0.2.3",
					 "2001:db8::1", "2001:db8::2", "2001:db8::3" };
static const char *const interfaces[] = { "lo", "eth0", "eth1", "eth9" };

static const struct {
	const char *name, *values[3];
} variables[] = {
	{ "net.ipv4.ip_forward", { "0", "1" } },
	{ "net.ipv4.conf.all.forwarding", { "0", "1" } },
	{ "net.ipv4.conf.default.forwarding", { "0", "1" } },
	{ "net.ipv4.conf.eth0.forwarding", { "0", "1" } },
	{ "net.ipv4.conf.eth1.forwarding", { "0", "1" } },
	{ "net.ipv6.conf.all.forwarding", { "0", "1" } },
	{ "net.ipv6.conf.eth1.forwarding", { "0", "1" } },
	{ "net.ipv4.conf.all.arp_ignore", { "0", "1", "2" } },
	{ "net.ipv4.conf.eth0.send_redirects", { "0", "1" } },
	{ "net.ipv4.conf.eth9.rp_filter", { "0", "1", "2" } },
	{ "net.ipv4.vs.drop_entry", { "0", "1", "2" } },
	{ "net.ipv4.vs.sync_threshold", { "3 50", "1 2" } },
	{ "net.ipv4.vs.later", { "1" } },
};

static const char *random_value(size_t variable)
{
	const char *value = variables[variable].values[below(3)];

	return value ? value : variables[variable].values[0];
}

static void declare_roles(struct world *x)
{
	if (below(3) == 0) {
		world_real_server(x, below(2) ? NETCFG_MODE_TUN : NETCFG_MODE_DR, "");
		if (x->real_server.mode == NETCFG_MODE_TUN) {
			x->real_server.tunnel_type = (uint8_t)below(3);
			if (x->real_server.tunnel_type == NETCFG_TUNNEL_GUE)
				x->real_server.tunnel_port = (uint16_t)(5000 + below(2));
			if (x->real_server.tunnel_type == NETCFG_TUNNEL_GRE)
				x->real_server.tunnel_checksum = (uint8_t)below(2);
		}
		if (below(3) == 0)
			snprintf(x->real_server.interface, sizeof(x->real_server.interface), "%s",
				 interfaces[below(4)]);
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
			if (below(3) == 0)
				x->real_server_vips[x->declared.n_real_server_vips++] =
					world_address(addresses[i]);
	}
	if (below(3) == 0) {
		world_director(x);
		x->director.ipv4_forwarding = (uint8_t)below(3);
		x->director.ipv6_forwarding = (uint8_t)below(3);
		x->director.send_redirects = (uint8_t)below(3);
	}
}

/* Anything that has no conflict. */
static void declare(struct world *x)
{
	do {
		world_nothing(x);
		declare_roles(x);
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
			if (below(3) == 0 && below(4))
				world_vip(x, addresses[i], interfaces[below(4)]);
		for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
			if (below(5) == 0)
				world_sysctl(x, variables[i].name, random_value(i));
		world_plan(x);
	} while (x->conflicts.n);
}

/* What others do. */
static void disturb(struct world *x)
{
	static const enum netcfg_verb verbs[] = { NETCFG_ADDRESS_ADD, NETCFG_ADDRESS_DELETE,
						  NETCFG_ADDRESS_SET };
	const struct netcfg_link later = { .name = "eth9", .flags = IFF_UP };
	const char *address = addresses[below(ARRAY_SIZE(addresses))];
	size_t variable = below(ARRAY_SIZE(variables));

	switch (below(8)) {
	case 0:
		CHECK_INT(netcfg_fake_link(x->kernel, &later), 0);
		return;
	case 1:
		netcfg_fake_unlink(x->kernel, "eth9");
		return;
	case 2:
	case 3:
	case 4:
		(void)world_write(x, variables[variable].name, random_value(variable));
		return;
	}
	(void)world_other(x, verbs[below(3)], address, strchr(address, ':') ? 128 : 32,
			  (int32_t)(1 + below(3)));
}

/* 0 variables, 1 links and ports, 2 addresses put, 3 deleted, 4 links back, 5 variables back. */
static int stage(const struct netcfg_op *op)
{
	switch (op->verb) {
	case NETCFG_SYSCTL_WRITE:
		return op->removes ? 5 : 0;
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_FOU_ADD:
		return 1;
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
		return 2;
	case NETCFG_ADDRESS_DELETE:
		return op->removes ? 3 : 2;
	case NETCFG_SYNC_STOP: /* none is declared here */
	case NETCFG_SYNC_START:
		break;
	case NETCFG_FOU_DELETE:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		return 4;
	}
	return -1;
}

static void check_plan(struct world *x)
{
	for (size_t i = 0; i < x->plan.ops.n; i++) {
		const struct netcfg_op *op = &x->plan.ops.items[i];

		CHECK(i == 0 || stage(op) >= stage(op - 1));
		CHECK_INT(op->removes, stage(op) >= 3);
		if (op->verb == NETCFG_ADDRESS_DELETE) {
			/* Only what is remembered as ours. */
			struct netcfg_memo memo = { .kind = NETCFG_MEMO_ADDRESS,
						    .address = op->address.address,
						    .prefix_length = op->address.prefix_length };
			const struct netcfg_memo *known;

			memcpy(memo.interface, op->name, sizeof(memo.interface));
			known = netcfg_memory_find(&x->memory, &memo);
			CHECK(known && known->class == NETCFG_OURS);
		}
	}
}

static void check_states(const struct world *x)
{
	vec_foreach(want, &x->wanted.sysctls)
		CHECK(netcfg_sysctl_state(want, &x->found) != NETCFG_STATE_DIFFERS);
	vec_foreach(want, &x->wanted.links)
		CHECK_INT(netcfg_link_state(want, &x->found), NETCFG_STATE_IN_SYNC);
	vec_foreach(want, &x->wanted.fous)
		CHECK_INT(netcfg_fou_state(want, &x->found), NETCFG_STATE_IN_SYNC);
	vec_foreach(want, &x->wanted.addresses)
		CHECK(netcfg_address_state(want, &x->found, &x->memory) != NETCFG_STATE_DIFFERS);
}

/* As world_settle(), with every plan checked, broken off now and then, and failures. */
static void settle(struct world *x, bool roughly)
{
	for (int rounds = 0; rounds < 100; rounds++) {
		size_t n;

		world_plan(x);
		check_plan(x);
		n = x->plan.ops.n;
		if (n == 0) {
			CHECK_INT(netcfg_plan_remember(&x->plan, &x->memory), 0);
			check_states(x);
			world_plan(x);
			CHECK_INT(x->plan.ops.n + x->plan.remember.n + x->plan.forget.n, 0);
			return;
		}
		if (roughly && below(4) == 0)
			netcfg_fake_fail(x->kernel, below((uint32_t)n), -ENOMEM);
		(void)world_apply(x, roughly ? below((uint32_t)n + 1) : n);
		CHECK(roughly || rounds < 3);
		roughly = roughly && rounds < 90;
	}
	test_fail(__FILE__, __LINE__, "it settles");
}

/* The modules of all tunnels are there from the start, so that the pictures are comparable. */
static void load_modules(struct world *x)
{
	static const char *const kinds[] = { "ipip", "sit", "ip6tnl", "gre", "ip6gre" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct netcfg_op op = { .verb = NETCFG_LINK_ADD,
					      .name = "none",
					      .kind = kinds[i] };

		CHECK_INT(netcfg_fake_do(x->kernel, &op), -EEXIST);
	}
}

TEST(what_is_no_longer_declared_leaves_no_trace)
{
	for (int round = 0; round < ROUNDS; round++) {
		_cleanup_(freep) char *before = NULL, *after = NULL;
		_cleanup_(world_done) struct world x;

		world_init(&x);
		load_modules(&x);
		for (unsigned i = below(4); i > 0; i--)
			disturb(&x);
		before = world_picture(&x);
		for (unsigned i = 1 + below(4); i > 0; i--) {
			declare(&x);
			settle(&x, below(2));
		}
		world_nothing(&x);
		settle(&x, below(2));
		CHECK_INT(x.memory.n, 0);
		after = world_picture(&x);
		CHECK_STR(after, before);
	}
}

TEST(whatever_others_do_it_settles)
{
	for (int round = 0; round < ROUNDS; round++) {
		_cleanup_(world_done) struct world x;

		world_init(&x);
		for (unsigned i = 1 + below(5); i > 0; i--) {
			declare(&x);
			settle(&x, below(2));
			for (unsigned j = below(4); j > 0; j--)
				disturb(&x);
			settle(&x, below(2));
		}
		world_nothing(&x);
		settle(&x, false);
		CHECK_INT(x.memory.n, 0);
	}
}

/* What somebody else has put up before we came is there in the end, whatever we did. */
TEST(addresses_of_others_are_never_deleted)
{
	for (int round = 0; round < ROUNDS; round++) {
		bool there[ARRAY_SIZE(addresses)][4] = { { false } };
		_cleanup_(world_done) struct world x;

		world_init(&x);
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
			for (int32_t index = 1; index <= 3; index++)
				there[i][index] = below(3) == 0;
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
			for (int32_t index = 1; index <= 3; index++)
				if (there[i][index])
					CHECK_INT(world_other(&x, NETCFG_ADDRESS_ADD, addresses[i],
							      strchr(addresses[i], ':') ? 64 : 24,
							      index),
						  0);
		for (unsigned i = 1 + below(4); i > 0; i--) {
			declare(&x);
			settle(&x, below(2));
		}
		world_nothing(&x);
		settle(&x, false);
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
			for (int32_t index = 1; index <= 3; index++)
				CHECK_INT(world_has(&x, addresses[i], index), there[i][index]);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host on the kernel in memory, for the tests of expansion and plan: declared objects by text,
 * rounds of look, expand, plan and apply with a memory, and what is there as text.
 */
#pragma once

#include <net/if.h>
#include <stdlib.h>

#include "buf.h"
#include "netcfg_plan.h"
#include "test.h"
#include "util.h"

#define WORLD_MAX 64

struct world {
	struct netcfg_kernel *kernel;
	netcfg_memo_vec memory;
	struct netcfg_vip vips[WORLD_MAX];
	const struct netcfg_vip *vip_list[WORLD_MAX];
	struct netcfg_sysctl sysctls[WORLD_MAX];
	const struct netcfg_sysctl *sysctl_list[WORLD_MAX];
	struct netcfg_real_server_role real_server;
	struct inaddr real_server_vips[WORLD_MAX];
	struct netcfg_director_role director;
	struct netcfg_sysctl director_ipvs[WORLD_MAX];
	struct netcfg_declared declared;
	/* Of the last round. */
	struct netcfg_found found;
	struct netcfg_wanted wanted;
	netcfg_conflict_vec conflicts;
	struct netcfg_plan plan;
};

static inline struct inaddr world_address(const char *text)
{
	struct inaddr a = { 0 };

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return a;
}

static inline void world_init(struct world *x)
{
	memset(x, 0, sizeof(*x));
	CHECK_INT(netcfg_fake_new(&x->kernel), 0);
	for (size_t i = 0; i < WORLD_MAX; i++) {
		x->vip_list[i] = &x->vips[i];
		x->sysctl_list[i] = &x->sysctls[i];
	}
	x->declared.vips = x->vip_list;
	x->declared.sysctls = x->sysctl_list;
	x->declared.real_server_vips = x->real_server_vips;
	x->declared.director_ipvs = x->director_ipvs;
}

static inline void world_forget_round(struct world *x)
{
	netcfg_found_done(&x->found);
	netcfg_wanted_done(&x->wanted);
	vec_done(&x->conflicts);
	netcfg_plan_done(&x->plan);
}

static inline void world_done(struct world *x)
{
	world_forget_round(x);
	vec_done(&x->memory);
	netcfg_kernel_free(x->kernel);
}

static inline struct netcfg_vip *world_vip(struct world *x, const char *address,
					   const char *interface)
{
	const struct inaddr a = world_address(address);
	struct netcfg_vip *vip = &x->vips[x->declared.n_vips++];

	netcfg_vip_init(&a, vip);
	memcpy(vip->interface, interface, strlen(interface) + 1);
	return vip;
}

static inline struct netcfg_sysctl *world_sysctl(struct world *x, const char *name,
						 const char *value)
{
	struct netcfg_sysctl *s = &x->sysctls[x->declared.n_sysctls++];

	*s = (struct netcfg_sysctl){ 0 };
	memcpy(s->name, name, strlen(name) + 1);
	memcpy(s->value, value, strlen(value) + 1);
	return s;
}

static inline void world_real_server(struct world *x, enum netcfg_mode mode, const char *vips)
{
	char text[512], *save = NULL;

	netcfg_real_server_role_init(&x->real_server);
	x->real_server.mode = (uint8_t)mode;
	x->declared.real_server = &x->real_server;
	x->declared.n_real_server_vips = 0;
	snprintf(text, sizeof(text), "%s", vips);
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save))
		x->real_server_vips[x->declared.n_real_server_vips++] = world_address(w);
}

static inline void world_director(struct world *x)
{
	netcfg_director_role_init(&x->director);
	x->declared.director = &x->director;
	x->declared.n_director_ipvs = 0;
}

static inline void world_nothing(struct world *x)
{
	x->declared.n_vips = x->declared.n_sysctls = 0;
	x->declared.real_server = NULL;
	x->declared.n_real_server_vips = 0;
	x->declared.director = NULL;
	x->declared.n_director_ipvs = 0;
}

/* Looks, expands and plans; changes nothing. */
static inline void world_plan(struct world *x)
{
	world_forget_round(x);
	CHECK_INT(netcfg_look(x->kernel, NULL, &x->memory, &x->found), 0);
	CHECK_INT(netcfg_expand(&x->declared, &x->found.links, &x->wanted, &x->conflicts), 0);
	CHECK_INT(netcfg_look_more(x->kernel, &x->wanted, &x->memory, &x->found), 0);
	CHECK_INT(netcfg_plan(&x->wanted, &x->found, &x->memory, &x->plan), 0);
}

/* Applies the first n operations, as core does; true when all were done. */
static inline bool world_apply(struct world *x, size_t n)
{
	netcfg_memo_vec write = { 0 }, drop = { 0 };
	int *results = calloc(n + 1, sizeof(*results));
	bool done = true;

	n = n < x->plan.ops.n ? n : x->plan.ops.n;
	CHECK(results);
	CHECK_INT(netcfg_plan_remember(&x->plan, &x->memory), 0);
	CHECK_INT(x->kernel->ops->apply(x->kernel, x->plan.ops.items, n, results), 0);
	for (size_t i = 0; i < n; i++)
		done = done &&
		       netcfg_outcome(&x->plan.ops.items[i], results[i]) == NETCFG_OUTCOME_DONE;
	CHECK_INT(netcfg_plan_finish(&x->plan, 0, results, n, &x->memory, &write, &drop), 0);
	vec_foreach(memo, &write)
		CHECK_INT(netcfg_memory_find(&x->memory, memo)->class, memo->class);
	vec_foreach(memo, &drop)
		CHECK(!netcfg_memory_find(&x->memory, memo));
	vec_done(&write);
	vec_done(&drop);
	free(results);
	return done;
}

/* Rounds until there is nothing to do; how many had operations. */
static inline int world_settle(struct world *x)
{
	for (int rounds = 0; rounds < 8; rounds++) {
		world_plan(x);
		if (x->plan.ops.n == 0) {
			CHECK_INT(netcfg_plan_remember(&x->plan, &x->memory), 0);
			return rounds;
		}
		(void)world_apply(x, x->plan.ops.n);
	}
	test_fail(__FILE__, __LINE__, "it settles");
	return -1;
}

static inline const char *world_verb(enum netcfg_verb verb)
{
	static const char *const names[] = {
		[NETCFG_SYSCTL_WRITE] = "write",    [NETCFG_LINK_ADD] = "link-add",
		[NETCFG_LINK_UP] = "link-up",	    [NETCFG_FOU_ADD] = "fou-add",
		[NETCFG_ADDRESS_ADD] = "add",	    [NETCFG_ADDRESS_SET] = "set",
		[NETCFG_ADDRESS_DELETE] = "delete", [NETCFG_FOU_DELETE] = "fou-delete",
		[NETCFG_SYNC_STOP] = "sync-stop",   [NETCFG_SYNC_START] = "sync-start",
		[NETCFG_LINK_DOWN] = "link-down",   [NETCFG_LINK_DELETE] = "link-delete",
	};

	return names[verb];
}

static inline void world_print_op(struct buf *b, const struct netcfg_op *op)
{
	char name[NETCFG_SYSCTL_NAME_MAX], address[INADDR_TEXT_MAX];

	buf_printf(b, "%s%s", op->removes ? "-" : "", world_verb(op->verb));
	switch (op->verb) {
	case NETCFG_SYSCTL_WRITE:
		buf_printf(b, " %s=%s (%s)", netcfg_sysctl_format(op->key, name), op->value,
			   op->before);
		break;
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		buf_printf(b, " %s", op->name);
		break;
	case NETCFG_FOU_ADD:
	case NETCFG_FOU_DELETE:
		buf_printf(b, " %u/%u", op->fou.family == AF_INET6 ? 6 : 4, op->fou.port);
		break;
	case NETCFG_SYNC_STOP:
	case NETCFG_SYNC_START:
		buf_printf(b, " %s", netcfg_sync_role_name((enum netcfg_sync_role)op->sync.role));
		break;
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
	case NETCFG_ADDRESS_DELETE:
		buf_printf(b, " %s/%u@%s", inaddr_format(&op->address.address, address),
			   op->address.prefix_length, op->name);
		break;
	}
	buf_add_str(b, "\n");
}

/* Checks the operations of the last plan, one a line. */
static inline void world_ops(struct world *x, const char *expected)
{
	_cleanup_(buf_done) struct buf b = { 0 };

	buf_add_str(&b, "");
	vec_foreach(op, &x->plan.ops)
		world_print_op(&b, op);
	CHECK_STR(b.data, expected);
}

/* Everything that is in the kernel in memory: links, addresses, ports, all variables. */
static inline char *world_picture(struct world *x)
{
	struct netcfg_found f = { 0 };
	struct buf b = { 0 };
	size_t n;
	const struct netcfg_sysctl_row *rows = netcfg_sysctl_rows(&n);
	static const char *const seeds[] = { "all", "default", "" };
	char address[INADDR_TEXT_MAX], value[NETCFG_SYSCTL_VALUE_MAX], name[NETCFG_SYSCTL_NAME_MAX];

	CHECK_INT(x->kernel->ops->links(x->kernel, &f.links), 0);
	CHECK_INT(x->kernel->ops->addresses(x->kernel, &f.addresses), 0);
	CHECK_INT(x->kernel->ops->fous(x->kernel, &f.fous), 0);
	vec_foreach(link, &f.links) {
		buf_printf(&b, "%s %x", link->name, link->flags);
		for (size_t i = 0; i < NETCFG_CONF_MAX; i++)
			buf_printf(&b, " %d", link->conf[i]);
		buf_add_str(&b, "\n");
	}
	vec_foreach(a, &f.addresses)
		buf_printf(&b, "%s/%u@%d %x %s %u %u\n", inaddr_format(&a->address, address),
			   a->prefix_length, a->index, a->flags, a->label, a->valid, a->preferred);
	vec_foreach(fou, &f.fous)
		buf_printf(&b, "fou %u %u\n", fou->family, fou->port);
	for (uint16_t i = 0; i < n; i++)
		for (size_t j = 0; j < ARRAY_SIZE(seeds); j++) {
			struct netcfg_sysctl_key key = { .row = i };

			if ((rows[i].family == 0) != !*seeds[j])
				continue;
			memcpy(key.component, seeds[j], strlen(seeds[j]) + 1);
			if (x->kernel->ops->read(x->kernel, &key, value) == 0)
				buf_printf(&b, "%s=%s\n", netcfg_sysctl_format(&key, name), value);
		}
	netcfg_found_done(&f);
	return buf_take(&b);
}

/* Somebody else does something. */
static inline int world_other(struct world *x, enum netcfg_verb verb, const char *address,
			      uint8_t prefix, int32_t index)
{
	const struct netcfg_op op = { .verb = verb,
				      .address = { .index = index,
						   .address = world_address(address),
						   .prefix_length = prefix } };

	return netcfg_fake_do(x->kernel, &op);
}

static inline int world_write(struct world *x, const char *name, const char *value)
{
	struct netcfg_sysctl_key key;
	const struct netcfg_op op = { .verb = NETCFG_SYSCTL_WRITE, .key = &key, .value = value };
	const char *why;

	CHECK_INT(netcfg_sysctl_parse(name, strlen(name), &key, &why), 0);
	return netcfg_fake_do(x->kernel, &op);
}

static inline const char *world_read(struct world *x, const char *name)
{
	static char value[NETCFG_SYSCTL_VALUE_MAX];
	struct netcfg_sysctl_key key;
	const char *why;

	CHECK_INT(netcfg_sysctl_parse(name, strlen(name), &key, &why), 0);
	return x->kernel->ops->read(x->kernel, &key, value) == 0 ? value : "absent";
}

static inline bool world_has(struct world *x, const char *address, int32_t index)
{
	const struct inaddr a = world_address(address);
	netcfg_address_vec all = { 0 };
	bool found = false;

	CHECK_INT(x->kernel->ops->addresses(x->kernel, &all), 0);
	vec_foreach(i, &all)
		found = found || (i->index == index && inaddr_compare(&i->address, &a) == 0);
	vec_done(&all);
	return found;
}

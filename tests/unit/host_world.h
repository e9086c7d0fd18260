/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host reconciler on the kernel in memory, for its tests: declared objects by text, a store in
 * memory that can fail, a clock that the test moves, what was announced, and a picture of the host.
 */
#pragma once

#include <net/if.h>
#include <stdlib.h>

#include "buf.h"
#include "host.h"
#include "test.h"
#include "util.h"

struct world {
	struct netcfg_kernel *kernel;
	struct netcfg_announce *announce;
	struct host *host;
	declared_vec declared;
	netcfg_memo_vec stored;
	int store_error;
	unsigned stores;
	int64_t now;
	unsigned frames;
	int frames_at; /* interface of the newest one */
};

static inline const declared_vec *world_declared(void *arg)
{
	return &((struct world *)arg)->declared;
}

static inline int world_remember(void *arg, const netcfg_memo_vec *put, const netcfg_memo_vec *drop)
{
	struct world *x = arg;

	if (x->store_error)
		return x->store_error;
	x->stores++;
	return netcfg_memory_change(&x->stored, put, drop);
}

static inline int world_send(void *arg, int ifindex, const struct netcfg_announce_frame *frame)
{
	struct world *x = arg;

	(void)frame;
	x->frames++;
	x->frames_at = ifindex;
	return 0;
}

static const struct host_hooks world_hooks = { .declared = world_declared,
					       .remember = world_remember };

/* A daemon begins, with what is stored. */
static inline void world_start(struct world *x)
{
	netcfg_memo_vec memory = { 0 }, none = { 0 };

	CHECK_INT(netcfg_memory_change(&memory, &x->stored, &none), 0);
	CHECK_INT(netcfg_announce_new(world_send, x, &x->announce), 0);
	CHECK_INT(host_new(x->kernel, x->announce, &memory, &world_hooks, x, 30000, &x->host), 0);
}

static inline void world_init(struct world *x)
{
	memset(x, 0, sizeof(*x));
	x->now = 1000000;
	CHECK_INT(netcfg_fake_new(&x->kernel), 0);
	world_start(x);
}

/* The daemon dies. */
static inline void world_kill(struct world *x)
{
	host_free(x->host);
	netcfg_announce_free(x->announce);
}

static inline void world_done(struct world *x)
{
	world_kill(x);
	declared_vec_done(&x->declared);
	vec_done(&x->stored);
	netcfg_kernel_free(x->kernel);
}

static inline struct inaddr world_address(const char *text)
{
	struct inaddr a = { 0 };

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return a;
}

/* Declares (again, with a new generation); returned to be filled in further. */
static inline struct declared *world_put(struct world *x, enum declared_kind kind, const char *id)
{
	struct declared_key key;
	const char *why;
	struct declared *o, *old;

	CHECK_INT(declared_key_parse(kind, id, &key, &why), 0);
	old = declared_find(&x->declared, &key);
	o = old ? declared_copy(old) : declared_new(&key);
	CHECK(o);
	o->meta.generation++;
	o->meta.created = 1;
	CHECK_INT(declared_put(&x->declared, o), 0);
	host_kick(x->host);
	return o;
}

static inline void world_remove(struct world *x, enum declared_kind kind, const char *id)
{
	struct declared_key key;
	const char *why;

	CHECK_INT(declared_key_parse(kind, id, &key, &why), 0);
	CHECK(declared_remove(&x->declared, &key));
	host_kick(x->host);
}

static inline struct declared *world_vip(struct world *x, const char *address,
					 const char *interface)
{
	struct declared *o = world_put(x, DECLARED_VIP, address);

	memset(o->vip.interface, 0, sizeof(o->vip.interface));
	memcpy(o->vip.interface, interface, strlen(interface) + 1);
	return o;
}

static inline struct declared *world_sysctl(struct world *x, const char *name, const char *value)
{
	struct declared *o = world_put(x, DECLARED_SYSCTL, name);

	memset(o->sysctl.value, 0, sizeof(o->sysctl.value));
	memcpy(o->sysctl.value, value, strlen(value) + 1);
	return o;
}

static inline struct declared *world_real_server(struct world *x, enum netcfg_mode mode,
						 const char *vip)
{
	struct declared *o = world_put(x, DECLARED_REAL_SERVER, "real-server");

	o->real_server.mode = (uint8_t)mode;
	CHECK_INT(vec_push(&o->vips, world_address(vip)), 0);
	return o;
}

/* One turn of the loop at x->now; when the next is wanted. */
static inline int64_t world_turn(struct world *x)
{
	(void)host_run(x->host, HOST_FIRST, x->now);
	return host_run(x->host, HOST_SECOND, x->now);
}

/* Turns until it rests, at once but for a plan that waits. How many there were. */
static inline int world_run(struct world *x)
{
	int turns = 1;
	int64_t next;

	while ((next = world_turn(x)) <= x->now || !host_idle(x->host)) {
		CHECK(++turns < 64);
		if (next > x->now)
			x->now = next;
	}
	return turns;
}

/* Turns as the loop does them, for some time: at once, when asked for, when there is news. */
static inline int world_pass(struct world *x, int64_t ms)
{
	int64_t end = x->now + ms;
	int turns = 0;

	while (x->now < end) {
		int64_t next = world_turn(x);

		CHECK(++turns < 20000);
		x->now = next < end ? (next > x->now ? next : x->now) : end;
	}
	return turns;
}

/* Rows in the store, those about which interface is which aside. */
static inline size_t world_rows(const struct world *x)
{
	size_t n = 0;

	vec_foreach(row, &x->stored)
		n += row->kind != NETCFG_MEMO_INTERFACE;
	return n;
}

/* The kernel has news: as the loop does it. */
static inline void world_news(struct world *x)
{
	host_notice(x->host);
	(void)world_run(x);
}

static inline struct netcfg_op world_op(struct world *x, enum netcfg_verb verb, const char *address,
					const char *interface)
{
	netcfg_link_vec links = { 0 };
	struct netcfg_op op = { .verb = verb };

	op.address.address = world_address(address);
	op.address.prefix_length = netcfg_full_prefix(&op.address.address);
	memcpy(op.name, interface, strlen(interface) + 1);
	CHECK_INT(x->kernel->ops->links(x->kernel, &links), 0);
	vec_foreach(link, &links)
		if (streq(link->name, interface))
			op.address.index = link->index;
	vec_done(&links);
	return op;
}

/* Somebody else adds or deletes an address. */
static inline int world_somebody(struct world *x, enum netcfg_verb verb, const char *address,
				 const char *interface)
{
	const struct netcfg_op op = world_op(x, verb, address, interface);

	return netcfg_fake_do(x->kernel, &op);
}

static inline struct netcfg_sysctl_key world_key(const char *name)
{
	struct netcfg_sysctl_key key, slot;
	const char *why;

	CHECK_INT(netcfg_sysctl_parse(name, strlen(name), &key, &why), 0);
	netcfg_sysctl_slot(&key, &slot);
	return slot;
}

static inline int world_write(struct world *x, const char *name, const char *value)
{
	const struct netcfg_sysctl_key key = world_key(name);
	const struct netcfg_op op = { .verb = NETCFG_SYSCTL_WRITE, .key = &key, .value = value };

	return netcfg_fake_do(x->kernel, &op);
}

static inline const char *world_read(struct world *x, const char *name)
{
	static char text[NETCFG_SYSCTL_VALUE_MAX];
	const struct netcfg_sysctl_key key = world_key(name);

	CHECK_INT(x->kernel->ops->read(x->kernel, &key, text), 0);
	return text;
}

static inline bool world_has(struct world *x, const char *address, const char *interface)
{
	const struct netcfg_op op = world_op(x, NETCFG_ADDRESS_ADD, address, interface);
	netcfg_address_vec addresses = { 0 };
	bool found = false;

	CHECK_INT(x->kernel->ops->addresses(x->kernel, &addresses), 0);
	vec_foreach(a, &addresses)
		found = found || (a->index == op.address.index &&
				  inaddr_compare(&a->address, &op.address.address) == 0);
	vec_done(&addresses);
	return found;
}

/* Everything that is in the kernel in memory: links, addresses, ports, all variables. */
static inline char *world_picture(struct world *x)
{
	static const char *const components[] = { "all", "default", "" };
	struct netcfg_found f = { 0 };
	struct buf b = { 0 };
	size_t n;
	char address[INADDR_TEXT_MAX], value[NETCFG_SYSCTL_VALUE_MAX];

	(void)netcfg_sysctl_rows(&n);
	CHECK_INT(x->kernel->ops->links(x->kernel, &f.links), 0);
	CHECK_INT(x->kernel->ops->addresses(x->kernel, &f.addresses), 0);
	CHECK_INT(x->kernel->ops->fous(x->kernel, &f.fous), 0);
	vec_foreach(link, &f.links) {
		/* The kernel keeps the device that came with the module. */
		if (streq(link->name, "tunl0") && !(link->flags & IFF_UP))
			continue;
		buf_printf(&b, "%s %x", link->name, link->flags);
		for (size_t i = 0; i < NETCFG_CONF_MAX; i++)
			buf_printf(&b, " %d", link->conf[i]);
		buf_add_str(&b, "\n");
	}
	vec_foreach(a, &f.addresses)
		buf_printf(&b, "%s/%u@%d %x %s\n", inaddr_format(&a->address, address),
			   a->prefix_length, a->index, a->flags, a->label);
	vec_foreach(fou, &f.fous)
		buf_printf(&b, "fou %u %u\n", fou->family, fou->port);
	for (uint16_t row = 0; row < n; row++)
		for (size_t c = 0; c < ARRAY_SIZE(components); c++) {
			struct netcfg_sysctl_key key = { .row = row };

			snprintf(key.component, sizeof(key.component), "%s", components[c]);
			if (x->kernel->ops->read(x->kernel, &key, value) == 0)
				buf_printf(&b, "%u %s %s\n", row, components[c], value);
		}
	netcfg_found_done(&f);
	return b.data;
}

/* A link as it is now; of index 0 when there is none of this name. */
static inline struct netcfg_link world_link(struct world *x, const char *name)
{
	netcfg_link_vec links = { 0 };
	struct netcfg_link found = { 0 };

	CHECK_INT(x->kernel->ops->links(x->kernel, &links), 0);
	vec_foreach(link, &links)
		if (streq(link->name, name))
			found = *link;
	vec_done(&links);
	return found;
}

/* The only item of an object, or the one with this id. */
static inline struct host_item world_item(struct world *x, const struct declared *o, const char *id)
{
	host_item_vec items = { 0 };
	struct host_item found = { 0 };
	unsigned n = 0;

	CHECK_INT(host_items(x->host, o, &items), 0);
	vec_foreach(item, &items)
		if (!id || streq(item->id, id)) {
			found = *item;
			n++;
		}
	vec_done(&items);
	CHECK_INT(n, 1);
	return found;
}

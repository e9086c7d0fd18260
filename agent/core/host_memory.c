/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of the host's memory from and into the store: which rows may differ there, and writing
 * them; and what becomes of it when an interface gets another name, also while nobody looked. */
#include "host_private.h"

int host_memory_touch(struct host *h, const netcfg_memo_vec *rows)
{
	if (vec_reserve(&h->dirty, rows->n) < 0)
		return -ENOMEM;
	vec_foreach(row, rows)
		h->dirty.items[h->dirty.n++] = *row;
	return 0;
}

/* Sorts the rows and leaves one of each: while the store fails every round adds its own. */
static void drop_doubles(netcfg_memo_vec *rows)
{
	size_t kept = 0;

	vec_sort(rows, netcfg_memo_compare);
	vec_foreach(row, rows)
		if (kept == 0 || netcfg_memo_compare(&rows->items[kept - 1], row) != 0)
			rows->items[kept++] = *row;
	rows->n = kept;
}

int host_memory_flush(struct host *h)
{
	netcfg_memo_vec put = { 0 }, drop = { 0 };
	int r = 0;

	if (h->dirty.n == 0)
		return 0;
	drop_doubles(&h->dirty);
	for (size_t i = 0; i < h->dirty.n && r == 0; i++) {
		const struct netcfg_memo *row = &h->dirty.items[i];
		const netcfg_memo_vec *rows =
			row->kind == NETCFG_MEMO_INTERFACE ? &h->interfaces : &h->memory;
		const struct netcfg_memo *now = netcfg_memory_find(rows, row);

		r = now ? vec_push(&put, *now) : vec_push(&drop, *row);
	}
	if (r == 0)
		r = h->hooks->remember(h->arg, &put, &drop);
	if (r == 0)
		vec_done(&h->dirty);
	vec_done(&put);
	vec_done(&drop);
	return r;
}

int host_memory_take(struct host *h, netcfg_memo_vec *rows)
{
	vec_foreach(row, rows)
		if (vec_push(row->kind == NETCFG_MEMO_INTERFACE ? &h->interfaces : &h->memory,
			     *row) < 0)
			return -ENOMEM;
	return 0;
}

/* The name of an interface in a memo; NULL: there is none. */
static char *name_in(struct netcfg_memo *memo)
{
	switch ((enum netcfg_memo_kind)memo->kind) {
	case NETCFG_MEMO_SYSCTL:
		return netcfg_sysctl_row(&memo->key)->combine ? memo->key.component : NULL;
	case NETCFG_MEMO_ADDRESS:
	case NETCFG_MEMO_LINK:
		return memo->interface;
	case NETCFG_MEMO_SYNC: /* by its index */
	case NETCFG_MEMO_FOU:
	case NETCFG_MEMO_INTERFACE:
		break;
	}
	return NULL;
}

/* The index that the interface had when it was noted last; 0: not known. */
static int32_t index_before(const struct host *h, const char *name)
{
	const struct netcfg_memo about = netcfg_memo_interface(name, 0, "");
	const struct netcfg_memo *row = netcfg_memory_find(&h->interfaces, &about);

	return row ? netcfg_memo_index(row, h->kernel->ops->identity(h->kernel)) : 0;
}

/* Puts the name that the interface of a memo has now in it. True when the memo has to change: with
 * a name that cannot be written as an id nothing could be read back from the store. */
static bool rename_in(const struct host *h, const struct netcfg_found *now,
		      struct netcfg_memo *memo, bool *ret_gone)
{
	char *name = name_in(memo);
	int32_t index = name ? index_before(h, name) : 0;
	const struct netcfg_link *is = index ? netcfg_found_link_at(now, index) : NULL;

	*ret_gone = index && !is && !h->looked && memo->kind != NETCFG_MEMO_LINK;
	if (*ret_gone)
		return true;
	if (!is || streq(is->name, name) || netcfg_interface_unfit(is->name))
		return false;
	memset(name, 0, NETCFG_INTERFACE_MAX);
	memcpy(name, is->name, strlen(is->name) + 1);
	return true;
}

/* One row for each interface that the memory speaks of: of one that is not there the old row. */
static int list_interfaces(struct host *h, const struct netcfg_found *found, netcfg_memo_vec *ret)
{
	const char *identity = h->kernel->ops->identity(h->kernel);
	char last[NETCFG_INTERFACE_MAX] = "";
	int r = 0;

	for (size_t i = 0; i < h->memory.n && r == 0; i++) {
		struct netcfg_memo memo = h->memory.items[i];
		const char *name = name_in(&memo);
		const struct netcfg_link *link;
		const struct netcfg_memo *old;
		struct netcfg_memo row;

		if (!name || streq(name, "all") || streq(name, "default") || streq(name, last))
			continue;
		memcpy(last, name, strlen(name) + 1);
		link = netcfg_found_link(found, name);
		row = netcfg_memo_interface(name, link ? link->index : 0, identity);
		old = link ? &row : netcfg_memory_find(&h->interfaces, &row);
		r = old ? netcfg_memory_put(ret, old) : 0;
	}
	return r;
}

static bool same_rows(const netcfg_memo_vec *a, const netcfg_memo_vec *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!streq(a->items[i].interface, b->items[i].interface) ||
		    !streq(a->items[i].value, b->items[i].value))
			return false;
	return true;
}

int host_memory_note(struct host *h, const struct netcfg_found *found)
{
	netcfg_memo_vec now = { 0 };
	int r;

	if (h->memory.n + h->interfaces.n == 0)
		return 0;
	r = list_interfaces(h, found, &now);
	if (r < 0 || same_rows(&now, &h->interfaces)) {
		vec_done(&now);
		return r;
	}
	r = host_memory_touch(h, &h->interfaces);
	if (r == 0)
		r = host_memory_touch(h, &now);
	if (r < 0) {
		vec_done(&now);
		return r;
	}
	vec_done(&h->interfaces);
	h->interfaces = now;
	return 0;
}

int host_memory_follow(struct host *h, const struct netcfg_found *now)
{
	netcfg_memo_vec put = { 0 }, drop = { 0 }, none = { 0 };
	int r = 0;

	vec_foreach(memo, &h->memory) {
		struct netcfg_memo renamed = *memo;
		bool gone;

		if (r < 0 || !rename_in(h, now, &renamed, &gone))
			continue;
		r = vec_push(&drop, *memo);
		if (r == 0 && !gone)
			r = vec_push(&put, renamed);
	}
	if (r == 0)
		r = host_memory_touch(h, &drop);
	if (r == 0)
		r = host_memory_touch(h, &put);
	/* Two interfaces may have swapped their names: first all old ones go. */
	if (r == 0)
		r = netcfg_memory_change(&h->memory, &none, &drop);
	if (r == 0)
		r = netcfg_memory_change(&h->memory, &put, &none);
	if (r == 0 && drop.n) /* this was the first name's; it is not to be followed twice */
		r = host_memory_note(h, now);
	vec_done(&put);
	vec_done(&drop);
	return r;
}

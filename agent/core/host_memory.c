/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of the host's memory into the store: which rows may differ there, and writing them; and
 * what becomes of it when an interface gets another name. */
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
		const struct netcfg_memo *now = netcfg_memory_find(&h->memory, row);

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
		break;
	}
	return NULL;
}

/* The name that an interface has now; NULL: it is as it was, or has gone, or cannot be written as
 * an id: nothing of it could be read back from the store. */
static const char *new_name(const struct host *h, const struct netcfg_found *now, const char *name)
{
	const struct netcfg_link *was = netcfg_found_link(&h->found, name);
	const struct netcfg_link *is = was ? netcfg_found_link_at(now, was->index) : NULL;

	return is && !streq(is->name, name) && !netcfg_interface_unfit(is->name) ? is->name : NULL;
}

int host_memory_rename(struct host *h, const struct netcfg_found *now)
{
	netcfg_memo_vec put = { 0 }, drop = { 0 }, none = { 0 };
	int r = 0;

	vec_foreach(memo, &h->memory) {
		struct netcfg_memo renamed = *memo;
		char *name = name_in(&renamed);
		const char *fresh = name ? new_name(h, now, name) : NULL;

		if (!fresh || r < 0)
			continue;
		memset(name, 0, NETCFG_INTERFACE_MAX);
		memcpy(name, fresh, strlen(fresh) + 1);
		r = vec_push(&drop, *memo);
		if (r == 0)
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
	vec_done(&put);
	vec_done(&drop);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of the host's memory into the store: which rows may differ there, and writing them. */
#include "host_private.h"

int host_memory_touch(struct host *h, const netcfg_memo_vec *rows)
{
	if (vec_reserve(&h->dirty, rows->n) < 0)
		return -ENOMEM;
	vec_foreach(row, rows)
		h->dirty.items[h->dirty.n++] = *row;
	return 0;
}

int host_memory_flush(struct host *h)
{
	netcfg_memo_vec put = { 0 }, drop = { 0 };
	int r = 0;

	if (h->dirty.n == 0)
		return 0;
	vec_sort(&h->dirty, netcfg_memo_compare);
	for (size_t i = 0; i < h->dirty.n && r == 0; i++) {
		const struct netcfg_memo *row = &h->dirty.items[i];
		const struct netcfg_memo *now = netcfg_memory_find(&h->memory, row);

		if (i > 0 && netcfg_memo_compare(row - 1, row) == 0)
			continue;
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

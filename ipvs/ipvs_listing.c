/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collection of ipvs_listing.h: a merge sort whose runs are the kernel's pieces. */
#include "ipvs_listing.h"

#include <errno.h>
#include <string.h>

#include "util.h"

static int order_services(const void *a, const void *b)
{
	return ipvs_service_key_compare(&((const struct ipvs_service *)a)->key,
					&((const struct ipvs_service *)b)->key);
}

/* Appends unless it is the double of the last one; there is room. */
static void add(ipvs_service_vec *v, size_t from, const struct ipvs_service *s)
{
	if (v->n > from && order_services(&v->items[v->n - 1], s) == 0)
		return;
	v->items[v->n++] = *s;
}

/* Merges the last two runs. 0 or -ENOMEM. */
static int merge(struct ipvs_listing *l)
{
	size_t right = l->runs.items[--l->runs.n], *left = &l->runs.items[l->runs.n - 1];
	struct ipvs_service *all = l->services.items;
	size_t i = l->services.n - right - *left, mid = i + *left, j = mid, end = l->services.n;

	l->spare.n = 0;
	if (vec_reserve(&l->spare, *left) < 0)
		return -ENOMEM;
	memcpy(l->spare.items, all + i, *left * sizeof(*all));
	l->spare.n = *left;
	l->services.n = i;
	/* The left run is out of the way: what is written never overtakes what is read. */
	for (size_t k = 0; k < l->spare.n || j < end;) {
		const struct ipvs_service *x = &l->spare.items[k];
		bool take_left = j == end || (k < l->spare.n && order_services(x, &all[j]) <= 0);

		add(&l->services, i, take_left ? x : &all[j]);
		k += take_left;
		j += !take_left;
	}
	*left = l->services.n - i;
	return 0;
}

/* The piece as one more run; as long as the last ones are about as long, they become one. */
static int take_piece(struct ipvs_listing *l)
{
	size_t from = l->services.n;

	if (vec_reserve(&l->services, l->piece.n) < 0 || vec_reserve(&l->runs, 1) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < l->piece.n; i++)
		l->services.items[from + i] = l->piece.items[i].service;
	if (l->piece.n > 1)
		qsort(l->services.items + from, l->piece.n, sizeof(*l->services.items),
		      order_services);
	for (size_t i = 0; i < l->piece.n; i++)
		add(&l->services, from, &l->services.items[from + i]);
	l->runs.items[l->runs.n++] = l->services.n - from;
	while (l->runs.n > 1 && l->runs.items[l->runs.n - 2] <= 2 * l->runs.items[l->runs.n - 1])
		if (merge(l) < 0)
			return -ENOMEM;
	return 0;
}

int ipvs_listing_begin(struct ipvs_listing *l, struct ipvs_kernel *kernel)
{
	l->kernel = kernel;
	return kernel->ops->list_open(kernel, false, &l->list);
}

static void close_list(struct ipvs_listing *l)
{
	if (l->list)
		l->kernel->ops->list_close(l->kernel, TAKE_PTR(l->list));
}

int ipvs_listing_step(struct ipvs_listing *l)
{
	int more;

	l->piece.n = 0;
	more = l->kernel->ops->list_next(l->kernel, l->list, &l->piece);
	if (more < 0)
		return more;
	if (take_piece(l) < 0)
		return -ENOMEM;
	if (more)
		return 1;
	close_list(l);
	while (l->runs.n > 1)
		if (merge(l) < 0)
			return -ENOMEM;
	vec_done(&l->runs);
	vec_done(&l->spare);
	vec_done(&l->piece);
	return 0;
}

void ipvs_listing_done(struct ipvs_listing *l)
{
	close_list(l);
	vec_done(&l->services);
	vec_done(&l->runs);
	vec_done(&l->spare);
	vec_done(&l->piece);
}

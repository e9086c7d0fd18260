/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk of service_counters.h. */
#include "service_counters.h"

#include <errno.h>

int service_counters_begin(struct service_counters *c, struct api *api)
{
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);
	size_t n;

	c->reconcile = api->reconcile;
	c->desired = desired_ref(change_published(api->change));
	n = c->desired->services.n;
	/* Zeroed by the kernel where it is used: to touch all of it now would make a long turn. */
	c->counted.items = calloc(n ? n : 1, sizeof(*c->counted.items));
	if (!c->counted.items)
		return -ENOMEM;
	c->counted.n = c->counted.cap = n;
	return kernel->ops->list_open(kernel, false, &c->list);
}

static void close_list(struct service_counters *c)
{
	struct ipvs_kernel *kernel;

	if (!c->list)
		return;
	kernel = reconcile_kernel(c->reconcile);
	kernel->ops->list_close(kernel, TAKE_PTR(c->list));
}

/* A service of the list: ours or not. */
static void take(struct service_counters *c, const struct ipvs_service_stats *s)
{
	size_t at = desired_position(c->desired, &s->key);

	if (at < c->desired->services.n &&
	    ipvs_service_key_compare(&c->desired->services.items[at]->spec.key, &s->key) == 0 &&
	    reconcile_is_ours(c->reconcile, &s->key))
		c->counted.items[at] = (struct service_counted){ s->stats, true };
}

static int read_list(struct service_counters *c)
{
	struct ipvs_kernel *kernel = reconcile_kernel(c->reconcile);
	int r;

	c->piece.n = 0;
	r = kernel->ops->list_next_stats(kernel, c->list, &c->piece);
	if (r < 0)
		return r;
	vec_foreach(s, &c->piece)
		take(c, s);
	if (r == 0)
		close_list(c);
	return 1;
}

/* Lists can miss a service when others write meanwhile: it is asked for by its key. */
static int read_missed(struct service_counters *c)
{
	struct ipvs_kernel *kernel = reconcile_kernel(c->reconcile);
	int r;

	for (; c->at < c->counted.n; c->at++) {
		const struct ipvs_service_key *key = &c->desired->services.items[c->at]->spec.key;
		struct service_counted *counted = &c->counted.items[c->at];

		if (counted->there || !reconcile_is_ours(c->reconcile, key))
			continue;
		r = kernel->ops->stats(kernel, key, &counted->stats, &c->dests);
		if (r < 0 && r != -ESRCH)
			return r;
		counted->there = r == 0;
		c->at++;
		return 1;
	}
	return 0;
}

int service_counters_step(struct service_counters *c)
{
	return c->list ? read_list(c) : read_missed(c);
}

void service_counters_done(struct service_counters *c)
{
	close_list(c);
	desired_unref(c->desired);
	vec_done(&c->counted);
	vec_done(&c->piece);
	vec_done(&c->dests);
}

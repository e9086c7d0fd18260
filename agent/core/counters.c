/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cache of counters.h: a block for each service of one desired state, filled in its order. */
#include "counters.h"

#include <errno.h>

#define SLICE_US     3000     /* of one turn: a reconciler's slice beside it fits into 15 ms */
#define ROUND_MS     10000    /* from the begin of one to that of the next */
#define FRESH_MS     2000     /* the kernel itself brings its counters up to date at that pace */
#define ASKED_FOR_MS (300000) /* Prometheus forgets a series after five minutes, too */
#define RETRY_MS     1000

struct counters {
	struct reconcile *reconcile;
	const struct counters_hooks *hooks;
	void *arg;
	unsigned share;
	struct desired *desired;	      /* a reference; NULL: there is no cache */
	VEC(struct counted_service *) blocks; /* one for each service of it; NULL: not read yet */
	ipvs_dest_stats_vec dests;	      /* scratch */
	size_t at;			      /* the next service of the round */
	bool active;			      /* a round goes on */
	int64_t began;			      /* the round; ms */
	int64_t next_round;		      /* ms */
	int64_t next_slice;		      /* µs */
	int64_t until;			      /* ms; somebody asked not long ago */
};

int counters_new(struct reconcile *reconcile, const struct counters_hooks *hooks, void *arg,
		 unsigned share, struct counters **ret)
{
	struct counters *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->reconcile = reconcile;
	c->hooks = hooks;
	c->arg = arg;
	c->share = share;
	*ret = c;
	return 0;
}

void counters_set_share(struct counters *c, unsigned share)
{
	c->share = share;
}

static void block_free(struct counted_service *b)
{
	if (b)
		service_unref(b->service);
	free(b);
}

static void drop(struct counters *c)
{
	vec_foreach(b, &c->blocks)
		block_free(*b);
	vec_done(&c->blocks);
	vec_done(&c->dests);
	desired_unref(c->desired);
	c->desired = NULL;
	c->active = false;
}

void counters_free(struct counters *c)
{
	if (c)
		drop(c);
	free(c);
}

/* Goes over to the published state: blocks of services that are still there move, others go. A
 * round goes on where it was. 0 or -ENOMEM. */
static int follow(struct counters *c)
{
	struct desired *to = c->hooks->desired(c->arg);
	VEC(struct counted_service *) blocks = { 0 };
	size_t n = to->services.n, from = 0, at = n;

	if (to == c->desired)
		return 0;
	if (n && vec_reserve(&blocks, n) < 0)
		return -ENOMEM;
	if (c->desired && c->at < c->desired->services.n)
		at = desired_position(to, &c->desired->services.items[c->at]->spec.key);
	for (blocks.n = 0; blocks.n < n; blocks.n++) {
		const struct ipvs_service_key *key = &to->services.items[blocks.n]->spec.key;
		int order = -1;

		for (; from < c->blocks.n; from++) {
			const struct service *s = c->desired->services.items[from];

			order = s == to->services.items[blocks.n]
					? 0
					: ipvs_service_key_compare(&s->spec.key, key);
			if (order >= 0)
				break;
			block_free(c->blocks.items[from]);
			c->blocks.items[from] = NULL;
		}
		blocks.items[blocks.n] = order == 0 ? c->blocks.items[from] : NULL;
		from += order == 0;
	}
	for (; from < c->blocks.n; from++)
		block_free(c->blocks.items[from]);
	free(c->blocks.items);
	c->blocks.items = blocks.items;
	c->blocks.n = blocks.n;
	c->blocks.cap = blocks.cap;
	desired_unref(c->desired);
	c->desired = desired_ref(to);
	c->at = at;
	return 0;
}

static void take(struct counted_service *b, const struct ipvs_dest_stats *d)
{
	const struct real_server *rs = service_find(b->service, &d->key);

	if (rs)
		b->items[rs - b->service->real_servers.items] = (struct counted){
			.connections = d->stats.connections,
			.in_packets = d->stats.in_packets,
			.out_packets = d->stats.out_packets,
			.in_bytes = d->stats.in_bytes,
			.out_bytes = d->stats.out_bytes,
			.counts = d->counts,
			.there = true,
		};
}

/* A block for this version of the service: the one that is there, if it has the right size. */
static struct counted_service *block_for(struct counted_service *old, struct service *s)
{
	size_t n = s->real_servers.n;
	struct counted_service *b = old;

	if (!old || old->service->real_servers.n != n) {
		b = malloc(sizeof(*b) + n * sizeof(b->items[0]));
		if (!b)
			return NULL;
		b->service = service_ref(s);
		block_free(old);
	} else if (old->service != s) {
		service_unref(b->service);
		b->service = service_ref(s);
	}
	memset(b->items, 0, n * sizeof(b->items[0]));
	return b;
}

/* Reads the real servers of service number i. 0 or a negative errno; then what was known stays. */
static int read_service(struct counters *c, size_t i, int64_t now)
{
	struct ipvs_kernel *kernel = reconcile_kernel(c->reconcile);
	struct service *s = c->desired->services.items[i];
	struct counted_service *b;
	int r = 0;

	c->dests.n = 0;
	if (reconcile_is_ours(c->reconcile, &s->spec.key) && s->real_servers.n)
		r = kernel->ops->stats(kernel, &s->spec.key, NULL, &c->dests);
	if (r < 0)
		return r;
	b = block_for(c->blocks.items[i], s);
	if (!b)
		return -ENOMEM;
	b->read_at = now;
	vec_foreach(d, &c->dests)
		take(b, d);
	c->blocks.items[i] = b;
	return 0;
}

/* Reading took from `began` until now, in µs: so long it rests. */
static void charge(struct counters *c, int64_t began)
{
	int64_t end = c->hooks->elapsed(), rest = (end - began) * (100 - c->share) / c->share;
	int64_t from = c->next_slice > end ? c->next_slice : end;

	c->next_slice = from + rest;
}

static void begin_round(struct counters *c, int64_t now)
{
	c->active = true;
	c->began = now;
	c->at = 0;
	c->next_round = now + ROUND_MS;
}

static void slice(struct counters *c, int64_t began, int64_t now)
{
	for (; c->at < c->blocks.n; c->at++) {
		const struct counted_service *b = c->blocks.items[c->at];

		if (b && b->read_at >= c->began && b->service == c->desired->services.items[c->at])
			continue; /* was read for who asked, a moment ago */
		if (c->hooks->elapsed() - began >= SLICE_US)
			break;
		if (read_service(c, c->at, now) < 0) {
			c->active = false;
			c->next_round = now + RETRY_MS;
			break;
		}
	}
	if (c->at == c->blocks.n)
		c->active = false;
}

static int64_t ms_up(int64_t us)
{
	return (us + 999) / 1000;
}

/* When there is something to do. */
static int64_t due(const struct counters *c)
{
	int64_t next = c->active ? ms_up(c->next_slice) : c->next_round;

	if (!c->active && next < ms_up(c->next_slice))
		next = ms_up(c->next_slice);
	return next < c->until ? next : c->until;
}

int64_t counters_run(struct counters *c, int64_t now)
{
	int64_t began;

	if (!c->until)
		return INT64_MAX;
	if (now >= c->until) {
		c->until = 0;
		drop(c);
		return INT64_MAX;
	}
	if (now < due(c))
		return due(c);
	began = c->hooks->elapsed();
	if (follow(c) < 0) {
		c->active = false;
		c->next_round = now + RETRY_MS;
		return due(c);
	}
	if (!c->active)
		begin_round(c, now);
	slice(c, began, now);
	charge(c, began);
	return due(c);
}

void counters_want(struct counters *c, int64_t now)
{
	if (!c->active && (!c->desired || now - c->began >= FRESH_MS))
		c->next_round = now;
	c->until = now + ASKED_FOR_MS;
	(void)counters_run(c, now);
	/* What was written since the round began has to be found at once. */
	(void)follow(c);
}

const struct counted_service *counters_of(struct counters *c, const struct service *s, int64_t now)
{
	int64_t began;
	size_t at;

	if (!c->desired)
		return NULL;
	at = desired_position(c->desired, &s->spec.key);
	if (at == c->blocks.n ||
	    ipvs_service_key_compare(&c->desired->services.items[at]->spec.key, &s->spec.key) != 0)
		return NULL;
	if (now && !c->blocks.items[at]) {
		began = c->hooks->elapsed();
		(void)read_service(c, at, now);
		charge(c, began);
	}
	return c->blocks.items[at];
}

const struct counted *counters_real_server(const struct counted_service *counted,
					   const struct service *s, size_t i)
{
	const struct real_server *rs;

	if (!counted)
		return NULL;
	if (counted->service != s) {
		rs = service_find(counted->service, &s->real_servers.items[i].dest.key);
		if (!rs)
			return NULL;
		i = (size_t)(rs - counted->service->real_servers.items);
	}
	return counted->items[i].there ? &counted->items[i] : NULL;
}

size_t counters_extent(const struct counters *c, int64_t *ret_oldest)
{
	int64_t oldest = 0;
	size_t n = 0;

	vec_foreach(b, &c->blocks) {
		if (!*b)
			continue;
		n++;
		if (!oldest || (*b)->read_at < oldest)
			oldest = (*b)->read_at;
	}
	*ret_oldest = oldest;
	return n;
}

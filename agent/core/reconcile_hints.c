/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hints that somebody else writes to the kernel: when to look, and how often. A look is what a full
 * pass does with a difference: the service is suspect and queued, so that its targeted pass reads
 * it. Full passes find everything without hints; so a hint may be dropped at any time.
 */
#include "reconcile_private.h"

/* A request is seen before the kernel executes it. Mostly that takes microseconds. The looks after
 * the first one are for a writer who has to wait for a processor or for the kernel's locks, and for
 * the end of his batch. */
#define LOOK_AFTER 5

/* More services at a time are a matter for a full pass. */
#define MAX_HINTS 256

/* So many looks come at once. From then on each makes the pause before the next one twice as long,
 * and quiet time takes looks off the account again. */
struct pace_limit {
	unsigned free;
	int64_t pause;	  /* ms, the first one */
	int64_t forgive;  /* ms for each look */
	int64_t again[2]; /* ms from one look to a further one; 0: no more */
};

/* Somebody may correct himself a few times in a row, but not fight with us all day. */
static const struct pace_limit service_limit = {
	.free = 16,
	.pause = 100,
	.forgive = 10000,
	.again = { 20, 100 },
};

/* Anybody on the machine can make it seem as if everything changed (the request that the kernel
 * will refuse is seen too), so passes on hints take a tenth of the time at most, and not for long.
 */
static struct pace_limit all_limit(const struct reconcile *r)
{
	int64_t tenth = 10 * r->stats.last_pass_ms, pause = tenth > 1000 ? tenth : 1000;

	return (struct pace_limit){
		.free = 1,
		.pause = pause,
		.forgive = 60000,
		.again = { pause },
	};
}

static void forgive(struct hint_pace *p, const struct pace_limit *l, int64_t now)
{
	int64_t n = (now - p->since) / l->forgive;

	if (n >= p->looks) {
		p->looks = 0;
		p->since = now;
		return;
	}
	p->looks -= (unsigned)n;
	p->since += n * l->forgive;
}

/* When the next look may come at the earliest. */
static int64_t allowed(const struct hint_pace *p, const struct pace_limit *l)
{
	unsigned over = p->looks < l->free ? 0 : p->looks - l->free;

	if (p->looks < l->free)
		return 0;
	return p->last + (l->pause << (over < 20 ? over : 20));
}

static void ask(struct hint_pace *p, const struct pace_limit *l, int64_t now)
{
	int64_t at;

	forgive(p, l, now);
	at = allowed(p, l);
	if (at < now + LOOK_AFTER)
		at = now + LOOK_AFTER;
	if (!p->due || at < p->due)
		p->due = at;
}

/* Whether a look is due; it counts as taken. */
static bool take(struct hint_pace *p, const struct pace_limit *l, int64_t now)
{
	if (p->due && p->due <= now) {
		p->looks++;
		p->last = now;
		p->due = 0;
		p->round = 0;
	} else if (!p->again || p->again > now) {
		return false;
	}
	p->again = p->round < ARRAY_SIZE(l->again) && l->again[p->round] ? now + l->again[p->round]
									 : 0;
	p->round++;
	return true;
}

static int64_t earlier(int64_t next, const struct hint_pace *p)
{
	if (p->due && p->due < next)
		next = p->due;
	return p->again && p->again < next ? p->again : next;
}

/* The service's entry, made if there is room; NULL: there is none. */
static struct hint *entry(struct reconcile *r, const struct ipvs_service_key *key, int64_t now)
{
	const struct hint fresh = { .key = *key, .pace.since = now };

	vec_foreach(h, &r->hints.items)
		if (ipvs_service_key_compare(&h->key, key) == 0)
			return h;
	if (r->hints.items.n == MAX_HINTS || vec_push(&r->hints.items, fresh) < 0)
		return NULL;
	return &r->hints.items.items[r->hints.items.n - 1];
}

/* Forgets services that are quiet. */
static void tidy(struct reconcile *r, int64_t now)
{
	struct hints *hints = &r->hints;

	for (size_t i = hints->items.n; i-- > 0;) {
		struct hint_pace *p = &hints->items.items[i].pace;

		forgive(p, &service_limit, now);
		if (!p->looks && !p->due && !p->again)
			hints->items.items[i] = hints->items.items[--hints->items.n];
	}
}

/* Before the first pass begins there is nothing to look at that it will not see. */
static bool is_early(const struct reconcile *r)
{
	return !r->first_pass_done && !r->full.active;
}

void reconcile_hint_all(struct reconcile *r, int64_t now)
{
	const struct pace_limit limit = all_limit(r);

	if (!is_early(r))
		ask(&r->hints.all, &limit, now);
}

void reconcile_hint(struct reconcile *r, const struct ipvs_service_key *key, int64_t now)
{
	const struct desired *d = reconcile_desired(r);
	struct hint *h;

	if (is_early(r))
		return;
	if (!desired_find(d, key)) {
		/* How many there are to prune only a full pass can tell. A tombstone's own job
		 * goes on until the service is gone. */
		if (d->policy.foreign == POLICY_FOREIGN_PRUNE && !desired_has_tombstone(d, key))
			reconcile_hint_all(r, now);
		return;
	}
	if (r->hints.items.n == MAX_HINTS)
		tidy(r, now);
	h = entry(r, key, now);
	if (h)
		ask(&h->pace, &service_limit, now);
	else
		reconcile_hint_all(r, now);
}

/* Has the service read by its targeted pass. */
static void look(struct reconcile *r, const struct ipvs_service_key *key)
{
	struct tracked *t;

	if (!desired_find(reconcile_desired(r), key))
		return;
	t = status_get(&r->status, key);
	if (!t) {
		r->next_full = 0;
		return;
	}
	if (t->retry_at)
		return; /* reads anyway */
	/* About to be written: what else differs cannot be told from that, so it is no drift. And
	 * one that is known not to be there yet must not become ours when somebody makes it. */
	if (!t->queued)
		t->suspect = true;
	if (!t->queued || t->applied)
		status_forget(t);
	reconcile_queue(r, t);
}

int64_t reconcile_hints_run(struct reconcile *r, int64_t now)
{
	const struct pace_limit limit = all_limit(r);
	struct hints *hints = &r->hints;
	int64_t next = INT64_MAX;

	if (take(&hints->all, &limit, now))
		(void)reconcile_request_pass(r);
	next = earlier(next, &hints->all);
	vec_foreach(h, &hints->items) {
		if (take(&h->pace, &service_limit, now))
			look(r, &h->key);
		next = earlier(next, &h->pace);
	}
	return next;
}

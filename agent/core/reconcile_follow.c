/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit changed is queued for targeted passes. A document may change ten thousand services,
 * each with an entry to be made, so the walk over them is done piece by piece and before all else.
 */
#include <errno.h>

#include "reconcile_private.h"

/* Taken note of before follow() returns: ordinary writes are, as a whole. */
#define AT_ONCE 128

static void queue_changed(struct reconcile *r, const struct ipvs_service_key *key, bool is_new)
{
	struct tracked *t = status_get(&r->status, key);

	if (!t) {
		r->next_full = 0; /* out of memory: the full pass will come to it */
		return;
	}
	if (is_new)
		status_know(t, NULL);
	t->attempts = 0; /* what was wrong may be right now */
	t->gone = t->prune = false;
	if (t->retry_at) {
		t->retry_at = 0;
		r->stats.failing--;
	}
	reconcile_queue(r, t);
}

/* Deletions that are no longer stored need not be remembered. */
static void forget_tombstones(struct reconcile *r, const struct desired *from,
			      const struct desired *to)
{
	vec_foreach(key, &from->tombstones) {
		const struct tracked *t = status_find(&r->status, key);

		if (t && t->gone && !t->queued && !desired_has_tombstone(to, key))
			status_remove(&r->status, key);
	}
}

bool reconcile_follows(const struct reconcile *r)
{
	return r->follow.to != NULL;
}

void reconcile_follow_drop(struct reconcile *r)
{
	desired_unref(r->follow.from);
	desired_unref(r->follow.to);
	r->follow.from = r->follow.to = NULL;
}

void reconcile_follow_step(struct reconcile *r, size_t most)
{
	struct desired_changes *c = &r->follow.left;
	struct service *old, *now;

	for (size_t n = 0; n < most; n++) {
		if (!desired_next_changed(c, &old, &now)) {
			forget_tombstones(r, c->from, c->to);
			reconcile_follow_drop(r);
			return;
		}
		/* One that the kernel did not have when the write was checked: found there now, it
		 * is somebody else's. */
		queue_changed(r, now ? &now->spec.key : &old->spec.key,
			      !old && !desired_has_tombstone(c->from, &now->spec.key) &&
				      !desired_claim(c->to, &now->spec.key));
	}
}

void reconcile_follow(struct reconcile *r, struct desired *from, struct desired *to)
{
	if (reconcile_follows(r))
		reconcile_follow_step(r, SIZE_MAX);
	r->follow.from = desired_ref(from);
	r->follow.to = desired_ref(to);
	r->follow.left = (struct desired_changes){ .from = from, .to = to };
	reconcile_follow_step(r, AT_ONCE);
}

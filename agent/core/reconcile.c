/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reconciler's scheduling: which pass comes next, retries, slices. No kernel calls here; those
 * are in reconcile_jobs.c and reconcile_full.c.
 */
#include "reconcile.h"

#include <errno.h>
#include <inttypes.h>

#include "reconcile_private.h"
#include "timestamp.h"

#define SLICE_MS	   7 /* with what CLOCK_UNITS add at most 10 */
#define CLOCK_UNITS	   32 /* of work between two looks at the clock, which may be dear: 1 to 2 ms */
#define GATHERED	   64  /* services to be put right, found before the next batch goes out */
#define FOLLOWED	   128 /* changes of a commit between two looks at the clock: 1 ms or less */
#define BACKOFF_FIRST	   1000
#define BACKOFF_MAX	   60000
#define KERNEL_BACKOFF_MAX 10000 /* a module that comes later should be noticed soon */

int reconcile_new(struct ipvs_kernel *kernel, const struct reconcile_hooks *hooks, void *arg,
		  int64_t resync_ms, struct reconcile **ret)
{
	struct reconcile *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->kernel = kernel;
	r->hooks = hooks;
	r->arg = arg;
	reconcile_set_resync(r, resync_ms);
	r->next_retry = INT64_MAX;
	r->requested = 1;
	r->seed = 2463534242u;
	*ret = r;
	return 0;
}

void reconcile_set_resync(struct reconcile *r, int64_t resync_ms)
{
	r->resync_ms = resync_ms;
}

void reconcile_free(struct reconcile *r)
{
	if (!r)
		return;
	reconcile_full_drop(r);
	reconcile_follow_drop(r);
	status_done(&r->status);
	vec_done(&r->changes.keys);
	vec_done(&r->removals.keys);
	vec_done(&r->full.piece);
	vec_done(&r->full.seen);
	vec_done(&r->full.foreign);
	vec_done(&r->hints.items);
	vec_done(&r->dests);
	vec_done(&r->ops);
	free(r);
}

int64_t reconcile_pause(const struct reconcile *r)
{
	int64_t policy = (int64_t)reconcile_desired(r)->policy.resync_seconds * 1000;

	return r->resync_ms ? r->resync_ms : policy;
}

void reconcile_allow_mass_delete(struct reconcile *r)
{
	r->may_delete = true;
	r->may_prune = true;
}

struct desired *reconcile_desired(const struct reconcile *r)
{
	return r->hooks->desired(r->arg);
}

int64_t reconcile_backoff(struct reconcile *r, unsigned attempts)
{
	int64_t ms = BACKOFF_FIRST;

	for (unsigned i = 1; i < attempts && ms < BACKOFF_MAX; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX)
		ms = BACKOFF_MAX;
	/* xorshift: only spreads retries, nothing depends on its quality. */
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 17;
	r->seed ^= r->seed << 5;
	return ms * 8 / 10 + (int64_t)(r->seed % 1000) * ms * 4 / 10 / 1000;
}

static size_t waiting(const struct key_queue *q)
{
	return q->keys.n - q->at;
}

void reconcile_queue(struct reconcile *r, struct tracked *t)
{
	bool wanted = desired_find(reconcile_desired(r), &t->key) != NULL;
	struct key_queue *q = wanted ? &r->changes : &r->removals;

	if (t->queued)
		return;
	if (q->at > q->keys.n / 2) { /* the taken ones make room */
		memmove(q->keys.items, q->keys.items + q->at, waiting(q) * sizeof(*q->keys.items));
		q->keys.n -= q->at;
		q->at = 0;
	}
	if (vec_push(&q->keys, t->key) < 0) {
		r->next_full = 0; /* out of memory: the full pass will come to it */
		return;
	}
	t->queued = true;
}

uint64_t reconcile_request_pass(struct reconcile *r)
{
	/* One that is under way has read some services before the request. */
	uint64_t pass = r->stats.passes + (r->full.active ? 2 : 1);

	/* Somebody asks since something is right now that was not: no wait is of use. */
	vec_foreach(t, &r->status.items)
		if ((*t)->retry_at)
			(*t)->retry_at = 1;
	r->next_retry = 0;
	r->kernel_retry = 0;
	if (pass > r->requested)
		r->requested = pass;
	r->next_full = 0;
	return pass;
}

void reconcile_kernel_failed(struct reconcile *r, int error, int64_t now)
{
	int64_t pause = reconcile_backoff(r, ++r->kernel_attempts);

	if (pause > KERNEL_BACKOFF_MAX)
		pause = KERNEL_BACKOFF_MAX;
	r->stats.transport_errors++;
	if (r->stats.kernel_error != error)
		log_record(LOG_LEVEL_ERROR, LOG_ID_NO_KERNEL, NULL, 0,
			   "IPVS cannot be talked to: %s; trying again",
			   status_kernel_cause(error));
	r->stats.kernel_error = error;
	r->kernel_retry = now + pause;
	reconcile_full_drop(r);
	r->next_full = 0; /* after a gap nothing is known to be as it was */
}

void reconcile_kernel_works(struct reconcile *r)
{
	if (r->stats.kernel_error)
		log_record(LOG_LEVEL_NOTICE, LOG_ID_KERNEL, NULL, 0, "IPVS can be talked to again");
	r->stats.kernel_error = 0;
	r->kernel_attempts = 0;
}

static void queue_retries(struct reconcile *r, int64_t now)
{
	r->next_retry = INT64_MAX;
	for (size_t i = 0; i < r->status.items.n; i++) {
		struct tracked *t = r->status.items.items[i];

		if (!t->retry_at)
			continue;
		if (t->retry_at <= now) {
			t->retry_at = 0;
			r->stats.failing--;
			reconcile_queue(r, t);
		} else if (t->retry_at < r->next_retry) {
			r->next_retry = t->retry_at;
		}
	}
}

/* When the next full pass is due; a policy that has been changed since the last one counts. */
static int64_t full_due(const struct reconcile *r)
{
	int64_t due = r->full_ended + reconcile_pause(r);

	return r->full_ended && due < r->next_full ? due : r->next_full;
}

int64_t reconcile_timestamp(struct reconcile *r)
{
	if (!r->timestamp)
		r->timestamp = timestamp_now();
	return r->timestamp;
}

/* True when a full pass that has been at work in this slice should first find more of what is to be
 * put right: one batch for 64 services costs little more than one for a single service. */
static bool gathers(const struct reconcile *r, bool visiting)
{
	return visiting && r->full.active && waiting(&r->changes) < GATHERED;
}

/* One step of whatever is most urgent. How much work it was, in units of about 50 µs; 0: nothing to
 * do; negative: the transport failed. *visiting: the full pass has been at work in this slice. */
static int step(struct reconcile *r, int64_t now, bool *visiting)
{
	int result;

	if (reconcile_follows(r)) {
		reconcile_follow_step(r, FOLLOWED);
		return CLOCK_UNITS;
	}
	if (gathers(r, *visiting))
		return reconcile_full_step(r, now);
	/* New services come before old ones go: the last service of a family takes the kernel's
	 * hooks with it, and its open connections (Linux 5.9 and later). */
	if (waiting(&r->changes))
		result = reconcile_jobs(r, &r->changes, now);
	else if (waiting(&r->removals))
		result = reconcile_jobs(r, &r->removals, now);
	else if ((*visiting = r->full.active))
		return reconcile_full_step(r, now);
	else if (now >= full_due(r))
		return reconcile_full_start(r, now);
	else
		return 0;
	return result < 0 ? result : CLOCK_UNITS;
}

int64_t reconcile_run(struct reconcile *r, int64_t now)
{
	int64_t end = r->hooks->clock ? r->hooks->clock() + SLICE_MS : INT64_MAX;
	int64_t next, hints;
	bool visiting = false;
	int units = 0, did;

	if (r->stats.kernel_error && now < r->kernel_retry)
		return r->kernel_retry;
	if (now >= r->next_retry)
		queue_retries(r, now);
	hints = reconcile_hints_run(r, now);
	r->timestamp = 0;
	r->waited = false;
	do {
		did = step(r, now, &visiting);
		units += did;
		r->stats.steps += did != 0;
		if (units < CLOCK_UNITS)
			continue;
		units = 0;
		if (r->hooks->clock && r->hooks->clock() >= end)
			break;
	} while (did > 0 && !r->waited);
	if (did < 0)
		return r->kernel_retry;
	if (did > 0)
		return now;
	next = full_due(r);
	if (r->next_retry < next)
		next = r->next_retry;
	return hints < next ? hints : next;
}

bool reconcile_idle(const struct reconcile *r)
{
	return !reconcile_follows(r) && waiting(&r->changes) == 0 && waiting(&r->removals) == 0;
}

bool reconcile_tried(const struct reconcile *r, const struct ipvs_service_key *key)
{
	const struct tracked *t = status_find(&r->status, key);

	return !reconcile_follows(r) && (!t || !t->queued);
}

int reconcile_is_foreign(struct reconcile *r, const struct ipvs_service_key *key)
{
	const struct desired *d = reconcile_desired(r);
	int gone;

	if (desired_find(d, key) || desired_has_tombstone(d, key))
		return 0;
	gone = reconcile_is_gone(r, key);
	return gone < 0 ? gone : !gone;
}

int reconcile_is_gone(struct reconcile *r, const struct ipvs_service_key *key)
{
	struct ipvs_service found;
	int result = r->kernel->ops->get(r->kernel, key, &found);

	return result == -ESRCH ? 1 : result;
}

const struct status *reconcile_status(const struct reconcile *r)
{
	return &r->status;
}

bool reconcile_is_ours(const struct reconcile *r, const struct ipvs_service_key *key)
{
	const struct tracked *t = status_find(&r->status, key);

	if (!t || t->reason == STATUS_FOREIGN_EXISTS || r->stats.kernel_error)
		return false;
	/* Where it is not known, something of it was there once; before the first look, who knows?
	 */
	return t->known ? t->applied != NULL : t->reason != STATUS_PENDING || t->generation;
}

const struct reconcile_stats *reconcile_stats(const struct reconcile *r)
{
	return &r->stats;
}

struct ipvs_kernel *reconcile_kernel(const struct reconcile *r)
{
	return r->kernel;
}

static bool has_foreign_claims(const struct desired *d)
{
	vec_foreach(claim, &d->claims)
		if (claim->class == CLAIM_FOREIGN)
			return true;
	return false;
}

bool reconcile_needs_kernel(const struct reconcile *r)
{
	/* ENOENT: there is no such family. Everything else leaves open what the kernel has. */
	return r->stats.kernel_error != -ENOENT || desired_has_services(reconcile_desired(r));
}

bool reconcile_in_sync(const struct reconcile *r)
{
	if (!reconcile_needs_kernel(r))
		return true;
	return r->first_pass_done && !r->stats.kernel_error && !r->stats.held &&
	       !has_foreign_claims(reconcile_desired(r)) && r->stats.failing == 0 &&
	       reconcile_idle(r);
}

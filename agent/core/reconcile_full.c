/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Full passes: compares every desired service with the kernel. A difference seen here is only a
 * suspicion, since IPVS dumps carry no mark of consistency: the service is queued, and its targeted
 * pass takes the second look before anything is changed or called drift. What the kernel lists is
 * compared at once and not kept, so that a pass needs little memory.
 */
#include <errno.h>
#include <limits.h>

#include "field.h"
#include "ipvs_fields.h"
#include "reconcile_private.h"
#include "timestamp.h"

/* Units of work, of about one service with ten real servers each (20 to 50 µs measured). */
#define UNITS_PIECE  24 /* 64 KiB of the list, some 180 services */
#define DESTS_A_UNIT 16
#define EMPTY_VISITS 64 /* in a step, when the kernel had nothing: they read nothing, 1 µs each */

void reconcile_full_drop(struct reconcile *r)
{
	struct full_pass *full = &r->full;

	r->kernel->ops->list_close(r->kernel, full->list);
	full->list = NULL;
	desired_unref(full->desired);
	full->desired = NULL;
	full->active = false;
}

static void suspect(struct reconcile *r, struct tracked *t)
{
	status_forget(t);
	t->suspect = true;
	reconcile_queue(r, t);
}

static void queue_removals(struct reconcile *r, const struct desired *d)
{
	vec_foreach(key, &d->tombstones) {
		struct tracked *t = status_get(&r->status, key);

		if (t && t->gone)
			r->hooks->deleted(r->arg, key); /* could not be stored, it seems */
		else if (t && !t->retry_at)
			reconcile_queue(r, t);
	}
}

static int failed(struct reconcile *r, int result, int64_t now)
{
	reconcile_kernel_failed(r, result, now);
	return result;
}

int reconcile_full_start(struct reconcile *r, int64_t now)
{
	struct full_pass *full = &r->full;
	struct desired *d = reconcile_desired(r);
	int result;

	full->seen.n = full->foreign.n = 0;
	result = vec_reserve(&full->seen, d->services.n);
	if (result == 0)
		result = r->kernel->ops->list_open(r->kernel, true, &full->list);
	if (result < 0)
		return failed(r, result, now);
	full->desired = desired_ref(d);
	full->seen.n = d->services.n;
	if (full->seen.n)
		memset(full->seen.items, 0, full->seen.n * sizeof(*full->seen.items));
	full->empty = true;
	full->i = full->listed = full->status_at = full->surplus = full->found = 0;
	full->connections = 0;
	full->began = timestamp_now();
	full->active = true;
	queue_removals(r, d);
	return UNITS_PIECE;
}

/* A listed service that is not desired: somebody else's, unless it is still to be deleted. */
static int note_foreign(struct reconcile *r, const struct ipvs_service_key *key)
{
	if (desired_has_tombstone(r->full.desired, key) ||
	    reconcile_desired(r)->policy.foreign == POLICY_FOREIGN_IGNORE)
		return 0;
	return vec_push(&r->full.foreign, *key);
}

/* Compares a listed service, without its real servers, with the desired one. */
static int note(struct reconcile *r, const struct ipvs_listed *l)
{
	struct full_pass *full = &r->full;
	const struct ipvs_service_key *key = &l->service.key;
	size_t at = desired_position(full->desired, key);
	const struct service *want =
		at < full->desired->services.n ? full->desired->services.items[at] : NULL;

	if (!want || ipvs_service_key_compare(&want->spec.key, key) != 0)
		return note_foreign(r, key);
	full->listed += !full->seen.items[at].listed;
	full->seen.items[at] = (struct sighting){
		.n_dests = l->n_dests,
		.listed = true,
		.differs = field_diff(&ipvs_service_table, &want->spec, &l->service) != 0,
	};
	return 0;
}

static int order_keys(const void *a, const void *b)
{
	return ipvs_service_key_compare(a, b);
}

/* The list is complete: drops the doubles of what is foreign. */
static void list_ended(struct reconcile *r)
{
	struct full_pass *full = &r->full;
	key_vec *f = &full->foreign;
	size_t kept = f->n != 0;

	r->kernel->ops->list_close(r->kernel, full->list);
	full->list = NULL;
	vec_sort(f, order_keys);
	for (size_t i = 1; i < f->n; i++)
		if (order_keys(&f->items[kept - 1], &f->items[i]) != 0)
			f->items[kept++] = f->items[i];
	f->n = kept;
	full->listed += kept;
	reconcile_kernel_works(r);
}

static int list_some(struct reconcile *r)
{
	struct full_pass *full = &r->full;
	int more, result = 0;

	full->piece.n = 0;
	more = r->kernel->ops->list_next(r->kernel, full->list, &full->piece);
	if (more < 0)
		return more;
	full->empty = full->empty && full->piece.n == 0;
	for (size_t i = 0; i < full->piece.n && result == 0; i++)
		result = note(r, &full->piece.items[i]);
	if (result < 0)
		return result;
	if (!more)
		list_ended(r);
	return UNITS_PIECE;
}

static size_t count_deletions(const struct reconcile *r)
{
	size_t n = 0;

	vec_foreach(op, &r->ops)
		n += op->verb == IPVS_DELETE;
	return n;
}

/* What the list has counted, unless it is clear that only a dump shows them all. */
static int expected_dests(const struct sighting *seen, const struct service *want)
{
	vec_foreach(rs, &want->real_servers)
		if (rs->dest.forward == IPVS_FORWARD_TUN)
			return IPVS_DESTS_DUMP;
	return seen->n_dests;
}

/* The operations that would make the real servers, and nothing else, as desired: into r->ops. */
static int plan_dests(struct reconcile *r, const struct sighting *seen, const struct service *want)
{
	const struct ipvs_view wanted = service_view(want);
	struct ipvs_view found = { .service = &want->spec, .stride = sizeof(*r->dests.items) };
	int result;

	r->dests.n = 0;
	result = r->kernel->ops->dests_expected(r->kernel, &want->spec.key,
						expected_dests(seen, want), &r->dests);
	if (result < 0)
		return result;
	found.dests = r->dests.items;
	found.n = r->dests.n;
	r->ops.n = 0;
	return ipvs_plan_service(&wanted, &found, &r->ops);
}

/* Compares the real servers of a service that the kernel listed. 0 or the transport's errno. */
static int compare(struct reconcile *r, struct tracked *t, struct service *want,
		   const struct sighting *seen)
{
	struct full_pass *full = &r->full;
	size_t surplus;
	int result = plan_dests(r, seen, want);

	if (result < 0)
		return result;
	full->found += r->dests.n;
	vec_foreach(d, &r->dests)
		full->connections +=
			(uint64_t)d->counts.active + d->counts.inactive + d->counts.persistent;
	surplus = r->may_delete ? 0 : count_deletions(r);
	full->surplus += surplus;
	if (surplus && surplus == r->ops.n && !seen->differs) {
		status_forget(t);
		status_set(t, STATUS_MASS_DELETE_HELD, 0, NULL, reconcile_timestamp(r));
		return 0;
	}
	if (r->ops.n || seen->differs) {
		suspect(r, t);
		return 0;
	}
	status_know(t, want);
	t->generation = want->meta.generation;
	if (t->reason != STATUS_IN_SYNC)
		status_set(t, STATUS_IN_SYNC, 0, NULL, reconcile_timestamp(r));
	return 0;
}

static int visit(struct reconcile *r, struct service *want, const struct sighting *seen)
{
	struct desired *d = reconcile_desired(r);
	struct tracked *t = status_get_near(&r->status, &want->spec.key, &r->full.status_at);
	const struct claim *claim = desired_claim(d, &want->spec.key);

	if (!t)
		return -ENOMEM;
	/* Touched since the pass began, or waiting anyway: its targeted pass looks by itself. */
	if (t->queued || t->retry_at ||
	    (d != r->full.desired && desired_find(d, &want->spec.key) != want))
		return 0;
	if (claim && claim->class == CLAIM_FOREIGN && t->reason == STATUS_IN_SYNC)
		r->hooks->foreign(r->arg, &t->key, false); /* could not be stored, it seems */
	if (reconcile_leaves_alone(r, t)) {
		reconcile_queue(r, t);
		return 0;
	}
	if (seen->listed)
		return compare(r, t, want, seen);
	suspect(r, t);
	t->absent = r->full.empty;
	return 0;
}

/* The services of others that the policy wants removed, to the front of the list of them all; how
 * many. */
static size_t to_be_pruned(struct reconcile *r)
{
	const struct desired *d = reconcile_desired(r);
	key_vec *f = &r->full.foreign;
	size_t n = 0;

	if (d->policy.foreign != POLICY_FOREIGN_PRUNE)
		return 0;
	for (size_t i = 0; i < f->n; i++)
		if (!desired_find(d, &f->items[i]))
			f->items[n++] = f->items[i];
	return n;
}

/*
 * Queues the services of others for removal, if the policy says so and they are few; their jobs
 * look again, at the policy too. Nothing of this is stored: a pass finds them anew.
 */
static void prune(struct reconcile *r)
{
	struct full_pass *full = &r->full;
	uint32_t percent = full->desired->policy.max_delete_percent;
	size_t n = to_be_pruned(r);

	if (n == 0 || !r->first_pass_done)
		return;
	if (!r->may_prune && n > 10 && n * 100 > full->listed * percent) {
		if (!r->prune_held)
			log_record(LOG_LEVEL_ERROR, LOG_ID_HELD, NULL, 0,
				   "%zu of %zu services are to be pruned; they stay until POST "
				   "/v1/reconcile?allowMassDelete=true",
				   n, full->listed);
		r->prune_held = true;
		r->stats.held += n;
		return;
	}
	r->prune_held = false;
	r->may_prune = false; /* the word was for this pass */
	for (size_t i = 0; i < n; i++) {
		struct tracked *t = status_get(&r->status, &full->foreign.items[i]);

		if (!t)
			continue;
		t->prune = true;
		reconcile_queue(r, t);
	}
}

/*
 * The first pass removes no real server before all are counted: a state that was lost, or is an old
 * copy, would empty the pools. More than the policy's share waits for the operator's word.
 */
static void guard(struct reconcile *r)
{
	const struct full_pass *full = &r->full;
	uint32_t percent = full->desired->policy.max_delete_percent;

	if (r->may_delete)
		return;
	/* Once held, a part that has been put right must not release the rest. */
	if (full->surplus && (r->stats.held || (full->surplus > 10 &&
						full->surplus * 100 > full->found * percent))) {
		if (!r->stats.held)
			log_record(LOG_LEVEL_ERROR, LOG_ID_HELD, NULL, 0,
				   "%zu of %zu real servers in the kernel are not declared; they "
				   "stay until POST /v1/reconcile?allowMassDelete=true",
				   full->surplus, full->found);
		r->stats.held = full->surplus;
		return;
	}
	r->may_delete = true;
	if ((full->surplus || r->deferred) && r->requested <= r->stats.passes)
		r->requested =
			r->stats.passes + 1; /* few enough: the next pass, now, removes them */
}

static void end(struct reconcile *r, int64_t now)
{
	struct reconcile_stats *stats = &r->stats;

	stats->passes++;
	stats->foreign = r->full.foreign.n;
	stats->connections = r->full.connections;
	guard(r);
	if (r->may_delete)
		stats->held = 0;
	prune(r);
	r->full_ended = now;
	stats->last_pass = timestamp_now();
	stats->last_pass_ms = stats->last_pass - r->full.began;
	stats->passes_ms +=
		stats->last_pass_ms > 0 ? stats->last_pass_ms : 0; /* a clock may be set */
	r->first_pass_done = true;
	r->next_full = r->requested > stats->passes ? now : now + reconcile_pause(r);
	log_record(LOG_LEVEL_DEBUG, LOG_ID_PASS, NULL, 0,
		   "full pass: %zu services in %lld ms, %zu foreign ones",
		   r->full.desired->services.n, (long long)stats->last_pass_ms, stats->foreign);
	reconcile_full_drop(r);
}

int reconcile_full_step(struct reconcile *r, int64_t now)
{
	struct full_pass *full = &r->full;
	int result;

	if (full->list) {
		result = list_some(r);
		return result < 0 ? failed(r, result, now) : result;
	}
	if (full->i == full->desired->services.n) {
		end(r, now);
		return 1;
	}
	do {
		r->dests.n = 0;
		result = visit(r, full->desired->services.items[full->i],
			       &full->seen.items[full->i]);
		full->i++;
	} while (result == 0 && full->empty && full->i % EMPTY_VISITS &&
		 full->i < full->desired->services.n);
	return result < 0 ? failed(r, result, now) : 1 + (int)(r->dests.n / DESTS_A_UNIT);
}

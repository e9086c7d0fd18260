/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Targeted passes: programs the services of a queue. Each is planned against what the kernel is
 * known to hold, or is read first; then the operations of many services go out together.
 */
#include <errno.h>
#include <stdio.h>

#include "reconcile_private.h"
#include "timestamp.h"

#define MAX_JOBS 128 /* services at a time */
#define MAX_OPS	 256 /* operations after which no further service is taken; one batch of netlink */
#define REPLANS	 3   /* looks at a service that changes under our hands, before it has to wait */

struct job {
	struct tracked *t;
	struct service *want; /* a reference; NULL: to be deleted */
	bool read, present;   /* have was read from the kernel, and is there */
	bool assumed;	      /* absent, since the full pass found nothing at all */
	struct ipvs_service have;
	ipvs_observed_dest_vec have_dests;
	size_t n_ops;
	size_t n_left_out;     /* removals that the first pass's guard has not allowed yet */
	size_t n_real;	       /* of these, such that the kernel did not say "is so already" */
	struct ipvs_op failed; /* the first that failed */
	int error;	       /* its errno */
	bool replan;	       /* the kernel was not as we thought */
	bool reschedules;      /* an operation changes the scheduler */
};

/* Operations with the job that each belongs to. */
struct batch {
	ipvs_op_vec ops;
	VEC(struct job *) jobs;
	VEC(int) results;
};

/* The operations of some jobs, in the order in which they are sent. */
struct batches {
	struct batch creations, rest;
	/* One change of a scheduler, for which the kernel waits until no packet uses the old one
	 * (ip_vs_edit_service(), synchronize_rcu(): about 17 ms on several processors). */
	struct batch rescheduling;
};

static void job_done(struct job *j)
{
	service_unref(j->want);
	vec_done(&j->have_dests);
}

static void batch_done(struct batch *b)
{
	vec_done(&b->ops);
	vec_done(&b->jobs);
	vec_done(&b->results);
}

static int batch_add(struct batch *b, struct job *j, const struct ipvs_op *op)
{
	if (vec_push(&b->ops, *op) < 0 || vec_push(&b->jobs, j) < 0)
		return -ENOMEM;
	return 0;
}

static void log_service(enum log_level level, const char *id, const struct tracked *t,
			const char *what)
{
	char name[IPVS_SERVICE_ID_MAX];
	const struct log_field fields[] = {
		{ "LVSD_SERVICE", ipvs_service_key_format(&t->key, name) },
	};

	log_record(level, id, fields, ARRAY_SIZE(fields), "%s: %s", name, what);
}

static void log_refusal(const struct job *j, const char *what)
{
	char name[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX], error[16];
	const struct log_field fields[] = {
		{ "LVSD_SERVICE", ipvs_service_key_format(&j->t->key, name) },
		{ "LVSD_REAL_SERVER",
		  j->failed.dest ? ipvs_dest_key_format(&j->failed.dest->key, dest) : NULL },
		{ "ERRNO", error },
	};

	(void)snprintf(error, sizeof(error), "%d", -j->error);
	log_record(LOG_LEVEL_ERROR, LOG_ID_REFUSAL, fields, ARRAY_SIZE(fields), "%s", what);
}

/* Reads the service from the kernel. 0 or the transport's errno. */
static int look(struct reconcile *r, struct job *j)
{
	const struct ipvs_kernel_ops *ops = r->kernel->ops;
	int result = ops->get(r->kernel, &j->t->key, &j->have);

	j->read = true;
	if (result == -ESRCH)
		return 0;
	if (result < 0)
		return result;
	j->present = true;
	return ops->dests(r->kernel, &j->t->key, &j->have_dests);
}

bool reconcile_leaves_alone(const struct reconcile *r, const struct tracked *t)
{
	const struct claim *claim = desired_claim(reconcile_desired(r), &t->key);

	/* News that could not be stored count all the same: a claim that is not there yet, and one
	 * that is still there although the service has been made since. */
	return claim ? claim->class == CLAIM_FOREIGN && t->reason != STATUS_IN_SYNC
		     : t->reason == STATUS_FOREIGN_EXISTS;
}

/* A desired service that somebody else made: is it still there? 1: yes, leave it alone. */
static int still_foreign(struct reconcile *r, struct job *j)
{
	struct ipvs_service found;
	int result;

	if (!reconcile_leaves_alone(r, j->t))
		return 0;
	result = r->kernel->ops->get(r->kernel, &j->t->key, &found);
	if (result == 0 || result == -ESRCH)
		r->hooks->foreign(r->arg, &j->t->key, result == 0);
	if (result == -ESRCH)
		return 0;
	if (result == 0)
		status_set(j->t, STATUS_FOREIGN_EXISTS, -EEXIST,
			   "the kernel has a service with this key that lvsd did not make; it is "
			   "left alone until it goes or is adopted (PUT with adopt=true)",
			   reconcile_timestamp(r));
	return result < 0 ? result : 1;
}

static void succeeded(struct reconcile *r, struct job *j)
{
	struct tracked *t = j->t;

	t->suspect = false;
	t->attempts = 0;
	if (t->drifted) {
		char text[96];

		(void)snprintf(text, sizeof(text), "drift repaired: %zu operations", j->n_ops);
		r->stats.drift_repaired++;
		log_service(LOG_LEVEL_NOTICE, LOG_ID_REPAIR, t, text);
	}
	t->drifted = false;
	if (!j->want && t->prune) {
		status_remove(&r->status, &t->key);
		j->t = NULL;
		return;
	}
	if (!j->want) {
		/* Remembered until the tombstone is gone from the store as well: as long as it is
		 * there, a service that comes with this key is somebody else's. */
		status_know(t, NULL);
		t->gone = true;
		r->hooks->deleted(r->arg, &t->key);
		return;
	}
	if (j->n_left_out) {
		status_forget(t);
		status_set(t, STATUS_MASS_DELETE_HELD, 0, NULL, reconcile_timestamp(r));
		return;
	}
	status_know(t, j->want);
	t->generation = j->want->meta.generation;
	status_set(t, STATUS_IN_SYNC, 0, NULL, reconcile_timestamp(r));
}

static void wait_for_retry(struct reconcile *r, struct tracked *t, int64_t now)
{
	t->retry_at = now + reconcile_backoff(r, t->attempts);
	r->stats.failing++;
	if (t->retry_at < r->next_retry)
		r->next_retry = t->retry_at;
}

static void foreign_found(struct reconcile *r, struct job *j)
{
	status_forget(j->t);
	r->hooks->foreign(r->arg, &j->t->key, true);
	status_set(j->t, STATUS_FOREIGN_EXISTS, -EEXIST,
		   "somebody else made a service with this key first; it is left alone until it "
		   "goes or is adopted (PUT with adopt=true)",
		   reconcile_timestamp(r));
	log_service(LOG_LEVEL_WARNING, LOG_ID_FOREIGN, j->t, j->t->message);
}

static void refused(struct reconcile *r, struct job *j, int64_t now)
{
	struct tracked *t = j->t;
	bool creation = j->failed.verb == IPVS_ADD && !j->failed.dest;
	bool missing = j->error == -ENOENT && !j->failed.dest;
	bool again = t->error == j->error;
	char text[320];

	r->stats.failures++;
	t->attempts++;
	/* Before t->applied goes: the operation may point into it. */
	(void)status_explain(&j->failed, j->error, text, sizeof(text));
	if (!again)
		log_refusal(j, text);
	/* Some of the operations may have worked; but a creation that failed left nothing, and what
	 * is there at the next try is somebody else's. */
	if (creation)
		status_know(t, NULL);
	else
		status_forget(t);
	status_set(t, missing ? STATUS_SCHEDULER_MISSING : STATUS_KERNEL_REFUSED, j->error, text,
		   reconcile_timestamp(r));
	wait_for_retry(r, t, now);
}

/* What a full pass took for a difference: now that the operations confirm it, say so. Dumps lose
 * entries, so that a plan alone proves nothing. */
static void report_drift(struct reconcile *r, const struct job *j)
{
	struct tracked *t = j->t;
	char text[128];

	if (!t->suspect || t->drifted || j->n_real == 0 || t->reason != STATUS_IN_SYNC)
		return;
	t->drifted = true;
	r->stats.drift_found++;
	if (!j->present)
		(void)snprintf(text, sizeof(text), "drift: the service is missing in the kernel");
	else
		(void)snprintf(text, sizeof(text),
			       "drift: the kernel differs from the desired state in %zu places",
			       j->n_real);
	log_service(LOG_LEVEL_WARNING, LOG_ID_DRIFT, t, text);
}

static void finish(struct reconcile *r, struct job *j, int64_t now)
{
	report_drift(r, j);
	if (j->error == -EEXIST && j->failed.verb == IPVS_ADD && !j->failed.dest && !j->assumed) {
		foreign_found(r, j);
	} else if (j->replan && j->t->attempts < REPLANS) {
		j->t->attempts++;
		j->t->suspect = true;
		status_forget(j->t);
		reconcile_queue(r, j->t);
	} else if (j->error) {
		refused(r, j, now);
	} else {
		succeeded(r, j);
	}
}

/* Whether an operation failed, and how: dumps are not snapshots, so "already so" is no failure, and
 * a missing or surplus neighbour means that we have to look again. */
static void judge(struct job *j, const struct ipvs_op *op, int error)
{
	bool gone = error == (op->dest ? -ENOENT : -ESRCH);

	if (op->verb == IPVS_DELETE && gone)
		return;
	if (error == -ESRCH || (op->dest && op->verb == IPVS_SET && error == -ENOENT) ||
	    (op->verb == IPVS_ADD && error == -EEXIST && (op->dest || j->assumed)))
		j->replan = true;
	else
		j->n_real++;
	if (error == 0)
		return;
	if (!j->error) {
		j->error = error;
		j->failed = *op;
	}
}

static void count(struct reconcile *r, const struct ipvs_op *op, int result)
{
	r->stats.operations[op->dest ? RECONCILE_REAL_SERVER : RECONCILE_SERVICE][op->verb]
			   [result < 0]++;
}

static int execute(struct reconcile *r, struct batch *b)
{
	int result;

	if (b->ops.n == 0)
		return 0;
	if (vec_reserve(&b->results, b->ops.n) < 0)
		return -ENOMEM;
	result = r->kernel->ops->apply(r->kernel, b->ops.items, b->ops.n, b->results.items);
	if (result < 0)
		return result;
	for (size_t i = 0; i < b->ops.n; i++) {
		count(r, &b->ops.items[i], b->results.items[i]);
		judge(b->jobs.items[i], &b->ops.items[i], b->results.items[i]);
	}
	return 0;
}

/* Before the first pass has counted what is not declared, no real server is removed. */
static void leave_out_removals(struct reconcile *r, struct job *j)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->ops.n; i++)
		if (r->ops.items[i].verb != IPVS_DELETE)
			r->ops.items[kept++] = r->ops.items[i];
	j->n_left_out = r->ops.n - kept;
	r->deferred = r->deferred || j->n_left_out;
	r->ops.n = kept;
	j->n_ops = kept;
}

/* Without a scheduler, as a service is that was not finished, there is none to wait for. */
static bool reschedules(const struct ipvs_service *want, const struct ipvs_service *have)
{
	return !streq(want->scheduler, have->scheduler) && !streq(have->scheduler, "none");
}

/* Plans a job into the batches. 1: there is something to do; 0: nothing (more); negative: the
 * transport failed, or -ENOMEM. */
static int prepare(struct reconcile *r, struct job *j, struct batches *b)
{
	struct ipvs_view have = { 0 }, want = { 0 };
	int result = still_foreign(r, j);

	if (result != 0)
		return result < 0 ? result : 0;
	if (!j->t->known && !j->assumed && (result = look(r, j)) < 0)
		return result;
	if (!j->read && j->t->applied) {
		j->present = true;
		have = service_view(j->t->applied);
	} else if (j->present) {
		have = (struct ipvs_view){ &j->have, j->have_dests.items, j->have_dests.n,
					   sizeof(*j->have_dests.items) };
	}
	if (j->want)
		want = service_view(j->want);
	r->ops.n = 0;
	if ((j->want || j->present) &&
	    ipvs_plan_service(j->want ? &want : NULL, j->present ? &have : NULL, &r->ops) < 0)
		return -ENOMEM;
	j->n_ops = r->ops.n;
	j->reschedules = j->want && j->present && reschedules(want.service, have.service);
	if (!r->may_delete && j->read && j->want)
		leave_out_removals(r, j);
	vec_foreach(op, &r->ops) {
		/* A service of somebody else may be in the way; only when ours has been created
		 * may its real servers follow, so creations go ahead in a batch of their own. */
		bool creation = op->verb == IPVS_ADD && !op->dest;
		bool set = op->verb == IPVS_SET && !op->dest;
		struct batch *to = creation		   ? &b->creations
				   : set && j->reschedules ? &b->rescheduling
							   : &b->rest;

		if (batch_add(to, j, op) < 0)
			return -ENOMEM;
	}
	return 1;
}

/* Leaves out the operations of services that could not be created. */
static void drop_failed(struct batch *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->ops.n; i++) {
		if (b->jobs.items[i]->error)
			continue;
		b->ops.items[kept] = b->ops.items[i];
		b->jobs.items[kept++] = b->jobs.items[i];
	}
	b->ops.n = b->jobs.n = kept;
}

/* Takes the next key. False: it needs nothing (neither desired nor to be deleted). */
static bool take(struct reconcile *r, struct key_queue *q, struct job *j)
{
	const struct ipvs_service_key key = q->keys.items[q->at++];
	const struct desired *d = reconcile_desired(r);

	*j = (struct job){ .t = status_find(&r->status, &key) };
	if (!j->t)
		return false;
	j->t->queued = false;
	j->want = service_ref(desired_find(d, &key));
	/* After a boot or a flush, reading each of ten thousand costs much and tells nothing. */
	j->assumed = j->want && j->t->absent && !j->t->known;
	j->t->absent = false;
	if (j->want || desired_has_tombstone(d, &key) ||
	    (j->t->prune && d->policy.foreign == POLICY_FOREIGN_PRUNE))
		return true;
	status_remove(&r->status, &key);
	return false;
}

/* The transport failed: what was sent may or may not have been executed. */
static void give_back(struct reconcile *r, struct job *jobs, size_t n, int error, int64_t now)
{
	reconcile_kernel_failed(r, error, now);
	for (size_t i = 0; i < n; i++) {
		if (!jobs[i].t)
			continue;
		/* Nothing was sent without the family: what was known to be absent still is, and
		 * found there later it is somebody else's. */
		if ((error != -ENOENT && error != -EPERM) || jobs[i].t->applied)
			status_forget(jobs[i].t);
		status_set(jobs[i].t, STATUS_KERNEL_NOT_READY, error, status_kernel_cause(error),
			   reconcile_timestamp(r));
		reconcile_queue(r, jobs[i].t);
	}
}

static int run_batches(struct reconcile *r, struct batches *b)
{
	int result = execute(r, &b->creations);
	int64_t began;

	if (result == 0) {
		drop_failed(&b->rest);
		result = execute(r, &b->rest);
	}
	if (result < 0 || b->rescheduling.ops.n == 0)
		return result;
	began = timestamp_elapsed_us();
	result = execute(r, &b->rescheduling);
	r->stats.scheduler_us += timestamp_elapsed_us() - began;
	r->waited = true;
	return result;
}

static size_t n_ops(const struct batches *b)
{
	return b->creations.ops.n + b->rest.ops.n + b->rescheduling.ops.n;
}

int reconcile_jobs(struct reconcile *r, struct key_queue *queue, int64_t now)
{
	struct job *jobs = malloc(MAX_JOBS * sizeof(*jobs)); /* take() makes each */
	struct batches b = { 0 };
	bool planned[MAX_JOBS] = { false };
	size_t n = 0;
	int result = jobs ? 0 : -ENOMEM;

	while (result == 0 && n < MAX_JOBS && n_ops(&b) < MAX_OPS && queue->at < queue->keys.n &&
	       b.rescheduling.ops.n == 0) {
		if (!take(r, queue, &jobs[n]))
			continue;
		result = prepare(r, &jobs[n], &b);
		planned[n++] = result > 0;
		if (result > 0)
			result = 0;
	}
	if (result == 0)
		result = run_batches(r, &b);
	if (result < 0)
		give_back(r, jobs, n, result, now);
	else if (n_ops(&b) > 0)
		reconcile_kernel_works(r);
	for (size_t i = 0; i < n; i++) {
		if (result == 0 && planned[i])
			finish(r, &jobs[i], now);
		job_done(&jobs[i]);
	}
	batch_done(&b.creations);
	batch_done(&b.rest);
	batch_done(&b.rescheduling);
	free(jobs);
	return result;
}

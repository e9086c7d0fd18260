/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One round of the host: look, expand, plan; remember durably; apply in pieces; bring the memory up
 * to date. Also which operations of a plan are left out, and which of them repair drift.
 */
#include "field.h"
#include "host_private.h"
#include "netcfg_fields.h"

/* The kernel routes to a new address of IPv6 a moment after it has accepted it, by a work queue
 * (addrconf_dad_start() of addrconf.c). Until then one that moves has to stay where it was. */
#define SETTLE_MS 50

#define PIECE 32 /* addresses of one apply(): 3 to 10 ms at the worst */

static bool is_address(const struct netcfg_op *op)
{
	return op->verb == NETCFG_ADDRESS_ADD || op->verb == NETCFG_ADDRESS_SET ||
	       op->verb == NETCFG_ADDRESS_DELETE;
}

bool host_has_nothing(const struct host *h, const declared_vec *declared)
{
	return declared->n == 0 && h->memory.n == 0 && h->dirty.n == 0;
}

/* Judging a plan ------------------------------------------------------------------------------- */

struct look {
	struct netcfg_wanted wanted;
	struct netcfg_found found;
};

static void look_done(struct look *l)
{
	netcfg_wanted_done(&l->wanted);
	netcfg_found_done(&l->found);
}

static int compare_wanted_sysctl(const void *key, const void *item)
{
	return netcfg_sysctl_compare(key, &((const struct netcfg_wanted_sysctl *)item)->key);
}

static bool sysctl_was_in_sync(const struct host *h, const struct netcfg_op *op)
{
	int found;
	size_t at = vec_lower_bound(h->wanted.sysctls.items, h->wanted.sysctls.n,
				    sizeof(*h->wanted.sysctls.items), op->key,
				    compare_wanted_sysctl, &found);
	const struct netcfg_wanted_sysctl *want = found ? &h->wanted.sysctls.items[at] : NULL;

	return want && netcfg_sysctl_same(op->key, want->value, op->value) &&
	       netcfg_sysctl_state(want, &h->found) == NETCFG_STATE_IN_SYNC;
}

static bool link_was_in_sync(const struct host *h, const struct netcfg_op *op)
{
	vec_foreach(want, &h->wanted.links)
		if (streq(want->name, op->name))
			return netcfg_link_state(want, &h->found) == NETCFG_STATE_IN_SYNC;
	return false;
}

static bool fou_was_in_sync(const struct host *h, const struct netcfg_op *op)
{
	vec_foreach(want, &h->wanted.fous)
		if (netcfg_fou_compare(&want->fou, &op->fou) == 0)
			return netcfg_fou_state(want, &h->found) == NETCFG_STATE_IN_SYNC;
	return false;
}

static int compare_wanted_address(const void *key, const void *item)
{
	return inaddr_compare(key, &((const struct netcfg_wanted_address *)item)->address);
}

static bool address_was_in_sync(const struct host *h, const struct netcfg_op *op)
{
	int found;
	size_t at = vec_lower_bound(h->wanted.addresses.items, h->wanted.addresses.n,
				    sizeof(*h->wanted.addresses.items), &op->address.address,
				    compare_wanted_address, &found);
	const struct netcfg_wanted_address *want = found ? &h->wanted.addresses.items[at] : NULL;

	return want && streq(want->interface, op->name) &&
	       want->prefix_length == op->address.prefix_length &&
	       streq(want->label, op->address.label) &&
	       netcfg_address_state(want, &h->found, &h->memory) == NETCFG_STATE_IN_SYNC;
}

static bool sync_was_in_sync(const struct host *h, const struct netcfg_op *op)
{
	vec_foreach(want, &h->wanted.syncs)
		if (want->sync.role == op->sync.role)
			return field_diff(&netcfg_sync_table, &want->sync, &op->sync) == 0 &&
			       netcfg_sync_state(want, &h->found, &h->memory) ==
				       NETCFG_STATE_IN_SYNC;
	return false;
}

/* Whether the round before has done the same, or the last look found it done. */
static bool was_in_sync(const struct host *h, const struct netcfg_op *op,
			const struct netcfg_memo *about)
{
	int found;
	size_t at = vec_lower_bound(h->done.items, h->done.n, sizeof(*about), about,
				    netcfg_memo_compare, &found);

	for (; found && at < h->done.n && netcfg_memo_compare(&h->done.items[at], about) == 0; at++)
		if (h->done.items[at].class == op->verb)
			return true;
	if (!op->wishes || !h->looked)
		return false;
	switch (op->verb) {
	case NETCFG_SYSCTL_WRITE:
		return sysctl_was_in_sync(h, op);
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
		return link_was_in_sync(h, op);
	case NETCFG_FOU_ADD:
		return fou_was_in_sync(h, op);
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
		return address_was_in_sync(h, op);
	case NETCFG_SYNC_START:
		return sync_was_in_sync(h, op);
	case NETCFG_SYNC_STOP:
	case NETCFG_ADDRESS_DELETE:
	case NETCFG_FOU_DELETE:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		break;
	}
	return false;
}

/* What is to be done now, what is drift, what waits. Compares with the look before. */
static int judge(struct host *h, const struct netcfg_plan *p, int64_t now)
{
	if (vec_reserve(&h->results, p->ops.n + 1) < 0)
		return -ENOMEM;
	h->results.n = p->ops.n;
	host_track_unplan(h);
	for (size_t i = 0; i < p->ops.n; i++) {
		const struct netcfg_op *op = &p->ops.items[i];
		const struct netcfg_memo about = netcfg_op_about(op);
		const struct host_track *t;

		if (was_in_sync(h, op, &about))
			host_track_drift(h, op, now);
		host_track_plan(h, &about);
		t = host_track_find(h, &about);
		h->results.items[i] = t && t->retry_at > now ? -ECANCELED : HOST_TO_DO;
	}
	host_track_settle(h, now);
	return 0;
}

/* Starting ------------------------------------------------------------------------------------- */

/* The news so far are part of the look that follows. */
static int skip_news(struct host *h)
{
	struct netcfg_changes news = { 0 };
	int r = h->kernel->ops->events(h->kernel, &news);

	netcfg_changes_done(&news);
	h->noticed = false;
	return r;
}

static int watch(struct host *h, const struct netcfg_wanted *w)
{
	VEC(struct netcfg_sysctl_key) keys = { 0 };
	bool same = w->sysctls.n == h->wanted.sysctls.n && h->looked;
	int r = 0;

	for (size_t i = 0; i < w->sysctls.n && same; i++)
		same = netcfg_sysctl_compare(&w->sysctls.items[i].key,
					     &h->wanted.sysctls.items[i].key) == 0;
	vec_foreach(want, &w->sysctls)
		if (r == 0 && !same)
			r = vec_push(&keys, want->key);
	if (r == 0 && !same)
		r = h->kernel->ops->watch(h->kernel, keys.items, keys.n);
	vec_done(&keys);
	return r;
}

static int look(struct host *h, struct look *ret)
{
	netcfg_conflict_vec conflicts = { 0 };
	int r = netcfg_look(h->kernel, NULL, &h->memory, &ret->found);

	if (r == 0)
		r = host_memory_follow(h, &ret->found);
	if (r == 0)
		r = netcfg_expand(&h->now_wanted->view.all, &ret->found.links, &ret->wanted,
				  &conflicts);
	vec_done(&conflicts); /* writes that make one were refused */
	if (r == 0)
		r = watch(h, &ret->wanted); /* before the look: what changes after it is told */
	if (r == 0)
		r = netcfg_look_more(h->kernel, &ret->wanted, &h->memory, &ret->found);
	if (r < 0)
		look_done(ret);
	return r;
}

static void take_look(struct host *h, struct look *l)
{
	netcfg_wanted_done(&h->wanted);
	netcfg_found_done(&h->found);
	netcfg_found_done(&h->view->found);
	h->view->stale = h->view->filled = false;
	h->view->preflight_until = 0;
	h->wanted = l->wanted;
	h->found = l->found;
	h->looked = h->current = true;
	h->reread_at = 0;
	h->off = host_count_off(h);
}

static int take_snapshot(struct host *h)
{
	const declared_vec *declared = h->hooks->declared(h->arg);
	struct host_snapshot *fresh;
	int r;

	if (host_snapshot_is(h->now_wanted, declared))
		return 0;
	r = host_snapshot_new(declared, &fresh);
	if (r < 0)
		return r;
	host_snapshot_unref(h->now_wanted);
	h->now_wanted = fresh;
	h->current = false;
	return 0;
}

/* The store has what the plan needs for the way back before anything is done. */
static int remember(struct host *h)
{
	int r = host_memory_touch(h, &h->plan.remember);

	if (r == 0)
		r = host_memory_touch(h, &h->plan.forget);
	if (r == 0)
		r = netcfg_plan_remember(&h->plan, &h->memory);
	if (r == 0)
		r = host_memory_note(h, &h->found);
	return r < 0 ? r : host_memory_flush(h);
}

int host_round_start(struct host *h, int64_t now)
{
	struct look l = { 0 };
	struct netcfg_plan p = { 0 };
	bool tracked = h->tracks.n > 0;
	size_t off = h->off;
	int r = take_snapshot(h);

	h->again = false;
	if (r == 0)
		r = skip_news(h);
	if (r == 0)
		r = look(h, &l);
	if (r < 0)
		return r;
	r = netcfg_plan(&l.wanted, &l.found, &h->memory, &p);
	if (r == 0)
		r = judge(h, &p, now);
	if (r < 0) {
		netcfg_plan_done(&p);
		look_done(&l);
		return r;
	}
	take_look(h, &l);
	h->unnoted = h->unnoted || tracked || p.ops.n || h->off != off;
	vec_done(&h->done);
	h->plan = p;
	h->phase = HOST_APPLYING;
	h->at = h->finished = h->executed = h->failed.n = 0;
	h->hasty = false;
	host_announcing_follow(h, now);
	r = remember(h);
	if (r < 0)
		(void)host_round_end(h);
	return r;
}

/* Applying ------------------------------------------------------------------------------------- */

/* An earlier operation without which this one would do harm; NULL: none. */
static const struct netcfg_op *blocker(const struct host *h, const struct netcfg_op *op)
{
	vec_foreach(at, &h->failed)
		if (netcfg_op_depends(&h->wanted, op, &h->plan.ops.items[*at]))
			return &h->plan.ops.items[*at];
	return NULL;
}

/* How many operations from at on go to the kernel together: addresses of one part, which do not
 * depend on each other. */
static size_t piece(const struct host *h)
{
	const struct netcfg_op *ops = h->plan.ops.items;
	size_t n = 1;

	while (n < PIECE && h->at + n < h->plan.ops.n && is_address(&ops[h->at]) &&
	       is_address(&ops[h->at + n]) && ops[h->at + n].removes == ops[h->at].removes &&
	       h->results.items[h->at + n] == HOST_TO_DO && !blocker(h, &ops[h->at + n]))
		n++;
	return n;
}

static void take_result(struct host *h, size_t i, int64_t now)
{
	const struct netcfg_op *op = &h->plan.ops.items[i];
	int result = h->results.items[i];
	enum netcfg_outcome outcome = netcfg_outcome(op, result);
	struct netcfg_memo about = netcfg_op_about(op);

	host_track_result(h, op, result, now);
	if (outcome == NETCFG_OUTCOME_DONE) {
		about.class = (uint8_t)op->verb;
		(void)vec_push(&h->done, about); /* out of memory: a repetition is not noticed */
		if (op->verb == NETCFG_ADDRESS_ADD)
			host_announcing_added(h, &op->address.address, now);
		if (op->verb == NETCFG_ADDRESS_ADD && op->address.address.family == AF_INET6)
			h->settles = now + SETTLE_MS;
		return;
	}
	h->hasty = true; /* what was not made must not be taken for ours */
	if (!is_address(op))
		(void)vec_push(&h->failed, i);
}

/* The transport failed: it is unknown what was done, so the memory stays and the next look tells.
 * What came after it was not done. */
static void give_up(struct host *h, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum netcfg_verb verb = h->plan.ops.items[h->at + i].verb;
		bool makes = verb == NETCFG_LINK_ADD || verb == NETCFG_FOU_ADD ||
			     verb == NETCFG_ADDRESS_ADD || verb == NETCFG_SYNC_START;

		h->results.items[h->at + i] = makes ? 0 : -EIO; /* both keep the memo */
	}
	h->at += n;
	h->error = -EIO;
}

/* One piece; false: the transport failed. */
static bool apply_some(struct host *h, int64_t now)
{
	const struct netcfg_op *op = &h->plan.ops.items[h->at];
	int *results = h->results.items + h->at;
	const struct netcfg_op *by = *results == HOST_TO_DO ? blocker(h, op) : NULL;
	size_t n;

	if (by || *results != HOST_TO_DO) {
		if (by)
			host_track_blocked(h, op, by);
		*results = -ECANCELED;
		if (!is_address(op))
			(void)vec_push(&h->failed, h->at);
		h->at++;
		return true;
	}
	n = piece(h);
	h->executed += n;
	if (h->kernel->ops->apply(h->kernel, op, n, results) < 0) {
		give_up(h, n);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		take_result(h, h->at + i, now);
	h->at += n;
	return true;
}

/* Results so far → memory → store. */
static int finish(struct host *h, bool durable)
{
	netcfg_memo_vec put = { 0 }, drop = { 0 };
	int r = netcfg_plan_finish(&h->plan, h->finished, h->results.items + h->finished,
				   h->at - h->finished, &h->memory, &put, &drop);

	if (r == 0)
		r = host_memory_touch(h, &put);
	if (r == 0)
		r = host_memory_touch(h, &drop);
	vec_done(&put);
	vec_done(&drop);
	h->finished = h->at;
	if (r == 0 && durable)
		r = host_memory_note(h, &h->found);
	if (r == 0 && (durable || h->hasty))
		r = host_memory_flush(h);
	h->hasty = false;
	return r;
}

bool host_round_settles(const struct host *h, int64_t now)
{
	return host_round_has_second(h) && now < h->settles;
}

bool host_round_has_second(const struct host *h)
{
	return h->phase == HOST_APPLYING && h->at < h->plan.ops.n &&
	       h->plan.ops.items[h->at].removes;
}

bool host_round_apply(struct host *h, enum host_part part, int64_t end, int64_t now)
{
	bool more = true;
	int r;

	while (h->at < h->plan.ops.n && more) {
		if (part == HOST_FIRST && h->plan.ops.items[h->at].removes)
			break;
		if (!apply_some(h, now)) {
			for (size_t i = h->at; i < h->plan.ops.n; i++)
				h->results.items[i] = -ECANCELED;
			h->at = h->plan.ops.n;
		}
		more = !h->hooks->clock || h->hooks->clock() < end;
	}
	r = finish(h, false);
	if (r < 0)
		h->error = r;
	return h->at == h->plan.ops.n || (part == HOST_FIRST && host_round_has_second(h));
}

int host_round_end(struct host *h)
{
	bool complete = h->at == h->plan.ops.n;
	int r;

	for (; h->at < h->plan.ops.n; h->at++)
		h->results.items[h->at] = -ECANCELED;
	r = finish(h, true);
	vec_sort(&h->done, netcfg_memo_compare);
	/* What was done is looked at again; made links have variables and addresses of their own.
	 */
	h->again = complete && h->executed > 0;
	netcfg_plan_done(&h->plan);
	vec_done(&h->results);
	vec_done(&h->failed);
	h->phase = HOST_RESTING;
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host reconciler's scheduling: when a round begins, which part of it is next, what is tried
 * again when. No kernel calls here. */
#include "host.h"

#include "host_private.h"
#include "log.h"

#define SLICE_MS      9 /* with a piece of addresses about 10 */
#define BURST_MAX     16
#define LONGEST_PAUSE 72000 /* of host_backoff() */

/* For a while after many IPv6 addresses were added the kernel's dumps are disturbed. */
#define DISTURBED_MS  50
#define DISTURBED_MAX 60

int host_new(struct netcfg_kernel *k, struct netcfg_announce *a, netcfg_memo_vec *memory,
	     const struct host_hooks *hooks, void *arg, int64_t resync_ms, struct host **ret)
{
	struct host *h = calloc(1, sizeof(*h));
	struct host_view *view = calloc(1, sizeof(*view));
	int r = h && view ? host_memory_take(h, memory) : -ENOMEM;

	vec_done(memory);
	if (r < 0) {
		if (h) {
			vec_done(&h->memory);
			vec_done(&h->interfaces);
		}
		free(h);
		free(view);
		return -ENOMEM;
	}
	h->kernel = k;
	h->announce = a;
	h->hooks = hooks;
	h->arg = arg;
	h->resync_ms = resync_ms;
	h->view = view;
	h->view->stale = true;
	preflight_host_init(&h->view->preflight);
	h->next_round = h->next_reread = INT64_MAX;
	h->seed = 2463534242u;
	h->kicked = true;
	*ret = h;
	return 0;
}

void host_free(struct host *h)
{
	if (!h)
		return;
	host_snapshot_unref(h->now_wanted);
	host_snapshot_unref(h->tried);
	host_snapshot_unref(h->noted);
	vec_done(&h->moments);
	vec_done(&h->memory);
	vec_done(&h->interfaces);
	vec_done(&h->dirty);
	netcfg_wanted_done(&h->wanted);
	netcfg_found_done(&h->found);
	netcfg_found_done(&h->view->found);
	preflight_host_done(&h->view->preflight);
	free(h->view);
	netcfg_plan_done(&h->plan);
	vec_done(&h->results);
	vec_done(&h->failed);
	vec_done(&h->done);
	vec_done(&h->announced);
	host_track_done(h);
	free(h);
}

void host_set_resync(struct host *h, int64_t resync_ms)
{
	/* Where the next round is one of a retry, it comes sooner: that does no harm. */
	if (resync_ms < h->resync_ms && h->next_round != INT64_MAX)
		h->next_round -= h->resync_ms - resync_ms;
	h->resync_ms = resync_ms;
}

void host_kick(struct host *h)
{
	h->kicked = true;
	host_track_kick(h);
}

void host_notice(struct host *h)
{
	h->noticed = true;
}

/* Looking or storing failed: said once, tried again later. */
static void failed(struct host *h, int error, int64_t now)
{
	if (h->told != error)
		log_record(LOG_LEVEL_ERROR, LOG_ID_REFUSAL, NULL, 0,
			   "the host cannot be looked at, or what is known of it not stored: %s; "
			   "trying again",
			   strerror(-error));
	h->error = h->told = error;
	h->rounds++;
	h->burst = h->disturbed = 0;
	h->again = h->kicked = false;
	h->next_round = now + host_backoff(h, ++h->attempts);
	if (!h->current) /* of what is declared now nothing is known */
		return;
	host_snapshot_unref(h->tried);
	h->tried = host_snapshot_ref(h->now_wanted);
	h->unnoted = true;
	host_moments_note(h);
}

/* Every item has been tried, and there is nothing left to be done now. */
static void settled(struct host *h, int64_t now)
{
	int64_t retry = host_track_next(h);

	h->rounds++;
	h->attempts = h->burst = 0;
	h->error = h->told = 0;
	/* News that came during the round may have asked for an earlier one. */
	if (now + h->resync_ms < h->next_round)
		h->next_round = now + h->resync_ms;
	if (retry < h->next_round)
		h->next_round = retry;
	host_snapshot_unref(h->tried);
	h->tried = host_snapshot_ref(h->now_wanted);
	host_moments_note(h);
}

static void end_round(struct host *h, int64_t now)
{
	int stored = host_round_end(h);

	if (stored < 0 || h->error < 0)
		failed(h, stored < 0 ? stored : h->error, now);
	else if (!h->again)
		settled(h, now);
	else if (++h->burst > BURST_MAX) /* whatever it is, it may not keep the daemon busy */
		failed(h, -ELOOP, now);
}

/* Nothing is declared, nothing remembered: nobody is asked, nothing is kept. */
static bool rest(struct host *h, const declared_vec *declared, int64_t now)
{
	if (!host_has_nothing(h, declared))
		return false;
	if (h->now_wanted && h->now_wanted->objects.n == 0 && !h->looked) {
		h->kicked = h->again = false;
		h->next_round = INT64_MAX;
		return true;
	}
	if (!host_snapshot_is(h->now_wanted, declared)) {
		struct host_snapshot *empty;

		if (host_snapshot_new(declared, &empty) < 0)
			return true; /* the next turn tries again */
		host_snapshot_unref(h->now_wanted);
		h->now_wanted = empty;
	}
	settled(h, now);
	netcfg_wanted_done(&h->wanted);
	netcfg_found_done(&h->found);
	h->looked = h->current = false;
	h->off = 0;
	h->view->stale = true;
	h->kicked = h->again = false;
	h->next_round = INT64_MAX;
	vec_done(&h->done);
	(void)h->kernel->ops->watch(h->kernel, NULL, 0);
	host_announcing_follow(h, now);
	host_track_unplan(h);
	host_track_settle(h, now);
	return true;
}

/* While nothing is wanted nobody follows what changes: what somebody has asked for holds for a
 * turn. */
static void forget_view(struct host *h)
{
	if (h->looked || !h->view->filled)
		return;
	netcfg_found_done(&h->view->found);
	h->view->filled = false;
	h->view->stale = true;
}

static void first_part(struct host *h, int64_t now, int64_t end)
{
	forget_view(h);
	if (h->noticed) {
		h->steps++;
		host_news_read(h, now);
	}
	if (h->kicked && h->phase == HOST_APPLYING) {
		(void)host_round_end(h); /* another plan follows */
		h->again = true;
	}
	for (bool more = true; more;) {
		if (h->phase == HOST_RESTING) {
			int r;

			if (!h->kicked && !h->again && now < h->next_round)
				return;
			if (rest(h, h->hooks->declared(h->arg), now)) {
				h->steps++;
				return;
			}
			h->kicked = false;
			h->next_round = INT64_MAX;
			h->error = 0;
			h->steps++;
			r = host_round_start(h, now);
			if (r == -EAGAIN && ++h->disturbed < DISTURBED_MAX) {
				h->next_round = now + DISTURBED_MS;
				return;
			}
			if (r < 0) {
				failed(h, r, now);
				return;
			}
			h->disturbed = 0;
		}
		h->steps++;
		if (!host_round_apply(h, HOST_FIRST, end, now) || host_round_has_second(h))
			return;
		end_round(h, now);
		more = h->again && (!h->hooks->clock || h->hooks->clock() < end);
	}
}

static bool is_at_work(const struct host *h)
{
	return h->phase == HOST_APPLYING || h->again || h->kicked || h->noticed;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t host_run(struct host *h, enum host_part part, int64_t now)
{
	int64_t end = h->hooks->clock ? h->hooks->clock() + SLICE_MS : INT64_MAX;
	int64_t next = INT64_MAX;

	if (part == HOST_FIRST) {
		next = host_news_reread(h, now);
		first_part(h, now, end);
	} else if (host_round_settles(h, now)) {
		next = h->settles;
	} else if (host_round_has_second(h)) {
		h->steps++;
		if (host_round_apply(h, HOST_SECOND, end, now))
			end_round(h, now);
	}
	if (part == HOST_SECOND)
		next = earlier(next, h->next_reread);
	if (h->announce)
		next = earlier(next, netcfg_announce_run(h->announce, now));
	if (part == HOST_SECOND && host_round_settles(h, now) && !h->kicked && !h->noticed)
		return next;
	return is_at_work(h) ? now : earlier(next, h->next_round);
}

struct host_pulse host_pulse(const struct host *h, int64_t now)
{
	/* After failures in a row rounds are as rare as host_backoff() makes them. */
	int64_t every = h->resync_ms > LONGEST_PAUSE ? h->resync_ms : LONGEST_PAUSE;
	bool rests = !is_at_work(h) && h->next_round == INT64_MAX;

	return (struct host_pulse){
		.due = is_at_work(h) ? now : h->next_round,
		.steps = h->steps,
		.rounds = h->rounds,
		.every = rests ? 0 : every,
	};
}

bool host_idle(const struct host *h)
{
	return !h->kicked && !h->again && !h->disturbed && h->phase == HOST_RESTING;
}

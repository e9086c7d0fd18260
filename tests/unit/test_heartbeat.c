/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of agent/heartbeat.c: signs by hand, and those of a real reconciler on a kernel that hangs
 * it. */
#include "heartbeat.h"

#include "core_world.h"

#define PATIENCE 1000

static struct heartbeat_sign sign(int64_t due, uint64_t steps, uint64_t rounds)
{
	return (struct heartbeat_sign){ due, steps, rounds, 30000, false };
}

static void note(struct heartbeat *h, struct heartbeat_sign s, int64_t now)
{
	heartbeat_note(h, HEARTBEAT_SERVICES, &s, now);
}

TEST(what_rests_is_well)
{
	struct heartbeat h = { .patience = PATIENCE };

	CHECK(!heartbeat_complaint(&h, 5000)); /* before the first turn */
	note(&h, sign(40000, 1, 1), 10000);
	CHECK(!heartbeat_complaint(&h, 39999));
}

TEST(what_is_due_and_does_nothing_is_stuck)
{
	struct heartbeat h = { .patience = PATIENCE };

	note(&h, sign(10000, 1, 1), 10000);
	note(&h, sign(10000, 1, 1), 10500);
	CHECK(!heartbeat_complaint(&h, 11000));
	CHECK(heartbeat_complaint(&h, 11600));
	note(&h, sign(10000, 2, 1), 11700); /* it moves after all */
	CHECK(!heartbeat_complaint(&h, 11700));
}

TEST(what_is_always_due_and_works_is_well)
{
	struct heartbeat h = { .patience = PATIENCE };

	for (int64_t now = 1; now < 40000; now += 10) {
		note(&h, sign(now, (uint64_t)now, 1), now);
		CHECK(!heartbeat_complaint(&h, now));
	}
}

TEST(rounds_that_do_not_come_are_noticed)
{
	struct heartbeat h = { .patience = PATIENCE };
	int64_t now;

	/* It says that it will work later, again and again. */
	for (now = 1; now < 30000 + 20 * PATIENCE; now += 1000) {
		note(&h, sign(now + 5000, 1, 7), now);
		CHECK(!heartbeat_complaint(&h, now));
	}
	now += 1000;
	CHECK_STR(heartbeat_complaint(&h, now), "the reconciler of services makes no full passes");
	note(&h, sign(now + 5000, 1, 8), now);
	CHECK(!heartbeat_complaint(&h, now));
}

TEST(writes_may_hold_rounds_up_for_longer)
{
	struct heartbeat h = { .patience = PATIENCE };
	struct heartbeat_sign s = sign(0, 0, 7);
	int64_t now;

	s.busy = true;
	for (now = 1; now < 5 * (30000 + 20 * PATIENCE); now += 1000) {
		s.steps++;
		s.due = now;
		note(&h, s, now);
		CHECK(!heartbeat_complaint(&h, now));
	}
	for (; now < 11 * (30000 + 20 * PATIENCE); now += 1000) {
		s.steps++;
		s.due = now;
		note(&h, s, now);
	}
	CHECK(heartbeat_complaint(&h, now));
}

TEST(who_may_not_work_is_not_blamed)
{
	struct heartbeat h = { .patience = PATIENCE };

	for (int64_t now = 1; now < 10000; now += 100) {
		const struct heartbeat_sign s = { now, 1, 1, 0, false };

		heartbeat_note(&h, HEARTBEAT_HOST, &s, now);
		heartbeat_excuse(&h, HEARTBEAT_HOST);
		CHECK(!heartbeat_complaint(&h, now));
	}
}

TEST(without_a_watchdog_nobody_complains)
{
	struct heartbeat h = { 0 };

	note(&h, sign(1, 1, 1), 1);
	note(&h, sign(1, 1, 1), 100000);
	CHECK(!heartbeat_complaint(&h, 1000000));
}

/* A real reconciler ---------------------------------------------------------------------------- */

static int64_t clock_ms;

static int64_t on_clock(void)
{
	return clock_ms++;
}

static const struct reconcile_hooks timed_hooks = {
	.desired = change_published,
	.deleted = change_deleted,
	.foreign = change_foreign,
	.clock = on_clock,
};

/* The kernel's list has one more piece for ever, with nothing in it. */
static int endless(struct ipvs_kernel *k, struct ipvs_list *list, ipvs_listed_vec *ret)
{
	(void)k;
	(void)list;
	(void)ret;
	return 1;
}

/* Runs turns for so many ms as main does. Returns what is complained of at the end. */
static const char *turns(struct world *w, struct heartbeat *h, int64_t ms)
{
	const struct reconcile_stats *s = reconcile_stats(w->reconcile);
	const char *complaint = NULL;

	for (int64_t end = clock_ms + ms; clock_ms < end; clock_ms++) {
		int64_t now = clock_ms, due = reconcile_run(w->reconcile, now);
		const struct heartbeat_sign services = {
			.due = due,
			.steps = s->steps,
			.rounds = s->passes + s->transport_errors,
			.every = WORLD_RESYNC,
			.busy = !reconcile_idle(w->reconcile),
		};

		heartbeat_note(h, HEARTBEAT_SERVICES, &services, now);
		complaint = heartbeat_complaint(h, now);
		if (complaint)
			break;
	}
	return complaint;
}

/* reconcile: what world_start() made, with a clock that ends its slices. */
static void start(struct world *w)
{
	clock_ms = 1000000;
	world_start(w, ":memory:");
	reconcile_free(w->reconcile);
	CHECK_INT(reconcile_new(&w->kernel.base, &timed_hooks, w->change, WORLD_RESYNC,
				&w->reconcile),
		  0);
	change_attach(w->change, w->reconcile);
}

TEST(a_reconciler_is_well_whatever_the_kernel_refuses)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct heartbeat h = { .patience = PATIENCE };
	_cleanup_(err_done) struct err e = { 0 };

	start(&w);
	put_service(&w, "tcp:192.0.2.1:80", "{\"realServers\":{\"10.0.0.1:80\":{}}}");
	CHECK_INT(change_commit(w.change, &e), 0);
	CHECK(!turns(&w, &h, 100000));
	w.kernel.list_error = -EIO; /* it cannot be talked to for two minutes */
	CHECK(!turns(&w, &h, 120000));
	CHECK(reconcile_stats(w.reconcile)->kernel_error);
	w.kernel.list_error = 0;
	CHECK(!turns(&w, &h, 100000));
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(a_reconciler_whose_passes_do_not_end_is_stuck)
{
	struct ipvs_kernel_ops bent = bent_ops; /* outlives the world */
	_cleanup_(world_done) struct world w = { 0 };
	struct heartbeat h = { .patience = PATIENCE };

	start(&w);
	CHECK(!turns(&w, &h, 1000));
	bent.list_next = endless;
	w.kernel.base.ops = &bent;
	CHECK_STR(turns(&w, &h, 200000), "the reconciler of services makes no full passes");
	CHECK(clock_ms > 1000000 + WORLD_RESYNC + 20 * PATIENCE); /* but not too soon */
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of hints: what is looked at, how soon, and how seldom when they do not end. */
#include "core_world.h"

#define A   "tcp:192.0.2.1:80"
#define B   "tcp:192.0.2.2:80"
#define ONE "{\"realServers\":{\"10.0.0.1:80\":{}}}"

/* A service in the kernel, the first pass done, some time ago. */
static void begin(struct world *w)
{
	world_start(w, ":memory:");
	put_service(w, A, ONE);
	world_run(w);
	w->now += 1000;
	world_run(w);
}

static void hint(struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	reconcile_hint(w->reconcile, &key, w->now);
}

/* Lets time pass as the loop does: to each time that the reconciler asks for, `ms` altogether. */
static void sleep_for(struct world *w, int64_t ms)
{
	int64_t end = w->now + ms, next;

	world_run(w);
	while ((next = reconcile_run(w->reconcile, w->now)) < end) {
		w->now = next > w->now ? next : w->now + 1;
		world_run(w);
	}
	w->now = end;
	world_run(w);
}

static void spoil(struct world *w, const char *id)
{
	CHECK_INT(other_hand(w->kernel.inner, IPVS_SET, id, "10.0.0.1:80"), 0);
}

static bool is_right(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	return kernel_equals(w, desired_find(change_published(w->change), &key));
}

TEST(what_is_hinted_at_is_looked_at_in_milliseconds)
{
	_cleanup_(world_done) struct world w = { 0 };
	uint64_t passes;

	begin(&w);
	passes = reconcile_stats(w.reconcile)->passes;
	spoil(&w, A);
	hint(&w, A);
	sleep_for(&w, 10);
	CHECK(is_right(&w, A));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 1);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_repaired, 1);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
	hint(&w, A);
	sleep_for(&w, 10);
	CHECK(is_right(&w, A));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_repaired, 2);
	CHECK_INT(reconcile_stats(w.reconcile)->passes, passes);
}

TEST(a_request_that_is_executed_late_is_found_too)
{
	static const int64_t late[] = { 6, 20, 24, 30, 60, 120 };

	for (size_t i = 0; i < ARRAY_SIZE(late); i++) {
		_cleanup_(world_done) struct world w = { 0 };

		begin(&w);
		hint(&w, A);
		sleep_for(&w, late[i]);
		spoil(&w, A);
		sleep_for(&w, late[i] < 25 ? 20 : 100);
		CHECK(is_right(&w, A));
	}
}

TEST(nothing_different_is_no_write_and_no_drift)
{
	_cleanup_(world_done) struct world w = { 0 };
	size_t before;

	begin(&w);
	before = w.kernel.ops.n;
	hint(&w, A);
	sleep_for(&w, 1000);
	CHECK(w.kernel.gets > 0);
	CHECK_INT(w.kernel.ops.n, before);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
}

TEST(services_of_others_are_not_even_looked_at)
{
	_cleanup_(world_done) struct world w = { 0 };
	unsigned gets, lists;

	begin(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, B, NULL), 0);
	gets = w.kernel.gets;
	lists = w.kernel.lists;
	for (int i = 0; i < 1000; i++)
		hint(&w, B);
	sleep_for(&w, 1000);
	CHECK_INT(w.kernel.gets, gets);
	CHECK_INT(w.kernel.lists, lists);
}

TEST(a_foreign_service_that_goes_makes_room_at_once)
{
	_cleanup_(world_done) struct world w = { 0 };

	begin(&w);
	put_service(&w, B, ONE);
	commit(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, B, NULL), 0);
	world_run(&w);
	CHECK_INT(status_of(&w, B)->reason, STATUS_FOREIGN_EXISTS);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, B, NULL), 0);
	hint(&w, B);
	sleep_for(&w, 10);
	CHECK(is_right(&w, B));
	CHECK_INT(status_of(&w, B)->reason, STATUS_IN_SYNC);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
}

TEST(a_write_that_waits_is_not_taken_for_drift)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	begin(&w);
	hint(&w, A);
	w.now += 5; /* the look is due in the very turn of the write */
	put_service(&w, A, "{\"realServers\":{\"10.0.0.1:80\":{\"weight\":9}}}");
	CHECK_INT(change_commit(w.change, &e), 0);
	sleep_for(&w, 1000);
	CHECK(is_right(&w, A));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
}

TEST(a_write_that_waits_looks_first_when_somebody_else_wrote_too)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	begin(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, "10.0.0.7:80"), 0);
	hint(&w, A);
	w.now += 5;
	put_service(&w, A, "{\"realServers\":{\"10.0.0.1:80\":{\"weight\":9}}}");
	CHECK_INT(change_commit(w.change, &e), 0);
	world_run(&w); /* and not only the second look */
	CHECK(is_right(&w, A));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
}

TEST(a_service_that_somebody_makes_before_us_stays_his)
{
	_cleanup_(world_done) struct world w = { 0 };

	begin(&w);
	put_service(&w, B, ONE);
	commit(&w); /* not in the kernel yet */
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, B, NULL), 0);
	hint(&w, B);
	w.now += 5;
	sleep_for(&w, 1000);
	CHECK_INT(status_of(&w, B)->reason, STATUS_FOREIGN_EXISTS);
	CHECK(!is_right(&w, B));
}

TEST(a_hint_for_everything_is_one_pass_and_a_second_one)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct reconcile_stats *stats;
	uint64_t passes;

	begin(&w);
	put_service(&w, B, ONE);
	sleep_for(&w, 1000);
	stats = reconcile_stats(w.reconcile);
	passes = stats->passes;
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, B, NULL), 0);
	for (int i = 0; i < 100; i++)
		reconcile_hint_all(w.reconcile, w.now);
	sleep_for(&w, 10);
	CHECK(is_right(&w, A) && is_right(&w, B));
	CHECK_INT(stats->passes, passes + 1);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
	sleep_for(&w, 5000);
	CHECK(is_right(&w, A));
	CHECK_INT(stats->passes, passes + 2);
}

TEST(hints_for_everything_that_do_not_end_are_few_passes)
{
	_cleanup_(world_done) struct world w = { 0 };
	uint64_t before;

	begin(&w);
	before = reconcile_stats(w.reconcile)->passes;
	for (int i = 0; i < 600 * 50; i++) { /* ten minutes */
		reconcile_hint_all(w.reconcile, w.now);
		sleep_for(&w, 20);
	}
	/* 20 of the interval; the others get rare. */
	CHECK(reconcile_stats(w.reconcile)->passes - before <= 20 + 40);
}

TEST(who_fights_is_looked_at_less_and_less)
{
	_cleanup_(world_done) struct world w = { 0 };
	unsigned before, burst;

	begin(&w);
	reconcile_set_resync(w.reconcile, 86400 * 1000);
	before = w.kernel.gets;
	for (int i = 0; i < 50; i++) { /* a second */
		hint(&w, A);
		sleep_for(&w, 20);
	}
	burst = w.kernel.gets - before;
	CHECK(burst >= 16 && burst <= 60);
	before = w.kernel.gets;
	for (int i = 0; i < 600 * 50; i++) { /* ten minutes */
		hint(&w, A);
		sleep_for(&w, 20);
	}
	CHECK(w.kernel.gets - before <= 600 / 10 * 3 + 30);
	CHECK(w.kernel.gets - before >= 60); /* and still not for ever */

	/* And is forgiven in the end. */
	sleep_for(&w, 300 * 1000);
	spoil(&w, A);
	hint(&w, A);
	sleep_for(&w, 10);
	CHECK(is_right(&w, A));
}

TEST(whoever_fights_the_interval_goes_on)
{
	_cleanup_(world_done) struct world w = { 0 };
	uint64_t drift;

	begin(&w);
	for (int i = 0; i < 120 * 50; i++) { /* two minutes, with a full pass every 30 s */
		hint(&w, A);
		sleep_for(&w, 20);
	}
	drift = reconcile_stats(w.reconcile)->drift_found;
	spoil(&w, A);
	sleep_for(&w, WORLD_RESYNC);
	CHECK(is_right(&w, A));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, drift + 1);
}

TEST(very_many_services_are_a_matter_for_a_full_pass)
{
	_cleanup_(world_done) struct world w = { 0 };
	unsigned gets, lists;
	char id[32];

	begin(&w);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "tcp:192.1.%d.%d:80", i / 250, 1 + i % 250);
		put_service(&w, id, ONE);
	}
	sleep_for(&w, 1000);
	gets = w.kernel.gets;
	lists = w.kernel.lists;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "tcp:192.1.%d.%d:80", i / 250, 1 + i % 250);
		spoil(&w, id);
		hint(&w, id);
	}
	sleep_for(&w, 15);
	vec_foreach(s, &change_published(w.change)->services)
		CHECK(kernel_equals(&w, *s));
	CHECK_INT(w.kernel.lists, lists + 1);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_repaired, 1000);
	sleep_for(&w, 20000);
	CHECK(w.kernel.gets - gets <= 1000 + 3 * 256);
	/* By then they are quiet, and there is room again. */
	lists = w.kernel.lists;
	spoil(&w, "tcp:192.1.3.250:80");
	hint(&w, "tcp:192.1.3.250:80");
	sleep_for(&w, 10);
	CHECK(is_right(&w, "tcp:192.1.3.250:80"));
	CHECK_INT(w.kernel.lists, lists);
}

TEST(before_the_first_pass_there_is_nothing_to_hint_at)
{
	_cleanup_(world_done) struct world w = { 0 };

	unsigned gets;

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	commit(&w);
	hint(&w, A);
	reconcile_hint_all(w.reconcile, w.now);
	world_run(&w);
	gets = w.kernel.gets;
	sleep_for(&w, 2000);
	CHECK_INT(w.kernel.gets, gets);
	CHECK_INT(reconcile_stats(w.reconcile)->passes, 1);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
	CHECK(is_right(&w, A));
}

TEST(with_the_policy_to_prune_a_foreign_service_goes_at_once)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	json_t *json = json_pack("{s:s}", "foreign", "prune");
	struct change_result result;

	begin(&w);
	CHECK_INT(change_write_policy(w.change, &nobody, json, DECODE_PUT, &result, &e), 0);
	json_decref(json);
	sleep_for(&w, 2000);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, B, NULL), 0);
	hint(&w, B);
	sleep_for(&w, 10);
	CHECK(!kernel_has(&w, B));
	CHECK(is_right(&w, A));
}

TEST(while_the_kernel_cannot_be_talked_to_hints_wait)
{
	_cleanup_(world_done) struct world w = { 0 };
	unsigned lists;

	begin(&w);
	w.kernel.list_error = -ENOBUFS;
	spoil(&w, A);
	hint(&w, A);
	sleep_for(&w, 100);
	CHECK(reconcile_stats(w.reconcile)->kernel_error);
	lists = w.kernel.lists;
	for (int i = 0; i < 20; i++) {
		hint(&w, A);
		sleep_for(&w, 20);
	}
	CHECK_INT(w.kernel.lists, lists);
	w.kernel.list_error = 0;
	sleep_for(&w, 15000);
	CHECK(is_right(&w, A));
}

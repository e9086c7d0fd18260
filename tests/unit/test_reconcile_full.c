/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Full passes: a list that comes in pieces and is torn by others, what each service is told to
 * expect, and how long a slice is. */
#include "core_world.h"

#define MANY 200 /* more than two pieces of the fake's list */
#define RS   "{\"realServers\":{\"10.0.0.1:80\":{}}}"

static void service_id(unsigned i, char id[IPVS_SERVICE_ID_MAX])
{
	(void)snprintf(id, IPVS_SERVICE_ID_MAX, "tcp:192.0.2.%u:80", i + 1);
}

/* MANY services in the state and in the kernel. */
static void fill(struct world *w)
{
	char id[IPVS_SERVICE_ID_MAX];

	world_start(w, ":memory:");
	for (unsigned i = 0; i < MANY; i++) {
		service_id(i, id);
		put_service(w, id, RS);
	}
	world_run(w);
	world_resync(w);
	CHECK_INT(kernel_count(w), MANY);
}

TEST(a_list_of_several_pieces_is_seen_whole)
{
	_cleanup_(world_done) struct world w = { 0 };
	size_t writes;

	fill(&w);
	writes = w.kernel.ops.n;
	w.kernel.reads = 0;
	world_resync(&w);
	CHECK_INT(w.kernel.reads, MANY);
	CHECK_INT(w.kernel.ops.n, writes);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
	CHECK(reconcile_in_sync(w.reconcile));
}

/* Others come before ours in the list, by their addresses. */
static void add_other(struct ipvs_kernel *inner, unsigned i)
{
	char id[IPVS_SERVICE_ID_MAX];

	(void)snprintf(id, sizeof(id), "tcp:10.9.9.%u:80", i);
	CHECK_INT(other_hand(inner, IPVS_ADD, id, NULL), 0);
}

static void others_go(struct ipvs_kernel *inner)
{
	static unsigned next;
	char id[IPVS_SERVICE_ID_MAX];

	for (unsigned i = 0; i < 5; i++) {
		(void)snprintf(id, sizeof(id), "tcp:10.9.9.%u:80", ++next);
		(void)other_hand(inner, IPVS_DELETE, id, NULL);
	}
}

TEST(what_a_torn_list_loses_is_no_drift_and_is_not_written)
{
	_cleanup_(world_done) struct world w = { 0 };
	size_t writes;

	fill(&w);
	for (unsigned i = 1; i <= 40; i++)
		add_other(w.kernel.inner, i);
	writes = w.kernel.ops.n;
	w.kernel.expected.n = 0;
	w.kernel.before_piece = others_go; /* each time five of ours slip through */
	world_resync(&w);
	w.kernel.before_piece = NULL;
	CHECK(w.kernel.expected.n < MANY);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
	CHECK_INT(w.kernel.ops.n, writes);
	CHECK(reconcile_in_sync(w.reconcile));
}

/* After a boot or a flush: in batches, and without a look at each. */
TEST(an_empty_kernel_is_filled_in_few_calls)
{
	_cleanup_(world_done) struct world w = { 0 };
	char id[IPVS_SERVICE_ID_MAX];

	fill(&w);
	for (unsigned i = 0; i < MANY; i++) {
		service_id(i, id);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, id, NULL), 0);
	}
	w.kernel.gets = w.kernel.applies = 0;
	world_resync(&w);
	CHECK_INT(kernel_count(&w), MANY);
	CHECK_INT(w.kernel.gets, 0);
	CHECK(w.kernel.applies <= 2 * (MANY / 64 + 1)); /* creations, and what follows them */
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, MANY);
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(a_list_that_wrongly_shows_nothing_does_no_harm)
{
	_cleanup_(world_done) struct world w = { 0 };

	fill(&w);
	w.kernel.blind = true;
	w.kernel.ops.n = 0;
	world_resync(&w);
	vec_foreach(op, &w.kernel.ops)
		CHECK(op->verb == IPVS_ADD && !op->dest && op->result == -EEXIST);
	CHECK_INT(w.kernel.ops.n, MANY);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
	CHECK_INT(change_published(w.change)->claims.n, 0);
	CHECK(reconcile_in_sync(w.reconcile));
}

static void front_comes(struct ipvs_kernel *inner)
{
	static unsigned next;
	char id[IPVS_SERVICE_ID_MAX];

	(void)snprintf(id, sizeof(id), "tcp:1.1.1.%u:80", ++next);
	CHECK_INT(other_hand(inner, IPVS_ADD, id, NULL), 0);
}

TEST(what_a_torn_list_shows_twice_counts_once)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, "tcp:10.0.0.1:80", RS);
	world_run(&w);
	for (unsigned i = 1; i <= 150; i++)
		add_other(w.kernel.inner, i);
	w.kernel.before_piece = front_comes;
	world_resync(&w); /* two pieces: one of the two new ones is seen, another one twice */
	w.kernel.before_piece = NULL;
	CHECK_INT(kernel_count(&w), 153);
	CHECK_INT(reconcile_stats(w.reconcile)->foreign, 151);
	world_resync(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->foreign, 152);
}

TEST(each_service_is_read_as_the_list_has_counted)
{
	_cleanup_(world_done) struct world w = { 0 };
	const int *expected;

	world_start(&w, ":memory:");
	put_service(&w, "tcp:192.0.2.1:80",
		    "{\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.2:80\":{\"forward\":\"nat\"}}}");
	put_service(&w, "tcp:192.0.2.2:80",
		    "{\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.2:80\":{\"forward\":\"tun\"}}}");
	put_service(&w, "tcp:192.0.2.3:80",
		    "{\"realServers\":{\"[2001:db8::1]:80\":{\"forward\":\"tun\"}}}");
	put_service(&w, "tcp:192.0.2.4:80", "{}");
	put_service(&w, "tcp:[2001:db8::5]:80", "{\"realServers\":{\"[2001:db8::1]:80\":{}}}");
	world_run(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, "tcp:192.0.2.4:80", "10.0.0.7:80"), 0);
	w.kernel.expected.n = 0;
	world_resync(&w);
	expected = w.kernel.expected.items;
	CHECK_INT(w.kernel.expected.n, 5);
	CHECK_INT(expected[0], 2);
	CHECK_INT(expected[1], IPVS_DESTS_DUMP);
	CHECK_INT(expected[2], IPVS_DESTS_DUMP);
	CHECK_INT(expected[3], 1);
	CHECK_INT(expected[4], IPVS_DESTS_UNKNOWN);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_repaired, 1);
}

TEST(a_list_that_breaks_off_ends_the_pass)
{
	_cleanup_(world_done) struct world w = { 0 };
	uint64_t passes;
	size_t writes;

	fill(&w);
	passes = reconcile_stats(w.reconcile)->passes;
	writes = w.kernel.ops.n;
	w.kernel.list_error = -EIO;
	(void)reconcile_request_pass(w.reconcile);
	world_run(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->kernel_error, -EIO);
	CHECK_INT(reconcile_stats(w.reconcile)->passes, passes);
	w.kernel.list_error = 0;
	world_pass(&w, 30000);
	CHECK_INT(reconcile_stats(w.reconcile)->kernel_error, 0);
	CHECK(reconcile_stats(w.reconcile)->passes > passes);
	CHECK_INT(w.kernel.ops.n, writes);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
}

/* Slices --------------------------------------------------------------------------------------- */

static struct world *timed;
static unsigned clock_reads, read_us;

/* Time passes by reading real servers alone. */
static int64_t timed_clock(void)
{
	clock_reads++;
	return (int64_t)timed->kernel.reads * read_us / 1000;
}

static const struct reconcile_hooks timed_hooks = {
	.desired = change_published,
	.deleted = change_deleted,
	.foreign = change_foreign,
	.clock = timed_clock,
};

/* A pass over what fill() made, each service taking `us`: how many slices; the longest in ms. */
static unsigned slices_of_a_pass(struct world *w, unsigned us, int64_t *ret_longest)
{
	const struct reconcile_stats *stats = reconcile_stats(w->reconcile);
	uint64_t pass = reconcile_request_pass(w->reconcile);
	unsigned slices = 0;

	read_us = us;
	clock_reads = 0;
	*ret_longest = 0;
	while (stats->passes < pass) {
		int64_t began = (int64_t)w->kernel.reads * us, took;

		(void)reconcile_run(w->reconcile, w->now);
		took = ((int64_t)w->kernel.reads * us - began) / 1000;
		if (took > *ret_longest)
			*ret_longest = took;
		CHECK(++slices < 1000);
	}
	return slices;
}

TEST(a_slice_is_bounded_and_the_clock_rarely_read)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t longest;
	unsigned slices;

	fill(&w);
	reconcile_free(w.reconcile);
	w.reconcile = NULL;
	CHECK(reconcile_new(&w.kernel.base, &timed_hooks, w.change, WORLD_RESYNC, &w.reconcile) ==
	      0);
	change_attach(w.change, w.reconcile);
	timed = &w;
	slices = slices_of_a_pass(&w, 10, &longest); /* 2 ms in all */
	CHECK_INT(slices, 1);
	CHECK(clock_reads <= MANY / 16);
	slices = slices_of_a_pass(&w, 50, &longest); /* 10 ms in all */
	CHECK(slices <= 3);
	CHECK(longest <= 11);
	slices = slices_of_a_pass(&w, 100, &longest);
	CHECK(slices >= 2);
	CHECK(longest <= 13);
	CHECK(clock_reads <= MANY / 8);
}

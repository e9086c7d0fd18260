/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cache of real servers' counters: when it reads, how much of the time that takes, and what it
 * says of services that change. */
#include "core_world.h"

#include "counters.h"

#define A "tcp:192.0.2.1:80"
#define B "tcp:192.0.2.2:80"

static int64_t clock_us, step_us; /* each look at the clock takes so long */

static int64_t look_at_clock(void)
{
	return clock_us += step_us;
}

static const struct counters_hooks hooks = { .desired = change_published,
					     .elapsed = look_at_clock };

struct fixture {
	struct world w;
	struct counters *c;
};

static void start(struct fixture *f, unsigned share)
{
	*f = (struct fixture){ .w.now = 1000 };
	clock_us = f->w.now * 1000;
	step_us = 1;
	world_start(&f->w, ":memory:");
	CHECK_INT(counters_new(f->w.reconcile, &hooks, f->w.change, share, &f->c), 0);
}

static void stop(struct fixture *f)
{
	counters_free(f->c);
	world_done(&f->w);
}

static void wait_ms(struct fixture *f, int64_t ms)
{
	f->w.now += ms;
	clock_us = f->w.now * 1000;
}

static void count(struct fixture *f, const char *service, const char *dest, uint64_t connections)
{
	const struct ipvs_service_key key = service_key(service);
	const struct ipvs_dest_key d = dest_key(dest);
	const struct ipvs_stats stats = { .connections = connections, .out_bytes = 1ULL << 40 };
	const struct ipvs_dest_counts counts = { .active = 3, .persistent = 4 };

	CHECK_INT(ipvs_fake_count(f->w.kernel.inner, &key, &d, &stats, &counts), 0);
}

static const struct service *service(struct fixture *f, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	return desired_find(change_published(f->w.change), &key);
}

/* Connections of a real server as the cache has them; -1: it knows nothing. */
static int64_t known(struct fixture *f, const char *id, const char *dest, int64_t now)
{
	const struct service *s = service(f, id);
	const struct ipvs_dest_key key = dest_key(dest);
	size_t i = (size_t)(service_find(s, &key) - s->real_servers.items);
	const struct counted *c = counters_real_server(counters_of(f->c, s, now), s, i);

	return c ? (int64_t)c->connections : -1;
}

/* n services, each with two real servers. */
static void put_services(struct fixture *f, int n)
{
	for (int i = 0; i < n; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "tcp:192.0.%d.%d:80", 2 + i / 200, 1 + i % 200);
		put_service(&f->w, id, "{\"realServers\":{\"10.0.0.5:80\":{},\"10.0.0.6:80\":{}}}");
	}
	world_run(&f->w);
}

TEST(nothing_is_read_while_nobody_asks)
{
	struct fixture f;
	int64_t oldest;
	unsigned reads;

	start(&f, 2);
	put_services(&f, 3);
	reads = f.w.kernel.reads;
	for (int i = 0; i < 100; i++, wait_ms(&f, 10000))
		CHECK_INT(counters_run(f.c, f.w.now), INT64_MAX);
	CHECK_INT(f.w.kernel.reads, reads);
	CHECK_INT(counters_extent(f.c, &oldest), 0);
	CHECK_INT(known(&f, A, "10.0.0.5:80", 0), -1);
	CHECK_INT(known(&f, A, "10.0.0.5:80", f.w.now), -1);
	stop(&f);
}

TEST(who_asks_gets_what_the_kernel_has_counted)
{
	const struct counted *c;
	struct fixture f;

	start(&f, 2);
	put_services(&f, 3);
	count(&f, A, "10.0.0.6:80", 7);
	counters_want(f.c, f.w.now);
	CHECK_INT(known(&f, A, "10.0.0.6:80", 0), 7);
	CHECK_INT(known(&f, A, "10.0.0.5:80", 0), 0);
	CHECK_INT(known(&f, B, "10.0.0.6:80", 0), 0);
	c = counters_real_server(counters_of(f.c, service(&f, A), 0), service(&f, A), 1);
	CHECK(c);
	CHECK_INT(c->out_bytes, 1ULL << 40);
	CHECK_INT(c->counts.active, 3);
	CHECK_INT(c->counts.persistent, 4);
	stop(&f);
}

TEST(who_asks_again_later_gets_newer_ones_and_not_before)
{
	struct fixture f;

	start(&f, 50);
	put_services(&f, 1);
	counters_want(f.c, f.w.now);
	count(&f, A, "10.0.0.5:80", 9);
	wait_ms(&f, 1000);
	counters_want(f.c, f.w.now);
	CHECK_INT(known(&f, A, "10.0.0.5:80", f.w.now), 0);
	wait_ms(&f, 1000);
	counters_want(f.c, f.w.now);
	CHECK_INT(known(&f, A, "10.0.0.5:80", 0), 9);
	stop(&f);
}

TEST(the_first_who_asks_need_not_wait_for_the_round)
{
	struct fixture f;
	int64_t oldest;

	start(&f, 1);
	put_services(&f, 100);
	count(&f, "tcp:192.0.2.100:80", "10.0.0.5:80", 5);
	step_us = 1000; /* three services a slice */
	counters_want(f.c, f.w.now);
	CHECK(counters_extent(f.c, &oldest) < 10);
	CHECK_INT(known(&f, "tcp:192.0.2.100:80", "10.0.0.5:80", 0), -1);
	CHECK_INT(known(&f, "tcp:192.0.2.100:80", "10.0.0.5:80", f.w.now), 5);
	stop(&f);
}

TEST(after_each_slice_it_rests_as_long_as_its_share_demands)
{
	static const unsigned shares[] = { 1, 2, 10, 50 };

	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		struct fixture f;
		unsigned slices = 0, reads;

		start(&f, shares[i]);
		put_services(&f, 300);
		reads = f.w.kernel.reads;
		step_us = 100;
		counters_want(f.c, f.w.now);
		for (; f.w.kernel.reads - reads < 290; slices++) {
			int64_t next = counters_run(f.c, f.w.now), before;

			CHECK(next > f.w.now);
			CHECK(next < f.w.now + 1000);
			wait_ms(&f, next - f.w.now - 1);
			before = clock_us;
			CHECK_INT(counters_run(f.c, f.w.now), next); /* not before */
			CHECK_INT(clock_us, before);
			wait_ms(&f, 1);
			before = clock_us;
			next = counters_run(f.c, f.w.now);
			CHECK(clock_us - before < 4000);
			/* The first look at the clock is the test's own. */
			CHECK(next * 1000 - clock_us >=
			      (clock_us - before - step_us) * (100 - shares[i]) / shares[i]);
		}
		CHECK(slices >= 8);
		stop(&f);
	}
}

TEST(reading_for_who_asks_is_charged_too)
{
	struct fixture f;
	int64_t before, next;

	start(&f, 1);
	put_services(&f, 100);
	step_us = 1000;
	counters_want(f.c, f.w.now);
	before = clock_us;
	for (int i = 1; i <= 100; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "tcp:192.0.2.%d:80", i);
		(void)known(&f, id, "10.0.0.5:80", f.w.now);
	}
	next = counters_run(f.c, f.w.now);
	/* Of the looks at the clock, every other one is between two readings. */
	CHECK(next * 1000 >= before + 45 * (clock_us - before));
	stop(&f);
}

TEST(when_nobody_asks_any_more_it_is_freed)
{
	struct fixture f;
	int64_t oldest;

	start(&f, 2);
	put_services(&f, 3);
	counters_want(f.c, f.w.now);
	CHECK_INT(counters_extent(f.c, &oldest), 3);
	CHECK_INT(oldest, f.w.now);
	for (int i = 0; i < 29; i++) {
		wait_ms(&f, 10000);
		CHECK(counters_run(f.c, f.w.now) <= f.w.now + 10000);
	}
	CHECK_INT(counters_extent(f.c, &oldest), 3);
	CHECK(f.w.now - oldest <= 10000);
	wait_ms(&f, 10000);
	CHECK_INT(counters_run(f.c, f.w.now), INT64_MAX);
	CHECK_INT(counters_extent(f.c, &oldest), 0);
	stop(&f);
}

TEST(services_and_real_servers_come_and_go)
{
	struct fixture f;
	int64_t oldest;

	start(&f, 100);
	put_services(&f, 2);
	count(&f, A, "10.0.0.6:80", 7);
	counters_want(f.c, f.w.now);
	/* Another real server before it, and another service before that. */
	put_service(&f.w, A, "{\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.6:80\":{}}}");
	put_service(&f.w, "tcp:192.0.1.1:80", "{\"realServers\":{\"10.0.0.5:80\":{}}}");
	world_run(&f.w);
	CHECK_INT(known(&f, A, "10.0.0.6:80", 0), 7);
	CHECK_INT(known(&f, A, "10.0.0.1:80", 0), -1);
	CHECK_INT(known(&f, "tcp:192.0.1.1:80", "10.0.0.5:80", f.w.now), -1);
	counters_want(f.c, f.w.now);
	CHECK_INT(known(&f, A, "10.0.0.6:80", 0), 7);
	CHECK_INT(known(&f, "tcp:192.0.1.1:80", "10.0.0.5:80", 0), -1);
	CHECK_INT(known(&f, "tcp:192.0.1.1:80", "10.0.0.5:80", f.w.now), 0);
	delete_service(&f.w, "tcp:192.0.1.1:80");
	delete_service(&f.w, B);
	world_run(&f.w);
	wait_ms(&f, 2000);
	counters_want(f.c, f.w.now);
	CHECK_INT(counters_extent(f.c, &oldest), 1);
	CHECK_INT(known(&f, A, "10.0.0.1:80", 0), 0);
	CHECK_INT(known(&f, A, "10.0.0.6:80", 0), 7);
	stop(&f);
}

TEST(what_is_not_ours_or_not_there_has_no_counters)
{
	struct fixture f;

	start(&f, 2);
	put_service(&f.w, A, "{\"realServers\":{\"10.0.0.5:80\":{}}}");
	CHECK_INT(other_hand(f.w.kernel.inner, IPVS_ADD, A, NULL), 0);
	CHECK_INT(other_hand(f.w.kernel.inner, IPVS_ADD, A, "10.0.0.5:80"), 0);
	count(&f, A, "10.0.0.5:80", 7);
	put_service(&f.w, B, "{\"realServers\":{\"10.0.0.5:80\":{},\"10.0.0.6:80\":{}}}");
	world_run(&f.w);
	CHECK_INT(status_of(&f.w, A)->reason, STATUS_FOREIGN_EXISTS);
	CHECK_INT(other_hand(f.w.kernel.inner, IPVS_DELETE, B, "10.0.0.6:80"), 0);
	counters_want(f.c, f.w.now);
	CHECK_INT(known(&f, A, "10.0.0.5:80", f.w.now), -1);
	CHECK_INT(known(&f, B, "10.0.0.5:80", 0), 0);
	CHECK_INT(known(&f, B, "10.0.0.6:80", 0), -1);
	stop(&f);
}

TEST(a_kernel_that_gives_no_answer_is_asked_again)
{
	struct fixture f;

	start(&f, 100);
	put_services(&f, 2);
	count(&f, A, "10.0.0.5:80", 1);
	counters_want(f.c, f.w.now);
	count(&f, A, "10.0.0.5:80", 2);
	wait_ms(&f, 10000);
	f.w.kernel.list_error = -EIO;
	CHECK(counters_run(f.c, f.w.now) > f.w.now);
	CHECK_INT(known(&f, A, "10.0.0.5:80", 0), 1);
	f.w.kernel.list_error = 0;
	wait_ms(&f, 1000);
	(void)counters_run(f.c, f.w.now);
	CHECK_INT(known(&f, A, "10.0.0.5:80", 0), 2);
	stop(&f);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announcements under failures, in great numbers, and with random changes. */
#include "announce_world.h"

#include <errno.h>
#include <net/if_arp.h>

TEST(a_failure_is_counted_and_repeated)
{
	static const int errors[] = { -ENETDOWN, -ENOBUFS, -ENXIO };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		_cleanup_(world_done) struct world w = { 0 };
		int64_t start;

		world_start(&w);
		interface(&w, ETH, 1, true);
		start = w.now;
		add(&w, "192.0.2.10", ETH);
		w.error = errors[i];
		w.failures_left = 2;
		run(&w);
		CHECK_INT(w.sent.n, 0);
		CHECK_INT(status(&w, "192.0.2.10").error, errors[i]);
		CHECK_INT(status(&w, "192.0.2.10").left, 3);
		run_all(&w);
		CHECK_INT(w.sent.n, 6); /* all of the burst */
		CHECK_INT(w.tried.items[1], start + 200);
		CHECK_INT(w.sent.items[0].at, start + 200 + 400);
		CHECK_INT(w.sent.items[2].at, start + 200 + 400 + 200);
		CHECK_INT(stats(&w).failures, 2);
		CHECK_INT(stats(&w).last_error, errors[i]);
		CHECK_INT(stats(&w).announcements, 3);
		CHECK_INT(status(&w, "192.0.2.10").failures, 2);
		CHECK_INT(status(&w, "192.0.2.10").error, 0);
	}
}

TEST(when_the_second_frame_fails_both_are_repeated)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	add_address(&w, address("192.0.2.10"), ETH, 1, 200, 0);
	w.error = -ENOBUFS;
	w.skip = 1;
	w.failures_left = 1;
	run_all(&w);
	CHECK_INT(w.sent.n, 3);
	CHECK_INT(operation(&w.sent.items[0]), ARPOP_REQUEST);
	CHECK_INT(operation(&w.sent.items[1]), ARPOP_REQUEST);
	CHECK_INT(operation(&w.sent.items[2]), ARPOP_REPLY);
	CHECK_INT(stats(&w).announcements, 1);
	CHECK_INT(stats(&w).frames, 3);
}

TEST(a_failed_repetition_does_not_wait_for_the_next)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t start;

	world_start(&w);
	interface(&w, ETH, 1, true);
	start = w.now;
	add_address(&w, address("192.0.2.10"), ETH, 1, 200, 3600);
	run_for(&w, 3599999);
	w.error = -ENETDOWN;
	w.failures_left = 1;
	run_for(&w, 1000);
	CHECK_INT(w.sent.n, 4);
	CHECK_INT(w.sent.items[2].at, start + 3600000 + 200);
	CHECK_INT(w.next, start + 3600000 + 200 + 3600000);
}

TEST(a_failed_repetition_is_no_burst)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	add_address(&w, address("192.0.2.10"), ETH, 1, 200, 1);
	run_for(&w, 999);
	w.error = -ENETDOWN;
	w.failures_left = 1;
	run_for(&w, 1);
	CHECK_INT(stats(&w).failures, 1);
	CHECK_INT(stats(&w).bursts, 0);
}

TEST(failures_that_are_over_are_forgotten)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	add(&w, "192.0.2.10", ETH);
	w.error = -ENOBUFS;
	w.failures_left = 5;
	run_for(&w, 200 + 400 + 800 + 1600 + 3200); /* the sixth goes well */
	CHECK_INT(w.sent.n, 2);
	w.failures_left = 1;
	run_for(&w, 200);
	CHECK_INT(w.next, w.now + 200);
	w.failures_left = 1000;
	run_for(&w, 20000);
	interface(&w, ETH, 2, true); /* another MAC address */
	run(&w);
	CHECK_INT(w.next, w.now + 200);
}

TEST(a_failure_that_lasts_is_met_less_and_less_often)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	add_address(&w, address("192.0.2.10"), ETH, 3, 0, 0); /* interval 0 must not spin */
	w.error = -ENXIO;
	w.failures_left = 1000000;
	run_for(&w, 100000);
	CHECK_INT(w.sent.n, 0);
	/* After 100, 200 … 6400 ms (7 retries, 12.7 s), then every 10 s. */
	CHECK_INT(w.tried.n, 1 + 7 + 8);
	for (size_t i = 1; i < w.tried.n; i++) {
		CHECK(w.tried.items[i] - w.tried.items[i - 1] >= 100);
		CHECK(w.tried.items[i] - w.tried.items[i - 1] <= 10000);
	}
	/* Long intervals stay. */
	add_address(&w, address("192.0.2.10"), ETH, 3, 60000, 0);
	run(&w);
	CHECK_INT(w.next, w.now + 60000);
	/* What ends it ends the waiting. */
	w.failures_left = 0;
	interface(&w, ETH, 1, false);
	interface(&w, ETH, 1, true);
	w.now += 1000; /* whatever the rate owes */
	run(&w);
	CHECK_INT(w.sent.n, 2);
}

/* No window of time has more frames than the rate and one slice allow. */
static void check_rate(const struct world *w)
{
	for (size_t first = 0, last = 0; last < w->tried.n; last++) {
		CHECK(last == 0 || w->tried.items[last] >= w->tried.items[last - 1]);
		while (w->tried.items[last] - w->tried.items[first] >= 1000)
			first++;
		CHECK(last - first + 1 <= 1000 + 64);
	}
}

TEST(five_thousand_addresses_do_not_flood)
{
	_cleanup_(world_done) struct world w = { 0 };
	static int64_t last[5000];
	static uint8_t seen[5000];
	int64_t start;

	world_start(&w);
	interface(&w, ETH, 1, true);
	start = w.now;
	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < 5000; i++)
		add_address(&w, numbered(i * 7919 % 5000), ETH, 3, 200, 0);
	CHECK_INT(stats(&w).addresses, 5000);
	CHECK_INT(stats(&w).bursts, 5000);
	run_all(&w);
	check_rate(&w);
	CHECK_INT(w.sent.n, 5000 * 3 * 2);
	/* Nothing is wasted either: 30 s for 30,000 frames. */
	CHECK(w.sent.items[w.sent.n - 1].at - start < 30000);
	CHECK(w.sent.items[w.sent.n - 1].at - start > 29000);
	for (size_t i = 0; i < w.sent.n; i++) {
		struct inaddr a = announced(&w.sent.items[i]);
		unsigned n = (unsigned)a.bytes[2] << 8 | a.bytes[3];

		if (i % 2)
			continue;
		/* A whole round comes before anybody's second turn. */
		CHECK_INT(seen[n], i / 10000);
		CHECK(seen[n] == 0 || w.sent.items[i].at - last[n] >= 200);
		seen[n]++;
		last[n] = w.sent.items[i].at;
	}
	CHECK_INT(stats(&w).bursts, 0);
}

TEST(calls_out_of_turn_send_nothing_more)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	for (unsigned i = 0; i < 2000; i++)
		add_address(&w, numbered(i), ETH, 1, 0, 0);
	for (unsigned i = 0; i < 1000; i++) {
		run(&w);
		run(&w);
		w.now++;
	}
	check_rate(&w);
	CHECK_INT(w.tried.n, 16 * 64); /* at 0, 64 … 960 */
}

TEST(failures_are_within_the_rate_too)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	for (unsigned i = 0; i < 3000; i++)
		add_address(&w, numbered(i), ETH, 1, 0, 0);
	w.error = -ENOBUFS;
	w.failures_left = 20000;
	run_all(&w);
	check_rate(&w);
	CHECK_INT(w.sent.n, 3000 * 2);
	CHECK_INT(stats(&w).failures, 20000);
}

TEST(a_new_address_does_not_wait_behind_repetitions)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t added;

	world_start(&w);
	interface(&w, ETH, 1, true);
	/* More than the rate can repeat: there is always a backlog. */
	for (unsigned i = 0; i < 5000; i++)
		add_address(&w, numbered(i), ETH, 1, 0, 1);
	run_for(&w, 60000);
	CHECK_INT(stats(&w).bursts, 0);
	added = w.now;
	add(&w, "192.0.2.10", ETH);
	run_for(&w, 600);
	CHECK_INT(frames_of(&w, "192.0.2.10"), 6);
	vec_foreach(s, &w.sent) {
		if (announces(s, "192.0.2.10")) {
			CHECK(s->at <= added + 64); /* the next slice */
			break;
		}
	}
	check_rate(&w);
}

/* The truth about one address in the random test. */
struct truth {
	bool there;
	int ifindex;
	uint32_t left, repeat_s;
	int64_t last; /* may not come before last + 50 */
};

static void check_random_sent(struct world *w, struct truth *truth, const bool *up, size_t from)
{
	for (size_t i = from; i < w->sent.n; i++) {
		const struct sent *s = &w->sent.items[i];
		struct truth *t = &truth[announced(s).bytes[3]];

		CHECK(t->there);
		CHECK_INT(s->ifindex, t->ifindex);
		CHECK(up[t->ifindex]);
		if (operation(s) != ARPOP_REQUEST)
			continue;
		CHECK(s->at >= t->last + 50);
		CHECK(t->left > 0 || (t->repeat_s > 0 && s->at >= t->last + 1000));
		t->left -= t->left > 0;
		t->last = s->at;
	}
}

TEST(random_changes_keep_the_rules)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct truth truth[200] = { 0 };
	bool up[4] = { false };
	uint32_t seed = 88172645u;
	size_t n = 0;

	world_start(&w);
	for (unsigned step = 0; step < 20000; step++) {
		unsigned which, what;
		struct inaddr a;

		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		which = seed / 16 % 200;
		what = seed % 16;
		a = numbered(which);
		if (what < 6) {
			struct truth *t = &truth[which];
			int ifindex = (int)(seed / 4096 % 3) + 1;

			if (!t->there || t->ifindex != ifindex)
				t->last = INT64_MIN / 2;
			*t = (struct truth){ true, ifindex, what, seed / 65536 % 2, t->last };
			t->there = what > 0;
			add_address(&w, a, ifindex, what, 50, t->repeat_s);
		} else if (what < 9) {
			netcfg_announce_remove(w.announce, &a);
			truth[which].there = false;
		} else if (what == 9) {
			int ifindex = (int)(seed / 4096 % 3) + 1;

			up[ifindex] = !up[ifindex];
			interface(&w, ifindex, 1, up[ifindex]);
			for (unsigned i = 0; i < 200 && up[ifindex]; i++) {
				if (truth[i].ifindex == ifindex) {
					truth[i].left = 6; /* at most */
					truth[i].last = INT64_MIN / 2;
				}
			}
		}
		run(&w);
		check_random_sent(&w, truth, up, n);
		n = w.sent.n;
		w.now += seed / 1024 % 20;
	}
	CHECK(n > 1000);
	check_rate(&w);
	/* At the end all that can be announced is. */
	for (int i = 1; i <= 3; i++) {
		interface(&w, i, 1, false);
		interface(&w, i, 1, true);
	}
	run_for(&w, 30000);
	CHECK_INT(stats(&w).bursts, 0);
	for (unsigned i = 0; i < 200; i++) {
		struct netcfg_announce_status s;
		struct inaddr a = numbered(i);

		CHECK_INT(netcfg_announce_status(w.announce, &a, &s), truth[i].there);
		CHECK(!truth[i].there || s.left == 0);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of the scheduler of announcements: a clock and a sender of the test's. */
#pragma once

#include "netcfg_announce.h"

#include "test.h"
#include "vec.h"

#define ETH   7
#define OTHER 8

struct sent {
	int64_t at;
	int ifindex;
	struct netcfg_announce_frame frame;
};

struct world {
	struct netcfg_announce *announce;
	int64_t now;
	int64_t next;		/* what the last call of run said */
	VEC(struct sent) sent;	/* without those that failed */
	VEC(int64_t) tried;	/* times of all frames */
	int error;		/* what the sender answers: negative errno */
	unsigned failures_left; /* how often; then it sends again */
	unsigned skip;		/* how many frames go well before that */
	unsigned frames_of_call;
};

static int fake_send(void *arg, int ifindex, const struct netcfg_announce_frame *frame)
{
	struct world *w = arg;
	struct sent sent = { w->now, ifindex, *frame };

	w->frames_of_call++;
	CHECK_INT(vec_push(&w->tried, w->now), 0);
	if (w->skip > 0) {
		w->skip--;
	} else if (w->failures_left > 0) {
		w->failures_left--;
		return w->error;
	}
	CHECK_INT(vec_push(&w->sent, sent), 0);
	return 0;
}

static void world_start(struct world *w)
{
	w->now = 1000000;
	w->next = INT64_MAX;
	CHECK_INT(netcfg_announce_new(fake_send, w, &w->announce), 0);
}

static void world_done(struct world *w)
{
	netcfg_announce_free(w->announce);
	vec_done(&w->sent);
	vec_done(&w->tried);
}

static inline void run(struct world *w)
{
	w->frames_of_call = 0;
	w->next = netcfg_announce_run(w->announce, w->now);
	CHECK(w->next > w->now);
	CHECK(w->frames_of_call <= 64);
}

/* Runs at the times that it asks for until `until`, or until it asks for nothing more. */
static inline void run_until(struct world *w, int64_t until)
{
	run(w);
	while (w->next <= until) {
		w->now = w->next;
		run(w);
	}
	if (until != INT64_MAX - 1)
		w->now = until;
}

static inline void run_for(struct world *w, int64_t ms)
{
	run_until(w, w->now + ms);
}

static inline void run_all(struct world *w)
{
	run_until(w, INT64_MAX - 1);
}

static inline struct inaddr address(const char *text)
{
	struct inaddr a;

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return a;
}

static inline struct inaddr numbered(unsigned n)
{
	return (struct inaddr){ .family = AF_INET,
				.bytes = { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8),
					   (uint8_t)n } };
}

static inline void add_address(struct world *w, struct inaddr a, int ifindex, uint32_t count,
			       uint32_t interval_ms, uint32_t repeat_s)
{
	struct netcfg_announcement what = { a, ifindex, count, interval_ms, repeat_s, false };

	CHECK_INT(netcfg_announce_add(w->announce, &what, w->now), 0);
}

/* Three, 200 ms apart, as by default. */
static inline void add(struct world *w, const char *text, int ifindex)
{
	add_address(w, address(text), ifindex, 3, 200, 0);
}

static inline void take_away(struct world *w, const char *text)
{
	struct inaddr a = address(text);

	netcfg_announce_remove(w->announce, &a);
}

static inline void interface(struct world *w, int ifindex, uint8_t mac, bool running)
{
	struct netcfg_announce_interface i = { .ifindex = ifindex,
					       .mac = { 2, 0, 0, 0, 0, mac },
					       .running = running };

	CHECK_INT(netcfg_announce_interface_changed(w->announce, &i, w->now), 0);
}

static inline struct netcfg_announce_stats stats(const struct world *w)
{
	struct netcfg_announce_stats s;

	netcfg_announce_stats(w->announce, &s);
	return s;
}

static inline struct netcfg_announce_status status(const struct world *w, const char *text)
{
	struct netcfg_announce_status s;
	struct inaddr a = address(text);

	CHECK(netcfg_announce_status(w->announce, &a, &s));
	return s;
}

static inline uint8_t operation(const struct sent *s)
{
	return s->frame.bytes[21];
}

/* The address that a frame announces. */
static inline struct inaddr announced(const struct sent *s)
{
	bool six = s->frame.len == NETCFG_ANNOUNCE_NA_LEN;
	struct inaddr a = { .family = six ? AF_INET6 : AF_INET };

	memcpy(a.bytes, s->frame.bytes + (six ? 62 : 28), six ? 16 : 4);
	return a;
}

static inline bool announces(const struct sent *s, const char *text)
{
	struct inaddr a = address(text), b = announced(s);

	return inaddr_compare(&a, &b) == 0;
}

/* Frames for this address so far. */
static inline size_t frames_of(const struct world *w, const char *text)
{
	size_t n = 0;

	vec_foreach(s, &w->sent)
		n += announces(s, text);
	return n;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has counted for all real servers. Reading that takes one dump for each service,
 * so it is a cache: as long as somebody asks now and then, it is read anew round after round, in
 * slices that take a bounded share of the processor. Nobody asks: there is no cache. main runs it,
 * /metrics shows it.
 */
#pragma once

#include "reconcile.h"

/* One real server: 56 bytes, since there may be 100,000. */
struct counted {
	uint64_t connections, in_packets, out_packets, in_bytes, out_bytes;
	struct ipvs_dest_counts counts;
	bool there; /* the kernel has it */
};

/* Those of a service. */
struct counted_service {
	struct service *service; /* a reference: items[i] is its real server i */
	int64_t read_at;	 /* loop time in ms */
	struct counted items[];
};

struct counters;

struct counters_hooks {
	struct desired *(*desired)(void *arg); /* the published state */
	int64_t (*elapsed)(void);	       /* µs of the loop's clock */
};

/* hooks and reconcile are borrowed. share: percent of one processor, 1 to 100. 0 or -ENOMEM. */
int counters_new(struct reconcile *reconcile, const struct counters_hooks *hooks, void *arg,
		 unsigned share, struct counters **ret);
void counters_free(struct counters *c); /* NULL is fine */
DEFINE_FREEP(struct counters, counters_free)

/* Changes the share. */
void counters_set_share(struct counters *c, unsigned share);

/*
 * Somebody asks: for some minutes rounds go on, and what is no longer fresh is read from now on, a
 * slice of it at once if the share allows. now: loop time in ms.
 */
void counters_want(struct counters *c, int64_t now);

/*
 * Reads for one slice (about 3 ms), if one is due: after a slice of t, the next one is due t × (100
 * / share - 1) later. Returns when to come again, INT64_MAX: when somebody asks.
 */
int64_t counters_run(struct counters *c, int64_t now);

/*
 * What is known of a service's real servers; NULL: nothing. With `now` a service that was never
 * read is read at once (the share is charged for it), else `now` is 0. Valid until the next call of
 * anything here.
 */
const struct counted_service *counters_of(struct counters *c, const struct service *s, int64_t now);

/* The real server number i of s in what counters_of() said of s; NULL: nothing is known. */
const struct counted *counters_real_server(const struct counted_service *counted,
					   const struct service *s, size_t i);

/* How many services are in the cache, and when the one was read that was read the longest ago (loop
 * time in ms; 0 when there is none). */
size_t counters_extent(const struct counters *c, int64_t *ret_oldest);

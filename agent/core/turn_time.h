/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the turns of the loop take, for those who wait meanwhile: the longest, and how many were
 * long. What cannot be sliced is counted apart: the store's transaction, and the change of a
 * service's scheduler. Kept by main, shown by the API. Pure: times come in, in µs of any one clock.
 */
#pragma once

#include <stdint.h>

/* What has been taken since the start. */
struct turn_apart {
	int64_t store;	   /* by transactions */
	int64_t scheduler; /* by changes of a scheduler */
};

/* A turn is long beyond this: what requests may wait without anybody noticing. */
#define TURN_LONG_US 15000

struct turn_time {
	int64_t began; /* the present turn */
	struct turn_apart before;
	int64_t longest; /* work of one turn, without what is counted apart */
	struct turn_apart longest_apart;
	uint64_t n_long; /* turns that were long, without what is counted apart */
};

/* The loop has woken up. */
void turn_time_begin(struct turn_time *t, int64_t now, struct turn_apart taken);

/* It is about to sleep. */
void turn_time_end(struct turn_time *t, int64_t now, struct turn_apart taken);

/* µs as whole milliseconds, rounded up: 15 means "not longer than 15". */
int64_t turn_time_ms(int64_t us);

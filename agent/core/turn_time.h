/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the turns of the loop take, for those who wait meanwhile: the longest one so far, with
 * the store's transaction counted apart, since that one cannot be sliced. Kept by main, shown by
 * the API. Pure: times come in, in µs of any one clock.
 */
#pragma once

#include <stdint.h>

struct turn_time {
	int64_t began;		/* of the present turn */
	int64_t store_before;	/* what the store had taken until then */
	int64_t longest;	/* work of one turn, without the store */
	int64_t longest_commit; /* what the store took in one turn */
};

/* The loop has woken up. store: what store transactions have taken since the start. */
void turn_time_begin(struct turn_time *t, int64_t now, int64_t store);

/* It is about to sleep. */
void turn_time_end(struct turn_time *t, int64_t now, int64_t store);

/* µs as whole milliseconds, rounded up: 15 means "not longer than 15". */
int64_t turn_time_ms(int64_t us);

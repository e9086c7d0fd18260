/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The longest turns, see turn_time.h. */
#include "turn_time.h"

void turn_time_begin(struct turn_time *t, int64_t now, struct turn_apart taken)
{
	t->began = now;
	t->before = taken;
}

static void keep_longer(int64_t *longest, int64_t us)
{
	if (us > *longest)
		*longest = us;
}

void turn_time_end(struct turn_time *t, int64_t now, struct turn_apart taken)
{
	int64_t store = taken.store - t->before.store;
	int64_t scheduler = taken.scheduler - t->before.scheduler;

	int64_t rest = now - t->began - store - scheduler;

	keep_longer(&t->longest, rest);
	t->n_long += rest > TURN_LONG_US;
	keep_longer(&t->longest_apart.store, store);
	keep_longer(&t->longest_apart.scheduler, scheduler);
}

int64_t turn_time_ms(int64_t us)
{
	return (us + 999) / 1000;
}

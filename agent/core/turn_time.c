/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The longest turns, see turn_time.h. */
#include "turn_time.h"

void turn_time_begin(struct turn_time *t, int64_t now, int64_t store)
{
	t->began = now;
	t->store_before = store;
}

void turn_time_end(struct turn_time *t, int64_t now, int64_t store)
{
	int64_t commit = store - t->store_before;
	int64_t work = now - t->began - commit;

	if (work > t->longest)
		t->longest = work;
	if (commit > t->longest_commit)
		t->longest_commit = commit;
}

int64_t turn_time_ms(int64_t us)
{
	return (us + 999) / 1000;
}

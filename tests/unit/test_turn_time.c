/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the measure of the loop's turns. */
#include "turn_time.h"

#include "test.h"

TEST(the_longest_turn_stays)
{
	struct turn_time t = { 0 };

	turn_time_begin(&t, 1000, (struct turn_apart){ 0 });
	turn_time_end(&t, 9000, (struct turn_apart){ 0 });
	turn_time_begin(&t, 20000, (struct turn_apart){ 0 });
	turn_time_end(&t, 21000, (struct turn_apart){ 0 });
	CHECK_INT(t.longest, 8000);
	CHECK_INT(t.longest_apart.store, 0);
}

TEST(long_turns_are_counted)
{
	struct turn_time t = { 0 };

	turn_time_begin(&t, 0, (struct turn_apart){ 0 });
	turn_time_end(&t, TURN_LONG_US, (struct turn_apart){ 0 });
	CHECK_INT(t.n_long, 0);
	for (int i = 0; i < 2; i++) {
		turn_time_begin(&t, 0, (struct turn_apart){ 0 });
		turn_time_end(&t, TURN_LONG_US + 1, (struct turn_apart){ 0 });
	}
	turn_time_begin(&t, 0, (struct turn_apart){ 0 });
	turn_time_end(&t, TURN_LONG_US + 1, (struct turn_apart){ .store = 1 });
	CHECK_INT(t.n_long, 2);
}

TEST(what_the_store_takes_is_counted_apart)
{
	struct turn_time t = { 0 };

	turn_time_begin(&t, 0, (struct turn_apart){ 500 });
	turn_time_end(&t, 40000, (struct turn_apart){ 30500 });
	CHECK_INT(t.longest, 10000);
	CHECK_INT(t.longest_apart.store, 30000);
	turn_time_begin(&t, 50000, (struct turn_apart){ 30500 });
	turn_time_end(&t, 62000, (struct turn_apart){ 30600 });
	CHECK_INT(t.longest, 11900);
	CHECK_INT(t.longest_apart.store, 30000);
}

TEST(a_change_of_the_scheduler_is_counted_apart)
{
	struct turn_time t = { 0 };

	turn_time_begin(&t, 0, (struct turn_apart){ .scheduler = 100 });
	turn_time_end(&t, 20000, (struct turn_apart){ .store = 1000, .scheduler = 17100 });
	CHECK_INT(t.longest, 2000);
	CHECK_INT(t.longest_apart.store, 1000);
	CHECK_INT(t.longest_apart.scheduler, 17000);
}

TEST(sleep_between_turns_is_no_work)
{
	struct turn_time t = { 0 };

	turn_time_begin(&t, 0, (struct turn_apart){ 0 });
	turn_time_end(&t, 10, (struct turn_apart){ 0 });
	turn_time_begin(&t, 90000000, (struct turn_apart){ 0 });
	turn_time_end(&t, 90000010, (struct turn_apart){ 0 });
	CHECK_INT(t.longest, 10);
}

TEST(milliseconds_are_rounded_up)
{
	CHECK_INT(turn_time_ms(0), 0);
	CHECK_INT(turn_time_ms(1), 1);
	CHECK_INT(turn_time_ms(15000), 15);
	CHECK_INT(turn_time_ms(15001), 16);
}

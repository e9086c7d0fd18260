/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of agent/loop.c: turns, descriptors, signals, the timer and the watchdog. */
#include "loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "test.h"
#include "util.h"

struct app {
	struct loop *loop;
	int turns, reads, stops, reloads;
	int sleep_ms;	  /* what the turn hook answers */
	int stop_at;	  /* turn that ends the loop */
	int64_t timer_in; /* set by the first turn, 0: not */
	int pipe[2];
};

static int on_turn(void *arg)
{
	struct app *a = arg;

	if (a->turns++ == 0 && a->timer_in)
		loop_set_timer(a->loop, loop_now_ms() + a->timer_in);
	if (a->turns == a->stop_at)
		loop_stop(a->loop, 7);
	return a->sleep_ms;
}

static void on_stop(void *arg, int signal)
{
	struct app *a = arg;

	a->stops++;
	loop_stop(a->loop, signal == SIGTERM ? 0 : 1);
	loop_stop(a->loop, 99); /* the first counts */
}

static void on_reload(void *arg)
{
	struct app *a = arg;

	a->reloads++;
	(void)raise(SIGTERM);
}

static void on_readable(void *arg)
{
	struct app *a = arg;
	char c;

	CHECK_INT(read(a->pipe[0], &c, 1), 1);
	if (++a->reads == 3)
		loop_stop(a->loop, 3);
}

static const struct loop_hooks hooks = {
	.turn = on_turn,
	.stop = on_stop,
	.reload = on_reload,
};

TEST(calls_back_for_readable_descriptors)
{
	struct app a = { .sleep_ms = -1 };

	CHECK_INT(loop_new(&hooks, &a, &a.loop), 0);
	CHECK_INT(pipe(a.pipe), 0);
	CHECK_INT(loop_add_fd(a.loop, a.pipe[0], on_readable, &a), 0);
	CHECK_INT(write(a.pipe[1], "abc", 3), 3);
	CHECK_INT(loop_run(a.loop), 3);
	CHECK_INT(a.reads, 3);
	loop_free(a.loop);
	close(a.pipe[0]);
	close(a.pipe[1]);
}

/* The first turn lets the descriptor wait, the third one calls for it, the sixth lets go of it. */
static int on_turn_with_pauses(void *arg)
{
	struct app *a = arg;

	a->turns++;
	if (a->turns == 1)
		loop_watch_fd(a->loop, a->pipe[0], false);
	if (a->turns == 3) {
		CHECK_INT(a->reads, 0);
		loop_watch_fd(a->loop, a->pipe[0], true);
	}
	if (a->turns == 6) {
		CHECK(a->reads >= 1);
		a->reads = 0;
		loop_remove_fd(a->loop, a->pipe[0]);
		loop_remove_fd(a->loop, a->pipe[0]); /* not there any more: fine */
		loop_watch_fd(a->loop, a->pipe[0], true);
	}
	if (a->turns == 9)
		loop_stop(a->loop, 7);
	return 10;
}

static void on_readable_for_ever(void *arg)
{
	((struct app *)arg)->reads++;
}

TEST(a_descriptor_can_wait_and_go)
{
	static const struct loop_hooks pausing = {
		.turn = on_turn_with_pauses,
		.stop = on_stop,
		.reload = on_reload,
	};
	struct app a = { 0 };

	CHECK_INT(loop_new(&pausing, &a, &a.loop), 0);
	CHECK_INT(pipe(a.pipe), 0);
	CHECK_INT(loop_add_fd(a.loop, a.pipe[0], on_readable_for_ever, &a), 0);
	CHECK_INT(write(a.pipe[1], "abc", 3), 3);
	CHECK_INT(loop_run(a.loop), 7);
	CHECK_INT(a.reads, 0);
	loop_free(a.loop);
	close(a.pipe[0]);
	close(a.pipe[1]);
}

TEST(signals_come_by_the_hooks_and_sigpipe_not_at_all)
{
	struct app a = { .sleep_ms = -1 };

	CHECK_INT(loop_new(&hooks, &a, &a.loop), 0);
	(void)raise(SIGPIPE);
	(void)raise(SIGHUP);
	CHECK_INT(loop_run(a.loop), 0);
	CHECK_INT(a.reloads, 1);
	CHECK_INT(a.stops, 1);
	loop_free(a.loop);
}

TEST(sleeps_as_long_as_the_turn_says)
{
	struct app a = { .sleep_ms = 30, .stop_at = 4 };
	int64_t begin = loop_now_ms();

	CHECK_INT(loop_new(&hooks, &a, &a.loop), 0);
	CHECK_INT(loop_run(a.loop), 7);
	CHECK_INT(a.turns, 4);
	CHECK(loop_now_ms() - begin >= 85);
	loop_free(a.loop);
}

TEST(the_timer_asks_for_one_turn)
{
	struct app a = { .sleep_ms = 200, .stop_at = 3, .timer_in = 40 };
	int64_t begin = loop_now_ms();

	CHECK_INT(loop_new(&hooks, &a, &a.loop), 0);
	CHECK_INT(loop_run(a.loop), 7);
	CHECK(loop_now_ms() - begin >= 200); /* 40 by the timer, then not 0 but 200 */
	CHECK(loop_now_ms() - begin < 390);
	loop_free(a.loop);
}

/* What systemd gets in five turns with a watchdog of 60 ms. */
static int fed_by(const struct loop_hooks *with, struct app *a)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/lvsd-test-XXXXXX", text[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), fed = 0;

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/notify", dir);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	(void)setenv("NOTIFY_SOCKET", sa.sun_path, 1);
	(void)setenv("WATCHDOG_USEC", "60000", 1);
	CHECK_INT(loop_new(with, a, &a->loop), 0);
	CHECK_INT(loop_patience_ms(a->loop), 30);
	CHECK_INT(loop_run(a->loop), 7);
	for (ssize_t n; (n = recv(fd, text, sizeof(text), 0)) > 0; fed++)
		CHECK(n == 10 && memcmp(text, "WATCHDOG=1", 10) == 0);
	loop_free(a->loop);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	close(fd);
	(void)unlink(sa.sun_path);
	(void)rmdir(dir);
	return fed;
}

TEST(feeds_the_watchdog_from_the_turns)
{
	struct app a = { .sleep_ms = -1, .stop_at = 5 };

	CHECK(fed_by(&hooks, &a) >= 3);
}

static bool on_is_well(void *arg)
{
	return ((const struct app *)arg)->turns >= 4;
}

/* And does not spin meanwhile: it asks again after a part of the time. */
TEST(feeds_no_watchdog_while_something_is_stuck)
{
	static const struct loop_hooks stuck = {
		.turn = on_turn,
		.is_well = on_is_well,
		.stop = on_stop,
		.reload = on_reload,
	};
	struct app a = { .sleep_ms = -1, .stop_at = 5 };
	int64_t begin = loop_now_ms();

	CHECK_INT(fed_by(&stuck, &a), 1);
	CHECK(loop_now_ms() - begin >= 10);
}

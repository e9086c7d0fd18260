/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop of loop.h over sd-event; its only user. Called by main. sd-event disables a callback
 * that returns a negative value and says so at debug level only, so ours always return 0.
 */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "log.h"
#include "util.h"

struct fd_source {
	int fd;
	void (*cb)(void *arg);
	void *arg;
	sd_event_source *source;
	struct fd_source *next;
};

struct loop {
	const struct loop_hooks *hooks;
	void *arg;
	sd_event *event;
	struct fd_source *fds;
	int64_t timer;		/* INT64_MAX: none */
	int64_t watchdog_every; /* ms; 0: no watchdog */
	int64_t watchdog_next;
	bool stopped;
	int status;
};

DEFINE_FREEP(struct loop, loop_free)

int64_t loop_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t loop_woken_us(struct loop *loop)
{
	uint64_t us = 0;

	(void)sd_event_now(loop->event, CLOCK_BOOTTIME, &us);
	return (int64_t)us;
}

static int on_fd(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	const struct fd_source *f = userdata;

	(void)source;
	(void)fd;
	(void)revents;
	f->cb(f->arg);
	return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	const struct loop *loop = userdata;

	(void)source;
	if (info->ssi_signo == SIGHUP)
		loop->hooks->reload(loop->arg);
	else
		loop->hooks->stop(loop->arg, (int)info->ssi_signo);
	return 0;
}

static int add_signals(struct loop *loop)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t set;
	int r = 0;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(signals); i++)
		r = sd_event_add_signal(loop->event, NULL, signals[i], on_signal, loop);
	if (r >= 0 && signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		r = -errno;
	return r < 0 ? r : 0;
}

int loop_new(const struct loop_hooks *hooks, void *arg, struct loop **ret)
{
	_cleanup_(loop_freep) struct loop *loop = NULL;
	uint64_t watchdog;
	int r;

	loop = calloc(1, sizeof(*loop));
	if (!loop)
		return -ENOMEM;
	loop->hooks = hooks;
	loop->arg = arg;
	loop->timer = INT64_MAX;
	r = sd_event_new(&loop->event);
	if (r < 0)
		return r;
	r = add_signals(loop);
	if (r < 0)
		return r;
	if (sd_watchdog_enabled(0, &watchdog) > 0) {
		loop->watchdog_every = (int64_t)(watchdog / 2000);
		if (loop->watchdog_every == 0)
			loop->watchdog_every = 1;
	}
	*ret = TAKE_PTR(loop);
	return 0;
}

int loop_add_fd(struct loop *loop, int fd, void (*cb)(void *arg), void *arg)
{
	struct fd_source *f;
	int r;

	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->fd = fd;
	f->cb = cb;
	f->arg = arg;
	r = sd_event_add_io(loop->event, &f->source, fd, EPOLLIN, on_fd, f);
	if (r < 0) {
		free(f);
		return r;
	}
	f->next = loop->fds;
	loop->fds = f;
	return 0;
}

/* Where the list points to the source of a descriptor: at its end, when there is none. */
static struct fd_source **place_of(struct loop *loop, int fd)
{
	struct fd_source **at = &loop->fds;

	while (*at && (*at)->fd != fd)
		at = &(*at)->next;
	return at;
}

void loop_watch_fd(struct loop *loop, int fd, bool on)
{
	struct fd_source *f = *place_of(loop, fd);

	if (f)
		(void)sd_event_source_set_enabled(f->source, on ? SD_EVENT_ON : SD_EVENT_OFF);
}

void loop_remove_fd(struct loop *loop, int fd)
{
	struct fd_source **at = place_of(loop, fd), *f = *at;

	if (!f)
		return;
	*at = f->next;
	(void)sd_event_source_unref(f->source);
	free(f);
}

void loop_set_timer(struct loop *loop, int64_t at_boottime_ms)
{
	loop->timer = at_boottime_ms;
}

int64_t loop_patience_ms(const struct loop *loop)
{
	return loop->watchdog_every;
}

/* Unfed, it is asked again soon: what was stuck may have moved. */
static void feed_watchdog(struct loop *loop, int64_t now)
{
	bool well = !loop->hooks->is_well || loop->hooks->is_well(loop->arg);

	if (well)
		(void)sd_notify(0, "WATCHDOG=1");
	loop->watchdog_next = now + (well ? loop->watchdog_every : loop->watchdog_every / 8 + 1);
}

/* How long the loop may sleep in µs, UINT64_MAX for ever. sleep_ms: the turn hook's answer. */
static uint64_t sleep_time(struct loop *loop, int sleep_ms)
{
	int64_t wake = INT64_MAX, now;

	if (sleep_ms < 0 && loop->timer == INT64_MAX && !loop->watchdog_every)
		return UINT64_MAX;
	now = loop_now_ms();
	if (loop->watchdog_every && now >= loop->watchdog_next)
		feed_watchdog(loop, now);
	if (sleep_ms >= 0)
		wake = now + sleep_ms;
	if (loop->timer < wake)
		wake = loop->timer;
	if (loop->watchdog_every && loop->watchdog_next < wake)
		wake = loop->watchdog_next;
	return wake <= now ? 0 : (uint64_t)(wake - now) * 1000;
}

int loop_run(struct loop *loop)
{
	while (!loop->stopped) {
		int sleep_ms, r;

		if (loop->timer != INT64_MAX && loop->timer <= loop_now_ms())
			loop->timer = INT64_MAX; /* reached: it asked for the turn that comes now */
		sleep_ms = loop->hooks->turn(loop->arg);
		if (loop->stopped)
			break;
		r = sd_event_run(loop->event, sleep_time(loop, sleep_ms));
		if (r < 0 && r != -EINTR) {
			log_error("The event loop failed: %s", strerror(-r));
			return r;
		}
	}
	return loop->status;
}

void loop_stop(struct loop *loop, int status)
{
	if (loop->stopped)
		return;
	loop->stopped = true;
	loop->status = status;
}

void loop_free(struct loop *loop)
{
	struct fd_source *next;

	if (!loop)
		return;
	for (struct fd_source *f = loop->fds; f; f = next) {
		next = f->next;
		(void)sd_event_source_unref(f->source);
		free(f);
	}
	(void)sd_event_unref(loop->event);
	free(loop);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's one event loop. A turn is: sleep until a descriptor, a signal or the time asks,
 * call the callback of what is ready, then the turn hook. Everything that is due by time is done
 * in the turn hook, so there are no timer objects. Callbacks return nothing: a failure is theirs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop_hooks {
	/* Called before each sleep: does what is due and returns how many ms the loop may sleep,
	 * -1 for as long as nothing happens. Must not block. */
	int (*turn)(void *arg);
	/* Whether systemd's watchdog is to be fed after this turn: false while something is stuck
	 * that only a new start can heal. NULL: always. */
	bool (*is_well)(void *arg);
	/* SIGTERM or SIGINT came. Calls loop_stop() now or in a later turn. */
	void (*stop)(void *arg, int signal);
	/* SIGHUP came: read the configuration again. */
	void (*reload)(void *arg);
};

/*
 * Makes a loop. From here on SIGTERM, SIGINT and SIGHUP are blocked in the process and come by the
 * hooks, and SIGPIPE is ignored. hooks is borrowed. 0 or a negative errno.
 */
int loop_new(const struct loop_hooks *hooks, void *arg, struct loop **ret);

/* Calls cb whenever fd is readable, hung up or broken; level-triggered. The descriptor must stay
 * open until loop_remove_fd() or loop_free(). 0 or a negative errno. */
int loop_add_fd(struct loop *loop, int fd, void (*cb)(void *arg), void *arg);

/* Lets a descriptor wait (off) or calls back for it again. */
void loop_watch_fd(struct loop *loop, int fd, bool on);

/* Lets go of a descriptor, which is still open; one that is not in the loop is fine. Not from its
 * own callback. */
void loop_remove_fd(struct loop *loop, int fd);

/* Asks for a turn at this time (CLOCK_BOOTTIME, ms) at the latest; INT64_MAX: no wish. It holds
 * until it is set again, or reached. */
void loop_set_timer(struct loop *loop, int64_t at_boottime_ms);

/*
 * Runs until loop_stop(); returns its exit status, or a negative errno when the loop itself fails.
 * Feeds systemd's watchdog, if there is one, out of the turns: when turns stop, or the hook says
 * that not all is well, so does the feeding.
 */
int loop_run(struct loop *loop);

/* How long a hang may last before it is one, in ms: half of what systemd's watchdog allows. 0:
 * there is no watchdog. */
int64_t loop_patience_ms(const struct loop *loop);

/* Ends loop_run() after the present turn. The first status given counts. */
void loop_stop(struct loop *loop, int status);

/* Frees the loop, not the descriptors. NULL is fine. */
void loop_free(struct loop *loop);

/* When the loop woke up for the present turn, in µs of CLOCK_BOOTTIME; now, before the first. Costs
 * no system call. */
int64_t loop_woken_us(struct loop *loop);

/* CLOCK_BOOTTIME in ms. */
int64_t loop_now_ms(void);

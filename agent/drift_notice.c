/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of the tap, and the way from what it sees to the reconciler (drift_notice.h). */
#include "drift_notice.h"

#include <errno.h>

#include "ipvs_tap.h"
#include "ipvs_tap_device.h"
#include "log.h"

/* Between two reads the socket collects: whoever writes all the time wakes the daemon 50 times a
 * second. Packets are lost only when there are more than anybody writes who means well. */
#define READ_PAUSE	20
#define READ_PAUSE_LOST 1000

/* When somebody has removed the device. */
#define REOPEN_FIRST 1000
#define REOPEN_MAX   60000

enum notice_state {
	NOTICE_OFF,	/* not wanted, or not to be had */
	NOTICE_WAITING, /* for the kernel's module, or for retry_at */
	NOTICE_ON,
};

struct drift_notice {
	struct ipvs_kernel *kernel;
	struct reconcile *reconcile;
	struct loop *loop;
	enum notice_state state;
	struct ipvs_tap *tap;
	bool readable;	    /* since the last read */
	int64_t rest_until; /* the next read; 0: when the descriptor is readable */
	int64_t now;	    /* for the callbacks of a read */
	int64_t retry_at, opened_at, backoff;
};

int drift_notice_new(struct ipvs_kernel *kernel, struct reconcile *reconcile, struct loop *loop,
		     struct drift_notice **ret)
{
	struct drift_notice *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->kernel = kernel;
	n->reconcile = reconcile;
	n->loop = loop;
	*ret = n;
	return 0;
}

static void close_tap(struct drift_notice *n)
{
	if (n->tap)
		loop_remove_fd(n->loop, ipvs_tap_fd(n->tap));
	ipvs_tap_close(n->tap);
	n->tap = NULL;
	n->readable = false;
	n->rest_until = 0;
}

void drift_notice_free(struct drift_notice *n)
{
	if (!n)
		return;
	close_tap(n);
	free(n);
}

static void on_readable(void *arg)
{
	struct drift_notice *n = arg;

	n->readable = true; /* the turn that follows reads */
}

static void on_service(void *arg, const struct ipvs_service_key *key)
{
	struct drift_notice *n = arg;

	reconcile_hint(n->reconcile, key, n->now);
}

static void on_all(void *arg)
{
	struct drift_notice *n = arg;

	reconcile_hint_all(n->reconcile, n->now);
}

/* What an error of opening usually means. */
static const char *cause(int error)
{
	switch (-error) {
	case EPERM:
		return "CAP_NET_RAW is missing";
	case EAFNOSUPPORT:
		return "packet sockets (AF_PACKET) are not allowed";
	case EOPNOTSUPP:
		return "the kernel module nlmon is missing";
	case EEXIST:
		return "there is a device " IPVS_TAP_DEVICE " that lvsd has not made";
	}
	return strerror(-error);
}

/* Said once: what does not work now will not, before somebody changes something and asks again. */
static void give_up(struct drift_notice *n, int error)
{
	close_tap(n);
	n->state = NOTICE_OFF;
	if (error != -ENODATA) /* the kernel in memory: nobody else writes to it */
		log_notice("changes by others are noticed by full passes only: %s", cause(error));
}

static void open_tap(struct drift_notice *n, int64_t now)
{
	int r = ipvs_tap_open(n->kernel, &n->tap);

	if (r == -EAGAIN) /* not before the kernel has IPVS */
		return;
	if (r == 0)
		r = loop_add_fd(n->loop, ipvs_tap_fd(n->tap), on_readable, n);
	if (r < 0) {
		give_up(n, r);
		return;
	}
	n->state = NOTICE_ON;
	n->retry_at = 0;
	n->opened_at = now;
	log_info("changes by others are noticed at once, by the device " IPVS_TAP_DEVICE);
	/* What came before is not known. */
	reconcile_hint_all(n->reconcile, now);
}

/* Somebody removed the device or switched it off. */
static void broken(struct drift_notice *n, int error, int64_t now)
{
	close_tap(n);
	if (now - n->opened_at > REOPEN_MAX || !n->backoff)
		n->backoff = REOPEN_FIRST;
	else if (n->backoff < REOPEN_MAX)
		n->backoff *= 2;
	log_warning("the device " IPVS_TAP_DEVICE
		    " is of no use any more (%s); changes by others are noticed by full passes "
		    "until it is made again",
		    strerror(-error));
	n->state = NOTICE_WAITING;
	n->retry_at = now + n->backoff;
}

void drift_notice_set(struct drift_notice *n, bool on, int64_t now)
{
	struct ipvs_info info;

	if (!on) {
		close_tap(n);
		n->state = NOTICE_OFF;
		return;
	}
	if (n->state != NOTICE_OFF)
		return;
	(void)n->kernel->ops->info(n->kernel, &info); /* finds the family, loads the module */
	n->state = NOTICE_WAITING;
	n->retry_at = 0;
	open_tap(n, now);
}

void drift_notice_read(struct drift_notice *n, int64_t now)
{
	const struct ipvs_tap_sink sink = { on_service, on_all, n };
	int r;

	if (n->state != NOTICE_ON || (n->rest_until ? now < n->rest_until : !n->readable))
		return;
	n->readable = false;
	n->now = now;
	r = ipvs_tap_read(n->tap, &sink);
	if (r < 0) {
		broken(n, r, now);
		return;
	}
	n->rest_until = r == 0 ? 0 : now + (r == 1 ? READ_PAUSE : READ_PAUSE_LOST);
	loop_watch_fd(n->loop, ipvs_tap_fd(n->tap), r == 0);
}

int64_t drift_notice_follow(struct drift_notice *n, int64_t now)
{
	int r;

	if (n->state == NOTICE_WAITING && now >= n->retry_at)
		open_tap(n, now);
	if (n->state == NOTICE_WAITING)
		return n->retry_at ? n->retry_at : INT64_MAX;
	if (n->state != NOTICE_ON)
		return INT64_MAX;
	r = ipvs_tap_follow(n->tap);
	if (r < 0) {
		broken(n, r, now);
		return n->retry_at;
	}
	if (r > 0)
		reconcile_hint_all(n->reconcile, now);
	return n->rest_until ? n->rest_until : INT64_MAX;
}

const char *drift_notice_name(const struct drift_notice *n)
{
	return n->state == NOTICE_ON ? "tap" : "interval";
}

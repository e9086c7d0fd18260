/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nlsock when the system calls fail: between it and the kernel stand a send() and a recvmmsg() that
 * can (the linker puts them there, see meson.build). The family is the controller's, as in
 * test_nlsock.c.
 */
#include "nlsock.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"
#include "util.h"

DEFINE_FREEP(struct nlsock, nlsock_close)

#define CONTROLLER "nlctrl"
#define VERSION	   2
#define BATCH	   256
#define NO_COMMAND 99 /* EOPNOTSUPP */
#define SMALL	   4096

/* The call number `after` (0: next) and `times - 1` that follow fail. */
struct fault {
	unsigned after, times;
	int error;
};

static struct fault sending, receiving;
static size_t offer; /* the most that a read offers the kernel, for smaller pieces; 0: all */
static int last_fd;
static unsigned busy;	  /* so many dumps are answered with EBUSY … */
static uint32_t busy_seq; /* … as the next thing that is read; 0: none is due */

ssize_t __real_send(int fd, const void *data, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t len, int flags);
int __real_recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *timeout);

static bool strikes(struct fault *f)
{
	if (f->times == 0)
		return false;
	if (f->after > 0) {
		f->after--;
		return false;
	}
	f->times--;
	errno = f->error;
	return true;
}

ssize_t __wrap_send(int fd, const void *data, size_t len, int flags)
{
	const struct nlmsghdr *h = data;

	last_fd = fd;
	if (strikes(&sending))
		return -1;
	if (busy && (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) {
		busy--;
		busy_seq = h->nlmsg_seq;
		return (ssize_t)len;
	}
	return __real_send(fd, data, len, flags);
}

/* What the kernel says to a second dump. */
static int say_busy(struct mmsghdr *m)
{
	const struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} answer = {
		.h = { .nlmsg_len = sizeof(answer),
		       .nlmsg_type = NLMSG_ERROR,
		       .nlmsg_seq = busy_seq },
		.e = { .error = -EBUSY },
	};

	CHECK(m->msg_hdr.msg_iov->iov_len >= sizeof(answer));
	memcpy(m->msg_hdr.msg_iov->iov_base, &answer, sizeof(answer));
	memset(m->msg_hdr.msg_name, 0, m->msg_hdr.msg_namelen); /* from the kernel */
	m->msg_len = sizeof(answer);
	busy_seq = 0;
	return 1;
}

/* One datagram at a time while a fault is due, so that its number means something. */
int __wrap_recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *timeout)
{
	if (busy_seq)
		return say_busy(m);
	if (!(flags & MSG_DONTWAIT) && strikes(&receiving))
		return -1;
	for (unsigned i = 0; offer && i < n; i++)
		if (m[i].msg_hdr.msg_iov->iov_len > offer)
			m[i].msg_hdr.msg_iov->iov_len = offer;
	return __real_recvmmsg(fd, m, receiving.times ? 1 : n, flags, timeout);
}

/* Requests ------------------------------------------------------------------------------------- */

static int count(const struct nlmsghdr *reply, void *arg)
{
	CHECK(nla_find(nlmsg_attrdata(reply, GENL_HDRLEN), nlmsg_attrlen(reply, GENL_HDRLEN),
		       CTRL_ATTR_FAMILY_NAME));
	++*(unsigned *)arg;
	return 0;
}

/* A socket whose family is resolved; it never read more than `most` at a time (0: all). */
static struct nlsock *open_controller(size_t most)
{
	struct nlsock *s = NULL;
	struct nl_msg *msg;

	sending = receiving = (struct fault){ 0 };
	busy = busy_seq = 0;
	offer = most;
	CHECK_INT(nlsock_open_genl(CONTROLLER, VERSION, &s), 0);
	CHECK_INT(nlsock_request(s, NO_COMMAND, &msg), 0);
	return s;
}

static int query(struct nlsock *s, const char *family)
{
	struct nl_msg *msg;
	unsigned n = 0;
	int r;

	CHECK_INT(nlsock_request(s, CTRL_CMD_GETFAMILY, &msg), 0);
	CHECK_INT(nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, family), 0);
	r = nlsock_query(s, msg, count, &n);
	CHECK_INT(n, r == 0);
	return r;
}

static int dump(struct nlsock *s, unsigned *ret_n)
{
	struct nl_msg *msg;

	*ret_n = 0;
	CHECK_INT(nlsock_request(s, CTRL_CMD_GETFAMILY, &msg), 0);
	return nlsock_dump(s, msg, count, ret_n);
}

/* A batch of n requests that fail, the last one with another errno. */
static int batch(struct nlsock *s, unsigned n)
{
	int results[BATCH], r;
	struct nl_msg *msg;
	bool full;

	for (unsigned i = 0; i < n; i++) {
		CHECK_INT(nlsock_request(s, i < n - 1 ? NO_COMMAND : CTRL_CMD_GETFAMILY, &msg), 0);
		CHECK_INT(nlsock_batch_add(s, msg, &full), 0);
	}
	r = nlsock_batch_flush(s, results, n);
	for (unsigned i = 0; r == 0 && i < n; i++)
		CHECK_INT(results[i], i < n - 1 ? -EOPNOTSUPP : -EINVAL);
	return r;
}

/* Everything works, and nothing of what went wrong before is mixed into it. */
static void check_well(struct nlsock *s)
{
	unsigned n;

	sending = receiving = (struct fault){ 0 };
	busy = 0;
	CHECK_INT(batch(s, 3), 0);
	CHECK_INT(query(s, CONTROLLER), 0);
	CHECK_INT(query(s, "no-such"), -ENOENT);
	CHECK_INT(dump(s, &n), 0);
	CHECK(n > 0);
	CHECK_INT(batch(s, BATCH), 0);
}

/* Faults --------------------------------------------------------------------------------------- */

TEST(interrupted_calls_are_repeated)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller(0);
	unsigned n;

	sending = receiving = (struct fault){ .times = 3, .error = EINTR };
	CHECK_INT(batch(s, 5), 0);
	CHECK_INT(sending.times + receiving.times, 0);
	sending = receiving = (struct fault){ .times = 3, .error = EINTR };
	CHECK_INT(query(s, CONTROLLER), 0);
	sending = receiving = (struct fault){ .times = 3, .error = EINTR };
	CHECK_INT(dump(s, &n), 0);
	CHECK(n > 0);
	check_well(s);
}

TEST(what_cannot_be_sent_is_told_and_dropped)
{
	static const int errors[] = { ENOBUFS, ENOMEM, ECONNREFUSED };
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller(0);
	unsigned n;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		sending = (struct fault){ .times = 3, .error = errors[i] };
		CHECK_INT(batch(s, 5), -errors[i]);
		CHECK_INT(query(s, CONTROLLER), -errors[i]);
		CHECK_INT(dump(s, &n), -errors[i]);
		check_well(s);
	}
}

TEST(answers_that_are_not_read_are_told_and_do_not_meet_later_ones)
{
	static const int errors[] = { ENOBUFS, ENOMEM, EIO };
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller(0);
	unsigned n;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		receiving = (struct fault){ .times = 1, .error = errors[i] };
		CHECK_INT(batch(s, 5), -errors[i]);
		CHECK_INT(batch(s, 2), 0);
		receiving = (struct fault){ .after = 2, .times = 1, .error = errors[i] };
		CHECK_INT(batch(s, 5), -errors[i]);
		receiving = (struct fault){ .times = 1, .error = errors[i] };
		CHECK_INT(dump(s, &n), -errors[i]);
		check_well(s);
	}
}

TEST(silence_is_told_and_late_answers_do_not_count)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller(0);

	receiving = (struct fault){ .times = 1, .error = EAGAIN };
	CHECK_INT(batch(s, 5), -ETIMEDOUT);
	receiving = (struct fault){ .times = 1, .error = EAGAIN };
	CHECK_INT(query(s, CONTROLLER), -ETIMEDOUT);
	check_well(s);
}

/* The kernel's own way of losing answers. */
TEST(answers_that_found_no_room_are_told)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller(0);
	const int smallest = 1, large = 1 << 20; /* the kernel makes it some 2300: three answers */

	CHECK_INT(query(s, CONTROLLER), 0); /* for last_fd */
	for (int i = 0; i < 3; i++) {
		CHECK(setsockopt(last_fd, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof(smallest)) == 0);
		CHECK_INT(batch(s, BATCH), -ENOBUFS);
		CHECK_INT(batch(s, 2), 0);
		CHECK(setsockopt(last_fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof(large)) == 0);
		check_well(s);
	}
}

/* Dumps of several pieces ------------------------------------------------------------------------
 */

TEST(a_dump_that_breaks_off_leaves_the_socket_usable)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller(SMALL);
	unsigned all, n;

	CHECK_INT(dump(s, &all), 0);
	for (unsigned after = 0; after < 3; after++) {
		receiving = (struct fault){ .after = after, .times = 1, .error = ENOBUFS };
		if (dump(s, &n) == 0)
			CHECK(after > 0); /* it had no more pieces */
		receiving = (struct fault){ 0 };
		CHECK_INT(dump(s, &n), 0);
		CHECK_INT(n, all);
	}
	check_well(s);
}

/* One that the kernel could not go on with, for want of memory, stays open without a word: then it
 * says EBUSY to the next, and goes on with the old one as soon as something is read. */
TEST(a_dump_that_stands_open_does_not_stop_the_next)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller(0);
	unsigned all, n;

	CHECK_INT(dump(s, &all), 0);
	for (int i = 0; i < 3; i++) {
		busy = 1;
		CHECK_INT(dump(s, &n), 0);
		CHECK_INT(n, all);
		CHECK_INT(busy, 0);
		busy = 2; /* and it still could not */
		CHECK_INT(dump(s, &n), -EBUSY);
		CHECK_INT(n, 0);
		check_well(s);
	}
}

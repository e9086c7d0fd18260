/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocking netlink transactions (nlsock.h) for the providers of ipvs and netcfg. Knows generic
 * netlink's controller and nothing else of what it carries. libnl opens the socket and builds the
 * messages; sending and receiving are plain system calls, so that errnos stay the kernel's.
 */
#include "nlsock.h"

#include <assert.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "util.h"

/* 128 requests reach nearly the full speed, 256 and 512 gain some per cent more. What waits behind
 * a batch in the kernel waits for one request only, since each takes the locks anew. */
#define BATCH_REQUESTS 256
#define BATCH_BYTES    (64 * 1024)
/* Limit of one message; a batch is full when another of this size might not fit. */
#define MESSAGE_BYTES 4096
/* The largest chunk of a dump that the kernel makes (af_netlink.c, netlink_recvmsg). */
#define RECEIVE_BYTES (32 * 1024)
/* A short dump is one datagram with the data and one with its end, a query one with the reply and
 * one with the acknowledgement: both by one call. */
#define RECEIVE_SLOTS 2
/* Each error reply takes about 768 bytes of the receive budget: room for five full batches. */
#define SOCKET_BUFFER (1024 * 1024)
/*
 * The kernel works, and waits for modprobe, inside send(); what it answers is queued when that
 * returns. So a wait in receive means that an answer is lost, and any limit will do.
 */
#define RECEIVE_TIMEOUT_S 5

/* n requests with the sequence numbers first … first + n - 1. */
struct transaction {
	uint32_t first, n;
	int *results; /* one for each request */
	nlsock_reply_fn fn;
	void *arg;
	int fn_result; /* first error of fn */
	bool interrupted;
	bool done;
};

struct nlsock {
	struct nl_sock *nl;
	struct nl_msg *scratch;
	uint8_t *batch;	  /* BATCH_BYTES */
	uint8_t *receive; /* RECEIVE_SLOTS of RECEIVE_BYTES */
	size_t batch_len;
	uint32_t batch_n;
	uint32_t seq; /* of the next request */
	uint16_t id;  /* of the family; 0: not resolved */
	uint8_t version;
	bool dirty;		  /* a transaction was left: its answers may still come */
	char family[GENL_NAMSIZ]; /* empty: not generic netlink */
	struct transaction dump;  /* the one of nlsock_dump_begin() */
	int dump_result;
};

static void msg_freep(struct nl_msg **msg)
{
	nlmsg_free(*msg);
}

static bool is_generic(const struct nlsock *s)
{
	return s->family[0];
}

static void set_buffer(int fd, int force, int option)
{
	int size = SOCKET_BUFFER;

	/* Without CAP_NET_ADMIN up to the sysctl's limit, which is enough for a batch too. */
	if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, option, &size, sizeof(size));
}

static int configure(int fd)
{
	const struct timeval timeout = { .tv_sec = RECEIVE_TIMEOUT_S };
	const int on = 1;

	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	/* Error replies without a copy of the request, but with the kernel's text for strace. Both
	 * are since 4.3 and 4.12; we can do without. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0)
		return -errno;
	return 0;
}

static int open_socket(struct nlsock *s, int protocol)
{
	s->nl = nl_socket_alloc();
	s->scratch = nlmsg_alloc_size(MESSAGE_BYTES);
	s->batch = malloc(BATCH_BYTES);
	s->receive = malloc(RECEIVE_SLOTS * RECEIVE_BYTES);
	if (!s->nl || !s->scratch || !s->batch || !s->receive)
		return -ENOMEM;
	errno = 0;
	if (nl_connect(s->nl, protocol) < 0)
		return errno ? -errno : -EIO; /* its own code has lost the errno */
	return configure(nl_socket_get_fd(s->nl));
}

DEFINE_FREEP(struct nlsock, nlsock_close)

int nlsock_open(int protocol, struct nlsock **ret)
{
	_cleanup_(nlsock_closep) struct nlsock *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->seq = 1;
	r = open_socket(s, protocol);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

int nlsock_open_genl(const char *family, uint8_t version, struct nlsock **ret)
{
	struct nlsock *s = NULL;
	int r;

	if (strlen(family) >= sizeof(s->family))
		return -EINVAL;
	r = nlsock_open(NETLINK_GENERIC, &s);
	if (r < 0)
		return r;
	memcpy(s->family, family, strlen(family) + 1);
	s->version = version;
	*ret = s;
	return 0;
}

void nlsock_close(struct nlsock *s)
{
	if (!s)
		return;
	nlmsg_free(s->scratch);
	nl_socket_free(s->nl);
	free(s->batch);
	free(s->receive);
	free(s);
}

uint16_t nlsock_family(const struct nlsock *s)
{
	return s->id;
}

uint32_t nlsock_port(const struct nlsock *s)
{
	return nl_socket_get_local_port(s->nl);
}

/* NLMSG_ERROR and NLMSG_DONE both begin with the result; an old kernel's DONE may be empty. */
static int message_result(const struct nlmsghdr *h)
{
	int result;

	if (nlmsg_datalen(h) < (int)sizeof(result))
		return h->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
	memcpy(&result, nlmsg_data(h), sizeof(result));
	return result > 0 ? -EBADMSG : result;
}

static void handle_message(struct transaction *t, const struct nlmsghdr *h)
{
	uint32_t at = h->nlmsg_seq - t->first;

	if (at >= t->n)
		return; /* an answer to a transaction that was given up */
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		t->interrupted = true;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		t->results[at] = message_result(h);
		t->done |= at == t->n - 1;
	} else if (h->nlmsg_type >= NLMSG_MIN_TYPE && t->fn && t->fn_result == 0) {
		t->fn_result = t->fn(h, t->arg);
	}
}

/* The datagrams that are there, at least one, into s->receive: how many, or a negative errno. Their
 * lengths come in lens (0: not from the kernel). */
static int receive_datagrams(struct nlsock *s, int flags, int lens[RECEIVE_SLOTS])
{
	struct mmsghdr m[RECEIVE_SLOTS] = { 0 };
	struct sockaddr_nl from[RECEIVE_SLOTS];
	struct iovec iov[RECEIVE_SLOTS];
	int n;

	for (size_t i = 0; i < RECEIVE_SLOTS; i++) {
		iov[i] = (struct iovec){ s->receive + i * RECEIVE_BYTES, RECEIVE_BYTES };
		m[i].msg_hdr.msg_name = &from[i];
		m[i].msg_hdr.msg_namelen = sizeof(from[i]);
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		n = recvmmsg(nl_socket_get_fd(s->nl), m, RECEIVE_SLOTS, flags | MSG_WAITFORONE,
			     NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (m[i].msg_hdr.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		lens[i] = from[i].nl_pid == 0 ? (int)m[i].msg_len : 0;
	}
	return n;
}

/* Reads what a transaction that failed has left; a dump must be read to its end, or the next one
 * on this socket is EBUSY. */
static void drain(struct nlsock *s)
{
	int lens[RECEIVE_SLOTS], n;

	do {
		n = receive_datagrams(s, MSG_DONTWAIT, lens);
	} while (n >= 0 || n == -ENOBUFS || n == -EMSGSIZE);
	s->dirty = false;
}

static int send_requests(struct nlsock *s, const void *requests, size_t len)
{
	ssize_t sent;

	if (s->dirty)
		drain(s);
	do {
		sent = send(nl_socket_get_fd(s->nl), requests, len, 0);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	s->dirty = true;
	return 0;
}

/* Waits for answers and takes those that are there. 0 or a negative errno of the transport. */
static int receive_answers(struct nlsock *s, struct transaction *t)
{
	int lens[RECEIVE_SLOTS], n = receive_datagrams(s, 0, lens);

	if (n < 0) /* ENOBUFS: answers were dropped, perhaps the last one */
		return n == -EAGAIN ? -ETIMEDOUT : n;
	for (int i = 0; i < n; i++)
		for (struct nlmsghdr *h = (void *)(s->receive + i * RECEIVE_BYTES);
		     nlmsg_ok(h, lens[i]); h = nlmsg_next(h, &lens[i]))
			handle_message(t, h);
	if (t->done)
		s->dirty = false;
	return 0;
}

/* Sends the requests and receives until the last one is answered. 0: all results are known. */
static int transact(struct nlsock *s, const void *requests, size_t len, struct transaction *t)
{
	int r = send_requests(s, requests, len);

	while (r == 0 && !t->done)
		r = receive_answers(s, t);
	return r;
}

/* Numbers a request in the order of sending, and adds flags to those that it was made with. */
static void stamp(struct nlsock *s, struct nlmsghdr *h, uint16_t flags)
{
	h->nlmsg_flags |= (uint16_t)(NLM_F_REQUEST | flags);
	h->nlmsg_seq = s->seq++;
	h->nlmsg_pid = nl_socket_get_local_port(s->nl);
}

/* One request; the raw errno of its answer, or of the transport. */
static int transact_one(struct nlsock *s, struct nl_msg *msg, uint16_t flags, nlsock_reply_fn fn,
			void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	int result = 0, r;
	struct transaction t = {
		.first = s->seq,
		.n = 1,
		.results = &result,
		.fn = fn,
		.arg = arg,
	};

	stamp(s, h, flags);
	r = transact(s, h, h->nlmsg_len, &t);
	if (r == 0)
		r = result;
	if (r == 0)
		r = t.fn_result;
	return r == 0 && t.interrupted ? -EAGAIN : r;
}

static int read_family_id(const struct nlmsghdr *reply, void *arg)
{
	struct nlattr *id = nla_find(nlmsg_attrdata(reply, GENL_HDRLEN),
				     nlmsg_attrlen(reply, GENL_HDRLEN), CTRL_ATTR_FAMILY_ID);

	if (!id || nla_len(id) < (int)sizeof(uint16_t))
		return -EBADMSG;
	*(uint16_t *)arg = nla_get_u16(id);
	return 0;
}

/* Asks for the family's id; the kernel loads its module then (genetlink.c, ctrl_getfamily). Not in
 * the scratch message, which may hold the request that is about to be sent again. */
static int resolve(struct nlsock *s)
{
	_cleanup_(msg_freep) struct nl_msg *msg = nlmsg_alloc_size(MESSAGE_BYTES);
	uint16_t id = 0;
	int r;

	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, 0, 0, GENL_ID_CTRL, 0, 0, CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, s->family) < 0)
		return -EMSGSIZE;
	s->id = 0;
	r = transact_one(s, msg, NLM_F_ACK, read_family_id, &id);
	if (r == 0 && id == 0)
		r = -EBADMSG;
	if (r == 0)
		s->id = id;
	return r;
}

/*
 * After ENOENT, which may mean that the module was loaded anew and has another id: 1 when that is
 * so, 0 when the id is still right, or a negative errno (-ENOENT: the family is gone).
 */
static int resolve_again(struct nlsock *s)
{
	uint16_t before = s->id;
	int r = resolve(s);

	return r < 0 ? r : s->id != before;
}

int nlsock_request(struct nlsock *s, uint8_t cmd, struct nl_msg **ret_msg)
{
	struct nlmsghdr *h;
	int r;

	if (!s->id) {
		r = resolve(s);
		if (r < 0) {
			s->batch_n = 0; /* cannot be sent either, and must not meet later ones */
			s->batch_len = 0;
			return r;
		}
	}
	/* What genlmsg_put() does, at a third of its instructions. */
	h = nlmsg_hdr(s->scratch);
	*h = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN), .nlmsg_type = s->id };
	*(struct genlmsghdr *)NLMSG_DATA(h) =
		(struct genlmsghdr){ .cmd = cmd, .version = s->version };
	*ret_msg = s->scratch;
	return 0;
}

int nlsock_message(struct nlsock *s, uint16_t type, uint16_t flags, const void *header, size_t len,
		   struct nl_msg **ret_msg)
{
	struct nlmsghdr *h = nlmsg_hdr(s->scratch);

	assert(!is_generic(s));
	*h = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN, /* empties it */
		.nlmsg_type = type,
		.nlmsg_flags = flags,
	};
	if (nlmsg_append(s->scratch, (void *)(uintptr_t)header, len, NLMSG_ALIGNTO) < 0)
		return -EMSGSIZE;
	*ret_msg = s->scratch;
	return 0;
}

int nlsock_batch_add(struct nlsock *s, struct nl_msg *msg, bool *ret_full)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	size_t len = NLMSG_ALIGN(h->nlmsg_len);

	if (s->batch_n == BATCH_REQUESTS || len > BATCH_BYTES - s->batch_len)
		return -EMSGSIZE;
	memcpy(s->batch + s->batch_len, h, h->nlmsg_len);
	memset(s->batch + s->batch_len + h->nlmsg_len, 0, len - h->nlmsg_len);
	s->batch_len += len;
	s->batch_n++;
	*ret_full = s->batch_n == BATCH_REQUESTS || s->batch_len > BATCH_BYTES - MESSAGE_BYTES;
	return 0;
}

/* Sends the batch as it is, with an acknowledgement of the last request as its end mark. */
static int send_batch(struct nlsock *s, int *results)
{
	struct transaction t = { .first = s->seq, .n = s->batch_n, .results = results };
	struct nlmsghdr *last = NULL;
	int left = (int)s->batch_len;

	for (struct nlmsghdr *h = (void *)s->batch; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		stamp(s, h, 0);
		if (is_generic(s))
			h->nlmsg_type = s->id;
		last = h;
	}
	assert(last);
	last->nlmsg_flags |= NLM_F_ACK;
	memset(results, 0, s->batch_n * sizeof(*results));
	return transact(s, s->batch, s->batch_len, &t);
}

static bool all_are(const int *results, size_t n, int value)
{
	for (size_t i = 0; i < n; i++)
		if (results[i] != value)
			return false;
	return true;
}

int nlsock_batch_flush(struct nlsock *s, int *results, size_t n)
{
	int answers[BATCH_REQUESTS], r;

	assert(n == s->batch_n);
	if (n == 0)
		return 0;
	r = send_batch(s, answers);
	if (r == 0 && is_generic(s) && all_are(answers, n, -ENOENT)) {
		r = resolve_again(s);
		if (r > 0)
			r = send_batch(s, answers);
	}
	s->batch_n = 0;
	s->batch_len = 0;
	if (r < 0)
		return r;
	memcpy(results, answers, n * sizeof(*results));
	return 0;
}

static int request_reply(struct nlsock *s, struct nl_msg *msg, uint16_t flags, nlsock_reply_fn fn,
			 void *arg)
{
	int r = transact_one(s, msg, flags, fn, arg), again;

	if (r != -ENOENT || !is_generic(s))
		return r;
	again = resolve_again(s);
	if (again <= 0)
		return again < 0 ? again : r;
	nlmsg_hdr(msg)->nlmsg_type = s->id;
	return transact_one(s, msg, flags, fn, arg);
}

int nlsock_query(struct nlsock *s, struct nl_msg *msg, nlsock_reply_fn fn, void *arg)
{
	return request_reply(s, msg, NLM_F_ACK, fn, arg);
}

int nlsock_dump(struct nlsock *s, struct nl_msg *msg, nlsock_reply_fn fn, void *arg)
{
	int r = request_reply(s, msg, NLM_F_DUMP, fn, arg);

	if (r != -EBUSY)
		return r;
	/* An earlier dump stands open that the kernel could not go on with, for want of memory
	 * (netlink_dump). It goes on while its socket is read. */
	drain(s);
	return request_reply(s, msg, NLM_F_DUMP, fn, arg);
}

int nlsock_dump_begin(struct nlsock *s, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	s->dump = (struct transaction){ .first = s->seq, .n = 1, .results = &s->dump_result };
	s->dump_result = 0;
	stamp(s, h, NLM_F_DUMP);
	return send_requests(s, h, h->nlmsg_len);
}

int nlsock_dump_next(struct nlsock *s, nlsock_reply_fn fn, void *arg)
{
	struct transaction *t = &s->dump;
	int r;

	t->fn = fn;
	t->arg = arg;
	r = receive_answers(s, t);
	if (r == 0)
		r = t->fn_result;
	if (r < 0 || !t->done)
		return r < 0 ? r : 1;
	return s->dump_result == 0 && t->interrupted ? -EAGAIN : s->dump_result;
}

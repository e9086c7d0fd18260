/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of ctl_unix.h. */
#include "ctl_unix.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "num.h"
#include "util.h"

#define BUFFER	 65536 /* bytes of an answer at a time */
#define LINE_MAX 16384 /* of a header; lvsd's are shorter than 300 */

struct ctl_unix {
	int fd;					/* -1: not connected */
	const struct ctl_unix_request *waiting; /* that wants to know of waits; NULL: none */
	int timeout_s;
	size_t at, len;
	char in[BUFFER];
};

/* The head of an answer. */
struct head {
	long status;
	uint64_t length; /* UINT64_MAX: not given */
	bool chunked, closes;
};

struct ctl_unix *ctl_unix_new(void)
{
	struct ctl_unix *u = malloc(sizeof(*u));

	if (u) {
		u->fd = -1;
		u->waiting = NULL;
		u->at = u->len = 0;
	}
	return u;
}

static void disconnect(struct ctl_unix *u)
{
	closep(&u->fd);
	u->fd = -1;
	u->at = u->len = 0;
}

void ctl_unix_free(struct ctl_unix *u)
{
	if (u)
		disconnect(u);
	free(u);
}

static int connect_to(struct ctl_unix *u, const char *path, int timeout_s)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const struct timeval timeout = { .tv_sec = timeout_s };

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path) + 1);
	u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (u->fd < 0)
		return -errno;
	(void)setsockopt(u->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	(void)setsockopt(u->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	return connect(u->fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0 ? -errno : 0;
}

static int send_all(struct ctl_unix *u, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(u->fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int submit(struct ctl_unix *u, const struct ctl_unix_request *r)
{
	_cleanup_(buf_done) struct buf head = { 0 };
	int result;

	buf_printf(&head, "%s %s HTTP/1.1\r\nHost: localhost\r\n", r->method, r->target);
	if (r->headers && r->headers->len)
		buf_add(&head, r->headers->data, r->headers->len);
	if (r->body)
		buf_printf(&head, "Content-Length: %zu\r\n", r->body_len);
	buf_add(&head, "\r\n", 2);
	/* A short body goes with the head: one write, one wake-up of the daemon. */
	if (r->body && r->body_len < BUFFER)
		buf_add(&head, r->body, r->body_len);
	if (head.failed)
		return -ENOMEM;
	result = send_all(u, head.data, head.len);
	return result == 0 && r->body && r->body_len >= BUFFER ? send_all(u, r->body, r->body_len)
							       : result;
}

/* Tells who wants to know that nothing comes. */
static void tell_wait(struct ctl_unix *u)
{
	struct pollfd p = { .fd = u->fd, .events = POLLIN };

	for (int s = 0; u->waiting && s < u->timeout_s && poll(&p, 1, 1000) == 0; s++)
		u->waiting->on_wait(u->waiting->arg);
}

/* Waits for more. 0; -ECONNRESET at the end of the connection. */
static int fill(struct ctl_unix *u)
{
	ssize_t n;

	tell_wait(u);
	do
		n = recv(u->fd, u->in, sizeof(u->in), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	u->at = 0;
	u->len = (size_t)n;
	return n == 0 ? -ECONNRESET : 0;
}

/* A line without its end. */
static int read_line(struct ctl_unix *u, struct buf *line)
{
	buf_clear(line);
	for (;;) {
		const char *end;
		size_t n;
		int r = u->at < u->len ? 0 : fill(u);

		if (r < 0)
			return r;
		end = memchr(u->in + u->at, '\n', u->len - u->at);
		n = end ? (size_t)(end - u->in) - u->at : u->len - u->at;
		buf_add(line, u->in + u->at, n);
		u->at += n + (end != NULL);
		if (line->failed)
			return -ENOMEM;
		if (line->len > LINE_MAX)
			return -EPROTO;
		if (!end)
			continue;
		if (line->len && line->data[line->len - 1] == '\r')
			line->data[--line->len] = '\0';
		return 0;
	}
}

static bool header_is(const struct buf *line, const char *name, const char **ret_value)
{
	size_t len = strlen(name);

	if (line->len <= len || strncasecmp(line->data, name, len) != 0)
		return false;
	*ret_value = line->data + len + strspn(line->data + len, " \t");
	return true;
}

static int take_header(const struct buf *line, struct head *h)
{
	const char *value;

	if (header_is(line, "Content-Length:", &value))
		return num_parse_u64(value, strlen(value), INT64_MAX, &h->length) < 0 ? -EPROTO : 0;
	if (header_is(line, "Transfer-Encoding:", &value))
		h->chunked = strcasecmp(value, "chunked") == 0;
	else if (header_is(line, "Connection:", &value))
		h->closes = strcasecmp(value, "close") == 0;
	return 0;
}

static int read_head(struct ctl_unix *u, const struct ctl_unix_request *r, struct head *h)
{
	_cleanup_(buf_done) struct buf line = { 0 };
	uint64_t status;
	int result;

	*h = (struct head){ .length = UINT64_MAX };
	result = read_line(u, &line);
	if (result < 0)
		return result;
	if (line.len < 12 || strncmp(line.data, "HTTP/1.", 7) != 0 ||
	    num_parse_u64(line.data + 9, 3, 999, &status) < 0)
		return -EPROTO;
	h->status = (long)status;
	while ((result = read_line(u, &line)) == 0 && line.len) {
		result = take_header(&line, h);
		if (result < 0)
			return result;
		if (r->on_header)
			r->on_header(r->arg, line.data, line.len);
	}
	return result;
}

/* n bytes of the body; UINT64_MAX: to the end of the connection. */
static int read_body(struct ctl_unix *u, const struct ctl_unix_request *r, long status, uint64_t n)
{
	while (n) {
		size_t piece;
		int result = u->at < u->len ? 0 : fill(u);

		if (result == -ECONNRESET && n == UINT64_MAX)
			return 0;
		if (result < 0)
			return result;
		piece = u->len - u->at < n ? u->len - u->at : (size_t)n;
		u->at += piece;
		if (r->on_body(r->arg, status, u->in + u->at - piece, piece) != 0)
			return -ECANCELED;
		if (n != UINT64_MAX)
			n -= piece;
	}
	return 0;
}

/* A size in hexadecimal, with or without extensions behind it. */
static int chunk_size(const struct buf *line, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t size = 0;
	size_t i = 0;

	for (; i < line->len && line->data[i] != ';' && line->data[i] != ' '; i++) {
		const char *digit = strchr(digits, line->data[i] | 0x20);

		if (!digit || i >= 15)
			return -EPROTO;
		size = size * 16 + (uint64_t)(digit - digits);
	}
	*ret = size;
	return i ? 0 : -EPROTO;
}

static int read_chunks(struct ctl_unix *u, const struct ctl_unix_request *r, long status)
{
	_cleanup_(buf_done) struct buf line = { 0 };
	uint64_t size;
	int result;

	do {
		result = read_line(u, &line);
		if (result == 0)
			result = chunk_size(&line, &size);
		if (result == 0)
			result = read_body(u, r, status, size);
		if (result == 0 && size) /* the line break behind it */
			result = read_line(u, &line);
	} while (result == 0 && size);
	while (result == 0 && (result = read_line(u, &line)) == 0 && line.len)
		; /* trailers */
	return result;
}

static int receive(struct ctl_unix *u, const struct ctl_unix_request *r, long *ret_status)
{
	struct head h;
	int result;

	do
		result = read_head(u, r, &h);
	while (result == 0 && h.status < 200);
	if (result < 0)
		return result;
	*ret_status = h.status;
	if (streq(r->method, "HEAD") || h.status == 204 || h.status == 304)
		h.length = 0;
	if (h.chunked)
		result = read_chunks(u, r, h.status);
	else
		result = read_body(u, r, h.status, h.length);
	if (h.closes || (!h.chunked && h.length == UINT64_MAX))
		disconnect(u);
	return result;
}

int ctl_unix_request(struct ctl_unix *u, const char *path, const struct ctl_unix_request *r,
		     int timeout_s, long *ret_status)
{
	bool kept = u->fd >= 0;
	long status = 0;
	int result = kept ? 0 : connect_to(u, path, timeout_s);

	u->waiting = r->on_wait ? r : NULL;
	u->timeout_s = timeout_s;
	if (result == 0)
		result = submit(u, r);
	if (result == 0)
		result = receive(u, r, &status);
	if (result < 0)
		disconnect(u);
	/* The daemon had closed a connection that nobody used: nothing was taken. */
	if (kept && status == 0 && (result == -EPIPE || result == -ECONNRESET))
		return ctl_unix_request(u, path, r, timeout_s, ret_status);
	if (result == 0)
		*ret_status = status;
	return result;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real httpd on a unix socket (and TCP if wanted) with a small application behind it, and a
 * client of raw bytes in the same thread: sending, pumping and receiving take turns. For the tests
 * of api/httpd*.c only.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "httpd.h"
#include "listen.h"
#include "log.h"
#include "router.h"
#include "test.h"
#include "timestamp.h"

#define HOST  "Host: x\r\n"
#define CLOSE "Connection: close\r\n"

#define STREAM_PIECES 200
#define STREAM_PIECE  5000

struct server {
	struct httpd *h;
	struct listen_set sockets;
	char dir[32];
	bool gate;	   /* parked requests are answered */
	int handled, done; /* calls of the hooks */
	int states;	   /* what handlers allocated and done() has not freed */
	int streams;	   /* open streams */
	int pieces;	   /* that they have made */
	int most_asked;	   /* how often one of those was that do their work without a word */
	bool asked_while_stopping;
	char resumed[32]; /* bodies' first bytes, in the order of their answers */
	char peer[64];	  /* of the last request */
	char actor[REQUEST_ACTOR_MAX + 1];
	char id[REQUEST_ID_MAX + 1];
	enum role role;
};

static struct server *the_server; /* the route handlers know no application */

static inline bool answer_thing(struct api *api, struct request *req, struct response *resp)
{
	(void)api;
	buf_printf(&resp->body, "{\"id\":\"%s\",\"len\":%zu,\"body\":\"%.20s\",\"end\":1}",
		   req->ids[0] ? req->ids[0] : "", req->body_len, req->body ? req->body : "");
	response_json(resp, 200);
	return true;
}

static inline bool answer_deleted(struct api *api, struct request *req, struct response *resp)
{
	(void)api;
	(void)req;
	buf_add_str(&resp->body, "must not be sent");
	resp->status = 204;
	return true;
}

static inline bool answer_later(struct api *api, struct request *req, struct response *resp)
{
	(void)api;
	(void)resp;
	req->state = malloc(1);
	the_server->states++;
	return false;
}

struct counting {
	int pieces;
};

static inline int stream_next(void *state, struct buf *out)
{
	struct counting *c = state;
	char piece[STREAM_PIECE];

	if (c->pieces++ % 2 == 0)
		return 1; /* nothing yet: the reader must ask again */
	the_server->pieces++;
	memset(piece, 's', sizeof(piece));
	buf_add(out, piece, sizeof(piece));
	return c->pieces < STREAM_PIECES * 2;
}

static inline void stream_done(void *state)
{
	the_server->streams--;
	free(state);
}

static inline bool answer_stream(struct api *api, struct request *req, struct response *resp)
{
	(void)api;
	(void)req;
	buf_add_str(&resp->body, "first,");
	response_json(resp, 200);
	resp->stream = (struct response_stream){
		.next = stream_next,
		.free = stream_done,
		.state = calloc(1, sizeof(struct counting)),
	};
	the_server->streams++;
	return true;
}

static inline int stream_fail(void *state, struct buf *out)
{
	buf_add_str(out, "a piece,");
	return ((struct counting *)state)->pieces++ ? -EIO : 1;
}

static inline bool answer_broken_stream(struct api *api, struct request *req, struct response *resp)
{
	(void)answer_stream(api, req, resp);
	resp->stream.next = stream_fail;
	return true;
}

/* Has nothing to say until the gate is open. */
static inline int stream_wait(void *state, struct buf *out)
{
	(void)state;
	if (the_server->gate)
		buf_add_str(out, "at last");
	return !the_server->gate;
}

static inline bool answer_quiet_stream(struct api *api, struct request *req, struct response *resp)
{
	(void)answer_stream(api, req, resp);
	resp->stream.next = stream_wait;
	return true;
}

/* Finds nothing to say however long it looks. */
static inline int stream_work(void *state, struct buf *out)
{
	int64_t until = timestamp_elapsed_us() + 3000; /* more than a piece may take */
	struct counting *c = state;

	(void)out;
	while (timestamp_elapsed_us() < until)
		;
	the_server->pieces++;
	if (++c->pieces > the_server->most_asked)
		the_server->most_asked = c->pieces;
	return 1;
}

static inline bool answer_busy_stream(struct api *api, struct request *req, struct response *resp)
{
	(void)answer_stream(api, req, resp);
	resp->stream.next = stream_work;
	return true;
}

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = "/v1/things/{thing}", .handle = answer_thing },
	{ .method = HTTP_PUT,
	  .path = "/v1/things/{thing}",
	  .handle = answer_thing,
	  .body = BODY_OBJECT },
	{ .method = HTTP_PATCH,
	  .path = "/v1/things/{thing}",
	  .handle = answer_thing,
	  .body = BODY_OBJECT },
	{ .method = HTTP_DELETE, .path = "/v1/things/{thing}", .handle = answer_deleted },
	{ .method = HTTP_PUT, .path = "/v1/config", .handle = answer_thing, .body = BODY_DOCUMENT },
	{ .method = HTTP_POST, .path = "/v1/text", .handle = answer_thing, .body = BODY_TEXT },
	{ .method = HTTP_GET, .path = "/v1/later", .handle = answer_later },
	{ .method = HTTP_PUT, .path = "/v1/later", .handle = answer_later, .body = BODY_OBJECT },
	{ .method = HTTP_PUT,
	  .path = "/v1/later/all",
	  .handle = answer_later,
	  .body = BODY_DOCUMENT },
	{ .method = HTTP_GET, .path = "/v1/stream", .handle = answer_stream },
	{ .method = HTTP_GET, .path = "/v1/broken", .handle = answer_broken_stream },
	{ .method = HTTP_GET, .path = "/v1/quiet", .handle = answer_quiet_stream },
	{ .method = HTTP_GET, .path = "/v1/busy", .handle = answer_busy_stream },
};

static inline bool on_admit(void *arg, struct request *req, struct response *resp)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct server *s = arg;
	int r;

	memcpy(s->peer, req->peer, sizeof(s->peer));
	memcpy(s->actor, req->actor, sizeof(s->actor));
	memcpy(s->id, req->id, sizeof(s->id));
	s->role = req->role;
	r = router_match(routes, ARRAY_SIZE(routes), req, resp, &e);
	if (r < 0)
		response_problem(resp, req, &e);
	return r == 0;
}

static inline bool on_handle(void *arg, struct request *req, struct response *resp)
{
	((struct server *)arg)->handled++;
	return req->route->handle(NULL, req, resp);
}

static inline bool on_resume(void *arg, struct request *req, struct response *resp, bool stopping)
{
	struct server *s = arg;

	s->asked_while_stopping |= stopping;
	if (s->gate && req->body && strlen(s->resumed) < sizeof(s->resumed) - 1)
		s->resumed[strlen(s->resumed)] = req->body[0];
	return (s->gate || stopping) && answer_thing(NULL, req, resp);
}

static inline void on_done(void *arg, struct request *req)
{
	struct server *s = arg;

	s->done++;
	if (req->state)
		s->states--;
	free(req->state);
}

static const struct httpd_hooks server_hooks = {
	.admit = on_admit,
	.handle = on_handle,
	.resume = on_resume,
	.done = on_done,
};

/* Fails the test when it cannot. */
static inline void server_start(struct server *s, unsigned max_connections, bool tcp)
{
	const struct httpd_limits limits = {
		.max_object = 1000,
		.max_document = 200000,
		.max_bodies = 250000,
		.max_connections = max_connections,
		.max_parked = 24,
		.idle_seconds = 2,
		.request_seconds = 1,
	};
	struct err e = { 0 };

	(void)signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_WARNING);
	*s = (struct server){ .dir = "/tmp/lvsd-test-XXXXXX" };
	the_server = s;
	CHECK(mkdtemp(s->dir) != NULL);
	CHECK_INT(listen_unix(&s->sockets, s->dir, &e), 0);
	if (tcp)
		CHECK_INT(listen_tcp(&s->sockets, "tcp://127.0.0.1:0", &e), 0);
	CHECK_INT(httpd_new(&server_hooks, s, &limits, &s->h), 0);
	for (size_t i = 0; i < s->sockets.n; i++) {
		const struct httpd_listener l = {
			.fd = s->sockets.sockets[i].fd,
			.role = s->sockets.sockets[i].kind == LISTEN_READONLY ? ROLE_READER
									      : ROLE_ADMIN,
			.unix_socket = s->sockets.sockets[i].kind != LISTEN_TCP,
		};

		CHECK_INT(httpd_listen(s->h, &l), 0);
	}
}

/* Also checks that nothing was leaked or ended twice. */
static inline void server_stop(struct server *s)
{
	char path[64];

	httpd_free(s->h);
	s->h = NULL;
	(void)snprintf(path, sizeof(path), "%s/admin.sock", s->dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/readonly.sock", s->dir);
	(void)unlink(path);
	(void)rmdir(s->dir);
	CHECK_INT(s->states, 0);
	CHECK_INT(s->streams, 0);
	CHECK(s->done >= s->handled);
}

static inline int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* One turn of the loop that main runs, sleeping at most max_ms. */
static inline void turn(struct server *s, int max_ms)
{
	struct pollfd p = { .fd = httpd_fd(s->h), .events = POLLIN };
	int ms = httpd_timeout(s->h);

	CHECK(ms >= 0 && ms <= 1000);
	(void)poll(&p, 1, ms < max_ms ? ms : max_ms);
	httpd_run(s->h);
}

static inline void turns(struct server *s, int ms)
{
	for (int64_t until = now_ms() + ms; now_ms() < until;)
		turn(s, 5);
}

static inline int client(struct server *s, const char *name)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/%s", s->dir, name);
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	return fd;
}

/* Sends all bytes, with the server running meanwhile. False: the server has closed. */
static inline bool send_bytes(struct server *s, int fd, const char *data, size_t len)
{
	int64_t until = now_ms() + 5000;

	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return false;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
		CHECK(now_ms() < until);
		turn(s, 1);
	}
	return true;
}

static inline void send_text(struct server *s, int fd, const char *text)
{
	(void)send_bytes(s, fd, text, strlen(text));
}

/* Receives until `until` came, or the end when it is NULL. True: it came. */
static inline bool receive(struct server *s, int fd, struct buf *in, const char *until)
{
	int64_t limit = now_ms() + 5000;
	char piece[16384];

	while (now_ms() < limit) {
		ssize_t n = recv(fd, piece, sizeof(piece), 0);

		if (n > 0)
			buf_add(in, piece, (size_t)n);
		if (until && in->len && strstr(in->data, until))
			return true;
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return !until && n == 0;
		if (n < 0)
			turn(s, 2);
	}
	return false;
}

/* One request on a new connection to admin.sock, until the server closes: so the request should
 * ask for that. The answer is whole and NUL-terminated. */
static inline char *ask(struct server *s, const char *request)
{
	_cleanup_(buf_done) struct buf in = { 0 };
	int fd = client(s, "admin.sock");

	send_text(s, fd, request);
	CHECK(receive(s, fd, &in, NULL));
	close(fd);
	return buf_take(&in);
}

/* Without strstr(), with which AddressSanitizer looks at all of a text again for each. */
static inline int occurrences(const char *text, const char *what)
{
	int n = 0;

	for (; *text; text++)
		n += strncmp(text, what, strlen(what)) == 0;
	return n;
}

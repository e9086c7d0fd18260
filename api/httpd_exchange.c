/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of one request inside libmicrohttpd's callbacks: begin (header complete), body pieces,
 * finish (complete), parked, answered. libmicrohttpd takes an answer at the first call, where it
 * then closes the connection, or after the whole body, never between. So a refused body is
 * read and dropped and the answer comes at its end: a client that is still sending would lose it.
 * Called by libmicrohttpd as httpd.c registered it; knows no route and no listener's making.
 */
#include "httpd_exchange.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "httpd_auth.h"
#include "log.h"
#include "router.h"

#define SMALL_BODY	     (64 << 10) /* taken whatever waits: connections bound how many */
#define DENIAL_PAUSE_MS	     1000	/* a stranger must not fill the log */
#define CERTIFICATE_TRUST_MS 1000	/* checking signatures costs more than most requests */

enum exchange_state {
	EXCHANGE_TARGET,   /* the request line is there */
	EXCHANGE_BODY,	   /* admitted, the body comes */
	EXCHANGE_REFUSED,  /* resp holds the refusal, the body is dropped as it comes */
	EXCHANGE_PARKED,   /* handled, suspended, in the pool's list */
	EXCHANGE_READY,	   /* resp holds the answer */
	EXCHANGE_ANSWERED, /* queued */
};

struct exchange {
	struct request req;
	struct response resp;
	struct err err; /* of the target, until the header can be answered */
	struct port *port;
	struct connection *connection;
	enum exchange_state state;
	bool admitted; /* the done hook is owed */
	uint64_t length, received;
	size_t limit, body_cap;
	size_t counted;		       /* of the body, in the pool's sum */
	struct exchange *next, **prev; /* while parked */
};

/* One client connection; libmicrohttpd's socket context. */
struct connection {
	struct port *port;
	int fd; /* libmicrohttpd's own */
	char peer[sizeof(((struct request *)0)->peer)];
	struct tcp_facts tcp;
	int64_t since; /* when it opened, or the present request began, or the last ended */
	struct exchange *current; /* NULL between two requests */
	struct connection *next, **prev;
};

/* The pool's sum follows what is kept of this body. */
static void count_body(struct exchange *x)
{
	x->port->pool->body_bytes += x->req.body_len - x->counted;
	x->counted = x->req.body_len;
}

int64_t exchange_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const char *request_header(const struct request *r, const char *name)
{
	if (!r->connection)
		return NULL;
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

static void name_peer(struct connection *c, bool unix_socket)
{
	char host[INET6_ADDRSTRLEN], service[6];
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	struct ucred cred;

	if (unix_socket) {
		len = sizeof(cred);
		if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
			return;
		(void)snprintf(c->peer, sizeof(c->peer), "uid=%u pid=%d", cred.uid, (int)cred.pid);
		return;
	}
	if (getpeername(c->fd, (struct sockaddr *)&sa, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), service, sizeof(service),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	(void)snprintf(c->peer, sizeof(c->peer), sa.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
		       host, service);
}

static void note_local(struct connection *c)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	if (getsockname(c->fd, (struct sockaddr *)&sa, &len) < 0)
		return;
	c->tcp.local.family = (uint8_t)sa.ss_family;
	if (sa.ss_family == AF_INET)
		memcpy(c->tcp.local.bytes, &((struct sockaddr_in *)&sa)->sin_addr, 4);
	else
		memcpy(c->tcp.local.bytes, &((struct sockaddr_in6 *)&sa)->sin6_addr, 16);
}

static void connection_open(struct port *port, struct MHD_Connection *mhd, void **ret)
{
	struct exchange_pool *pool = port->pool;
	struct connection *c;

	c = calloc(1, sizeof(*c));
	*ret = c;
	if (!c)
		return; /* its first request is refused */
	c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	c->since = exchange_now_ms();
	name_peer(c, port->unix_socket);
	if (!port->unix_socket)
		note_local(c);
	c->port = port;
	port->connections++;
	c->next = pool->connections;
	c->prev = &pool->connections;
	if (c->next)
		c->next->prev = &c->next;
	pool->connections = c;
}

void exchange_on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
			    enum MHD_ConnectionNotificationCode what)
{
	struct connection *c = *socket_context;

	((struct port *)cls)->moved = true;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_open(cls, mhd, socket_context);
		return;
	}
	if (!c)
		return;
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->port->connections--;
	free(c);
	*socket_context = NULL;
}

void *exchange_on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *c = info ? info->socket_context : NULL;
	struct port *port = cls;
	struct exchange *x;

	x = c ? calloc(1, sizeof(*x)) : NULL;
	if (!x)
		return NULL;
	x->port = port;
	x->connection = c;
	x->req.connection = mhd;
	x->req.role = port->role;
	x->req.unix_socket = port->unix_socket;
	memcpy(x->req.peer, c->peer, sizeof(x->req.peer));
	memcpy(x->req.actor, c->peer, sizeof(x->req.peer));
	(void)request_parse_target(&x->req, target, &x->err);
	c->current = x;
	port->moved = true;
	c->since = exchange_now_ms();
	return x;
}

static void park(struct exchange *x)
{
	struct exchange_pool *pool = x->port->pool;

	x->state = EXCHANGE_PARKED;
	x->next = NULL;
	x->prev = pool->parked ? pool->parked_end : &pool->parked;
	*x->prev = x;
	pool->parked_end = &x->next;
	pool->n_parked++;
	MHD_suspend_connection(x->req.connection);
}

static void unpark(struct exchange *x)
{
	*x->prev = x->next;
	if (x->next)
		x->next->prev = x->prev;
	else
		x->port->pool->parked_end = x->prev;
	x->port->pool->n_parked--;
	x->state = EXCHANGE_READY;
}

void exchange_on_completed(void *cls, struct MHD_Connection *mhd, void **context,
			   enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;
	struct port *port = cls;

	(void)mhd;
	(void)why;
	if (!x)
		return;
	*context = NULL;
	if (x->state == EXCHANGE_PARKED)
		unpark(x);
	if (x->state == EXCHANGE_ANSWERED)
		port->pool->n_answering--;
	if (x->admitted)
		port->pool->hooks->done(port->pool->arg, &x->req);
	x->connection->current = NULL;
	port->moved = true;
	x->connection->since = exchange_now_ms();
	x->req.body_len = 0;
	count_body(x);
	request_done(&x->req);
	response_done(&x->resp);
	err_done(&x->err);
	free(x);
}

static enum MHD_Result answer(struct exchange *x)
{
	struct exchange_pool *pool = x->port->pool;

	if (pool->stopping || x->port->retired)
		x->resp.close = true;
	if (httpd_reply(x->req.connection, &x->req, &x->resp, &x->port->pool->streams) < 0)
		return MHD_NO;
	x->state = EXCHANGE_ANSWERED;
	pool->n_answering++;
	if (pool->hooks->answered)
		pool->hooks->answered(pool->arg, &x->req, x->resp.status);
	return MHD_YES;
}

static void refuse(struct exchange *x, const struct err *e)
{
	response_problem(&x->resp, &x->req, e);
	x->state = EXCHANGE_REFUSED;
	free(TAKE_PTR(x->req.body));
	x->req.body_len = 0;
	count_body(x);
}

/* The client's id when it is fit to be logged and echoed, else a random one. */
static void set_request_id(struct exchange *x)
{
	const char *given = request_header(&x->req, "X-Request-Id");
	unsigned char random[16] = { 0 };

	if (given && request_id_fits(given)) {
		(void)snprintf(x->req.id, sizeof(x->req.id), "%s", given);
		return;
	}
	/* Only before the kernel's pool is ready, early in boot, can this fail: ids are then equal,
	 * which hurts nobody. */
	(void)!getrandom(random, sizeof(random), GRND_NONBLOCK);
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(x->req.id + 2 * i, 3, "%02x", random[i]);
}

static enum MHD_Result note_header(void *cls, enum MHD_ValueKind kind, const char *name,
				   size_t name_len, const char *value, size_t value_len)
{
	(void)kind;
	(void)name_len;
	header_facts_add(cls, name, value, value_len);
	return MHD_YES;
}

/* Strangers who try are the operator's business, though not each time. */
static void note_denial(struct exchange *x, const struct err *e)
{
	struct exchange_pool *pool = x->port->pool;
	int64_t now = exchange_now_ms();
	const struct log_field fields[] = {
		{ "LVSD_REQUEST_ID", x->req.id },
		{ "LVSD_PEER", x->req.peer },
	};

	if (pool->denial_told && now - pool->denial_told < DENIAL_PAUSE_MS) {
		pool->denials_untold++;
		return;
	}
	log_record(LOG_LEVEL_NOTICE, LOG_ID_DENIED, fields, ARRAY_SIZE(fields),
		   "%s is not let in: %s: %s (%u more since the last such record)", x->req.peer,
		   e->code, e->detail, pool->denials_untold);
	pool->denial_told = now;
	pool->denials_untold = 0;
}

/* What the client has shown, as good as it is now: it may expire while the connection stays open.
 * What is bad stays so, and TLS without renegotiation brings no second one. */
static const struct peer_certificate *certificate_now(struct exchange *x)
{
	struct tcp_facts *tcp = &x->connection->tcp;
	enum certificate_state state = tcp->certificate.state;
	int64_t now = exchange_now_ms();

	if (state == CERTIFICATE_UNKNOWN ||
	    (state == CERTIFICATE_GOOD && now - tcp->certificate_seen >= CERTIFICATE_TRUST_MS)) {
		httpd_tls_peer(x->req.connection, &tcp->certificate);
		tcp->certificate_seen = now;
	}
	return &tcp->certificate;
}

/* Who is it, and does he come from where he may? Unix sockets ask nobody: who may open one has its
 * role, and no web page can. False: refused. */
static bool let_in(struct exchange *x, const struct header_facts *f)
{
	_cleanup_(err_done) struct err e = { 0 };
	const struct httpd_access *access = x->port->pool->access;

	if (x->req.unix_socket)
		return true;
	if (httpd_check_origin(access, f, &x->connection->tcp.local, &e) == 0) {
		if (!httpd_auth_demanded(access))
			return true;
		if (httpd_authenticate(access, f, certificate_now(x), &x->req, &x->resp, &e) == 0)
			return true;
		note_denial(x, &e);
	}
	refuse(x, &e);
	return false;
}

/* All other checks that need no body, in the order in which a client would want to hear of them.
 * False: refused. */
static bool admit(struct exchange *x, const struct header_facts *f, const struct body_framing *b)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct exchange_pool *pool = x->port->pool;
	bool has_body = b->chunked || b->length > 0;

	if (x->err.code) {
		refuse(x, &x->err);
		return false;
	}
	x->admitted = true;
	if (!pool->hooks->admit(pool->arg, &x->req, &x->resp)) {
		x->state = EXCHANGE_REFUSED;
		return false;
	}
	x->limit = body_limit(&x->req, &pool->limits);
	if (check_body_size(&x->req, b->length, x->limit, &e) < 0 ||
	    (has_body && x->req.route->body != BODY_NONE &&
	     check_media_type(f, &x->req, &x->resp, &e) < 0)) {
		refuse(x, &e);
		return false;
	}
	return true;
}

/* The first call: the header is complete. */
static enum MHD_Result begin(struct exchange *x, const char *method, const char *version)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct header_facts facts = { .authority = x->req.authority };
	struct body_framing framing;
	int m;

	set_request_id(x);
	(void)MHD_get_connection_values_n(x->req.connection, MHD_HEADER_KIND, note_header, &facts);
	if (check_framing(&facts, version, &framing, &e) < 0) {
		/* Where this request ends is unknown, so what follows is not looked at. */
		x->resp.close = true;
		refuse(x, &e);
		return answer(x);
	}
	x->length = framing.length;
	x->state = EXCHANGE_BODY;
	m = http_method_parse(method, &x->req.head);
	if (!let_in(x, &facts)) {
		/* Each answer gives the connection more time, and strangers must not keep one. */
		x->resp.close = true;
	} else if (m < 0) {
		(void)err_set(&e, m, "method_not_implemented", "The method is not known.");
		refuse(x, &e);
	} else {
		x->req.method = (enum http_method)m;
		if (admit(x, &facts, &framing))
			return MHD_YES;
	}
	/* A client that waits for 100 (Continue) reads the answer now; a body beyond all limits is
	 * not worth reading. */
	if (framing.expects_continue || framing.length > x->port->pool->limits.max_document) {
		x->resp.close = true;
		return answer(x);
	}
	return MHD_YES;
}

/* Room for `more` bytes of body and a NUL: by Content-Length one allocation, else doubling. */
static int make_room(struct exchange *x, size_t more)
{
	size_t want = x->req.body_len + more + 1;
	size_t cap = x->length ? (size_t)x->length + 1 : x->body_cap ? x->body_cap : 8192;
	char *body;

	if (want <= x->body_cap)
		return 0;
	while (cap < want)
		cap *= 2;
	body = realloc(x->req.body, cap);
	if (!body)
		return -ENOMEM;
	x->req.body = body;
	x->body_cap = cap;
	return 0;
}

/* A piece of the body. MHD_NO closes the connection: only way out while a body is coming. */
static enum MHD_Result take_piece(struct exchange *x, const char *data, size_t size)
{
	_cleanup_(err_done) struct err e = { 0 };

	x->received += size;
	if (x->received > x->port->pool->limits.max_document && x->received > x->limit)
		return MHD_NO;
	if (x->state != EXCHANGE_BODY)
		return MHD_YES;
	if (check_body_size(&x->req, x->received, x->limit, &e) < 0) {
		refuse(x, &e);
		return MHD_YES;
	}
	/* Documents that wait for each other keep their bodies; small ones are let through. */
	if ((x->req.body_len + size > SMALL_BODY &&
	     x->port->pool->body_bytes + size > x->port->pool->limits.max_bodies) ||
	    make_room(x, size) < 0) {
		(void)err_set(&e, -ENOMEM, "out_of_memory", "There is no memory for the body.");
		refuse(x, &e);
		return MHD_YES;
	}
	memcpy(x->req.body + x->req.body_len, data, size);
	x->req.body_len += size;
	x->req.body[x->req.body_len] = '\0';
	count_body(x);
	return MHD_YES;
}

static void refuse_stopping(struct exchange *x)
{
	_cleanup_(err_done) struct err e = { 0 };

	(void)err_set(&e, -ESHUTDOWN, "stopping", "The daemon is stopping.");
	response_problem(&x->resp, &x->req, &e);
}

/* Writes that wait keep their connections: enough of these must be left for those who read. */
static void refuse_crowd(struct exchange *x)
{
	_cleanup_(err_done) struct err e = { 0 };

	(void)err_set(&e, -EBUSY, "too_many_requests", "%u writes wait for the kernel already.",
		      x->port->pool->limits.max_parked);
	response_problem(&x->resp, &x->req, &e);
}

/* The last call: the request is complete, or its answer is ready after parking. */
static enum MHD_Result finish(struct exchange *x)
{
	struct exchange_pool *pool = x->port->pool;

	if (x->state == EXCHANGE_PARKED)
		return MHD_YES;
	if (x->state == EXCHANGE_BODY) {
		if (pool->stopping) {
			refuse_stopping(x);
		} else if (x->req.method != HTTP_GET && pool->n_parked >= pool->limits.max_parked) {
			refuse_crowd(x);
		} else if (!pool->hooks->handle(pool->arg, &x->req, &x->resp)) {
			count_body(x);
			park(x);
			return MHD_YES;
		}
		x->state = EXCHANGE_READY;
	}
	return answer(x);
}

enum MHD_Result exchange_on_request(void *cls, struct MHD_Connection *mhd, const char *url,
				    const char *method, const char *version, const char *data,
				    size_t *size, void **context)
{
	struct exchange *x = *context;
	enum MHD_Result r;

	((struct port *)cls)->moved = true;
	(void)mhd;
	(void)url; /* decoded already: "%2F" and "%00" are lost in it */
	if (!x)
		return MHD_NO;
	if (x->state == EXCHANGE_TARGET)
		return begin(x, method, version);
	if (*size == 0)
		return finish(x);
	r = take_piece(x, data, *size);
	*size = 0;
	return r;
}

size_t exchange_resume(struct exchange_pool *pool)
{
	struct exchange *next;
	size_t n = 0;

	for (struct exchange *x = pool->parked; x; x = next) {
		next = x->next;
		if (!pool->hooks->resume(pool->arg, &x->req, &x->resp, pool->stopping)) {
			count_body(x); /* it may be read by now */
			if (!pool->stopping)
				continue;
			refuse_stopping(x);
		}
		unpark(x);
		MHD_resume_connection(x->req.connection);
		pool->pump = true;
		n++;
	}
	return n;
}

void exchange_enforce_deadlines(struct exchange_pool *pool, int64_t now)
{
	int64_t request = (int64_t)pool->limits.request_seconds * 1000;
	int64_t idle = (int64_t)pool->limits.idle_seconds * 1000;

	for (struct connection *c = pool->connections; c; c = c->next) {
		const struct exchange *x = c->current;
		/* Between two requests the idle timeout rules; a connection that outlives it feeds
		 * its request line in byte by byte. */
		int64_t until = c->since + request + (x ? 0 : idle);

		if (x && x->state > EXCHANGE_REFUSED)
			continue;
		/* libmicrohttpd has no call for this: it sees the end of the stream and closes. */
		if (now > until)
			(void)shutdown(c->fd, SHUT_RDWR);
	}
}

void exchange_distrust(const struct port *port)
{
	for (struct connection *c = port->pool->connections; c; c = c->next) {
		struct peer_certificate *shown = &c->tcp.certificate;

		if (c->port != port)
			continue;
		if (!c->current) {
			(void)shutdown(c->fd, SHUT_RDWR);
			continue;
		}
		if (shown->state == CERTIFICATE_UNKNOWN)
			httpd_tls_peer(c->current->req.connection, shown);
		if (shown->state == CERTIFICATE_GOOD) {
			shown->state = CERTIFICATE_BAD;
			(void)snprintf(shown->text, sizeof(shown->text),
				       "The client CA has changed since it was shown.");
		}
	}
}

int64_t exchange_next_deadline(const struct exchange_pool *pool, int64_t now)
{
	int64_t next = INT64_MAX;

	for (const struct exchange *x = pool->parked; x; x = x->next) {
		if (x->req.deadline > now && x->req.deadline < next)
			next = x->req.deadline;
	}
	return next;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server: one libmicrohttpd daemon per listening socket in external epoll mode, all their
 * epoll descriptors inside one. Called by main's loop; what happens to a request is in
 * httpd_exchange.c. The order of calls below works around measured traits of 0.9.75: a resumed
 * connection wakes nothing; at the connection limit the listener stays deaf until a later
 * MHD_run(); MHD_stop_daemon() aborts the process when a connection is suspended; half a TLS
 * handshake spins.
 */
#include "httpd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "httpd_exchange.h"
#include "httpd_tls.h"
#include "log.h"
#include "tokens.h"

#define CONNECTION_MEMORY ((size_t)64 * 1024) /* smaller pools stay resident after the close */
#define MAX_SLEEP_MS	  1000
#define DEADLINE_CHECK_MS 500
#define STOP_DRAIN_MS	  500 /* how long answers may flow out after the stop */
#define HANDSHAKE_NAP_MS  5

struct httpd {
	struct exchange_pool pool;
	struct port *ports;
	int epoll_fd;
	int64_t next_run; /* at the latest, for the deadlines and as a belt for a deaf listener */
};

int httpd_new(const struct httpd_hooks *hooks, void *arg, const struct httpd_limits *limits,
	      struct httpd **ret)
{
	struct httpd *h;

	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->pool = (struct exchange_pool){ .hooks = hooks, .arg = arg, .limits = *limits };
	h->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll_fd < 0) {
		int r = -errno;

		free(h);
		return r;
	}
	*ret = h;
	return 0;
}

static void on_log(void *cls, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Peers that misbehave are no business of the operator: debug. */
static void on_log(void *cls, const char *fmt, va_list ap)
{
	char line[512];

	(void)cls;
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	log_debug("libmicrohttpd: %s", line);
}

static struct MHD_Daemon *start(struct port *port, int fd)
{
	const struct httpd_limits *limits = &port->pool->limits;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem tls[HTTPD_TLS_OPTIONS] = { { MHD_OPTION_END, 0, NULL } };

	if (port->access) {
		flags |= MHD_USE_TLS;
		httpd_tls_options(port->access, tls);
	}
	return MHD_start_daemon(
		flags, 0, NULL, NULL, exchange_on_request, port, MHD_OPTION_EXTERNAL_LOGGER, on_log,
		NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 0,
		MHD_OPTION_URI_LOG_CALLBACK, exchange_on_target, port, MHD_OPTION_NOTIFY_COMPLETED,
		exchange_on_completed, port, MHD_OPTION_NOTIFY_CONNECTION, exchange_on_connection,
		port, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_LIMIT, limits->max_connections, MHD_OPTION_CONNECTION_TIMEOUT,
		limits->idle_seconds, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		/* Without TLS the list ends here. */
		port->access ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, HTTPD_TLS_PRIORITIES,
		MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

static struct httpd_access *access_ref(struct httpd_access *access)
{
	access->refs++;
	return access;
}

static void access_unref(struct httpd_access *access)
{
	if (access && --access->refs == 0)
		httpd_access_free(access);
}

static void port_free(struct port *port)
{
	if (port->daemon)
		MHD_stop_daemon(port->daemon);
	access_unref(port->access);
	free(port);
}

/* A port on a listening socket, which it closes in any case. NULL when it cannot be. */
static struct port *port_new(struct httpd *h, const struct httpd_listener *l,
			     struct httpd_access *access)
{
	struct epoll_event event = { .events = EPOLLIN };
	const union MHD_DaemonInfo *info;
	struct port *port;

	port = calloc(1, sizeof(*port));
	if (!port) {
		close(l->fd);
		return NULL;
	}
	*port = (struct port){
		.pool = &h->pool,
		.role = l->role,
		.unix_socket = l->unix_socket,
	};
	if (!l->unix_socket && access && access->certificate)
		port->access = access_ref(access);
	port->daemon = start(port, l->fd);
	if (!port->daemon) {
		/* Where it failed decides whether libmicrohttpd closed the socket; a second close
		 * is harmless in a single thread. */
		close(l->fd);
		port_free(port);
		return NULL;
	}
	info = MHD_get_daemon_info(port->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info || epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, info->epoll_fd, &event) < 0) {
		port_free(port);
		return NULL;
	}
	return port;
}

int httpd_listen(struct httpd *h, const struct httpd_listener *listener)
{
	struct port *port = port_new(h, listener, h->pool.access);

	if (!port)
		return -EIO;
	port->next = h->ports;
	h->ports = port;
	return 0;
}

/* A port in the place of one that speaks TLS, on the same socket: libmicrohttpd cannot change the
 * certificate of a daemon that runs. NULL when it cannot be. */
static struct port *port_again(struct httpd *h, const struct port *port,
			       struct httpd_access *access)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(port->daemon, MHD_DAEMON_INFO_LISTEN_FD);
	struct httpd_listener l = { .role = port->role };

	l.fd = info ? fcntl(info->listen_fd, F_DUPFD_CLOEXEC, 3) : -1;
	return l.fd < 0 ? NULL : port_new(h, &l, access);
}

static void retire(struct port *port)
{
	int fd = MHD_quiesce_daemon(port->daemon);

	closep(&fd);
	port->retired = true;
}

/* Frees what has been retired and has lost its last connection. */
static void bury(struct httpd *h)
{
	struct port **at = &h->ports;

	while (*at) {
		struct port *port = *at;

		if (!port->retired || port->connections > 0) {
			at = &port->next;
			continue;
		}
		*at = port->next;
		port_free(port);
	}
}

/* A new port for each that speaks TLS, as a list. 0 or -EIO. */
static int ports_again(struct httpd *h, struct httpd_access *access, struct port **ret)
{
	for (const struct port *old = h->ports; old; old = old->next) {
		struct port *port;

		if (!old->access || old->retired)
			continue;
		port = port_again(h, old, access);
		if (!port)
			return -EIO;
		port->next = *ret;
		*ret = port;
	}
	return 0;
}

static bool same_client_ca(const struct httpd_access *a, const struct httpd_access *b)
{
	const char *one = a->client_ca, *other = b->client_ca;

	return one && other ? streq(one, other) : !one && !other;
}

int httpd_set_access(struct httpd *h, struct httpd_access *access)
{
	struct port *fresh = NULL, *next, **end = &fresh;
	int r;

	(void)access_ref(access);
	r = ports_again(h, access, &fresh);
	if (r < 0) {
		for (struct port *port = fresh; port; port = next) {
			next = port->next;
			port_free(port);
		}
		access->refs--; /* the caller's again */
		return r;
	}
	for (struct port *old = h->ports; old; old = old->next) {
		if (!old->access)
			continue;
		if (!old->retired)
			retire(old);
		/* Its sessions know the old CA only. */
		if (!same_client_ca(old->access, access))
			exchange_distrust(old);
	}
	while (*end)
		end = &(*end)->next;
	*end = h->ports;
	h->ports = fresh;
	access_unref(h->pool.access);
	h->pool.access = access;
	return 0;
}

void httpd_access_free(struct httpd_access *access)
{
	if (!access)
		return;
	tokens_free(access->tokens);
	free(access->certificate);
	if (access->key)
		explicit_bzero(access->key, strlen(access->key));
	free(access->key);
	free(access->client_ca);
	vec_foreach(host, &access->hosts)
		free(*host);
	vec_done(&access->hosts);
	free(access);
}

int httpd_fd(const struct httpd *h)
{
	return h->epoll_fd;
}

/* When a port wants to run again, in ms; MAX_SLEEP_MS: when its descriptor says so. */
static int64_t port_timeout(const struct port *port)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(port->daemon, &ms) != MHD_YES || ms >= MAX_SLEEP_MS)
		return MAX_SLEEP_MS;
	/* Half a handshake makes 0.9.75 ask for another run at once, for ever: a stranger's few
	 * bytes would keep the processor busy. What comes next wakes the descriptor. Requests that
	 * stand still beside it ask for nothing; bodies that come make callbacks. */
	if (port->access && !port->moved && port->pool->n_answering == 0 && ms < HANDSHAKE_NAP_MS)
		return HANDSHAKE_NAP_MS;
	return (int64_t)ms;
}

int httpd_timeout(struct httpd *h)
{
	int64_t now, until;

	if (h->pool.pump || h->pool.streams.waiting)
		return 0;
	now = exchange_now_ms();
	until = h->next_run;
	for (struct port *port = h->ports; port; port = port->next) {
		int64_t ms = port_timeout(port);

		if (now + ms < until)
			until = now + ms;
	}
	if (exchange_next_deadline(&h->pool, now) < until)
		until = exchange_next_deadline(&h->pool, now);
	return until > now ? (int)(until - now) : 0;
}

void httpd_run(struct httpd *h)
{
	int64_t now = exchange_now_ms();

	h->pool.pump = false;
	httpd_streams_run(&h->pool.streams);
	/* Before the pump, so that it sees the connections that are cut. */
	exchange_enforce_deadlines(&h->pool, now);
	for (struct port *port = h->ports; port; port = port->next) {
		port->moved = false;
		/* Twice: the first frees a place at the connection limit, only the second puts the
		 * listening socket back into the epoll set. */
		(void)MHD_run(port->daemon);
		(void)MHD_run(port->daemon);
	}
	bury(h);
	h->next_run = now + (h->pool.connections ? DEADLINE_CHECK_MS : MAX_SLEEP_MS);
}

size_t httpd_resume(struct httpd *h)
{
	return exchange_resume(&h->pool);
}

/* Lets the last answers flow out. A reader that does not read is cut after STOP_DRAIN_MS. */
static void drain(struct httpd *h)
{
	int64_t until = exchange_now_ms() + STOP_DRAIN_MS;
	struct epoll_event event;

	do {
		(void)exchange_resume(&h->pool);
		httpd_run(h);
		if (h->pool.n_answering > 0)
			(void)epoll_wait(h->epoll_fd, &event, 1, h->pool.streams.waiting ? 0 : 20);
	} while (h->pool.parked || (h->pool.n_answering > 0 && exchange_now_ms() < until));
}

void httpd_free(struct httpd *h)
{
	struct port *next;

	if (!h)
		return;
	h->pool.stopping = true;
	for (struct port *port = h->ports; port; port = port->next) {
		if (!port->retired)
			retire(port);
	}
	drain(h);
	while (h->pool.streams.waiting) /* libmicrohttpd would not stop with suspended ones */
		httpd_streams_run(&h->pool.streams);
	for (struct port *port = h->ports; port; port = next) {
		next = port->next;
		port_free(port);
	}
	access_unref(h->pool.access);
	close(h->epoll_fd);
	free(h);
}

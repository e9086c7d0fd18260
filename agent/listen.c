/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listening sockets of listen.h. Called by main; knows neither HTTP nor the loop. */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "inaddr.h"
#include "log.h"
#include "num.h"
#include "util.h"

#define SOCKET_MODE 0660
#define BACKLOG	    128
#define SCOPE	    "listen_failed"

static int add(struct listen_set *set, int fd, enum listen_kind kind, struct err *e)
{
	if (set->n >= LISTEN_MAX)
		return err_set(e, -E2BIG, SCOPE, "There are more than %d listening sockets.",
			       LISTEN_MAX);
	set->sockets[set->n++] = (struct listen_socket){ .fd = fd, .kind = kind };
	return 0;
}

static bool holds(const struct listen_set *set, enum listen_kind kind)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->sockets[i].kind == kind)
			return true;
	}
	return false;
}

/* Removes the socket file of a daemon that is gone. 0 also when there is no file. */
static int remove_stale(const struct sockaddr_un *sa, struct err *e)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;

	if (lstat(sa->sun_path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_set(e, -errno, SCOPE, "Cannot look at %s: %s",
						 sa->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, -EEXIST, SCOPE, "%s is there and is no socket.", sa->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(e, -errno, SCOPE, "Cannot make a unix socket: %s", strerror(errno));
	/* Only a refusal proves that nobody is there; a full backlog (EAGAIN) proves the opposite.
	 */
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0 || errno != ECONNREFUSED)
		return err_set(e, -EADDRINUSE, SCOPE, "%s is in use by another process.",
			       sa->sun_path);
	if (unlink(sa->sun_path) < 0 && errno != ENOENT)
		return err_set(e, -errno, SCOPE, "Cannot remove the stale %s: %s", sa->sun_path,
			       strerror(errno));
	return 0;
}

static int open_unix(const char *dir, const char *name, int *ret, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = -1;
	mode_t mask;
	int n, r;

	n = snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(sa.sun_path))
		return err_set(e, -ENAMETOOLONG, SCOPE,
			       "The path of the socket %s in %s is longer than %zu bytes.", name,
			       dir, sizeof(sa.sun_path) - 1);
	r = remove_stale(&sa, e);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(e, -errno, SCOPE, "Cannot make a unix socket: %s", strerror(errno));
	/* By the mask the file never is open to more than it should be, not even for a moment. */
	mask = umask(0777 & ~SOCKET_MODE);
	r = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ? -errno : 0;
	(void)umask(mask);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	if (r < 0)
		return err_set(e, r, SCOPE, "Cannot listen on %s: %s", sa.sun_path, strerror(-r));
	*ret = fd;
	fd = -1;
	return 0;
}

int listen_unix(struct listen_set *set, const char *dir, struct err *e)
{
	static const struct {
		const char *name;
		enum listen_kind kind;
	} files[] = { { "admin.sock", LISTEN_ADMIN }, { "readonly.sock", LISTEN_READONLY } };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd = -1, r;

		if (holds(set, files[i].kind))
			continue;
		r = open_unix(dir, files[i].name, &fd, e);
		if (r < 0)
			return r;
		r = add(set, fd, files[i].kind, e);
		if (r < 0) {
			close(fd);
			return r;
		}
		log_info("Listening on %s/%s", dir, files[i].name);
	}
	return 0;
}

/* Splits "tcp://ADDR:PORT" or "tcp://[ADDR]:PORT". */
static int parse_url(const char *url, struct inaddr *ret, uint16_t *ret_port)
{
	const char *host = url + strlen("tcp://"), *colon = strrchr(url, ':');
	struct inaddr a;
	uint64_t port;
	size_t len;

	if (strncmp(url, "tcp://", strlen("tcp://")) != 0 || colon < host)
		return -EINVAL;
	len = (size_t)(colon - host);
	if (num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port) < 0)
		return -EINVAL;
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		if (inaddr_parse(host + 1, len - 2, &a) < 0 || a.family != AF_INET6)
			return -EINVAL;
	} else if (inaddr_parse(host, len, &a) < 0 || a.family != AF_INET) {
		return -EINVAL;
	}
	*ret = a;
	*ret_port = (uint16_t)port;
	return 0;
}

static socklen_t make_sockaddr(const struct inaddr *a, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;

	*ret = (struct sockaddr_storage){ .ss_family = a->family };
	if (a->family == AF_INET6) {
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, a->bytes, sizeof(v6->sin6_addr));
		return sizeof(*v6);
	}
	v4->sin_port = htons(port);
	memcpy(&v4->sin_addr, a->bytes, sizeof(v4->sin_addr));
	return sizeof(*v4);
}

static int open_tcp(const struct inaddr *a, uint16_t port, int *ret)
{
	_cleanup_(closep) int fd = -1;
	struct sockaddr_storage sa = { 0 };
	socklen_t len = make_sockaddr(a, port, &sa);
	int on = 1;

	fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A restart must not wait for the old connections to time out. What [::] means must not
	 * depend on a sysctl. */
	if ((a->family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&sa, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	*ret = fd;
	fd = -1;
	return 0;
}

static uint16_t local_port(int fd)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return 0;
	return ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
					      : ((struct sockaddr_in *)&sa)->sin_port);
}

static bool is_loopback(const struct inaddr *a)
{
	static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;

	if (a->family == AF_INET)
		return a->bytes[0] == 127;
	return memcmp(a->bytes, &loopback, sizeof(loopback)) == 0;
}

static int refuse_beyond_loopback(struct err *e, const char *what)
{
	return err_set(e, -EPERM, SCOPE,
		       "%.128s is beyond loopback. That needs TLS and authentication, else anybody "
		       "could rule this host's load balancer: set tls-certificate and tls-key, and "
		       "tls-client-ca or tokens. Or use 127.0.0.1 or [::1], or forward a unix "
		       "socket by ssh.",
		       what);
}

static int fit_url(const struct listen_set *set, const char *url, struct inaddr *ret,
		   uint16_t *ret_port, struct err *e)
{
	if (parse_url(url, ret, ret_port) < 0)
		return err_set(e, -EINVAL, SCOPE,
			       "\"%.128s\" is not tcp://ADDRESS:PORT (IPv6 in brackets).", url);
	return set->beyond_loopback || is_loopback(ret) ? 0 : refuse_beyond_loopback(e, url);
}

int listen_check_tcp(const struct listen_set *set, const char *url, struct err *e)
{
	struct inaddr a;
	uint16_t port;

	return fit_url(set, url, &a, &port, e);
}

int listen_tcp(struct listen_set *set, const char *url, struct err *e)
{
	char text[INADDR_TEXT_MAX];
	struct inaddr a;
	uint16_t port;
	int fd = -1, r = fit_url(set, url, &a, &port, e);

	if (r < 0)
		return r;
	r = open_tcp(&a, port, &fd);
	if (r < 0)
		return err_set(e, r, SCOPE, "Cannot listen on %.128s: %s", url, strerror(-r));
	r = add(set, fd, LISTEN_TCP, e);
	if (r < 0) {
		close(fd);
		return r;
	}
	log_info(a.family == AF_INET6 ? "Listening on tcp://[%s]:%u" : "Listening on tcp://%s:%u",
		 inaddr_format(&a, text), (unsigned)local_port(fd));
	return 0;
}

/* A passed TCP socket is held to the same rule as one of our own. */
static int check_passed_tcp(const struct listen_set *set, int fd, struct err *e)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	char text[INADDR_TEXT_MAX];
	struct inaddr a = { 0 };

	if (set->beyond_loopback)
		return 0;
	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return err_set(e, -errno, SCOPE, "Cannot look at systemd's socket tcp: %s",
			       strerror(errno));
	if (sa.ss_family == AF_INET)
		memcpy(a.bytes, &((struct sockaddr_in *)&sa)->sin_addr, 4);
	else
		memcpy(a.bytes, &((struct sockaddr_in6 *)&sa)->sin6_addr, 16);
	a.family = (uint8_t)sa.ss_family;
	return is_loopback(&a) ? 0 : refuse_beyond_loopback(e, inaddr_format(&a, text));
}

static bool passed_fits(int fd, enum listen_kind kind)
{
	if (kind != LISTEN_TCP)
		return sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0;
	return sd_is_socket(fd, AF_INET, SOCK_STREAM, 1) > 0 ||
	       sd_is_socket(fd, AF_INET6, SOCK_STREAM, 1) > 0;
}

static int take_passed(struct listen_set *set, int fd, const char *name, struct err *e)
{
	static const char *const names[] = {
		[LISTEN_ADMIN] = "admin",
		[LISTEN_READONLY] = "readonly",
		[LISTEN_TCP] = "tcp",
	};
	size_t kind = 0;
	int flags;

	while (kind < ARRAY_SIZE(names) && !streq(names[kind], name))
		kind++;
	if (kind == ARRAY_SIZE(names) || !passed_fits(fd, (enum listen_kind)kind))
		return err_set(e, -EINVAL, SCOPE,
			       "systemd passed a socket named \"%.64s\". Wanted: listening unix "
			       "sockets admin and readonly, and TCP sockets tcp.",
			       name);
	if (kind == LISTEN_TCP && check_passed_tcp(set, fd, e) < 0)
		return -EPERM;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_set(e, -errno, SCOPE, "Cannot prepare the socket %s: %s", name,
			       strerror(errno));
	return add(set, fd, (enum listen_kind)kind, e);
}

int listen_from_systemd(struct listen_set *set, struct err *e)
{
	char **names = NULL;
	int n, r = 0;

	n = sd_listen_fds_with_names(1, &names);
	if (n < 0)
		return err_set(e, n, SCOPE, "Cannot take over systemd's sockets: %s", strerror(-n));
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = take_passed(set, SD_LISTEN_FDS_START + i, names[i], e);
		free(names[i]);
	}
	free(names);
	return r;
}

void listen_done(struct listen_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		close(set->sockets[i].fd);
	*set = (struct listen_set){ 0 };
}

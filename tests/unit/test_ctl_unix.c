/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the HTTP client for the unix socket: answers with a length, in chunks and without
 * either, a kept connection that was closed, and what is no HTTP. The server is a process with a
 * script. */
#include "ctl_unix.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "test.h"
#include "util.h"

struct seen {
	struct buf headers, body;
	int pieces_wanted; /* 0: all */
};

static void on_header(void *arg, const char *line, size_t len)
{
	struct seen *s = arg;

	buf_add(&s->headers, line, len);
	buf_add(&s->headers, "|", 1);
}

static int on_body(void *arg, long status, const char *data, size_t len)
{
	struct seen *s = arg;

	(void)status;
	buf_add(&s->body, data, len);
	return s->pieces_wanted && --s->pieces_wanted == 0 ? -1 : 0;
}

/* Answers the requests of one connection each; NULL ends a connection, a second NULL the server. */
static void serve(int listener, const char *const *answers)
{
	char request[4096];

	for (; *answers; answers++) {
		int fd = accept(listener, NULL, NULL);

		for (; *answers; answers++) {
			if (recv(fd, request, sizeof(request), 0) <= 0)
				break;
			(void)!write(fd, *answers, strlen(*answers));
		}
		close(fd);
	}
	_exit(0);
}

struct server {
	pid_t pid;
	char path[64];
	struct ctl_unix *client;
};

static void start(struct server *s, const char *const *answers)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(s->path, sizeof(s->path), "/tmp/test_ctl_unix.%d", (int)getpid());
	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", s->path);
	(void)unlink(s->path);
	CHECK(bind(listener, (const struct sockaddr *)&sa, sizeof(sa)) == 0);
	CHECK(listen(listener, 4) == 0);
	s->pid = fork();
	if (s->pid == 0)
		serve(listener, answers);
	close(listener);
	s->client = ctl_unix_new();
	CHECK(s->client != NULL);
}

static void stop(struct server *s)
{
	ctl_unix_free(s->client);
	(void)unlink(s->path);
	(void)waitpid(s->pid, NULL, 0);
}

static int get(struct server *s, struct seen *seen, long *status)
{
	const struct ctl_unix_request r = { .method = "GET",
					    .target = "/v1",
					    .on_header = on_header,
					    .on_body = on_body,
					    .arg = seen };

	buf_clear(&seen->headers);
	buf_clear(&seen->body);
	return ctl_unix_request(s->client, s->path, &r, 5, status);
}

static void done(struct seen *seen)
{
	buf_done(&seen->headers);
	buf_done(&seen->body);
}

TEST(lengths_and_chunks)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nETag: \"7\"\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n"
		"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nConnection: close\r\n\r\n{}",
		NULL,
		NULL,
	};
	struct server s;
	struct seen seen = { 0 };
	long status = 0;

	start(&s, answers);
	CHECK_INT(get(&s, &seen, &status), 0);
	CHECK_INT(status, 200);
	CHECK_STR(seen.body.data, "hello");
	CHECK_STR(seen.headers.data, "ETag: \"7\"|Content-Length: 5|");
	CHECK_INT(get(&s, &seen, &status), 0);
	CHECK_INT(status, 201);
	CHECK_STR(seen.body.data, "abc0123456789");
	CHECK_INT(get(&s, &seen, &status), 0);
	CHECK_INT(status, 204);
	CHECK_INT(seen.body.len, 0);
	CHECK_INT(get(&s, &seen, &status), 0);
	CHECK_INT(status, 404);
	CHECK_STR(seen.body.data, "{}");
	done(&seen);
	stop(&s);
}

/* Between two requests the server closes: the second one is sent again. */
TEST(closed_connection)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
		NULL,
		"HTTP/1.1 200 OK\r\n\r\nto the end",
		NULL,
		NULL,
	};
	struct server s;
	struct seen seen = { 0 };
	long status = 0;

	start(&s, answers);
	CHECK_INT(get(&s, &seen, &status), 0);
	CHECK_STR(seen.body.data, "a");
	CHECK_INT(get(&s, &seen, &status), 0);
	CHECK_STR(seen.body.data, "to the end");
	done(&seen);
	stop(&s);
}

TEST(faults)
{
	static const char *const bad[] = {
		"SSH-2.0\r\n\r\n",
		"HTTP/1.1 xx OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	};
	static const char *const whole[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", NULL, NULL
	};
	struct seen seen = { 0 };
	struct server s;
	long status = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *const answers[] = { bad[i], NULL, NULL };

		start(&s, answers);
		CHECK_INT(get(&s, &seen, &status), -EPROTO);
		stop(&s);
	}
	start(&s, whole); /* and the caller ends it */
	seen.pieces_wanted = 1;
	CHECK_INT(get(&s, &seen, &status), -ECANCELED);
	stop(&s);
	s.client = ctl_unix_new();
	(void)snprintf(s.path, sizeof(s.path), "/tmp/test_ctl_unix.none");
	CHECK_INT(get(&s, &seen, &status), -ENOENT);
	ctl_unix_free(s.client);
	done(&seen);
}

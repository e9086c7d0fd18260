/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of the lab: asks servers and prints what they answer, without the lines of the header.
 *
 *   visitor get URL                         one HTTP request
 *   visitor count NUMBER FIRST-PORT URL     so many, each on a new connection from the next port
 *   visitor datagrams NUMBER ADDRESS PORT   so many datagrams from one socket, so from one port
 *
 * A URL is http://ADDRESS[:PORT]/PATH. A connection has 3 s to be there, an answer 5 s from the
 * beginning, a datagram's 2 s. What fails is told on stderr, the rest goes on, and the exit status
 * is 1. Linked like real-server.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lab_address.h"

#define CONNECT_MS  3000
#define REQUEST_MS  5000
#define DATAGRAM_S  2
#define ANSWER_SIZE 65536

struct url {
	struct lab_address server;
	char authority[80];
	const char *path;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct url parse_url(const char *text)
{
	char address[64], port[8] = "80";
	struct url url = { 0 };
	int len = 0;

	if (sscanf(text, "http://%79[^/]%n", url.authority, &len) != 1 || !text[len])
		errx(2, "no URL: %s", text);
	if (sscanf(url.authority, "[%63[^]]]:%7s", address, port) < 1 &&
	    sscanf(url.authority, "%63[^:]:%7s", address, port) < 1)
		errx(2, "no address in %s", text);
	url.server = lab_address(address, port);
	url.path = text + len;
	return url;
}

/* False when the time is over, with errno. */
static bool wait_for(int fd, short events, int64_t end)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = end - now_ms();

	if (left > 0 && poll(&p, 1, (int)left) > 0)
		return true;
	errno = ETIMEDOUT;
	return false;
}

/* From that port, or any where it is 0. False with errno. */
static bool connect_from(int fd, unsigned port, const struct lab_address *server, int64_t end)
{
	struct lab_address here =
		lab_address(server->any.sa_family == AF_INET ? "0.0.0.0" : "::", "0");
	socklen_t size = sizeof(int);
	int problem = 0;

	/* The port is at the same place in both. */
	here.v4.sin_port = htons((in_port_t)port);
	if (port && bind(fd, &here.any, here.size) < 0)
		return false;
	if (connect(fd, &server->any, server->size) == 0)
		return true;
	if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, end) ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) < 0)
		return false;
	errno = problem;
	return problem == 0;
}

/* Whether the answer is whole; the body is printed as far as it came. */
static bool print_answer(char *answer, size_t len, bool ended)
{
	char *body, *length;
	size_t wanted;

	answer[len] = '\0';
	body = strstr(answer, "\r\n\r\n");
	if (!body) {
		if (ended)
			errno = EPROTO;
		return false;
	}
	*body = '\0'; /* so that the header is searched alone */
	body += 4;
	len -= (size_t)(body - answer);
	length = strcasestr(answer, "\r\nContent-Length:");
	wanted = length ? strtoul(length + 17, NULL, 10) : SIZE_MAX;
	body[-4] = '\r';
	if (len < wanted && !ended)
		return false;
	fwrite(body, 1, len < wanted ? len : wanted, stdout);
	errno = EPROTO;
	return len >= wanted || !length;
}

/* False with errno. */
static bool receive(int fd, int64_t end)
{
	static char answer[ANSWER_SIZE + 1];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0) {
		if (!wait_for(fd, POLLIN, end)) {
			(void)print_answer(answer, len, true);
			errno = ETIMEDOUT;
			return false;
		}
		n = recv(fd, answer + len, ANSWER_SIZE - len, 0);
		if (n < 0)
			return false;
		len += (size_t)n;
		if (print_answer(answer, len, n == 0))
			return true;
	}
	return false;
}

static bool request(const struct url *url, unsigned port)
{
	int64_t begin = now_ms();
	int fd = socket(url->server.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char text[1024];
	int len =
		snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n%s\r\n",
			 url->path, url->authority, port ? "Connection: close\r\n" : "");
	bool good;

	if (fd < 0 || (size_t)len >= sizeof(text))
		err(1, "request");
	good = connect_from(fd, port, &url->server, begin + CONNECT_MS) &&
	       send(fd, text, (size_t)len, MSG_NOSIGNAL) == len && receive(fd, begin + REQUEST_MS);
	if (!good)
		warn("%s", url->authority);
	close(fd);
	return good;
}

static bool requests(unsigned count, unsigned port, const char *text)
{
	struct url url = parse_url(text);
	bool good = true;

	for (unsigned i = 0; i < count; i++)
		good = request(&url, port ? port + i : 0) && good;
	return good;
}

static bool datagrams(unsigned count, const char *address, const char *port)
{
	const struct timeval patience = { .tv_sec = DATAGRAM_S };
	struct lab_address server = lab_address(address, port);
	int fd = socket(server.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static char answer[65536];
	bool good = true;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, &server.any, server.size) < 0)
		err(1, "%s", address);
	for (unsigned i = 0; i < count; i++) {
		ssize_t n = -1;

		if (dprintf(fd, "datagram %u\n", i) > 0)
			n = recv(fd, answer, sizeof(answer), 0);
		if (n >= 0)
			fwrite(answer, 1, (size_t)n, stdout);
		else
			warn("datagram %u", i);
		good = good && n >= 0;
	}
	close(fd);
	return good;
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	bool good = false;

	if (argc == 3 && !strcmp(argv[1], "get"))
		good = requests(1, 0, argv[2]);
	else if (argc == 5 && !strcmp(argv[1], "count"))
		good = requests(number(argv[2]), number(argv[3]), argv[4]);
	else if (argc == 5 && !strcmp(argv[1], "datagrams"))
		good = datagrams(number(argv[2]), argv[3], argv[4]);
	else
		errx(2,
		     "usage: visitor get URL | count NUMBER PORT URL | datagrams NUMBER ADDRESS PORT");
	if (fflush(stdout))
		err(1, "output");
	return good ? 0 : 1;
}

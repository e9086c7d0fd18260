/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real server of the lab: answers every HTTP/1.1 request (keep-alive) or every datagram with one
 * line.
 *
 *   real-server tcp|udp ADDRESS PORT TEXT READY-FILE
 *
 * READY-FILE appears once the socket listens. Linked without shared libraries where that is
 * possible, since under user-mode-linux the start of a program is what a scenario waits for.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab_address.h"

#define LONGEST_REQUEST 65536
#define MOST_CLIENTS	4096

struct client {
	char *request; /* bytes of one that is not complete yet, with a NUL behind them */
	size_t len;
};

static struct pollfd fds[1 + MOST_CLIENTS]; /* the first one listens */
static struct client clients[1 + MOST_CLIENTS];
static nfds_t count = 1;

static int listen_at(int type, const char *address, const char *port)
{
	struct lab_address here = lab_address(address, port);
	int one = 1, fd = socket(here.any.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    (here.any.sa_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) < 0) ||
	    bind(fd, &here.any, here.size) < 0 || (type == SOCK_STREAM && listen(fd, 128) < 0))
		err(1, "%s %s", address, port);
	return fd;
}

static void accept_client(void)
{
	int fd = accept4(fds[0].fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (count == 1 + MOST_CLIENTS) {
		close(fd);
		return;
	}
	fds[count] = (struct pollfd){ .fd = fd, .events = POLLIN };
	clients[count++] = (struct client){ 0 };
}

/* The last one takes its place. */
static void drop_client(nfds_t i)
{
	close(fds[i].fd);
	free(clients[i].request);
	count--;
	fds[i] = fds[count];
	clients[i] = clients[count];
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* False where the connection ends with this answer. The head ends with a NUL. */
static bool answer(int fd, const char *head, const char *text)
{
	const char *old = strstr(head, " HTTP/1.0");
	bool close_it =
		strcasestr(head, "connection: close") || (old && old < head + strcspn(head, "\r"));
	char *reply;
	int len = asprintf(&reply,
			   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
			   "%s\r\n%s\n",
			   strlen(text) + 1, close_it ? "Connection: close\r\n" : "", text);
	bool sent;

	if (len < 0)
		err(1, "asprintf");
	sent = send_all(fd, reply, (size_t)len);
	free(reply);
	return sent && !close_it;
}

/* Answers what is complete of its requests; false where it is to be dropped. */
static bool serve_client(int fd, struct client *c, const char *text)
{
	char *end;
	ssize_t n;

	if (!c->request && !(c->request = malloc(LONGEST_REQUEST + 1)))
		err(1, "malloc");
	n = recv(fd, c->request + c->len, LONGEST_REQUEST - c->len, 0);
	if (n <= 0) /* so it is too where there is no room */
		return false;
	c->len += (size_t)n;
	c->request[c->len] = '\0';
	while ((end = memmem(c->request, c->len, "\r\n\r\n", 4))) {
		*end = '\0';
		if (!answer(fd, c->request, text))
			return false;
		c->len -= (size_t)(end + 4 - c->request);
		memmove(c->request, end + 4, c->len + 1);
	}
	return true;
}

static void serve_tcp(int listener, const char *text)
{
	fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
	for (;;) {
		if (poll(fds, count, -1) < 0 && errno != EINTR)
			err(1, "poll");
		for (nfds_t i = count - 1; i > 0; i--)
			if (fds[i].revents && !serve_client(fds[i].fd, &clients[i], text))
				drop_client(i);
		if (fds[0].revents)
			accept_client();
	}
}

static void serve_udp(int fd, const char *text)
{
	char *line;
	int len = asprintf(&line, "%s\n", text);

	if (len < 0)
		err(1, "asprintf");
	for (;;) {
		struct sockaddr_storage peer;
		socklen_t size = sizeof(peer);
		char byte;

		if (recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&peer, &size) < 0 ||
		    sendto(fd, line, (size_t)len, 0, (struct sockaddr *)&peer, size) < 0)
			err(1, "datagram");
	}
}

int main(int argc, char **argv)
{
	FILE *ready;
	bool tcp;
	int fd;

	if (argc != 6 || (strcmp(argv[1], "tcp") && strcmp(argv[1], "udp")))
		errx(2, "usage: real-server tcp|udp ADDRESS PORT TEXT READY-FILE");
	tcp = !strcmp(argv[1], "tcp");
	fd = listen_at(tcp ? SOCK_STREAM : SOCK_DGRAM, argv[2], argv[3]);
	ready = fopen(argv[5], "we");
	if (!ready || fclose(ready))
		err(1, "%s", argv[5]);
	if (tcp)
		serve_tcp(fd, argv[4]);
	else
		serve_udp(fd, argv[4]);
}

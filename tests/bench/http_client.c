/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP over a unix socket, see http_client.h. */
#include "http_client.h"

#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

struct http *http_open(const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct http *h = calloc(1, sizeof(*h));

	if (!h || strlen(socket_path) >= sizeof(address.sun_path))
		errx(1, "memory, or a name that is too long");
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	h->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (h->fd < 0)
		err(1, "socket");
	if (connect(h->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return h;
	warn("%s", socket_path);
	http_close(h);
	return NULL;
}

void http_close(struct http *h)
{
	(void)close(h->fd);
	free(h);
}

/* A small request goes out by one call. */
static void send_all(int fd, struct iovec *parts, int n)
{
	while (n > 0) {
		ssize_t sent = writev(fd, parts, n);

		if (sent < 0)
			err(1, "send");
		while (n > 0 && (size_t)sent >= parts->iov_len) {
			sent -= (ssize_t)parts->iov_len;
			parts++;
			n--;
		}
		if (n > 0) {
			parts->iov_base = (char *)parts->iov_base + sent;
			parts->iov_len -= (size_t)sent;
		}
	}
}

void http_send(struct http *h, const char *method, const char *path, const char *body, size_t len)
{
	char head[1024];
	struct iovec parts[2] = { { .iov_base = head } };
	int n;

	n = body ? snprintf(
			   head, sizeof(head),
			   "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
			   "Content-Length: %zu\r\n\r\n",
			   method, path, len)
		 : snprintf(head, sizeof(head),
			    "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
			    method, path);
	if (n < 0 || (size_t)n >= sizeof(head))
		errx(1, "the request's header is too long");
	parts[0].iov_len = (size_t)n;
	if (body) {
		union {
			const char *in;
			char *out;
		} u = { .in = body };

		parts[1] = (struct iovec){ .iov_base = u.out, .iov_len = len };
	}
	send_all(h->fd, parts, body ? 2 : 1);
}

static void more(struct http *h)
{
	ssize_t n;

	if (h->at == h->have) {
		h->at = h->have = 0;
	} else if (h->at > 0) {
		memmove(h->buffer, h->buffer + h->at, h->have - h->at);
		h->have -= h->at;
		h->at = 0;
	}
	if (h->have == sizeof(h->buffer))
		errx(1, "a line of the answer is too long");
	n = read(h->fd, h->buffer + h->have, sizeof(h->buffer) - h->have);
	if (n < 0)
		err(1, "receive");
	if (n == 0)
		errx(1, "the daemon closes the connection");
	h->have += (size_t)n;
}

/* The next line, without its end; valid until the next call. */
static char *line(struct http *h)
{
	char *start, *end;

	while (!(end = memmem(h->buffer + h->at, h->have - h->at, "\r\n", 2)))
		more(h);
	start = h->buffer + h->at;
	*end = '\0';
	h->at = (size_t)(end - h->buffer) + 2;
	return start;
}

/* A line of the header. */
static const char *header(struct http *h)
{
	const char *text = line(h);

	if (h->head && fprintf(h->head, "%s\n", text) < 0)
		err(1, "output");
	return text;
}

static void copy(struct http *h, size_t len, FILE *out)
{
	while (len > 0) {
		size_t n;

		if (h->at == h->have)
			more(h);
		n = h->have - h->at < len ? h->have - h->at : len;
		if (out && fwrite(h->buffer + h->at, 1, n, out) != n)
			err(1, "output");
		h->at += n;
		len -= n;
	}
}

static void copy_chunks(struct http *h, FILE *out)
{
	size_t len;

	while ((len = strtoul(line(h), NULL, 16)) > 0) {
		copy(h, len, out);
		(void)line(h);
	}
	(void)line(h);
}

int http_receive(struct http *h, FILE *out)
{
	const char *text = header(h);
	bool chunked = false;
	size_t len = 0;
	int status;

	if (strncmp(text, "HTTP/1.1 ", 9) != 0)
		errx(1, "no answer of HTTP: %s", text);
	status = (int)strtoul(text + 9, NULL, 10);
	while (*(text = header(h))) {
		if (strncasecmp(text, "Content-Length:", 15) == 0)
			len = strtoul(text + 15, NULL, 10);
		else if (strncasecmp(text, "Transfer-Encoding:", 18) == 0)
			chunked = true;
	}
	if (chunked)
		copy_chunks(h, out);
	else if (status != 204)
		copy(h, len, out);
	return status;
}

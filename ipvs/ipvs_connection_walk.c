/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk of ipvs_connection_walk.h: two files in step. */
#include "ipvs_connection_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The kernel gives a page at once; what is left of the one before, and the longest line, are less.
 */
#define WINDOW (16 * 1024)
#define PIECE  4096

#define STRANGERS_MAX 200 /* more than a page has */

/* A part of a file: whole lines from `at` on, and perhaps the beginning of one. */
struct window {
	int fd;
	bool ended;
	size_t at, len;
	char text[WINDOW];
};

struct ipvs_connection_walk {
	struct window conns, origins;
	unsigned strangers; /* connections since the last one that has an origin */
};

static int open_file(const char *dir, const char *name, int *ret)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

int ipvs_connection_walk_open(const char *dir, struct ipvs_connection_walk **ret)
{
	_cleanup_(ipvs_connection_walk_freep) struct ipvs_connection_walk *w =
		calloc(1, sizeof(*w));
	int r = 0;

	if (!w)
		return -ENOMEM;
	w->conns.fd = w->origins.fd = -1;
	w->conns.ended = w->origins.ended = !dir;
	if (dir)
		r = open_file(dir, "ip_vs_conn", &w->conns.fd);
	if (dir && r == 0)
		r = open_file(dir, "ip_vs_conn_sync", &w->origins.fd);
	if (r == 0)
		*ret = TAKE_PTR(w);
	return r;
}

void ipvs_connection_walk_free(struct ipvs_connection_walk *w)
{
	if (!w)
		return;
	closep(&w->conns.fd);
	closep(&w->origins.fd);
	free(w);
}

/* Reads another piece behind what is there; what was used makes room, and when that is not enough,
 * the oldest half goes. 0 or a negative errno. */
static int fill(struct window *w)
{
	size_t drop = w->at;
	ssize_t n;

	if (w->len - drop + PIECE > sizeof(w->text))
		drop += (w->len - drop) / 2;
	memmove(w->text, w->text + drop, w->len - drop);
	w->len -= drop;
	w->at = 0;
	do {
		n = read(w->fd, w->text + w->len, PIECE);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	w->len += (size_t)n;
	w->ended = n == 0;
	return 0;
}

/* The line at *at, which moves behind it; false: none is whole. */
static bool next_line(const struct window *w, size_t *at, const char **ret, size_t *ret_len)
{
	const char *end = memchr(w->text + *at, '\n', w->len - *at);

	if (!end)
		return false;
	*ret = w->text + *at;
	*ret_len = (size_t)(end - *ret);
	*at += *ret_len + 1;
	return true;
}

/* Looks for the connection in what is there of the other file, which is in the same order; what was
 * skipped has gone from the first one in between. */
static bool find_origin(struct window *w, struct ipvs_connection *c)
{
	struct ipvs_connection other;
	const char *line;
	size_t at = w->at, len;

	while (next_line(w, &at, &line, &len)) {
		if (ipvs_connection_parse(line, len, true, &other) < 0 ||
		    !ipvs_connection_same(&other, c))
			continue;
		c->origin = other.origin;
		w->at = at;
		return true;
	}
	return false;
}

/*
 * Not to be known is no fault: a new connection may be in one file only. What is there of the other
 * one reaches a page ahead; further only when nothing has been found for long, since many entries
 * have come in between.
 */
static void take_origin(struct ipvs_connection_walk *w, struct ipvs_connection *c)
{
	struct window *o = &w->origins;
	bool found = find_origin(o, c);

	if (!found && !o->ended && (o->len - o->at < PIECE || w->strangers >= STRANGERS_MAX)) {
		w->strangers = 0;
		found = fill(o) == 0 && find_origin(o, c);
	}
	w->strangers = found ? 0 : w->strangers + 1;
}

int ipvs_connection_walk_next(struct ipvs_connection_walk *w, struct ipvs_connection *ret)
{
	const char *line;
	size_t len;

	while (next_line(&w->conns, &w->conns.at, &line, &len)) {
		if (ipvs_connection_parse(line, len, false, ret) < 0)
			continue;
		take_origin(w, ret);
		return IPVS_WALK_FOUND;
	}
	if (w->conns.ended)
		return IPVS_WALK_END;
	len = w->conns.len - w->conns.at;
	if (len > WINDOW / 2) /* no line is so long */
		return -EBADMSG;
	return fill(&w->conns) < 0 ? -EIO : IPVS_WALK_READ;
}

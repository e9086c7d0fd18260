/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1.1 over lvsd's own unix socket: requests with a body of known length, answers of a length,
 * in chunks, or up to the end of the connection. Only what lvsd sends; --url goes by libcurl. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct ctl_unix;

struct ctl_unix_request {
	const char *method, *target; /* target: path and query, encoded */
	const struct buf *headers;   /* lines that end with CRLF; no Host, no Content-Length */
	const char *body;	     /* NULL: none */
	size_t body_len;
	/* Called for each header of the answer ("ETag: …" without its end) and for its body piece
	 * by piece; the status is known by then. Not 0 from on_body ends the request. */
	void (*on_header)(void *arg, const char *line, size_t len);
	int (*on_body)(void *arg, long status, const char *data, size_t len);
	void (*on_wait)(void *arg); /* every second without a byte; NULL: not */
	void *arg;
};

/* Does not connect yet. NULL: out of memory. */
struct ctl_unix *ctl_unix_new(void);
void ctl_unix_free(struct ctl_unix *u); /* NULL is fine */

/* One request; the connection is kept for the next. 0 and the status; -ECANCELED when on_body ended
 * it; -EPROTO when the answer is no HTTP; else the errno of connecting, sending or receiving, or
 * -ETIMEDOUT after timeout_s seconds without a byte. */
int ctl_unix_request(struct ctl_unix *u, const char *path, const struct ctl_unix_request *r,
		     int timeout_s, long *ret_status);

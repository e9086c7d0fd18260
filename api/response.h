/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a handler answers: status, headers, a body or a stream; and problem documents (RFC 9457). */
#pragma once

#include "buf.h"
#include "err.h"
#include "request.h"

#define RESPONSE_MAX_HEADERS 12

/* A body that is made piece by piece while it is sent. */
struct response_stream {
	/* Appends what comes next to out, if anything; > 0 there may be more, 0 the end, < 0 broken
	 * off. Is asked again until out is large or 2 ms have gone, and goes on in a later turn of
	 * the loop. */
	int (*next)(void *state, struct buf *out);
	void (*free)(void *state);
	void *state;
};

struct response_header {
	const char *name; /* static */
	char *value;
};

struct response {
	unsigned status;
	const char *content_type; /* static; application/json unless set */
	struct buf body;
	struct response_stream stream; /* used when next is set; body is sent first */
	struct response_header headers[RESPONSE_MAX_HEADERS];
	size_t n_headers;
	bool close; /* close the connection afterwards */
};

/* Adds a header; printf form. Out of memory it is left out. */
void response_header(struct response *resp, const char *name, const char *fmt, ...) _printf_(3, 4);

/* Sets a JSON body that was written into resp->body before, with this status. */
void response_json(struct response *resp, unsigned status);

/*
 * Turns e into a problem document: status, title and retryable come from the catalogue
 * (problem.h) by e->code; items become `errors`. Whatever was in resp before is dropped, but the
 * headers stay. Without a code it is internal_error.
 */
void response_problem(struct response *resp, const struct request *req, const struct err *e);

/* Frees the members. */
void response_done(struct response *resp);

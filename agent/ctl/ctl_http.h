/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to the daemon over its unix socket or TLS, by libcurl; nothing else uses that. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "buf.h"
#include "ctl.h"

struct ctl_request {
	const char *method;
	const char *path;  /* "/v1/…", percent-encoded where needed (ctl_http_path()) */
	const char *query; /* "a=b&c=d", encoded; NULL: none */
	const char *body;  /* NULL: none */
	size_t body_len;
	const char *content_type; /* of the body; NULL: application/json */
	const char *accept;	  /* NULL: application/json */
	const char *precondition; /* "If-Match: *" or another header; NULL: none */
	bool quiet;		  /* a problem in the answer is not said: the caller does */
	/* Takes the answer piece by piece when its status is 2xx; NULL: it is collected. Not 0 ends
	 * the request. */
	int (*piece)(void *arg, const char *data, size_t len);
	void *arg;
};

struct ctl_answer {
	long status;	 /* of HTTP */
	struct buf text; /* the body, if it was collected */
	json_t *json;	 /* the same, when it is JSON */
	char etag[64];	 /* with its quotes; empty: none */
};

/* Does not connect yet. 0 or -ENOMEM. */
int ctl_http_new(const struct ctl_options *o, struct ctl_http **ret);

/* The socket that is named, or the first of the daemon's that this user may open. */
const char *ctl_http_socket(const struct ctl_options *o);
void ctl_http_free(struct ctl_http *h); /* NULL is fine */

/*
 * One request. 0: the answer's status is 2xx. -EREMOTEIO: it is another one, and the problem has
 * been said on stderr. -ECANCELED: only the line for curl was printed (--show-curl). Another
 * negative errno: the daemon cannot be reached, which has been said with what to do.
 */
int ctl_http_send(struct ctl_http *h, const struct ctl_request *r, struct ctl_answer *ret);
void ctl_answer_done(struct ctl_answer *a);

/* CTL_OK for 0 and -ECANCELED, else CTL_FAILED. */
int ctl_http_exit(int r);

/* Appends an id to a path, with what a URL cannot have percent-encoded. */
void ctl_path_add(struct buf *path, const char *id);

/* Appends name=value to a query, encoded; with an & when it is not the first. */
void ctl_query_add(struct buf *query, const char *name, const char *value);

/* The query of a write: dry run, wait, owner, force, adopt, mass delete, as the options say. */
void ctl_query_write(struct buf *query, const struct ctl_options *o);

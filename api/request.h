/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One HTTP request as the handlers see it: decoded path segments, query, headers, body, peer. No
 * libmicrohttpd here; httpd.c fills it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

#define REQUEST_MAX_SEGMENTS 12 /* our deepest URL has 7 */
#define REQUEST_MAX_QUERY    16 /* the longest parameter list of a route has 10 */
#define REQUEST_ID_MAX	     64
#define REQUEST_ACTOR_MAX    67 /* "CN=" and the longest common name (X.520) */

enum http_method {
	HTTP_GET,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_POST,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHODS,
};

/* Who may do what, weakest first; the socket decides, on TCP a token or certificate. */
enum role {
	ROLE_READER,
	ROLE_OPERATOR,
	ROLE_ADMIN,
};

struct request_param {
	char *name, *value; /* decoded */
};

struct route;

struct request {
	enum http_method method;
	bool head;	  /* HEAD, served as GET */
	bool unix_socket; /* from a unix socket: curl's default content type is taken as JSON */
	enum role role;
	char *target; /* as it came, bytes beyond printable ASCII shown as '?': for the log only */
	char *text;   /* the memory of authority, segments and query */
	const char *authority; /* "localhost:8080" of a target in absolute form; NULL: none */
	char *segments[REQUEST_MAX_SEGMENTS]; /* decoded: "/v1/services" = {"v1", "services"} */
	size_t n_segments;
	struct request_param query[REQUEST_MAX_QUERY];
	size_t n_query;
	char id[REQUEST_ID_MAX + 1];	   /* X-Request-Id: echoed when fit, else made */
	char peer[64];			   /* "uid=0 pid=123", "127.0.0.1:4711": for the log */
	char actor[REQUEST_ACTOR_MAX + 1]; /* for history: a token's id, "CN=…", or the peer */
	const struct route *route;	   /* set by the router */
	const char *ids[2]; /* what the {…} of the route's path stand for, into segments */
	char *body;	    /* NUL-terminated, not counted in body_len */
	size_t body_len;
	int64_t deadline; /* parked: CLOCK_BOOTTIME ms after which resume() must answer */
	void *state;	  /* the handler's own while parked; freed by its done hook */
	void *connection; /* httpd.c's own */
};

/* "GET", …, and "reader", …; the names of the API. */
const char *http_method_name(enum http_method m);
const char *role_name(enum role role);

/* The role of a name, or -EINVAL. */
int role_parse(const char *name);

/* The method of a name in capitals (HEAD is GET with *ret_head set), or -EINVAL. */
int http_method_parse(const char *name, bool *ret_head);

/*
 * Splits and decodes the raw request target into r->target, segments and query. Each segment is
 * decoded once; an encoded slash stays within its segment; "+" is a space in the query only. 0, or
 * -EINVAL with e set (code invalid_url or invalid_parameter): empty or dot segments, bad escapes,
 * control bytes, %00, bytes that are not UTF-8, too many segments or parameters, a
 * parameter given twice; -ENOMEM. Any bytes may be thrown at it.
 */
int request_parse_target(struct request *r, const char *target, struct err *e);

/* A header's value or NULL; name in any case. Implemented by httpd.c. */
const char *request_header(const struct request *r, const char *name);

/* Sets e to invalid_parameter, with an item that names the parameter. Returns -EINVAL. */
int request_refuse_param(struct err *e, const char *name, const char *fmt, ...) _printf_(3, 4);

/* Whether the client takes this media type, by its Accept header; without one it takes all. */
bool request_accepts(const struct request *r, const char *type, const char *subtype);

/* A query parameter's value or NULL; "" when given without a value. */
const char *request_param(const struct request *r, const char *name);

/* Parses a boolean parameter: absent, "false" or "0" → false; "", "true" or "1" → true. 0, or
 * -EINVAL with e set (invalid_parameter). */
int request_param_bool(const struct request *r, const char *name, bool *ret, struct err *e);

/* Parses an unsigned parameter of at most max; absent: fallback. As above. */
int request_param_uint(const struct request *r, const char *name, uint64_t max, uint64_t fallback,
		       uint64_t *ret, struct err *e);

/* Frees what the members hold (not r itself, not state). */
void request_done(struct request *r);

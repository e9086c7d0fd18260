/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes a request unfit before its body is read: framing, media type, size. Called by
 * httpd_exchange.c only; pure functions over what the header section said. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "httpd.h"
#include "request.h"
#include "response.h"

/* The header fields that decide; values are borrowed, NULL when absent. */
struct header_facts {
	const char *authority; /* of the request target; NULL: it is a path */
	const char *host, *content_length, *content_type, *content_encoding;
	const char *transfer_encoding, *expect, *fetch_site, *authorization;
	const char *if_match, *if_none_match;
	bool authorization_twice;
	bool origin;	   /* any Origin header */
	const char *twice; /* a field that may come only once and came again */
	bool malformed;	   /* a name that is no token, or a value with a NUL */
};

/* How the body comes. */
struct body_framing {
	bool chunked;
	bool expects_continue; /* the client waits for 100 (Continue) before it sends the body */
	uint64_t length;       /* when not chunked; 0: no body */
};

/* Notes one field of the header section; value_len tells a value with a NUL inside. */
void header_facts_add(struct header_facts *f, const char *name, const char *value,
		      size_t value_len);

/*
 * Where does this request end? Whatever two parsers could answer differently (request smuggling,
 * RFC 9112 §6.3, §11.2) is refused: -EINVAL with e set; the connection cannot be used any more
 * then.
 */
int check_framing(const struct header_facts *f, const char *version, struct body_framing *ret,
		  struct err *e);

/* Is the body's media type what the route takes? 0, or -EMEDIUMTYPE with e set; for PATCH resp then
 * gets an Accept-Patch header. */
int check_media_type(const struct header_facts *f, const struct request *req, struct response *resp,
		     struct err *e);

/* How many bytes of body the route takes. */
size_t body_limit(const struct request *req, const struct httpd_limits *limits);

/* Does a body of len bytes fit? 0, or -EMSGSIZE with e set (body_too_large, body_not_allowed). */
int check_body_size(const struct request *req, uint64_t len, size_t limit, struct err *e);

/* May a client's X-Request-Id be taken over: 1 to 64 of [A-Za-z0-9._-]. */
bool request_id_fits(const char *id);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the row of the route table for a request. The table itself is routes.c. */
#pragma once

#include "request.h"
#include "response.h"

struct api;

enum route_body {
	BODY_NONE,     /* a body is refused */
	BODY_OBJECT,   /* JSON, at most the limit for objects */
	BODY_DOCUMENT, /* JSON, at most the limit for whole documents */
	BODY_TEXT,     /* text/plain (ipvsadm-save), at most the limit for whole documents */
};

/* Answers (true: resp is filled) or parks the request (false, see httpd.h). */
typedef bool (*route_handler)(struct api *api, struct request *req, struct response *resp);

struct route {
	enum http_method method;
	enum role role; /* least role that may call it */
	enum route_body body;
	const char *path; /* template: "/v1/services/{service}" */
	route_handler handle;
	const char *const *query; /* parameters it takes, NULL-terminated; NULL: none */
	const char *operation;	  /* operationId */
	const char *summary;
	bool text;  /* answers with text/plain, not with JSON */
	bool lines; /* also as application/x-ndjson */
};

/*
 * Finds the row by method and path, and sets req->route and req->ids. 0; -ENOENT (no such path:
 * not_found) or -EOPNOTSUPP (method_not_allowed) with e set and, for the latter, an Allow header
 * in resp. OPTIONS on a known path is answered right here: 1 with resp filled (204, Allow).
 * GET also serves HEAD. Then the role is checked against the row: -EPERM with forbidden; and the
 * query parameters: -EINVAL with invalid_parameter.
 */
int router_match(const struct route *routes, size_t n, struct request *req, struct response *resp,
		 struct err *e);

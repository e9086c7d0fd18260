/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches a request against the route table. Called by the admit hook before the body is read; it
 * knows the shape of a row and nothing of what the handlers do. */
#include "router.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Compares the decoded segments with a template; on a match ids point at what {…} stands for. */
static bool path_matches(const char *path, const struct request *req, const char *ids[2])
{
	size_t n_ids = 0;

	ids[0] = ids[1] = NULL;
	for (size_t i = 0; i < req->n_segments; i++) {
		size_t len;

		if (*path++ != '/')
			return false;
		len = strcspn(path, "/");
		if (len == 0)
			return false;
		if (*path == '{') {
			assert(n_ids < 2); /* an error in the table */
			ids[n_ids++] = req->segments[i];
		} else if (strlen(req->segments[i]) != len ||
			   memcmp(req->segments[i], path, len) != 0) {
			return false;
		}
		path += len;
	}
	return *path == '\0' || (req->n_segments == 0 && streq(path, "/"));
}

static void add_allow(struct response *resp, unsigned methods)
{
	_cleanup_(buf_done) struct buf list = { 0 };

	for (int m = 0; m < HTTP_OPTIONS; m++) {
		if (!(methods & 1U << m))
			continue;
		buf_add_str(&list, http_method_name((enum http_method)m));
		buf_add_str(&list, m == HTTP_GET ? ", HEAD, " : ", ");
	}
	buf_add_str(&list, http_method_name(HTTP_OPTIONS));
	if (!list.failed)
		response_header(resp, "Allow", "%s", list.data);
	if (methods & 1U << HTTP_PATCH)
		response_header(resp, "Accept-Patch",
				"application/merge-patch+json, application/json");
}

static bool listed(const char *const *names, const char *name)
{
	for (; names && *names; names++) {
		if (streq(*names, name))
			return true;
	}
	return false;
}

static int check_query(const struct route *route, const struct request *req, struct err *e)
{
	_cleanup_(buf_done) struct buf known = { 0 };

	for (size_t i = 0; i < req->n_query; i++) {
		const char *name = req->query[i].name;

		if (listed(route->query, name))
			continue;
		for (const char *const *q = route->query; q && *q; q++)
			buf_printf(&known, "%s%s", known.len ? ", " : "", *q);
		return request_refuse_param(e, name, "is not known here; known are: %s",
					    known.len && !known.failed ? known.data : "none");
	}
	return 0;
}

int router_match(const struct route *routes, size_t n, struct request *req, struct response *resp,
		 struct err *e)
{
	const struct route *found = NULL;
	unsigned methods = 0;

	for (size_t i = 0; i < n; i++) {
		const char *ids[2];

		if (!path_matches(routes[i].path, req, ids))
			continue;
		methods |= 1U << routes[i].method;
		if (found || routes[i].method != req->method)
			continue;
		found = &routes[i];
		req->ids[0] = ids[0];
		req->ids[1] = ids[1];
	}
	if (!methods)
		return err_set(e, -ENOENT, "not_found", "There is nothing at this path.");
	if (!found) {
		add_allow(resp, methods);
		if (req->method == HTTP_OPTIONS) {
			resp->status = 204;
			return 1;
		}
		return err_set(e, -EOPNOTSUPP, "method_not_allowed", "%s is not allowed here.",
			       req->head ? "HEAD" : http_method_name(req->method));
	}
	req->route = found;
	if (req->role < found->role)
		return err_set(e, -EPERM, "forbidden",
			       "This needs the role %s; the caller has the role %s.",
			       role_name(found->role), role_name(req->role));
	return check_query(found, req, e);
}

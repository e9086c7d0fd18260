/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preconditions for writes, see ctl_guard.h. */
#include "ctl_guard.h"

#include <errno.h>

#include "ctl_problem.h"
#include "util.h"

#define PRECONDITION_REQUIRED 428
#define WEIGHT		      "/weight"

static int drop(void *arg, const char *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return 0;
}

/* Whose ETag a write at this path is about: the real server's of a weight, that of all for
 * documents. */
static void object_of(const char *path, struct buf *ret)
{
	size_t len = strlen(path), tail = strlen(WEIGHT);

	if (strncmp(path, "/v1/import", 10) == 0 || streq(path, "/v1/adopt"))
		buf_add_str(ret, "/v1/config");
	else if (len > tail && streq(path + len - tail, WEIGHT))
		buf_add(ret, path, len - tail);
	else
		buf_add_str(ret, path);
}

/* The header for the object as it is now. 0 or a negative errno. */
static int read_precondition(struct ctl_http *h, const char *path, struct buf *ret)
{
	_cleanup_(buf_done) struct buf object = { 0 };
	struct ctl_request r = { .method = "GET", .quiet = true, .piece = drop };
	struct ctl_answer a;
	int result;

	object_of(path, &object);
	if (object.failed)
		return -ENOMEM;
	r.path = object.data;
	result = ctl_http_send(h, &r, &a);
	if (result == -EREMOTEIO && a.status == 404) {
		buf_add_str(ret, "If-None-Match: *");
		result = 0;
	} else if (result == 0) {
		buf_printf(ret, "If-Match: %s", a.etag);
	}
	ctl_answer_done(&a);
	return ret->failed ? -ENOMEM : result;
}

int ctl_guard_send(struct ctl_http *h, const struct ctl_request *r, struct ctl_answer *ret)
{
	_cleanup_(buf_done) struct buf precondition = { 0 };
	struct ctl_request request = *r;
	int result;

	request.quiet = true;
	result = ctl_http_send(h, &request, ret);
	if (result == -EREMOTEIO && ret->status == PRECONDITION_REQUIRED && !r->precondition &&
	    read_precondition(h, r->path, &precondition) == 0) {
		ctl_answer_done(ret);
		request.precondition = precondition.data;
		result = ctl_http_send(h, &request, ret);
	}
	if (result == -EREMOTEIO && !r->quiet)
		ctl_problem_say(ret);
	return result;
}

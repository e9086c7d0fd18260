/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ties the HTTP server's hooks to router and handlers. */
#include "api.h"

#include <errno.h>

#include "handlers.h"
#include "connections.h"
#include "list.h"
#include "write.h"

bool handle_problem(const struct request *req, struct response *resp, struct err *e)
{
	response_problem(resp, req, e);
	err_done(e);
	return true;
}

void api_tick(struct api *api)
{
	api_note_conditions(api);
	list_expire(api);
	connections_expire(api);
}

void api_done(struct api *api)
{
	list_done(api);
	vec_done(&api->requests);
	connections_done(api);
}

static bool admit(void *arg, struct request *req, struct response *resp)
{
	struct err e = { 0 };
	int r = router_match(api_routes, api_n_routes, req, resp, &e);

	(void)arg;
	if (r == 0 && req->route->text && !request_accepts(req, "text", "plain"))
		r = err_set(&e, -EINVAL, "not_acceptable",
			    "the answer is text/plain, which Accept leaves out");
	else if (r == 0 && streq(req->segments[0], "v1") && !req->route->text &&
		 !request_accepts(req, "application", "json") &&
		 !(req->route->lines && request_accepts(req, "application", "x-ndjson")))
		r = err_set(&e, -EINVAL, "not_acceptable",
			    "the answer is application/json, which Accept leaves out");
	if (r == 0)
		return true;
	if (r < 0)
		(void)handle_problem(req, resp, &e);
	return false;
}

bool api_busy(const struct api *api)
{
	return api->document || change_pending(api->change);
}

static bool handle(void *arg, struct request *req, struct response *resp)
{
	const struct api *api = arg;

	if (api->document && req->method != HTTP_GET)
		return false; /* parked as it is */
	return req->route->handle(arg, req, resp);
}

static bool resume(void *arg, struct request *req, struct response *resp, bool stopping)
{
	if (req->state)
		return write_resume(arg, req, resp, stopping);
	return stopping ? write_stopping(req, resp) : handle(arg, req, resp);
}

static void done(void *arg, struct request *req)
{
	if (req->state)
		write_free(arg, req->state);
	req->state = NULL;
}

static void answered(void *arg, const struct request *req, unsigned status)
{
	struct api *api = arg;

	request_counts_add(&api->requests, req->route, status);
}

const struct httpd_hooks api_hooks = {
	.admit = admit,
	.handle = handle,
	.resume = resume,
	.answered = answered,
	.done = done,
};

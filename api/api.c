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

/*
 * How long a write waits for documents before it: as long as a client can ask to wait for the
 * kernel, and longer than reading the largest one takes. Who still waits then stands behind clients
 * that write documents without a pause, and would for as long as they do.
 */
#define BEHIND_MS 60000

/* A write while a document is being read: parked as it is, until its time is over. */
static bool wait_behind(const struct api *api, struct request *req, struct response *resp)
{
	struct err e = { 0 };

	if (!req->deadline)
		req->deadline = api->now() + BEHIND_MS;
	if (api->now() < req->deadline)
		return false;
	(void)err_set(&e, 0, "busy",
		      "large documents were being read for %d seconds; nothing was changed",
		      BEHIND_MS / 1000);
	return handle_problem(req, resp, &e);
}

static bool handle(void *arg, struct request *req, struct response *resp)
{
	const struct api *api = arg;

	if (api->document && req->method != HTTP_GET)
		return wait_behind(api, req, resp);
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

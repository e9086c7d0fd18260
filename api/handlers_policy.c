/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/policy. */
#include "handlers.h"
#include "view.h"
#include "write.h"

bool handle_policy_get(struct api *api, struct request *req, struct response *resp)
{
	const struct desired *d = change_published(api->change);
	struct json_writer w;

	(void)req;
	json_write_init(&w, &resp->body);
	view_policy(d, &w);
	view_etag(resp, d->policy_revision);
	response_json(resp, 200);
	return true;
}

bool handle_policy_write(struct api *api, struct request *req, struct response *resp)
{
	struct change_result result;
	struct change_by by;
	struct err e = { 0 };
	struct write *w = write_begin(api, req, resp, WRITE_POLICY, &by);
	json_t *json = NULL;
	int r;

	if (!w ||
	    write_preconditions(api, req, resp, change_current(api->change)->policy_revision) < 0)
		return true;
	w->deletes = req->method == HTTP_DELETE;
	if (!w->deletes && write_body(req, resp, &json) < 0)
		return true;
	r = write_start(w, &e);
	if (r == 0)
		r = change_write_policy(api->change, &by, json, write_mode(req), &result, &e);
	json_decref(json);
	return write_end(w, req, resp, r, &e);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/services/{service}. The list is handlers_list.c. */
#include "handlers.h"
#include "list.h"
#include "view.h"
#include "write.h"

bool handle_service_get(struct api *api, struct request *req, struct response *resp)
{
	struct ipvs_service_key key;
	const struct service *s;
	struct json_writer w;
	struct err e = { 0 };
	char id[IPVS_SERVICE_ID_MAX];
	struct view_extra extra = { 0 };

	if (write_ids(req, resp, &key, NULL) < 0)
		return true;
	if (list_include(req, &extra, &e) < 0)
		return handle_problem(req, resp, &e);
	s = desired_find(change_published(api->change), &key);
	if (!s) {
		(void)err_set(&e, 0, "not_found", "there is no service %s",
			      ipvs_service_key_format(&key, id));
		return handle_problem(req, resp, &e);
	}
	view_content_location(req, resp, &key, NULL, "");
	json_write_init(&w, &resp->body);
	view_service(api, s, &extra, &w);
	view_etag(resp, s->meta.revision);
	response_json(resp, 200);
	return true;
}

/* The revision that preconditions of the service are checked against; 0: there is none. */
static uint64_t revision_of(struct api *api, const struct ipvs_service_key *key)
{
	const struct service *s = desired_find(change_current(api->change), key);

	return s ? s->meta.revision : 0;
}

bool handle_service_write(struct api *api, struct request *req, struct response *resp)
{
	struct ipvs_service_key key;
	struct change_result result;
	struct change_by by;
	struct err e = { 0 };
	struct write *w;
	json_t *json;
	int r;

	if (write_ids(req, resp, &key, NULL) < 0 ||
	    !(w = write_begin(api, req, resp, WRITE_SERVICE, &by)) ||
	    write_preconditions(api, req, resp, revision_of(api, &key)) < 0 ||
	    write_body(req, resp, &json) < 0)
		return true;
	w->key = key;
	r = write_start(w, &e);
	if (r == 0)
		r = change_write_service(api->change, &by, &key, json, write_mode(req), &result,
					 &e);
	json_decref(json);
	if (r == 0) {
		w->created = result.created;
		view_content_location(req, resp, &key, NULL, "");
	}
	return write_end(w, req, resp, r, &e);
}

bool handle_service_delete(struct api *api, struct request *req, struct response *resp)
{
	struct ipvs_service_key key;
	struct change_result result;
	struct change_by by;
	struct err e = { 0 };
	struct write *w;
	int r;

	if (write_ids(req, resp, &key, NULL) < 0 ||
	    !(w = write_begin(api, req, resp, WRITE_SERVICE, &by)) ||
	    write_preconditions(api, req, resp, revision_of(api, &key)) < 0)
		return true;
	w->key = key;
	w->deletes = true;
	r = write_start(w, &e);
	if (r == 0)
		r = change_delete_service(api->change, &by, &key, &result, &e);
	return write_end(w, req, resp, r, &e);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/services/{service}/real-servers and below, weights included. */
#include <errno.h>
#include <jansson.h>

#include "handlers.h"
#include "json_path.h"
#include "list.h"
#include "view.h"
#include "write.h"

static const struct service *find_service(struct api *api, const struct request *req,
					  struct response *resp, const struct ipvs_service_key *key)
{
	const struct service *s = desired_find(change_published(api->change), key);
	struct err e = { 0 };
	char id[IPVS_SERVICE_ID_MAX];

	if (s)
		return s;
	(void)err_set(&e, 0, "not_found", "there is no service %s",
		      ipvs_service_key_format(key, id));
	(void)handle_problem(req, resp, &e);
	return NULL;
}

/* The service and real server of the URL; NULL: answered. */
static const struct real_server *find_both(struct api *api, struct request *req,
					   struct response *resp,
					   const struct service **ret_service)
{
	struct ipvs_service_key key;
	struct ipvs_dest_key dest;
	const struct real_server *rs;
	struct err e = { 0 };
	char id[IPVS_DEST_ID_MAX];

	if (write_ids(req, resp, &key, &dest) < 0)
		return NULL;
	*ret_service = find_service(api, req, resp, &key);
	if (!*ret_service)
		return NULL;
	rs = service_find(*ret_service, &dest);
	if (rs)
		return rs;
	(void)err_set(&e, 0, "not_found", "the service has no real server %s",
		      ipvs_dest_key_format(&dest, id));
	(void)handle_problem(req, resp, &e);
	return NULL;
}

bool handle_real_servers(struct api *api, struct request *req, struct response *resp)
{
	struct ipvs_service_key key;
	const struct service *s;
	struct view_extra extra = { 0 };
	struct json_writer w;
	struct err e = { 0 };

	if (write_ids(req, resp, &key, NULL) < 0)
		return true;
	if (list_include(req, &extra, &e) < 0)
		return handle_problem(req, resp, &e);
	s = find_service(api, req, resp, &key);
	if (!s)
		return true;
	view_content_location(req, resp, &key, NULL, "/real-servers");
	json_write_init(&w, &resp->body);
	json_write_begin_object(&w);
	json_write_member_int(&w, "revision", (int64_t)change_published(api->change)->revision);
	json_write_key(&w, "items");
	view_real_servers(api, s, &extra, &w);
	json_write_end_object(&w);
	response_json(resp, 200);
	return true;
}

bool handle_real_server_get(struct api *api, struct request *req, struct response *resp)
{
	const struct service *s;
	const struct real_server *rs = find_both(api, req, resp, &s);
	struct view_extra extra = { 0 };
	struct json_writer w;
	struct err e = { 0 };

	if (!rs)
		return true;
	if (list_include(req, &extra, &e) < 0)
		return handle_problem(req, resp, &e);
	view_content_location(req, resp, &s->spec.key, &rs->dest.key, "");
	json_write_init(&w, &resp->body);
	view_real_server(api, s, rs, &extra, &w);
	view_etag(resp, rs->revision);
	response_json(resp, 200);
	return true;
}

/* The revision that preconditions of a real server are checked against; 0: there is none. */
static uint64_t revision_of(struct api *api, const struct ipvs_service_key *key,
			    const struct ipvs_dest_key *dest)
{
	const struct service *s = desired_find(change_current(api->change), key);
	const struct real_server *rs = s ? service_find(s, dest) : NULL;

	return rs ? rs->revision : 0;
}

/* What all three kinds of writes begin with. NULL: answered. */
static struct write *begin(struct api *api, struct request *req, struct response *resp,
			   enum write_kind kind, struct change_by *ret_by)
{
	struct ipvs_service_key key;
	struct ipvs_dest_key dest;
	struct write *w;

	if (write_ids(req, resp, &key, &dest) < 0 ||
	    !(w = write_begin(api, req, resp, kind, ret_by)) ||
	    write_preconditions(api, req, resp, revision_of(api, &key, &dest)) < 0)
		return NULL;
	w->key = key;
	w->dest = dest;
	return w;
}

bool handle_real_server_write(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct write *w = begin(api, req, resp, WRITE_REAL_SERVER, &by);
	struct change_result result;
	struct err e = { 0 };
	json_t *json;
	int r;

	if (!w || write_body(req, resp, &json) < 0)
		return true;
	r = write_start(w, &e);
	if (r == 0)
		r = change_write_real_server(api->change, &by, &w->key, &w->dest, json,
					     write_mode(req), &result, &e);
	json_decref(json);
	if (r == 0) {
		w->created = result.created;
		view_content_location(req, resp, &w->key, &w->dest, "");
	}
	return write_end(w, req, resp, r, &e);
}

bool handle_real_server_delete(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct write *w = begin(api, req, resp, WRITE_REAL_SERVER, &by);
	struct change_result result;
	struct err e = { 0 };
	int r;

	if (!w)
		return true;
	w->deletes = true;
	r = write_start(w, &e);
	if (r == 0)
		r = change_delete_real_server(api->change, &by, &w->key, &w->dest, &result, &e);
	return write_end(w, req, resp, r, &e);
}

bool handle_weight_get(struct api *api, struct request *req, struct response *resp)
{
	const struct service *s;
	const struct real_server *rs = find_both(api, req, resp, &s);
	struct json_writer w;

	if (!rs)
		return true;
	view_content_location(req, resp, &s->spec.key, &rs->dest.key, "/weight");
	json_write_init(&w, &resp->body);
	view_weight(rs, NULL, &w);
	view_etag(resp, rs->revision);
	response_json(resp, 200);
	return true;
}

/* {"weight": 5} or a bare 5; null is the default, as everywhere. */
static int decode_weight(const json_t *json, uint32_t *ret, struct err *e)
{
	const json_t *v = json_is_object(json) ? json_object_get(json, "weight") : json;
	const struct json_path member = { NULL, "weight" };
	const struct json_path *path = json_is_object(json) ? &member : NULL;
	const char *key;
	json_t *other;

	if (json_is_object(json))
		json_object_foreach((json_t *)(uintptr_t)json, key, other) {
			const struct json_path here = { NULL, key };

			if (other != v)
				json_path_err(&here, e, "unknown_member",
					      "is not a member of this object");
		}
	if (json_is_null(v))
		*ret = 1;
	else if (!json_is_integer(v))
		json_path_err(path, e, "wrong_type", "must be an integer");
	else if (json_integer_value(v) < 0 || json_integer_value(v) > INT32_MAX)
		json_path_err(path, e, "out_of_range", "must be between 0 and %d", INT32_MAX);
	else
		*ret = (uint32_t)json_integer_value(v);
	if (!err_has_items(e))
		return 0;
	return err_set(e, -EINVAL, "validation_failed", "the weight is not right; see errors");
}

bool handle_weight_put(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct write *w = begin(api, req, resp, WRITE_WEIGHT, &by);
	struct change_result result;
	struct err e = { 0 };
	uint32_t weight = 0;
	json_t *json;
	int r;

	if (!w || write_body(req, resp, &json) < 0)
		return true;
	r = decode_weight(json, &weight, &e);
	json_decref(json);
	if (r < 0)
		return handle_problem(req, resp, &e);
	r = write_start(w, &e);
	if (r == 0)
		r = change_weight(api->change, &by, &w->key, &w->dest, weight, &result, &e);
	if (r == 0)
		view_content_location(req, resp, &w->key, &w->dest, "/weight");
	return write_end(w, req, resp, r, &e);
}

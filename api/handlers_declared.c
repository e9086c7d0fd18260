/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One VIP, sysctl, role or sync daemon: /v1/vips/{vip}, /v1/sysctls/{sysctl}, /v1/roles/…,
 * /v1/sync/…. The lists are handlers_list.c. */
#include <errno.h>

#include "handlers.h"
#include "view_declared.h"
#include "write.h"

/* What the URL names. 0, or -EINVAL with resp answered. */
static int key_of(const struct request *req, struct response *resp, struct declared_key *ret)
{
	const char *collection = req->segments[1], *id = req->segments[2], *why = "";
	enum declared_kind kind = streq(collection, "vips")	 ? DECLARED_VIP
				  : streq(collection, "sysctls") ? DECLARED_SYSCTL
				  : streq(id, "master")		 ? DECLARED_SYNC_MASTER
				  : streq(id, "backup")		 ? DECLARED_SYNC_BACKUP
				  : streq(id, "director")	 ? DECLARED_DIRECTOR
								 : DECLARED_REAL_SERVER;
	struct err e = { 0 };

	if (declared_key_parse(kind, id, ret, &why) == 0)
		return 0;
	(void)err_set(&e, 0, "invalid_id", "%s '%s': %s", declared_kind_name(kind), id, why);
	(void)handle_problem(req, resp, &e);
	return -EINVAL;
}

static bool show(struct api *api, struct request *req, struct response *resp,
		 const struct declared_key *key)
{
	const struct declared *o = declared_find(&change_published(api->change)->declared, key);
	char text[DECLARED_TEXT_MAX];
	struct err e = { 0 };
	struct json_writer w;

	if (!o) {
		(void)err_set(&e, 0, "not_found", "there is no %s", declared_text(key, text));
		return handle_problem(req, resp, &e);
	}
	view_declared_content_location(req, resp, key);
	json_write_init(&w, &resp->body);
	view_declared(api, o, NULL, &w);
	view_etag(resp, o->meta.revision);
	response_json(resp, 200);
	return true;
}

bool handle_declared_get(struct api *api, struct request *req, struct response *resp)
{
	struct declared_key key;

	return key_of(req, resp, &key) < 0 || show(api, req, resp, &key);
}

/* Everything before the change, but for the body. NULL: answered. */
static struct write *begin(struct api *api, struct request *req, struct response *resp,
			   struct change_by *ret_by)
{
	struct declared_key key;
	const struct declared *o;
	struct write *w;

	if (key_of(req, resp, &key) < 0 ||
	    !(w = write_begin(api, req, resp, WRITE_DECLARED, ret_by)))
		return NULL;
	o = declared_find(&change_current(api->change)->declared, &key);
	if (write_preconditions(api, req, resp, o ? o->meta.revision : 0) < 0)
		return NULL;
	w->declared = key;
	return w;
}

bool handle_declared_write(struct api *api, struct request *req, struct response *resp)
{
	struct change_result result;
	struct change_by by;
	struct err e = { 0 };
	struct write *w = begin(api, req, resp, &by);
	json_t *json;
	int r;

	if (!w || write_body(req, resp, &json) < 0)
		return true;
	r = write_start(w, &e);
	if (r == 0)
		r = change_write_declared(api->change, &by, &w->declared, json, write_mode(req),
					  &result, &e);
	json_decref(json);
	if (r == 0) {
		w->created = result.created;
		view_declared_content_location(req, resp, &w->declared);
	}
	return write_end(w, req, resp, r, &e);
}

bool handle_declared_delete(struct api *api, struct request *req, struct response *resp)
{
	struct change_result result;
	struct change_by by;
	struct err e = { 0 };
	struct write *w = begin(api, req, resp, &by);
	int r;

	if (!w)
		return true;
	w->deletes = true;
	r = write_start(w, &e);
	if (r == 0)
		r = change_delete_declared(api->change, &by, &w->declared, &result, &e);
	return write_end(w, req, resp, r, &e);
}

bool handle_vip_announce(struct api *api, struct request *req, struct response *resp)
{
	struct declared_key key;
	struct err e = { 0 };

	if (key_of(req, resp, &key) < 0)
		return true;
	if (view_declared_announce(api, &key, &e) < 0)
		return handle_problem(req, resp, &e);
	return show(api, req, resp, &key);
}

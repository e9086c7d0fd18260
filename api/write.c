/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The course of a write, see write.h: request → change → parked → committed → programmed → answer.
 */
#include "write.h"

#include <errno.h>
#include <stdio.h>

#include "document.h"
#include "handlers.h"
#include "log.h"
#include "kernel_walk.h"
#include "plan_host.h"
#include "view_declared.h"

int write_start(struct write *w, struct err *e)
{
	return w->dry_run ? change_rehearse_begin(w->api->change, e) : 0;
}

static void dry_run_declared(struct write *w, struct response *resp, struct desired *state)
{
	const struct declared *o = declared_find(&state->declared, &w->declared);
	_cleanup_(buf_done) struct buf plan = { 0 };
	struct json_writer out;

	plan_host_one(w->api, &state->declared, &plan);
	json_write_init(&out, &resp->body);
	if (o)
		view_declared(w->api, o, &plan, &out);
	else
		view_declared_deleted(w->api, &w->declared, &plan, &out);
	response_json(resp, 200);
}

/* A dry run of one object: what it would be, and what would be done. */
static void answer_dry_run(struct write *w, struct response *resp, struct desired *state)
{
	const struct service *s = desired_find(state, &w->key);
	const struct real_server *rs = s ? service_find(s, &w->dest) : NULL;
	_cleanup_(buf_done) struct buf plan = { 0 };
	const struct view_extra extra = { .plan = &plan };
	struct json_writer out;

	plan_one(w->api, state, &w->key, &plan);
	json_write_init(&out, &resp->body);
	if (w->kind == WRITE_POLICY)
		view_policy(state, &out);
	else if (w->kind == WRITE_WEIGHT && rs)
		view_weight(rs, &plan, &out);
	else if (w->deletes || !s || (w->kind != WRITE_SERVICE && !rs))
		view_deleted(w->api, &w->key, w->kind == WRITE_SERVICE ? NULL : &w->dest, s, &plan,
			     &out);
	else if (w->kind == WRITE_SERVICE)
		view_service(w->api, s, &extra, &out);
	else
		view_real_server(w->api, s, rs, &extra, &out);
	response_json(resp, 200);
}

bool write_end(struct write *w, struct request *req, struct response *resp, int r, struct err *e)
{
	struct desired *state = w->dry_run ? change_rehearse_end(w->api->change) : NULL;

	if (r == -ENOENT && w->deletes && w->ignore_absent) {
		err_done(e);
		desired_unref(state);
		resp->status = 204;
		return true;
	}
	if (r < 0) {
		desired_unref(state);
		(void)handle_problem(req, resp, e);
		return true;
	}
	if (!w->dry_run)
		return write_park(req);
	if (w->kind == WRITE_PLAN)
		return kernel_walk_plan(w->api, req, resp, state);
	if (w->kind == WRITE_CONFIG)
		return kernel_walk_dry_run(w->api, req, resp, state);
	if (w->kind == WRITE_DECLARED)
		dry_run_declared(w, resp, state);
	else
		answer_dry_run(w, resp, state);
	desired_unref(state);
	return true;
}

bool write_park(struct request *req)
{
	struct write *w = req->state;
	struct api *api = w->api;

	w->committed = !change_pending(api->change);
	if (!w->committed) {
		w->next = api->uncommitted;
		api->uncommitted = w;
	}
	req->deadline = api->now() + (int64_t)w->wait_seconds * 1000;
	free(TAKE_PTR(req->body)); /* up to 64 MiB, and no longer needed */
	req->body_len = 0;
	return false;
}

void api_commit(struct api *api)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct write *w = api->uncommitted;
	bool failed;

	if (!change_pending(api->change))
		return;
	failed = change_commit(api->change, &e) < 0;
	if (failed && !api->storage_failed)
		log_record(LOG_LEVEL_ERROR, LOG_ID_STORAGE, NULL, 0, "%s", e.detail);
	api->storage_failed = failed;
	for (struct write *next; w; w = next) {
		next = w->next;
		w->next = NULL;
		w->committed = true;
		w->failed = failed;
	}
	api->uncommitted = NULL;
}

void write_free(struct api *api, struct write *w)
{
	for (struct write **p = &api->uncommitted; *p; p = &(*p)->next) {
		if (*p == w) {
			*p = w->next;
			break;
		}
	}
	if (api->document == w)
		api->document = NULL;
	document_free(w->document);
	free(w);
}

enum outcome {
	OUTCOME_WAIT,
	OUTCOME_DONE,	 /* the kernel holds it */
	OUTCOME_PENDING, /* it will not before something changes */
};

static enum outcome service_outcome(struct api *api, const struct ipvs_service_key *key)
{
	const struct service *s = desired_find(change_published(api->change), key);
	const struct tracked *t = status_find(reconcile_status(api->reconcile), key);

	if (!s && (!t || t->gone))
		return OUTCOME_DONE; /* removed */
	if (t && s && t->reason == STATUS_IN_SYNC && t->generation == s->meta.generation)
		return OUTCOME_DONE;
	if (reconcile_stats(api->reconcile)->kernel_error)
		return OUTCOME_PENDING;
	if (!t || t->queued || t->reason == STATUS_PENDING)
		return OUTCOME_WAIT;
	return OUTCOME_PENDING;
}

static enum outcome outcome_of(enum view_progress progress)
{
	static const enum outcome outcomes[] = {
		[VIEW_WAITS] = OUTCOME_WAIT,
		[VIEW_HELD] = OUTCOME_DONE,
		[VIEW_STUCK] = OUTCOME_PENDING,
	};

	return outcomes[progress];
}

/* Of all services. Where IPVS is missing and not needed, as on a real server, it is not missed. */
static enum outcome services_outcome(struct api *api)
{
	if (!reconcile_needs_kernel(api->reconcile))
		return OUTCOME_DONE;
	if (reconcile_stats(api->reconcile)->kernel_error)
		return OUTCOME_PENDING;
	return reconcile_idle(api->reconcile) ? OUTCOME_DONE : OUTCOME_WAIT;
}

/* Of services and host together: what does not wait does not hold up the answer. */
static enum outcome whole_outcome(struct api *api)
{
	enum outcome services = services_outcome(api);
	enum outcome host = outcome_of(view_host_progress(api));

	if (services == OUTCOME_WAIT || host == OUTCOME_WAIT)
		return OUTCOME_WAIT;
	return services == OUTCOME_DONE ? host : services;
}

static enum outcome outcome(const struct write *w)
{
	const struct reconcile_stats *stats = reconcile_stats(w->api->reconcile);

	switch (w->kind) {
	case WRITE_SERVICE:
	case WRITE_REAL_SERVER:
	case WRITE_WEIGHT:
		return service_outcome(w->api, &w->key);
	case WRITE_DECLARED:
		return outcome_of(view_declared_progress(w->api, &w->declared));
	case WRITE_RECONCILE:
		if (stats->passes < w->pass && !stats->kernel_error)
			return OUTCOME_WAIT;
		break;
	case WRITE_CONFIG:
	case WRITE_PLAN:
		break;
	case WRITE_POLICY:
		return OUTCOME_DONE; /* nothing for the kernel to do */
	}
	return whole_outcome(w->api);
}

static unsigned success(const struct write *w, enum outcome o)
{
	return o != OUTCOME_DONE ? 202 : w->created ? 201 : 200;
}

/* What is left of something deleted, while the kernel still has it. */
static void answer_deletion(struct write *w, struct response *resp, enum outcome o)
{
	struct json_writer out;

	if (o == OUTCOME_DONE) {
		resp->status = 204;
		return;
	}
	json_write_init(&out, &resp->body);
	view_deleted(w->api, &w->key, w->kind == WRITE_REAL_SERVER ? &w->dest : NULL,
		     desired_find(change_published(w->api->change), &w->key), NULL, &out);
	response_json(resp, 202);
}

static void answer_policy(struct write *w, struct response *resp)
{
	const struct desired *d = change_published(w->api->change);
	struct json_writer out;

	if (w->deletes) {
		resp->status = 204;
		return;
	}
	json_write_init(&out, &resp->body);
	view_policy(d, &out);
	view_etag(resp, d->policy_revision);
	response_json(resp, 200);
}

static void answer_document(struct write *w, struct response *resp, enum outcome o)
{
	struct json_writer out;
	size_t pending;

	json_write_init(&out, &resp->body);
	/* Of this write, not of what others wrote while it waited: with their ETag its client could
	 * undo their work without knowing. */
	pending = view_pending(w->api, w->revision, &out);
	if (w->kind == WRITE_CONFIG)
		view_etag(resp, w->revision);
	response_json(resp, pending || o != OUTCOME_DONE ? 202 : 200);
}

static void answer_real_server(struct write *w, struct response *resp, const struct service *s,
			       const struct real_server *rs, enum outcome o)
{
	struct json_writer out;

	json_write_init(&out, &resp->body);
	if (w->kind == WRITE_WEIGHT) {
		view_weight(rs, NULL, &out);
	} else {
		view_real_server(w->api, s, rs, NULL, &out);
	}
	view_etag(resp, rs->revision);
	response_json(resp, success(w, o));
}

/* Another client's write took it away while this one waited for the kernel. */
static void answer_overtaken(struct request *req, struct response *resp)
{
	struct err e = { 0 };

	(void)err_set(&e, 0, "not_found", "it was written and then deleted by another client");
	(void)handle_problem(req, resp, &e);
}

static void answer_object(struct write *w, struct request *req, struct response *resp,
			  enum outcome o)
{
	const struct service *s = desired_find(change_published(w->api->change), &w->key);
	bool has_dest = w->kind != WRITE_SERVICE;
	const struct real_server *rs = s && has_dest ? service_find(s, &w->dest) : NULL;
	struct json_writer out;

	if (!s || (has_dest && !rs)) {
		answer_overtaken(req, resp);
		return;
	}
	if (w->created)
		view_location(resp, "Location", &w->key, has_dest ? &w->dest : NULL, "");
	if (has_dest) {
		answer_real_server(w, resp, s, rs, o);
		return;
	}
	json_write_init(&out, &resp->body);
	view_service(w->api, s, NULL, &out);
	view_etag(resp, s->meta.revision);
	response_json(resp, success(w, o));
}

static void answer_declared(struct write *w, struct request *req, struct response *resp,
			    enum outcome o)
{
	const struct declared *object =
		declared_find(&change_published(w->api->change)->declared, &w->declared);
	struct json_writer out;

	json_write_init(&out, &resp->body);
	if (w->deletes && o == OUTCOME_DONE) {
		resp->status = 204;
	} else if (w->deletes) {
		view_declared_deleted(w->api, &w->declared, NULL, &out);
		response_json(resp, 202);
	} else if (!object) {
		answer_overtaken(req, resp);
	} else {
		if (w->created)
			view_declared_location(resp, "Location", &w->declared);
		view_declared(w->api, object, NULL, &out);
		view_etag(resp, object->meta.revision);
		response_json(resp, success(w, o));
	}
}

static bool refuse(struct request *req, struct response *resp, const char *code, const char *text)
{
	struct err e = { 0 };

	(void)err_set(&e, 0, code, "%s", text);
	(void)handle_problem(req, resp, &e);
	return true;
}

bool write_stopping(struct request *req, struct response *resp)
{
	return refuse(req, resp, "stopping", "the daemon stops; nothing was changed");
}

bool write_resume(struct api *api, struct request *req, struct response *resp, bool stopping)
{
	struct write *w = req->state;
	enum outcome o;

	if (api->document == w && !stopping)
		return document_resume(w, req, resp);
	if (!w->committed)
		return stopping && write_stopping(req, resp);
	if (w->failed)
		return refuse(req, resp, "storage_failed",
			      "the state could not be made durable; nothing was changed");
	o = outcome(w);
	if (o == OUTCOME_WAIT && !stopping && api->now() < req->deadline)
		return false;
	if (w->kind == WRITE_POLICY)
		answer_policy(w, resp);
	else if (w->kind == WRITE_CONFIG || w->kind == WRITE_RECONCILE)
		answer_document(w, resp, o);
	else if (w->kind == WRITE_DECLARED)
		answer_declared(w, req, resp, o);
	else if (w->deletes)
		answer_deletion(w, resp, o);
	else
		answer_object(w, req, resp, o);
	return true;
}

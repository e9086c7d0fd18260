/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon about itself: index, version, probes. */
#include <errno.h>
#include <stdio.h>

#include "handlers.h"
#include "timestamp.h"
#include "view_declared.h"

static const char *const condition_names[API_CONDITIONS] = {
	[API_KERNEL_READY] = "KernelReady",
	[API_IN_SYNC] = "InSync",
	[API_STATE_DURABLE] = "StateDurable",
	[API_CONTESTED] = "Contested",
};

const char *api_condition_name(enum api_condition_type type)
{
	return condition_names[type];
}

static void note(struct api_condition *c, bool status, const char *reason, const char *message)
{
	if (!c->transition || c->status != status)
		c->transition = timestamp_now();
	c->status = status;
	c->reason = reason;
	(void)snprintf(c->message, sizeof(c->message), "%s", message);
}

static void note_contested(struct api *api)
{
	static const char begin[] = "another program keeps changing back: ";
	char message[sizeof(api->conditions->message)];
	size_t used = sizeof(begin) - 1;
	bool contested;

	memcpy(message, begin, sizeof(begin));
	contested = view_host_contested(api, message + used, sizeof(message) - used) > 0;
	note(&api->conditions[API_CONTESTED], contested, contested ? "ChangedBack" : "Quiet",
	     contested ? message : "");
}

void api_note_conditions(struct api *api)
{
	const struct reconcile_stats *s = reconcile_stats(api->reconcile);
	bool services = reconcile_in_sync(api->reconcile);
	bool in_sync = services && view_host_in_sync(api);
	const char *reason = in_sync			      ? "InSync"
			     : services			      ? "HostDiffers"
			     : s->kernel_error		      ? "KernelNotReady"
			     : s->passes == 0		      ? "FirstPassPending"
			     : s->held			      ? "MassDeleteHeld"
			     : s->failing		      ? "KernelRefused"
			     : reconcile_idle(api->reconcile) ? "ForeignExists"
							      : "Pending";

	char kernel[sizeof(api->conditions->message)] = "";

	if (s->kernel_error)
		(void)snprintf(kernel, sizeof(kernel),
			       "IPVS cannot be talked to: %s; it is tried again within 10 seconds",
			       status_kernel_cause(s->kernel_error));
	note(&api->conditions[API_KERNEL_READY], s->kernel_error == 0,
	     s->kernel_error ? "KernelNotReady" : "Ready", kernel);
	note(&api->conditions[API_IN_SYNC], in_sync, reason,
	     in_sync ? ""
		     : "not everything is as declared; see the conditions of services, VIPs, "
		       "roles and sysctls");
	note(&api->conditions[API_STATE_DURABLE], !api->storage_failed,
	     api->storage_failed ? "StorageFailed" : "Stored",
	     api->storage_failed ? "the last write could not be stored; see the log" : "");
	note_contested(api);
}

static void write_conditions(struct api *api, struct json_writer *w)
{
	json_write_begin_array(w);
	for (size_t i = 0; i < API_CONDITIONS; i++) {
		const struct api_condition *c = &api->conditions[i];

		view_condition(w, condition_names[i], c->status, c->reason, c->message,
			       c->transition);
	}
	json_write_end_array(w);
}

static void write_status(struct api *api, struct json_writer *w)
{
	const struct reconcile_stats *s = reconcile_stats(api->reconcile);
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);
	char time[TIMESTAMP_TEXT_MAX];

	json_write_begin_object(w);
	json_write_member_int(w, "kernelWrites", (int64_t)kernel->ops->writes(kernel));
	json_write_member_int(w, "passes", (int64_t)s->passes);
	json_write_member_string(w, "lastPassTime",
				 s->last_pass ? timestamp_format(s->last_pass, time) : NULL);
	json_write_member_int(w, "lastPassMilliseconds", s->last_pass_ms);
	json_write_member_int(w, "driftFound", (int64_t)s->drift_found);
	json_write_member_int(w, "driftRepaired", (int64_t)s->drift_repaired);
	json_write_member_int(w, "refusals", (int64_t)s->failures);
	json_write_member_int(w, "foreignServices", (int64_t)s->foreign);
	json_write_member_string(w, "driftNotice", api->drift_notice);
	json_write_member_int(w, "longestTurnMilliseconds", turn_time_ms(api->turns.longest));
	json_write_member_int(w, "longestCommitMilliseconds",
			      turn_time_ms(api->turns.longest_apart.store));
	json_write_member_int(w, "longestSchedulerChangeMilliseconds",
			      turn_time_ms(api->turns.longest_apart.scheduler));
	json_write_key(w, "conditions");
	write_conditions(api, w);
	json_write_end_object(w);
}

bool handle_index(struct api *api, struct request *req, struct response *resp)
{
	struct json_writer w;

	(void)req;
	json_write_init(&w, &resp->body);
	json_write_begin_object(&w);
	json_write_member_string(&w, "version", api->version);
	json_write_member_string(&w, "apiVersion", "v1");
	json_write_member_int(&w, "revision", (int64_t)change_published(api->change)->revision);
	json_write_key(&w, "links");
	json_write_begin_object(&w);
	for (size_t i = 0; i < api_n_routes; i++) {
		const struct route *r = &api_routes[i];

		/* What a client can go to from here: reads without an id. */
		if (r->method == HTTP_GET && !strchr(r->path, '{'))
			json_write_member_string(&w, r->operation, r->path);
	}
	json_write_end_object(&w);
	json_write_key(&w, "status");
	write_status(api, &w);
	json_write_end_object(&w);
	response_json(resp, 200);
	return true;
}

bool handle_openapi(struct api *api, struct request *req, struct response *resp)
{
	(void)req;
	buf_add_str(&resp->body, api->openapi);
	response_json(resp, 200);
	return true;
}

bool handle_version(struct api *api, struct request *req, struct response *resp)
{
	struct json_writer w;

	(void)req;
	json_write_init(&w, &resp->body);
	json_write_begin_object(&w);
	json_write_member_string(&w, "version", api->version);
	json_write_member_string(&w, "apiVersion", "v1");
	json_write_end_object(&w);
	response_json(resp, 200);
	return true;
}

bool handle_livez(struct api *api, struct request *req, struct response *resp)
{
	(void)api;
	(void)req;
	buf_add_str(&resp->body, "ok\n");
	response_json(resp, 200);
	resp->content_type = "text/plain; charset=utf-8";
	return true;
}

/* Ready: the kernel can be talked to and has been compared with the desired state once; or it has
 * no IPVS, and none is needed. */
bool handle_readyz(struct api *api, struct request *req, struct response *resp)
{
	const struct reconcile_stats *s = reconcile_stats(api->reconcile);
	bool ready = (!s->kernel_error && s->passes > 0) || !reconcile_needs_kernel(api->reconcile);
	struct err e = { 0 };
	struct json_writer w;
	bool verbose;

	if (request_param_bool(req, "verbose", &verbose, &e) < 0)
		return handle_problem(req, resp, &e);
	if (verbose) {
		json_write_init(&w, &resp->body);
		json_write_begin_object(&w);
		json_write_member_bool(&w, "ready", ready);
		json_write_key(&w, "conditions");
		write_conditions(api, &w);
		json_write_end_object(&w);
		response_json(resp, ready ? 200 : 503);
		if (!ready)
			response_header(resp, "Retry-After", "1");
		return true;
	}
	if (ready)
		return handle_livez(api, req, resp);
	(void)err_set(&e, 0, "kernel_not_ready", "%s",
		      s->kernel_error ? api->conditions[API_KERNEL_READY].message
				      : "the first pass has not ended yet");
	return handle_problem(req, resp, &e);
}

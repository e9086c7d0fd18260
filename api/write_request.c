/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the request of a write says, before anything is changed: ids, body, parameters,
 * preconditions. See write.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "handlers.h"
#include "json_stream.h"
#include "write.h"

#define WAIT_DEFAULT 5 /* seconds; the contract */
#define WAIT_MAX     60

/* Answers with the problem; returns r. */
static int answer(struct response *resp, const struct request *req, struct err *e, int r)
{
	(void)handle_problem(req, resp, e);
	return r;
}

int write_ids(struct request *req, struct response *resp, struct ipvs_service_key *ret_service,
	      struct ipvs_dest_key *ret_dest)
{
	struct err e = { 0 };
	const char *why = "";

	if (ipvs_service_key_parse(req->ids[0], strlen(req->ids[0]), ret_service, &why) < 0) {
		(void)err_set(&e, 0, "invalid_id", "service '%s': %s", req->ids[0], why);
		return answer(resp, req, &e, -EINVAL);
	}
	if (ret_dest && ipvs_dest_key_parse(req->ids[1], strlen(req->ids[1]), ret_dest, &why) < 0) {
		(void)err_set(&e, 0, "invalid_id", "real server '%s': %s", req->ids[1], why);
		return answer(resp, req, &e, -EINVAL);
	}
	return 0;
}

int write_body(struct request *req, struct response *resp, json_t **ret)
{
	struct err e = { 0 };
	json_error_t error;
	json_t *json;

	if (req->body_len == 0) {
		(void)err_set(&e, 0, "body_required", "this request needs a JSON body");
		return answer(resp, req, &e, -EINVAL);
	}
	if (json_stream_check_depth(req->body, req->body_len, &e) < 0)
		return answer(resp, req, &e, -EINVAL);
	json = json_loadb(req->body, req->body_len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
			  &error);
	if (!json) {
		(void)err_set(&e, 0, "invalid_json", "line %d, column %d: %s", error.line,
			      error.column, error.text);
		return answer(resp, req, &e, -EINVAL);
	}
	*ret = json;
	return 0;
}

enum decode_mode write_mode(const struct request *req)
{
	return req->method == HTTP_PATCH ? DECODE_PATCH : DECODE_PUT;
}

struct write *write_begin(struct api *api, struct request *req, struct response *resp,
			  enum write_kind kind, struct change_by *ret_by)
{
	struct write *w = calloc(1, sizeof(*w));
	const char *owner = request_param(req, "owner");
	struct err e = { 0 };
	struct change_by by = {
		.owner = owner,
		.actor = req->actor,
		.peer = req->peer,
		.request_id = req->id,
	};

	req->state = w; /* freed by the done hook, whatever comes */
	if (!w)
		(void)err_set(&e, 0, "out_of_memory", "out of memory");
	else if (owner && (!*owner || strlen(owner) > OWNER_MAX))
		(void)request_refuse_param(&e, "owner", "must be 1 to %d bytes long", OWNER_MAX);
	else if (request_param_bool(req, "force", &by.force, &e) == 0 &&
		 request_param_bool(req, "adopt", &by.adopt, &e) == 0 &&
		 request_param_bool(req, "allowMassDelete", &by.allow_mass_delete, &e) == 0 &&
		 request_param_bool(req, "dryRun", &w->dry_run, &e) == 0 &&
		 request_param_bool(req, "ignoreAbsent", &w->ignore_absent, &e) == 0)
		(void)request_param_uint(req, "wait", WAIT_MAX, WAIT_DEFAULT, &w->wait_seconds, &e);
	if (e.code) {
		(void)answer(resp, req, &e, 0);
		return NULL;
	}
	w->kind = kind;
	w->api = api;
	(void)snprintf(w->action, sizeof(w->action), "%s %s", http_method_name(req->method),
		       req->target);
	by.action = w->action;
	*ret_by = by;
	return w;
}

/* Whether a header's list of entity tags holds the revision, or "*" and the object exists. */
static int tag_matches(const char *header, uint64_t revision, bool *ret)
{
	char tag[24];
	size_t len;

	*ret = false;
	while (*header) {
		header += strspn(header, " \t,");
		len = strcspn(header, " \t,");
		if (len == 1 && *header == '*') {
			*ret = *ret || revision != 0;
		} else if (len >= 2 && header[0] == '"' && header[len - 1] == '"') {
			(void)snprintf(tag, sizeof(tag), "\"%" PRIu64 "\"", revision);
			*ret = *ret ||
			       (revision && strlen(tag) == len && strncmp(tag, header, len) == 0);
		} else if (len) {
			return -EINVAL;
		}
		header += len;
	}
	return 0;
}

int write_preconditions(struct api *api, const struct request *req, struct response *resp,
			uint64_t revision)
{
	const char *match = request_header(req, "If-Match");
	const char *none = request_header(req, "If-None-Match");
	struct err e = { 0 };
	bool same;

	if ((match && tag_matches(match, revision, &same) < 0) ||
	    (none && tag_matches(none, revision, &same) < 0)) {
		(void)err_set(&e, 0, "invalid_header",
			      "If-Match and If-None-Match take \"*\" or ETags as \"123\"");
		return answer(resp, req, &e, -EINVAL);
	}
	if (!match && !none && change_current(api->change)->policy.require_if_match)
		(void)err_set(&e, 0, "precondition_required",
			      "the policy wants If-Match with the object's ETag, or If-None-Match: "
			      "* to create it");
	else if (match && tag_matches(match, revision, &same) == 0 && !same)
		(void)err_set(&e, 0, "precondition_failed",
			      revision ? "the object is at revision %" PRIu64
				       : "the object does not exist (revision %" PRIu64 ")",
			      revision);
	else if (none && tag_matches(none, revision, &same) == 0 && same)
		(void)err_set(&e, 0, "precondition_failed",
			      "the object exists, at revision %" PRIu64, revision);
	return e.code ? answer(resp, req, &e, -ESTALE) : 0;
}

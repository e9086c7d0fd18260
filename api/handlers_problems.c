/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/problems: the pages that the `type` of an error points to, from the catalogue in problem.c.
 */
#include "handlers.h"
#include "problem.h"

static void write_problem(const struct problem *p, struct json_writer *w)
{
	char type[PROBLEM_TYPE_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "type", problem_type(p, type));
	json_write_member_string(w, "code", p->code);
	json_write_member_int(w, "status", p->status);
	json_write_member_string(w, "title", p->title);
	json_write_member_bool(w, "retryable", p->retryable);
	json_write_member_string(w, "remedy", p->remedy);
	json_write_end_object(w);
}

bool handle_problems(struct api *api, struct request *req, struct response *resp)
{
	const struct problem *all;
	struct json_writer w;
	size_t n;

	(void)api;
	(void)req;
	all = problem_all(&n);
	json_write_init(&w, &resp->body);
	json_write_begin_object(&w);
	json_write_key(&w, "items");
	json_write_begin_array(&w);
	for (size_t i = 0; i < n; i++)
		write_problem(&all[i], &w);
	json_write_end_array(&w);
	json_write_end_object(&w);
	response_json(resp, 200);
	return true;
}

bool handle_problem_get(struct api *api, struct request *req, struct response *resp)
{
	const struct problem *p = problem_find(req->ids[0]);
	struct json_writer w;
	struct err e = { 0 };

	(void)api;
	if (!streq(p->code, req->ids[0])) {
		(void)err_set(&e, 0, "not_found", "there is no error code '%s'", req->ids[0]);
		return handle_problem(req, resp, &e);
	}
	json_write_init(&w, &resp->body);
	write_problem(p, &w);
	response_json(resp, 200);
	return true;
}

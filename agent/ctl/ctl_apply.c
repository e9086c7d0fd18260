/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply, diff and plan: whole files against what is declared, and the declared against the kernel.
 */
#include <stdio.h>

#include "ctl_document.h"
#include "ctl_json.h"
#include "ctl_print.h"
#include "ctl_verbs.h"
#include "ctl_write.h"
#include "util.h"

/* --prune is a PUT, which removes what is not named; else it is merged. */
int ctl_apply(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_options *o = &ctl->options;
	json_auto_t *config = NULL;
	struct ctl_write w = {
		.method = o->prune ? "PUT" : "PATCH",
		.path = "/v1/config",
		.what = "configuration",
	};

	if (argc != 1 || !o->file)
		return ctl_usage(argv[0]);
	if (ctl_document_read(o->file, &config) < 0)
		return CTL_FAILED;
	w.body = config;
	return ctl_write(ctl, &w);
}

/* Prints the items or operations of an answer. CTL_DIFFERENT when there are some. */
static int show(const struct ctl_options *o, const json_t *answer)
{
	const json_t *items = json_object_get(answer, "items");
	bool plan = !items;

	if (plan)
		items = json_object_get(answer, "operations");
	if (o->output == CTL_JSON || o->output == CTL_NDJSON)
		ctl_json_print(answer, o->output);
	else if (plan)
		(void)ctl_print_plan(answer);
	else
		(void)ctl_print_operations(items);
	return json_array_size(items) ? CTL_DIFFERENT : CTL_OK;
}

static int send_and_show(struct ctl *ctl, const struct ctl_request *request)
{
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	int r = ctl_http_send(ctl->http, request, &a);

	return r == 0 ? show(&ctl->options, a.json) : ctl_http_exit(r);
}

static int plan_file(struct ctl *ctl)
{
	const struct ctl_options *o = &ctl->options;
	_cleanup_(buf_done) struct buf query = { 0 };
	_cleanup_(freep) char *body = NULL;
	json_auto_t *config = NULL;
	struct ctl_request request = { .method = "POST", .path = "/v1/plan" };

	if (ctl_document_read(o->file, &config) < 0)
		return CTL_FAILED;
	body = json_dumps(config, JSON_COMPACT);
	if (!body)
		return ctl_fail("out of memory");
	if (!o->prune)
		ctl_query_add(&query, "patch", "true");
	ctl_query_write(&query, o);
	request.query = query.data;
	request.body = body;
	request.body_len = strlen(body);
	return send_and_show(ctl, &request);
}

int ctl_plan(struct ctl *ctl, int argc, char **argv)
{
	if (argc != 1 || !ctl->options.file)
		return ctl_usage(argv[0]);
	return plan_file(ctl);
}

int ctl_diff(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_request request = { .method = "GET", .path = "/v1/diff" };

	if (argc != 1)
		return ctl_usage(argv[0]);
	return ctl->options.file ? plan_file(ctl) : send_and_show(ctl, &request);
}

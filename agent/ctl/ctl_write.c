/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes, see ctl_write.h. */
#include "ctl_write.h"

#include <stdio.h>

#include "ctl_guard.h"
#include "ctl_json.h"
#include "ctl_print.h"
#include "ctl_term.h"
#include "util.h"

#define STORED 202

/* What is accepted and will not work, on stderr: it is no output. */
static void say_warnings(const json_t *status)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(status, "warnings"), i, item)
		(void)fprintf(stderr, "warning: %s: %s\n", ctl_text(item, "code"),
			      ctl_text(item, "detail"));
}

/* Why the kernel does not hold an object. */
static void say_pending(const char *kind, const char *id, const json_t *conditions)
{
	const json_t *item;
	size_t i;

	json_array_foreach(conditions, i, item) {
		if (!streq(ctl_text(item, "type"), "Programmed") || ctl_condition_good(item))
			continue;
		printf("%s%s%s: stored, and not in the kernel: %s%s", kind, *kind ? " " : "", id,
		       ctl_text(item, "reason"), *ctl_text(item, "message") ? ": " : "");
		ctl_term_text(ctl_text(item, "message"));
		(void)fputc('\n', stdout);
	}
}

size_t ctl_print_plan(const json_t *plan)
{
	const json_t *operations = json_object_get(plan, "operations");
	long long cut = ctl_number(plan, "activeConnectionsCut");

	if (!json_is_object(plan)) {
		puts("the kernel cannot be read, so what would be done is not known");
		return 0;
	}
	(void)ctl_print_operations(operations);
	printf("%zu operations%s", json_array_size(operations), cut ? ", which cut " : "");
	if (cut)
		printf("%lld active connections", cut);
	(void)fputc('\n', stdout);
	return json_array_size(operations);
}

/* The answer to a document: what of it the kernel does not hold. */
static int say_document(const json_t *answer, const json_t *pending)
{
	const json_t *item;
	size_t i;

	json_array_foreach(pending, i, item)
		say_pending(ctl_text(item, "kind"), ctl_text(item, "id"),
			    json_object_get(item, "conditions"));
	printf("revision %lld: %s\n", ctl_number(answer, "revision"),
	       json_array_size(pending) ? "stored" : "the kernel holds it");
	return json_array_size(pending) ? CTL_DIFFERENT : CTL_OK;
}

static int say(const struct ctl_options *o, const struct ctl_write *w, const struct ctl_answer *a)
{
	const json_t *status = json_object_get(a->json, "status");
	const json_t *pending = json_object_get(status, "pending");
	int result = a->status == STORED ? CTL_DIFFERENT : CTL_OK;

	say_warnings(status);
	if (o->output == CTL_JSON || o->output == CTL_NDJSON) {
		ctl_json_print(a->json, o->output);
	} else if (o->dry_run) {
		(void)ctl_print_plan(json_object_get(status, "plan"));
		puts("nothing was changed (--dry-run)");
	} else if (pending) {
		return say_document(a->json, pending);
	} else if (a->status == STORED) {
		say_pending("", w->what, json_object_get(status, "conditions"));
	} else {
		printf("%s: %s\n", w->what,
		       a->status == 201		    ? "created"
		       : streq(w->method, "DELETE") ? "deleted"
						    : "done");
	}
	return json_array_size(pending) ? CTL_DIFFERENT : result;
}

int ctl_write(struct ctl *ctl, const struct ctl_write *w)
{
	_cleanup_(buf_done) struct buf query = { 0 };
	_cleanup_(freep) char *body = NULL;
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	struct ctl_request request = { .method = w->method, .path = w->path };
	int r;

	if (w->query)
		buf_add_str(&query, w->query);
	ctl_query_write(&query, &ctl->options);
	if (w->body) {
		body = json_dumps(w->body, JSON_ENCODE_ANY | JSON_COMPACT);
		if (!body)
			return ctl_fail("out of memory");
		request.body = body;
		request.body_len = strlen(body);
	} else if (w->text) {
		request.body = w->text;
		request.body_len = w->text_len;
		request.content_type = "text/plain";
	}
	request.query = query.data;
	r = ctl_guard_send(ctl->http, &request, &a);
	return r == 0 ? say(&ctl->options, w, &a) : ctl_http_exit(r);
}

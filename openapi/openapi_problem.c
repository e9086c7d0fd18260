/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Problems: which codes a route can answer with, the responses that describe them, and the page of
 * the catalogue. What follows from the row of a route is worked out here; the rest is prose. */
#include <stdio.h>
#include <string.h>

#include "openapi_build.h"
#include "openapi_private.h"

/* A set of codes, in the order in which they were added. */
struct codes {
	struct openapi *o;
	const struct problem **list;
	size_t n;
};

static void add(struct codes *c, const char *code)
{
	const struct problem *p = problem_find(code);

	if (!streq(p->code, code)) {
		openapi_fault(c->o, "the catalogue has no code %s", code);
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i] == p)
			return;
	if (c->n < OPENAPI_MAX_CODES)
		c->list[c->n++] = p;
}

static void add_all(struct codes *c, const char *const *list)
{
	for (; *list; list++)
		add(c, *list);
}

static bool takes(const struct route *route, const char *param)
{
	for (const char *const *q = route->query; q && *q; q++)
		if (streq(*q, param))
			return true;
	return false;
}

static int order(const void *a, const void *b)
{
	const struct problem *x = *(const struct problem *const *)a;
	const struct problem *y = *(const struct problem *const *)b;

	return x->status != y->status ? (x->status < y->status ? -1 : 1) : strcmp(x->code, y->code);
}

size_t openapi_codes(struct openapi *o, const struct route *route, const json_t *prose,
		     const struct problem *ret[OPENAPI_MAX_CODES])
{
	static const char *const any[] = { "bad_request",
					   "expectation_failed",
					   "host_not_allowed",
					   "internal_error",
					   "invalid_certificate",
					   "invalid_token",
					   "invalid_parameter",
					   "invalid_url",
					   "origin_not_allowed",
					   "out_of_memory",
					   "stopping",
					   "unauthorized",
					   NULL };
	static const char *const body[] = { "body_required", "body_too_large", "validation_failed",
					    "unsupported_media_type", NULL };
	static const char *const write[] = { "invalid_header", "precondition_failed",
					     "precondition_required", "storage_failed", NULL };
	struct codes c = { .o = o, .list = ret };
	size_t i;
	json_t *code;

	add_all(&c, any);
	add_all(&c, route->body == BODY_NONE ? (const char *const[]){ "body_not_allowed", NULL }
					     : body);
	if (route->body == BODY_OBJECT || route->body == BODY_DOCUMENT)
		add(&c, "invalid_json");
	if (route->role > ROLE_READER)
		add(&c, "forbidden");
	if (strncmp(route->path, "/v1", 3) == 0)
		add(&c, "not_acceptable");
	if (strchr(route->path, '{'))
		add_all(&c, (const char *const[]){ "invalid_id", "not_found", NULL });
	if (route->method != HTTP_GET && route->method != HTTP_POST)
		add_all(&c, write);
	if (takes(route, "force"))
		add(&c, "owner_conflict");
	if (takes(route, "adopt"))
		add(&c, "foreign_exists");
	if (takes(route, "allowMassDelete") && route->body != BODY_NONE)
		add(&c, "mass_delete_refused");
	if (takes(route, "continue"))
		add(&c, "continue_expired");
	json_array_foreach(json_object_get(prose, "problems"), i, code)
		add(&c, json_string_value(code));
	qsort(ret, c.n, sizeof(*ret), order);
	return c.n;
}

static json_t *example(struct openapi *o, const struct problem *p)
{
	json_t *value = json_object(), *ex = json_object(), *fault = json_object();
	json_t *faults = json_array();
	char type[PROBLEM_TYPE_MAX];

	openapi_set(o, value, "type", json_string(problem_type(p, type)));
	openapi_set(o, value, "title", json_string(p->title));
	openapi_set(o, value, "status", json_integer(p->status));
	openapi_set(o, value, "detail", json_string(p->remedy));
	openapi_set(o, value, "code", json_string(p->code));
	openapi_set(o, value, "requestId", json_string("4c9387762dd253f00806e7abc9bfe0c2"));
	openapi_set(o, value, "retryable", json_boolean(p->retryable));
	openapi_set(o, fault, "pointer", json_string("/persistence/timeoutSeconds"));
	openapi_set(o, fault, "code", json_string("out_of_range"));
	openapi_set(o, fault, "detail", json_string("must be between 1 and 2678400"));
	openapi_append(o, faults, fault);
	if (streq(p->code, "validation_failed"))
		openapi_set(o, value, "errors", json_incref(faults));
	json_decref(faults);
	openapi_set(o, ex, "summary", json_string(p->title));
	openapi_set(o, ex, "value", value);
	return ex;
}

/* Headers that go with a status; X-Request-Id always. */
static json_t *headers(struct openapi *o, unsigned status)
{
	json_t *h = json_object();

	openapi_set(o, h, "X-Request-Id", openapi_ref("headers", "X-Request-Id"));
	if (status == 401)
		openapi_set(o, h, "WWW-Authenticate", openapi_ref("headers", "WWW-Authenticate"));
	if (status == 415)
		openapi_set(o, h, "Accept-Patch", openapi_ref("headers", "Accept-Patch"));
	if (status == 429 || status == 503)
		openapi_set(o, h, "Retry-After", openapi_ref("headers", "Retry-After"));
	return h;
}

static json_t *response(struct openapi *o, unsigned status)
{
	json_t *r = json_object(), *media = json_object(), *content = json_object();
	json_t *examples = json_object();
	_cleanup_(buf_done) struct buf text = { 0 };
	const struct problem *all;
	size_t n;

	all = problem_all(&n);
	for (size_t i = 0; i < n; i++) {
		if (all[i].status != status)
			continue;
		buf_printf(&text, "%s`%s`: %s.", text.len ? "\n" : "", all[i].code, all[i].title);
		openapi_set(o, examples, all[i].code, example(o, &all[i]));
	}
	o->out_of_memory = o->out_of_memory || text.failed;
	openapi_set(o, r, "description", json_string(text.data ? text.data : ""));
	openapi_set(o, r, "headers", headers(o, status));
	openapi_set(o, media, "schema", openapi_ref("schemas", "Problem"));
	openapi_set(o, media, "examples", examples);
	openapi_set(o, content, "application/problem+json", media);
	openapi_set(o, r, "content", content);
	return r;
}

void openapi_problem_responses(struct openapi *o)
{
	json_t *components = openapi_object(o, o->document, "components");
	json_t *responses = openapi_object(o, components, "responses");

	for (unsigned status = 0; status < ARRAY_SIZE(o->statuses); status++) {
		char name[32];

		if (!o->statuses[status])
			continue;
		(void)snprintf(name, sizeof(name), "Problem%u", status);
		openapi_set(o, responses, name, response(o, status));
	}
}

void openapi_problem_page(struct buf *out)
{
	const struct problem *all;
	size_t n;

	buf_add_str(
		out,
		"# Error codes\n\n"
		"Made from `api/problem.c` by `openapi/openapi-print --problems`; a test compares "
		"them.\n\n"
		"Every error of the API is an `application/problem+json` document (RFC 9457) whose "
		"`code` is one of these\nand whose `type` is `/v1/problems/CODE`, which answers\n"
		"with the row below. Codes are stable; titles and details are for people. "
		"\"Again\" says whether the same\nrequest may succeed later (`retryable`).\n\n"
		"| code | status | again | title | what to do |\n|---|---|---|---|---|\n");
	all = problem_all(&n);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "| `%s` | %u | %s | %s | %s |\n", all[i].code, all[i].status,
			   all[i].retryable ? "yes" : "no", all[i].title, all[i].remedy);
}

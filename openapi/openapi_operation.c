/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One operation: a row of the route table and what prose says of it. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "openapi_private.h"

#define MERGE_PATCH "application/merge-patch+json"

static json_t *prose_of(struct openapi *o, const struct route *route)
{
	json_t *all = json_object_get(o->prose, "operations");
	json_t *prose = json_object_get(all, route->operation);

	if (!json_is_object(prose))
		openapi_fault(o, "prose has no operation %s", route->operation);
	if (!json_is_string(json_object_get(prose, "description")))
		openapi_fault(o, "prose has no description of %s", route->operation);
	return prose;
}

/* {"schema": …, "examples": …} from {"schema": NAME, "examples": …}. */
static json_t *media(struct openapi *o, const struct route *route, const json_t *prose)
{
	const char *schema = json_string_value(json_object_get(prose, "schema"));
	json_t *examples = json_object_get(prose, "examples"), *m = json_object();

	if (!schema || !json_object_get(json_object_get(o->prose, "schemas"), schema))
		openapi_fault(o, "a body of %s has no schema", route->operation);
	if (json_object_size(examples) == 0)
		openapi_fault(o, "a body of %s has no example", route->operation);
	openapi_set(o, m, "schema", openapi_ref("schemas", schema ? schema : ""));
	openapi_set(o, m, "examples", json_incref(examples));
	return m;
}

static void request_body(struct openapi *o, json_t *operation, const struct route *route,
			 const json_t *prose)
{
	const json_t *request = json_object_get(prose, "request");
	json_t *body, *content;

	if (route->body == BODY_NONE) {
		if (request)
			openapi_fault(o, "prose has a body for %s", route->operation);
		return;
	}
	body = json_object();
	content = json_object();
	if (route->method == HTTP_PATCH)
		openapi_set(o, content, MERGE_PATCH, media(o, route, request));
	openapi_set(o, content, route->body == BODY_TEXT ? "text/plain" : "application/json",
		    media(o, route, request));
	openapi_set(o, body, "description", json_incref(json_object_get(request, "description")));
	openapi_set(o, body, "required", json_true());
	openapi_set(o, body, "content", content);
	openapi_set(o, operation, "requestBody", body);
}

/* An answer that is no problem. */
static json_t *response(struct openapi *o, const struct route *route, const json_t *prose)
{
	json_t *r = json_object(), *headers = json_object(), *content, *header, *bodies;
	const char *type;
	json_t *body;
	size_t i;

	openapi_set(o, r, "description", json_incref(json_object_get(prose, "description")));
	json_array_foreach(json_object_get(prose, "headers"), i, header)
		openapi_set(o, headers, json_string_value(header),
			    openapi_ref("headers", json_string_value(header)));
	openapi_set(o, headers, "X-Request-Id", openapi_ref("headers", "X-Request-Id"));
	openapi_set(o, r, "headers", headers);
	bodies = json_object_get(prose, "content");
	if (!bodies)
		return r;
	content = json_object();
	json_object_foreach(bodies, type, body)
		openapi_set(o, content, type, media(o, route, body));
	openapi_set(o, r, "content", content);
	return r;
}

static void responses(struct openapi *o, json_t *operation, const struct route *route,
		      const json_t *prose)
{
	const struct problem *codes[OPENAPI_MAX_CODES];
	size_t n = openapi_codes(o, route, prose, codes);
	json_t *list = json_object(), *names = json_array(), *value;
	json_t *good = json_object_get(prose, "responses");
	const char *status;
	char key[16], name[32];

	if (json_object_size(good) == 0)
		openapi_fault(o, "prose has no response of %s", route->operation);
	json_object_foreach(good, status, value)
		openapi_set(o, list, status, response(o, route, value));
	for (size_t i = 0; i < n; i++) {
		json_t *present;

		openapi_append(o, names, json_string(codes[i]->code));
		o->statuses[codes[i]->status] = true;
		(void)snprintf(key, sizeof(key), "%u", codes[i]->status);
		(void)snprintf(name, sizeof(name), "Problem%u", codes[i]->status);
		present = json_object_get(list, key);
		if (!present)
			openapi_set(o, list, key, openapi_ref("responses", name));
		else if (!json_object_get(present, "$ref")) /* a probe's 503 is its own, too */
			openapi_set(
				o, json_object_get(present, "content"), "application/problem+json",
				json_pack("{s:o}", "schema", openapi_ref("schemas", "Problem")));
	}
	openapi_set(o, operation, "responses", list);
	openapi_set(o, operation, "x-problem-codes", names);
}

void openapi_operation(struct openapi *o, const struct route *route)
{
	json_t *prose = prose_of(o, route), *op = json_object();
	json_t *paths = openapi_object(o, o->document, "paths");
	char method[16];

	openapi_set(o, op, "operationId", json_string(route->operation));
	openapi_set(o, op, "summary", json_string(route->summary));
	openapi_set(o, op, "description", json_incref(json_object_get(prose, "description")));
	openapi_set(o, op, "tags", json_pack("[O?]", json_object_get(prose, "tag")));
	openapi_set(o, op, "x-role", json_string(role_name(route->role)));
	openapi_parameters(o, op, route);
	request_body(o, op, route, prose);
	responses(o, op, route, prose);
	for (size_t i = 0; i < sizeof(method); i++)
		method[i] = '\0';
	(void)snprintf(method, sizeof(method), "%s", http_method_name(route->method));
	for (char *c = method; *c; c++)
		*c = (char)(*c | 0x20);
	openapi_set(o, openapi_object(o, paths, route->path), method, op);
}

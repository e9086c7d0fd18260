/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document as a whole, see openapi_build.h. */
#include "openapi_build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "api.h"
#include "openapi_private.h"
#include "params.h"

void openapi_set(struct openapi *o, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		o->out_of_memory = true;
}

void openapi_append(struct openapi *o, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		o->out_of_memory = true;
}

json_t *openapi_object(struct openapi *o, json_t *object, const char *key)
{
	if (!json_object_get(object, key))
		openapi_set(o, object, key, json_object());
	return json_object_get(object, key);
}

json_t *openapi_ref(const char *place, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "#/components/%s/%s", place, name);
	return json_pack("{s:s}", "$ref", path);
}

void openapi_fault(struct openapi *o, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)err_set(o->err, -EINVAL, "invalid_prose", "%s", text);
}

/* What prose says of operations that do not exist would go unnoticed otherwise. */
static void check_operations(struct openapi *o)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(o->prose, "operations"), name, value) {
		bool found = false;

		for (size_t i = 0; i < api_n_routes; i++)
			found = found || streq(api_routes[i].operation, name);
		if (!found)
			openapi_fault(o, "no route is called %s", name);
	}
}

/* Every row of the parameter table belongs to a route. */
static void check_parameters(struct openapi *o)
{
	const struct param *all;
	size_t n;

	all = param_all(&n);
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t j = 0; j < api_n_routes; j++)
			for (const char *const *q = api_routes[j].query; q && *q; q++)
				found = found ||
					(streq(*q, all[i].name) &&
					 param_find(*q, api_routes[j].operation) == &all[i]);
		if (!found)
			openapi_fault(o, "no route takes the parameter %s", all[i].name);
	}
}

static void components(struct openapi *o)
{
	json_t *all = openapi_object(o, o->document, "components"), *value;
	json_t *schemas = openapi_object(o, all, "schemas");
	json_t *headers = json_object_get(o->prose, "headers");
	const char *name;

	json_object_foreach(json_object_get(o->prose, "schemas"), name, value)
		openapi_set(o, schemas, name, openapi_schema(o, name, value));
	openapi_problem_responses(o);
	openapi_set(o, all, "headers", json_incref(headers));
	openapi_set(o, all, "securitySchemes",
		    json_incref(json_object_get(o->prose, "securitySchemes")));
}

static void assemble(struct openapi *o)
{
	static const char *const copied[] = { "info", "servers", "security", "tags" };

	openapi_set(o, o->document, "openapi", json_string("3.1.0"));
	for (size_t i = 0; i < ARRAY_SIZE(copied); i++) {
		json_t *part = json_object_get(o->prose, copied[i]);

		if (!part)
			openapi_fault(o, "prose has no %s", copied[i]);
		openapi_set(o, o->document, copied[i], json_incref(part));
	}
	for (size_t i = 0; i < api_n_routes; i++)
		openapi_operation(o, &api_routes[i]);
	components(o);
	check_operations(o);
	check_parameters(o);
	openapi_check_tables(o);
}

static int append_text(const char *text, size_t len, void *out)
{
	buf_add(out, text, len);
	return 0;
}

int openapi_build(const char *prose, size_t len, struct buf *out, struct err *e)
{
	json_error_t error;
	json_t *json = json_loadb(prose, len, JSON_REJECT_DUPLICATES, &error);
	struct openapi o = { .prose = json, .document = json_object(), .err = e };
	int r = 0;

	if (!json)
		r = err_set(e, -EINVAL, "invalid_prose", "line %d: %s", error.line, error.text);
	else
		assemble(&o);
	if (r == 0 && e->code)
		r = -EINVAL;
	if (r == 0 &&
	    (o.out_of_memory ||
	     json_dump_callback(o.document, append_text, out, JSON_INDENT(2)) < 0 || out->failed))
		r = err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	buf_add_str(out, "\n");
	json_decref(o.document);
	json_decref(json);
	return r;
}

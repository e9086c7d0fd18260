/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of an operation: path, query, headers. Each stands once, in components. */
#include <string.h>

#include "openapi_private.h"
#include "params.h"

static json_t *param_schema(struct openapi *o, const struct param *p)
{
	json_t *s = json_object(), *list;

	switch (p->type) {
	case PARAM_BOOL:
		openapi_set(o, s, "type", json_string("boolean"));
		openapi_set(o, s, "default", json_false());
		return s;
	case PARAM_UINT:
		openapi_set(o, s, "type", json_string("integer"));
		openapi_set(o, s, "minimum", json_integer(0));
		openapi_set(o, s, "maximum", json_integer((json_int_t)p->max));
		if (p->fallback >= 0)
			openapi_set(o, s, "default", json_integer(p->fallback));
		return s;
	case PARAM_STRING:
		openapi_set(o, s, "type", json_string("string"));
		if (!p->may_be_empty)
			openapi_set(o, s, "minLength", json_integer(1));
		openapi_set(o, s, "maxLength", json_integer((json_int_t)p->max));
		if (p->pattern)
			openapi_set(o, s, "pattern", json_string(p->pattern));
		return s;
	case PARAM_NAME:
		list = json_array();
		openapi_set(o, s, "type", json_string("string"));
		for (const char *const *n = p->names; *n; n++)
			openapi_append(o, list, json_string(*n));
		openapi_set(o, s, "enum", list);
		return s;
	}
	return s;
}

static json_t *query_parameter(struct openapi *o, const struct param *p)
{
	json_t *parameter = json_object();

	openapi_set(o, parameter, "name", json_string(p->name));
	openapi_set(o, parameter, "in", json_string("query"));
	openapi_set(o, parameter, "description", json_string(p->doc));
	if (p->type == PARAM_BOOL || p->may_be_empty)
		openapi_set(o, parameter, "allowEmptyValue", json_true());
	openapi_set(o, parameter, "schema", param_schema(o, p));
	if (p->example)
		openapi_set(o, parameter, "example", json_string(p->example));
	return parameter;
}

/* Refers to a parameter of components; makes it from prose (path and headers) when it is new. */
static void add(struct openapi *o, json_t *list, const char *name)
{
	json_t *components = openapi_object(o, o->document, "components");
	json_t *parameters = openapi_object(o, components, "parameters");
	json_t *prose = json_object_get(json_object_get(o->prose, "parameters"), name);

	if (!json_object_get(parameters, name)) {
		if (!prose)
			openapi_fault(o, "prose has no parameter %s", name);
		openapi_set(o, parameters, name, json_incref(prose));
	}
	openapi_append(o, list, openapi_ref("parameters", name));
}

static void add_query(struct openapi *o, json_t *list, const struct route *route, const char *name)
{
	json_t *components = openapi_object(o, o->document, "components");
	json_t *parameters = openapi_object(o, components, "parameters");
	const struct param *p = param_find(name, route->operation);
	char key[64];

	if (!p) {
		openapi_fault(o, "api/params.c does not describe the parameter %s of %s", name,
			      route->operation);
		return;
	}
	(void)snprintf(key, sizeof(key), "%s%s%s", p->name, p->operation ? "." : "",
		       p->operation ? p->operation : "");
	if (!json_object_get(parameters, key))
		openapi_set(o, parameters, key, query_parameter(o, p));
	openapi_append(o, list, openapi_ref("parameters", key));
}

void openapi_parameters(struct openapi *o, json_t *operation, const struct route *route)
{
	json_t *list = json_array();

	for (const char *p = strchr(route->path, '{'); p; p = strchr(p + 1, '{')) {
		size_t len = strcspn(p + 1, "}");
		char name[32];

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, p + 1);
		add(o, list, name);
	}
	for (const char *const *q = route->query; q && *q; q++)
		add_query(o, list, route, *q);
	if (route->method != HTTP_GET && route->method != HTTP_POST) {
		add(o, list, "If-Match");
		add(o, list, "If-None-Match");
	}
	add(o, list, "X-Request-Id");
	openapi_set(o, operation, "parameters", list);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schemas of the objects that a field table describes. A table has three views: what clients may
 * send (input: every member may be absent or null), what is answered (answer: every member is
 * there), and what the kernel holds (kernel: as answered, with values that only others make).
 */
#include <string.h>

#include "field_schema.h"
#include "ipvs_fields.h"
#include "netcfg_fields.h"
#include "openapi_private.h"
#include "policy.h"

enum view {
	VIEW_INPUT,
	VIEW_ANSWER,
	VIEW_KERNEL,
	VIEWS,
};

static const char *const view_names[VIEWS] = { "input", "answer", "kernel" };
static const struct field_table *const tables[] = { &ipvs_service_table,
						    &ipvs_dest_table,
						    &policy_table,
						    &netcfg_vip_table,
						    &netcfg_real_server_role_table,
						    &netcfg_director_role_table,
						    &netcfg_sync_table,
						    &netcfg_sysctl_table };

static json_t *names(struct openapi *o, const struct field *f, bool hidden)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->n_names; i++)
		if ((hidden && !f->names[i].reserved) || !f->names[i].hidden)
			openapi_append(o, list, json_string(f->names[i].name));
	return list;
}

static void answer_rows(struct openapi *o, const struct field_table *t, enum view view,
			json_t *properties, json_t *required);

/* Turns the schema of what may be sent into that of what is answered. */
static void answer_row(struct openapi *o, const struct field *f, enum view view, json_t *schema)
{
	json_t *type = json_object_get(schema, "type"), *required;

	(void)json_object_del(schema, "default");
	if (!f->nullable)
		openapi_set(o, schema, "type", json_incref(json_array_get(type, 0)));
	switch (f->type) {
	case FIELD_TYPE_ENUM:
		openapi_set(o, schema, "enum", names(o, f, view == VIEW_KERNEL));
		return;
	case FIELD_TYPE_GROUP:
		required = json_array();
		(void)json_object_del(schema, "additionalProperties");
		answer_rows(o, f->group, view, json_object_get(schema, "properties"), required);
		openapi_set(o, schema, "required", required);
		return;
	case FIELD_TYPE_BOOL:
	case FIELD_TYPE_UINT:
	case FIELD_TYPE_SET:
	case FIELD_TYPE_STRING:
		return;
	}
}

static void answer_rows(struct openapi *o, const struct field_table *t, enum view view,
			json_t *properties, json_t *required)
{
	for (size_t i = 0; i < t->n; i++) {
		answer_row(o, &t->rows[i], view, json_object_get(properties, t->rows[i].name));
		openapi_append(o, required, json_string(t->rows[i].name));
	}
}

/* {"member": schema} of the rows. */
static json_t *row_schemas(struct openapi *o, const struct field_table *t)
{
	_cleanup_(buf_done) struct buf text = { 0 };
	struct json_writer w;
	json_t *rows;

	json_write_init(&w, &text);
	json_write_begin_object(&w);
	field_schema_properties(t, &w);
	json_write_end_object(&w);
	rows = text.failed ? NULL : json_loadb(text.data, text.len, 0, NULL);
	o->out_of_memory = o->out_of_memory || !rows;
	return rows;
}

/* Puts the rows that "TABLE/VIEW" names into properties, and into required when they always are
 * there. */
static void insert_rows(struct openapi *o, const char *which, json_t *properties, json_t *required)
{
	const char *slash = strchrnul(which, '/');
	const struct field_table *t = NULL;
	enum view view = VIEW_INPUT;
	json_t *rows;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (strlen(tables[i]->name) == (size_t)(slash - which) &&
		    strncmp(tables[i]->name, which, (size_t)(slash - which)) == 0)
			t = tables[i];
	while (view < VIEWS && !streq(view_names[view], *slash ? slash + 1 : ""))
		view++;
	if (!t || view == VIEWS) {
		openapi_fault(o, "there is no table and view '%s'", which);
		return;
	}
	rows = row_schemas(o, t);
	if (view != VIEW_INPUT)
		answer_rows(o, t, view, rows, required);
	(void)json_object_update(properties, rows);
	json_decref(rows);
}

json_t *openapi_schema(struct openapi *o, const char *name, const json_t *prose)
{
	json_t *schema = json_copy((json_t *)(uintptr_t)prose), *properties = json_object();
	json_t *required = json_object_get(prose, "required"), *value;
	const char *key;

	if (!json_is_object(prose))
		openapi_fault(o, "the schema %s is not an object", name);
	required = required ? json_copy(required) : json_array();
	json_object_foreach(json_object_get(prose, "properties"), key, value) {
		if (streq(key, "$fields"))
			insert_rows(o, json_string_value(value), properties, required);
		else
			openapi_set(o, properties, key, json_incref(value));
	}
	if (json_array_size(required))
		openapi_set(o, schema, "required", json_incref(required));
	if (json_object_size(properties))
		openapi_set(o, schema, "properties", json_incref(properties));
	json_decref(required);
	json_decref(properties);
	return schema;
}

void openapi_check_tables(struct openapi *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const json_t *schemas = json_object_get(o->prose, "schemas");
		bool found = false;
		const char *name;
		json_t *schema;

		json_object_foreach((json_t *)(uintptr_t)schemas, name, schema) {
			const char *which = json_string_value(
				json_object_get(json_object_get(schema, "properties"), "$fields"));

			found = found || (which && strncmp(which, tables[i]->name,
							   strlen(tables[i]->name)) == 0);
		}
		if (!found)
			openapi_fault(o, "no schema shows the table %s", tables[i]->name);
	}
}

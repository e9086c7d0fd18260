/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schema printer of the field tables. */
#include "field_schema.h"

static void write_types(const char *type, const char *other, struct json_writer *w)
{
	json_write_key(w, "type");
	json_write_begin_array(w);
	json_write_string(w, type);
	if (other)
		json_write_string(w, other);
	/* Null stands for the default in every member (API principle 2). */
	json_write_string(w, "null");
	json_write_end_array(w);
}

static void write_type(const char *type, struct json_writer *w)
{
	write_types(type, NULL, w);
}

static void write_default(const struct field *f, struct json_writer *w)
{
	json_write_key(w, "default");
	if (f->nullable)
		json_write_null(w);
	else if (f->type == FIELD_TYPE_BOOL)
		json_write_bool(w, f->fallback);
	else
		json_write_int(w, f->fallback);
}

static void write_names(const struct field *f, bool with_null, struct json_writer *w)
{
	json_write_key(w, "enum");
	json_write_begin_array(w);
	for (size_t i = 0; i < f->n_names; i++)
		if (!f->names[i].hidden)
			json_write_string(w, f->names[i].name);
	if (with_null)
		json_write_null(w);
	json_write_end_array(w);
}

static void write_uint(const struct field *f, struct json_writer *w)
{
	write_type("integer", w);
	json_write_member_int(w, "minimum", f->min);
	json_write_member_int(w, "maximum", f->max);
	write_default(f, w);
}

static void write_set(const struct field *f, struct json_writer *w)
{
	write_type("array", w);
	json_write_member_bool(w, "uniqueItems", true);
	json_write_key(w, "items");
	json_write_begin_object(w);
	json_write_member_string(w, "type", "string");
	write_names(f, false, w);
	json_write_end_object(w);
}

static void write_group(const struct field *f, struct json_writer *w)
{
	write_type("object", w);
	json_write_member_bool(w, "additionalProperties", false);
	json_write_key(w, "properties");
	json_write_begin_object(w);
	field_schema_properties(f->group, w);
	json_write_end_object(w);
}

static void write_row(const struct field *f, struct json_writer *w)
{
	if (f->doc)
		json_write_member_string(w, "description", f->doc);
	switch (f->type) {
	case FIELD_TYPE_BOOL:
		write_type("boolean", w);
		write_default(f, w);
		return;
	case FIELD_TYPE_UINT:
		write_uint(f, w);
		return;
	case FIELD_TYPE_ENUM:
		write_type("string", w);
		write_names(f, true, w);
		json_write_member_string(w, "default", field_name_of(f, (uint32_t)f->fallback));
		return;
	case FIELD_TYPE_SET:
		write_set(f, w);
		return;
	case FIELD_TYPE_STRING:
		write_types("string", f->number_too ? "integer" : NULL, w);
		json_write_member_int(w, "minLength", 1);
		json_write_member_int(w, "maxLength", (int64_t)f->size - 1);
		return;
	case FIELD_TYPE_GROUP:
		write_group(f, w);
		return;
	}
}

void field_schema_properties(const struct field_table *t, struct json_writer *w)
{
	for (size_t i = 0; i < t->n; i++) {
		json_write_key(w, t->rows[i].name);
		json_write_begin_object(w);
		write_row(&t->rows[i], w);
		json_write_end_object(w);
	}
}

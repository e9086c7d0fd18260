/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON codecs of the field tables. Collects all faults instead of stopping at the first. */
#include "field_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static void wrong_type(const struct json_path *path, struct err *e, const char *wanted)
{
	json_path_err(path, e, "wrong_type", "must be %s", wanted);
}

static void decode_uint(const struct field *f, const json_t *v, void *obj,
			const struct json_path *path, struct err *e)
{
	json_int_t n;

	if (!json_is_integer(v)) {
		wrong_type(path, e, "an integer");
		return;
	}
	n = json_integer_value(v);
	if (n < f->min || n > f->max) {
		json_path_err(path, e, "out_of_range", "must be between %" PRId64 " and %" PRId64,
			      f->min, f->max);
		return;
	}
	field_store(f, obj, (uint32_t)n);
}

static void unknown_value(const struct field *f, const struct json_path *path, struct err *e)
{
	_cleanup_(buf_done) struct buf list = { 0 };

	for (size_t i = 0; i < f->n_names; i++)
		if (!f->names[i].hidden)
			buf_printf(&list, "%s%s", list.len ? ", " : "", f->names[i].name);
	json_path_err(path, e, "unknown_value", "must be one of: %s", list.data ? list.data : "");
}

static void decode_enum(const struct field *f, const json_t *v, void *obj,
			const struct json_path *path, struct err *e)
{
	int value;

	if (!json_is_string(v)) {
		wrong_type(path, e, "a string");
		return;
	}
	value = field_value_of(f, json_string_value(v));
	if (value < 0)
		unknown_value(f, path, e);
	else
		field_store(f, obj, (uint32_t)value);
}

static void decode_set(const struct field *f, const json_t *v, void *obj,
		       const struct json_path *path, struct err *e)
{
	uint32_t set = 0;
	size_t i;
	json_t *item;

	if (!json_is_array(v)) {
		wrong_type(path, e, "an array of strings");
		return;
	}
	json_array_foreach(v, i, item) {
		char index[24];
		struct json_path here = { path, index };
		int value = json_is_string(item) ? field_value_of(f, json_string_value(item)) : -1;

		(void)snprintf(index, sizeof(index), "%zu", i);
		if (!json_is_string(item))
			wrong_type(&here, e, "a string");
		else if (value < 0)
			unknown_value(f, &here, e);
		else if (set & 1u << value)
			json_path_err(&here, e, "duplicate_item", "is there twice");
		else
			set |= 1u << value;
	}
	field_store(f, obj, set);
}

static void decode_bool(const struct field *f, const json_t *v, void *obj,
			const struct json_path *path, struct err *e)
{
	uint32_t on = json_is_true(v);

	if (!json_is_boolean(v))
		wrong_type(path, e, f->nullable ? "true, false or null" : "true or false");
	else
		field_store(f, obj, f->nullable ? FIELD_SWITCH_FALSE + on : on);
}

static void decode_string(const struct field *f, const json_t *v, void *obj,
			  const struct json_path *path, struct err *e)
{
	const char *s = json_string_value(v);
	char digits[24]; /* of any int64_t */

	if (f->number_too && json_is_integer(v)) {
		(void)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
			       json_integer_value(v));
		s = digits;
	}
	if (!s) {
		wrong_type(path, e,
			   f->number_too ? "a string or an integer"
			   : f->nullable ? "a string or null"
					 : "a string");
		return;
	}
	if (strlen(s) >= f->size) {
		json_path_err(path, e, "too_long", "must be at most %zu bytes long", f->size - 1);
		return;
	}
	if (!*s) {
		json_path_err(path, e, "unknown_value", "must not be empty");
		return;
	}
	memset((char *)obj + f->offset, 0, f->size);
	memcpy((char *)obj + f->offset, s, strlen(s));
}

static void decode_group(const struct field *f, const json_t *v, const void *defaults, void *obj,
			 const struct json_path *path, struct err *e)
{
	if (!json_is_object(v)) {
		wrong_type(path, e, "an object or null");
		return;
	}
	if (f->nullable && !f->present_is_leaf)
		((char *)obj)[f->present] = 1;
	(void)field_decode(f->group, v, defaults, obj, path, e);
}

static void decode_member(const struct field *f, const json_t *v, const void *defaults, void *obj,
			  const struct json_path *path, struct err *e)
{
	if (json_is_null(v)) {
		field_copy(f, obj, defaults);
		return;
	}
	switch (f->type) {
	case FIELD_TYPE_BOOL:
		decode_bool(f, v, obj, path, e);
		return;
	case FIELD_TYPE_UINT:
		decode_uint(f, v, obj, path, e);
		return;
	case FIELD_TYPE_ENUM:
		decode_enum(f, v, obj, path, e);
		return;
	case FIELD_TYPE_SET:
		decode_set(f, v, obj, path, e);
		return;
	case FIELD_TYPE_STRING:
		decode_string(f, v, obj, path, e);
		return;
	case FIELD_TYPE_GROUP:
		decode_group(f, v, defaults, obj, path, e);
		return;
	}
}

static bool is_passthrough(const struct field_table *t, const char *key)
{
	for (const char *const *p = t->passthrough; p && *p; p++)
		if (streq(*p, key))
			return true;
	return false;
}

int field_decode(const struct field_table *t, const json_t *json, const void *defaults, void *obj,
		 const struct json_path *path, struct err *e)
{
	size_t faults = e->n_items + e->n_dropped;
	const char *key;
	json_t *value;

	if (!json_is_object(json)) {
		wrong_type(path, e, "an object");
		return -EINVAL;
	}
	json_object_foreach((json_t *)(uintptr_t)json, key, value) {
		struct json_path here = { path, key };
		const struct field *f = NULL;

		for (size_t i = 0; i < t->n && !f; i++)
			if (streq(t->rows[i].name, key))
				f = &t->rows[i];
		if (f)
			decode_member(f, value, defaults, obj, &here, e);
		else if (!is_passthrough(t, key))
			json_path_err(&here, e, "unknown_member", "is not a member of this object");
	}
	return e->n_items + e->n_dropped > faults ? -EINVAL : 0;
}

static void encode_set(const struct field *f, uint32_t set, struct json_writer *w)
{
	json_write_begin_array(w);
	for (size_t i = 0; i < f->n_names; i++)
		if (set & 1u << f->names[i].value)
			json_write_string(w, f->names[i].name);
	json_write_end_array(w);
}

static void encode_value(const struct field *f, const void *obj, struct json_writer *w)
{
	if (field_is_null(f, obj)) {
		json_write_null(w);
		return;
	}
	switch (f->type) {
	case FIELD_TYPE_BOOL:
		json_write_bool(w, field_load(f, obj) == (f->nullable ? FIELD_SWITCH_TRUE : 1));
		return;
	case FIELD_TYPE_UINT:
		json_write_uint(w, field_load(f, obj));
		return;
	case FIELD_TYPE_ENUM:
		json_write_string(w, field_name_of(f, field_load(f, obj)));
		return;
	case FIELD_TYPE_SET:
		encode_set(f, field_load(f, obj), w);
		return;
	case FIELD_TYPE_STRING:
		json_write_string(w, (const char *)obj + f->offset);
		return;
	case FIELD_TYPE_GROUP:
		json_write_begin_object(w);
		field_encode(f->group, obj, w);
		json_write_end_object(w);
		return;
	}
}

void field_encode(const struct field_table *t, const void *obj, struct json_writer *w)
{
	for (size_t i = 0; i < t->n; i++) {
		json_write_key(w, t->rows[i].name);
		encode_value(&t->rows[i], obj, w);
	}
}

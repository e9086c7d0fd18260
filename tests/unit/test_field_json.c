/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/field_json.c and field_schema.c: objects to JSON and back, and what is refused. */
#include "field_json.h"

#include <errno.h>

#include "field_sample.h"
#include "field_schema.h"
#include "netcfg_fields.h"
#include "netcfg_model.h"
#include "random_ipvs.h"
#include "test.h"

#define ROUNDS 3000

static json_t *encode(const struct field_table *t, const void *obj)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	struct json_writer w;
	json_error_t error;
	json_t *json;

	json_write_init(&w, &out);
	json_write_begin_object(&w);
	field_encode(t, obj, &w);
	json_write_end_object(&w);
	json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, &error);
	CHECK(json);
	return json;
}

static int decode_text(const char *text, const struct sample *onto, struct sample *ret,
		       struct err *e)
{
	_cleanup_(err_done) struct err unused = { 0 };
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	int r;

	CHECK(json);
	*ret = *onto;
	r = field_decode(&sample_table, json, &sample_defaults, ret, NULL, e ? e : &unused);
	json_decref(json);
	return r;
}

/* An absent group is null in JSON: its members come back as defaults. */
static void drop_absent_groups(const struct field_table *t, const void *defaults, void *obj)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_TYPE_GROUP && field_is_null(f, obj))
			field_copy(f, obj, defaults);
	}
}

static void check_identity(const struct field_table *t, const void *defaults, void *obj, void *got,
			   size_t size)
{
	for (int round = 0; round < ROUNDS; round++) {
		_cleanup_(err_done) struct err e = { 0 };
		json_t *json;

		memcpy(obj, defaults, size);
		random_rows(t, obj);
		drop_absent_groups(t, defaults, obj);
		json = encode(t, obj);
		CHECK_INT(json_object_size(json), t->n);
		memcpy(got, defaults, size);
		CHECK_INT(field_decode(t, json, defaults, got, NULL, &e), 0);
		CHECK_INT(field_diff(t, obj, got), 0);
		json_decref(json);
	}
}

TEST(services_decode_to_what_was_encoded)
{
	static const struct ipvs_service_key key = { .address.family = AF_INET6 };
	struct ipvs_service defaults, a, b;

	ipvs_service_init(&key, &defaults);
	check_identity(&ipvs_service_table, &defaults, &a, &b, sizeof(a));
}

TEST(real_servers_decode_to_what_was_encoded)
{
	static const struct ipvs_dest_key key = { .address.family = AF_INET };
	struct ipvs_dest defaults, a, b;

	ipvs_dest_init(&key, &defaults);
	check_identity(&ipvs_dest_table, &defaults, &a, &b, sizeof(a));
}

TEST(vips_decode_to_what_was_encoded)
{
	static const struct inaddr address = { .family = AF_INET };
	struct netcfg_vip a, b, defaults;

	netcfg_vip_init(&address, &defaults);
	a = b = defaults;
	check_identity(&netcfg_vip_table, &defaults, &a, &b, sizeof(a));
}

TEST(roles_decode_to_what_was_encoded)
{
	struct netcfg_real_server_role a, b, defaults;
	struct netcfg_director_role c, d, no_defaults;

	netcfg_real_server_role_init(&defaults);
	a = b = defaults;
	check_identity(&netcfg_real_server_role_table, &defaults, &a, &b, sizeof(a));
	netcfg_director_role_init(&no_defaults);
	c = d = no_defaults;
	check_identity(&netcfg_director_role_table, &no_defaults, &c, &d, sizeof(c));
}

TEST(samples_decode_to_what_was_encoded)
{
	struct sample a, b;

	check_identity(&sample_table, &sample_defaults, &a, &b, sizeof(a));
}

/* PUT and PATCH -------------------------------------------------------------------------------- */

static const struct sample current = { 1,    11, 2, true, COLOUR_BLUE,	     33, "mine", "x",
				       true, 9,	 1, 5,	  FIELD_SWITCH_TRUE, 60, "a b",	 1,
				       true };

TEST(an_absent_member_leaves_the_object)
{
	struct sample s;

	CHECK_INT(decode_text("{}", &current, &s, NULL), 0);
	CHECK_INT(field_diff(&sample_table, &current, &s), 0);
	CHECK_INT(decode_text("{\"byte\":3}", &current, &s, NULL), 0);
	CHECK(s.byte == 3 && s.word == 1);
}

TEST(null_takes_the_default_of_every_member)
{
	static const char text[] = "{\"word\":null,\"half\":null,\"byte\":null,\"flag\":null,"
				   "\"colour\":null,\"set\":null,\"name\":null,\"maybe\":null,"
				   "\"group\":null,\"leaf\":null,\"choice\":null,\"seconds\":null,"
				   "\"text\":null,\"object\":null}";
	struct sample s;

	CHECK_INT(decode_text(text, &current, &s, NULL), 0);
	CHECK_INT(field_diff(&sample_table, &sample_defaults, &s), 0);
}

TEST(a_group_is_patched_member_by_member)
{
	struct sample s;

	CHECK_INT(decode_text("{\"leaf\":{\"port\":8}}", &current, &s, NULL), 0);
	CHECK(s.kind == 1 && s.port == 8);
	CHECK_INT(decode_text("{\"group\":{\"inner\":null}}", &current, &s, NULL), 0);
	CHECK(s.has_group && s.inner == 5);
	CHECK_INT(decode_text("{\"group\":{}}", &sample_defaults, &s, NULL), 0);
	CHECK(s.has_group && s.inner == 5);
	CHECK_INT(decode_text("{\"leaf\":{}}", &sample_defaults, &s, NULL), 0);
	CHECK(s.kind == 0);
}

TEST(an_object_that_always_is_there_is_patched_member_by_member)
{
	struct sample s;

	CHECK_INT(decode_text("{\"object\":{\"count\":5}}", &current, &s, NULL), 0);
	CHECK(s.count == 5 && s.loud && s.word == 1);
	CHECK_INT(decode_text("{\"object\":{\"count\":null}}", &current, &s, NULL), 0);
	CHECK(s.count == 3 && s.loud && s.word == 1);
	CHECK_INT(decode_text("{\"object\":null}", &current, &s, NULL), 0);
	CHECK(s.count == 3 && !s.loud && s.word == 1);
}

TEST(a_switch_has_three_positions)
{
	struct sample s;

	CHECK_INT(decode_text("{\"choice\":false}", &current, &s, NULL), 0);
	CHECK_INT(s.choice, FIELD_SWITCH_FALSE);
	CHECK_INT(decode_text("{\"choice\":true}", &sample_defaults, &s, NULL), 0);
	CHECK_INT(s.choice, FIELD_SWITCH_TRUE);
	CHECK_INT(decode_text("{\"choice\":null}", &current, &s, NULL), 0);
	CHECK_INT(s.choice, FIELD_SWITCH_NULL);
}

TEST(an_integer_is_taken_for_its_digits)
{
	struct sample s;

	CHECK_INT(decode_text("{\"text\":-12}", &current, &s, NULL), 0);
	CHECK_STR(s.text, "-12");
	CHECK_INT(decode_text("{\"text\":-9223372036854775808}", &current, &s, NULL), 0);
	CHECK_STR(s.text, "-9223372036854775808");
	CHECK_INT(decode_text("{\"text\":\"3 50\"}", &current, &s, NULL), 0);
	CHECK_STR(s.text, "3 50");
}

TEST(a_set_is_replaced_whole)
{
	struct sample s;

	CHECK_INT(decode_text("{\"set\":[\"first\"]}", &current, &s, NULL), 0);
	CHECK_INT(s.set, 1);
	CHECK_INT(decode_text("{\"set\":[]}", &current, &s, NULL), 0);
	CHECK_INT(s.set, 0);
}

TEST(a_shorter_text_leaves_nothing_of_the_longer)
{
	struct sample s;

	CHECK_INT(decode_text("{\"name\":\"ab\"}", &current, &s, NULL), 0);
	CHECK(memcmp(s.name, "ab\0\0\0\0\0", 8) == 0);
	CHECK_INT(decode_text("{\"name\":\"1234567\"}", &current, &s, NULL), 0);
	CHECK_STR(s.name, "1234567");
}

TEST(members_that_others_read_pass)
{
	struct sample s;

	CHECK_INT(decode_text("{\"id\":[1]}", &current, &s, NULL), 0);
}

/* Faults --------------------------------------------------------------------------------------- */

TEST(each_fault_has_its_code_and_pointer)
{
	static const struct {
		const char *text, *pointer, *code;
	} cases[] = {
		{ "[]", "", "wrong_type" },
		{ "{\"word\":\"1\"}", "/word", "wrong_type" },
		{ "{\"word\":1.0}", "/word", "wrong_type" },
		{ "{\"word\":true}", "/word", "wrong_type" },
		{ "{\"word\":-1}", "/word", "out_of_range" },
		{ "{\"word\":4294967296}", "/word", "out_of_range" },
		{ "{\"word\":-9223372036854775808}", "/word", "out_of_range" },
		{ "{\"half\":9}", "/half", "out_of_range" },
		{ "{\"half\":21}", "/half", "out_of_range" },
		{ "{\"byte\":256}", "/byte", "out_of_range" },
		{ "{\"flag\":1}", "/flag", "wrong_type" },
		{ "{\"flag\":\"true\"}", "/flag", "wrong_type" },
		{ "{\"colour\":3}", "/colour", "wrong_type" },
		{ "{\"colour\":\"Blue\"}", "/colour", "unknown_value" },
		{ "{\"set\":\"first\"}", "/set", "wrong_type" },
		{ "{\"set\":[\"first\",5]}", "/set/1", "wrong_type" },
		{ "{\"set\":[\"second\"]}", "/set/0", "unknown_value" },
		{ "{\"set\":[\"sixth\",\"sixth\"]}", "/set/1", "duplicate_item" },
		{ "{\"name\":\"12345678\"}", "/name", "too_long" },
		{ "{\"name\":\"\"}", "/name", "unknown_value" },
		{ "{\"name\":5}", "/name", "wrong_type" },
		{ "{\"maybe\":[]}", "/maybe", "wrong_type" },
		{ "{\"group\":[]}", "/group", "wrong_type" },
		{ "{\"group\":true}", "/group", "wrong_type" },
		{ "{\"group\":{\"inner\":0}}", "/group/inner", "out_of_range" },
		{ "{\"group\":{\"a/b\":0}}", "/group/a~1b", "unknown_member" },
		{ "{\"Word\":0}", "/Word", "unknown_member" },
		{ "{\"choice\":1}", "/choice", "wrong_type" },
		{ "{\"seconds\":0}", "/seconds", "out_of_range" },
		{ "{\"seconds\":601}", "/seconds", "out_of_range" },
		{ "{\"text\":1.5}", "/text", "wrong_type" },
		{ "{\"text\":true}", "/text", "wrong_type" },
		{ "{\"text\":\"\"}", "/text", "unknown_value" },
		{ "{\"object\":[]}", "/object", "wrong_type" },
		{ "{\"object\":{\"count\":10}}", "/object/count", "out_of_range" },
		{ "{\"object\":{\"inner\":1}}", "/object/inner", "unknown_member" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct sample s;

		printf("# %s\n", cases[i].text);
		CHECK_INT(decode_text(cases[i].text, &current, &s, &e), -EINVAL);
		CHECK_INT(e.n_items, 1);
		CHECK_STR(e.items[0].pointer, cases[i].pointer);
		CHECK_STR(e.items[0].code, cases[i].code);
		CHECK(*e.items[0].detail);
	}
}

TEST(all_faults_come_at_once)
{
	static const char text[] = "{\"word\":-1,\"flag\":0,\"colour\":\"x\",\"set\":[1,2],"
				   "\"group\":{\"inner\":10,\"no\":1},\"leaf\":5}";
	static const char *const pointers[] = { "/word",  "/flag",	  "/colour",   "/set/0",
						"/set/1", "/group/inner", "/group/no", "/leaf" };
	_cleanup_(err_done) struct err e = { 0 };
	struct sample s;

	CHECK_INT(decode_text(text, &current, &s, &e), -EINVAL);
	CHECK_INT(e.n_items, ARRAY_SIZE(pointers));
	for (size_t i = 0; i < ARRAY_SIZE(pointers); i++)
		CHECK_STR(e.items[i].pointer, pointers[i]);
}

TEST(hidden_names_are_understood_but_not_offered)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct sample s;

	CHECK_INT(decode_text("{\"colour\":\"secret\"}", &current, &s, &e), 0);
	CHECK_INT(s.colour, COLOUR_SECRET);
	CHECK_INT(decode_text("{\"colour\":\"x\"}", &current, &s, &e), -EINVAL);
	CHECK_STR(e.items[0].detail, "must be one of: blue, red");
}

TEST(faults_beyond_the_cap_still_refuse)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct sample s;

	for (int i = 0; i < ERR_MAX_ITEMS; i++)
		err_add(&e, "/x", "wrong_type", "x");
	CHECK_INT(decode_text("{\"word\":-1}", &current, &s, &e), -EINVAL);
	CHECK_INT(e.n_dropped, 1);
}

/* Schema --------------------------------------------------------------------------------------- */

static json_t *schema_of(const struct field_table *t)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	struct json_writer w;
	json_t *json;

	json_write_init(&w, &out);
	json_write_begin_object(&w);
	field_schema_properties(t, &w);
	json_write_end_object(&w);
	json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	CHECK(json);
	return json;
}

static void check_property(const struct field *f, const json_t *p)
{
	const json_t *names = json_object_get(p, "enum"), *items = json_object_get(p, "items");
	const char *type = json_string_value(json_array_get(json_object_get(p, "type"), 0));
	size_t shown = 0;

	for (size_t i = 0; i < f->n_names; i++)
		shown += !f->names[i].hidden;
	switch (f->type) {
	case FIELD_TYPE_BOOL:
		CHECK_STR(type, "boolean");
		return;
	case FIELD_TYPE_UINT:
		CHECK_STR(type, "integer");
		CHECK_INT(json_integer_value(json_object_get(p, "minimum")), f->min);
		CHECK_INT(json_integer_value(json_object_get(p, "maximum")), f->max);
		CHECK_INT(json_integer_value(json_object_get(p, "default")), f->fallback);
		return;
	case FIELD_TYPE_ENUM:
		CHECK_INT(json_array_size(names), shown + 1); /* and null */
		CHECK(json_string_value(json_object_get(p, "default")));
		return;
	case FIELD_TYPE_SET:
		CHECK_STR(type, "array");
		CHECK_INT(json_array_size(json_object_get(items, "enum")), shown);
		return;
	case FIELD_TYPE_STRING:
		CHECK_INT(json_integer_value(json_object_get(p, "maxLength")), f->size - 1);
		return;
	case FIELD_TYPE_GROUP:
		CHECK_INT(json_object_size(json_object_get(p, "properties")), f->group->n);
		for (size_t i = 0; i < f->group->n; i++)
			check_property(&f->group->rows[i],
				       json_object_get(json_object_get(p, "properties"),
						       f->group->rows[i].name));
		return;
	}
}

TEST(the_schema_has_a_property_for_every_row_and_no_other)
{
	static const struct field_table *const tables[] = { &sample_table,
							    &ipvs_service_table,
							    &ipvs_dest_table,
							    &netcfg_vip_table,
							    &netcfg_real_server_role_table,
							    &netcfg_director_role_table,
							    &netcfg_sync_table,
							    &netcfg_sysctl_table };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		json_t *schema = schema_of(tables[i]);

		CHECK_INT(json_object_size(schema), tables[i]->n);
		for (size_t j = 0; j < tables[i]->n; j++) {
			const struct field *f = &tables[i]->rows[j];
			const json_t *p = json_object_get(schema, f->name);

			CHECK(json_is_object(p));
			CHECK_STR(json_string_value(json_object_get(p, "description")), f->doc);
			check_property(f, p);
		}
		json_decref(schema);
	}
}

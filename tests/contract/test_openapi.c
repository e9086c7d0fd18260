/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The committed OpenAPI document and page of problems against the code that they are made from. */
#include "test.h"

#include <jansson.h>

#include "api.h"
#include "openapi_build.h"

static json_t *load_prose(void)
{
	json_t *prose = json_load_file(SOURCE_ROOT "/openapi/prose.json", 0, NULL);

	CHECK(prose);
	return prose;
}

static void read_file(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "re");
	char piece[4096];
	size_t n;

	CHECK(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(ret, piece, n);
	(void)fclose(f);
	CHECK(ret->data && !ret->failed);
}

/* Takes prose over. The message of the fault must contain `why`; NULL: there must be none. */
static void check_build(json_t *prose, const char *why)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	char *text = json_dumps(prose, 0);
	int r;

	CHECK(text);
	json_decref(prose);
	r = openapi_build(text, strlen(text), &out, &e);
	free(text);
	if (r < 0)
		printf("# %s\n", e.detail);
	CHECK_INT(r < 0, why != NULL);
	CHECK(!why || strstr(e.detail, why));
}

static json_t *operation(json_t *prose, const char *name)
{
	json_t *op = json_object_get(json_object_get(prose, "operations"), name);

	CHECK(op);
	return op;
}

TEST(committed_document_is_what_the_code_says)
{
	_cleanup_(buf_done) struct buf prose = { 0 }, made = { 0 }, committed = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	read_file(SOURCE_ROOT "/openapi/prose.json", &prose);
	read_file(SOURCE_ROOT "/openapi/openapi.json", &committed);
	CHECK_INT(openapi_build(prose.data, prose.len, &made, &e), 0);
	printf("# if they differ: ninja -C build openapi\n");
	CHECK(streq(made.data, committed.data));
}

TEST(committed_page_of_problems_is_the_catalogue)
{
	_cleanup_(buf_done) struct buf made = { 0 }, committed = { 0 };

	openapi_problem_page(&made);
	read_file(SOURCE_ROOT "/docs/PROBLEMS.md", &committed);
	CHECK_STR(made.data, committed.data);
}

TEST(prose_as_it_is_passes)
{
	check_build(load_prose(), NULL);
}

TEST(every_route_needs_prose)
{
	for (size_t i = 0; i < api_n_routes; i++) {
		json_t *prose = load_prose();

		json_object_del(json_object_get(prose, "operations"), api_routes[i].operation);
		check_build(prose, api_routes[i].operation);
	}
}

TEST(prose_without_a_route_is_refused)
{
	json_t *prose = load_prose();

	json_object_set(json_object_get(prose, "operations"), "putNothing",
			operation(prose, "putService"));
	check_build(prose, "no route is called putNothing");
}

TEST(every_request_body_needs_an_example)
{
	for (size_t i = 0; i < api_n_routes; i++) {
		json_t *prose = load_prose();
		json_t *request =
			json_object_get(operation(prose, api_routes[i].operation), "request");

		CHECK_INT(request != NULL, api_routes[i].body != BODY_NONE);
		json_object_clear(json_object_get(request, "examples"));
		check_build(prose, request ? "has no example" : NULL);
	}
}

TEST(every_answer_needs_an_example)
{
	json_t *prose = load_prose(), *ok, *content;

	ok = json_object_get(json_object_get(operation(prose, "getService"), "responses"), "200");
	content = json_object_get(json_object_get(ok, "content"), "application/json");
	json_object_clear(json_object_get(content, "examples"));
	check_build(prose, "has no example");
}

TEST(a_body_needs_a_schema_that_exists)
{
	json_t *prose = load_prose();

	json_object_del(json_object_get(prose, "schemas"), "WeightInput");
	check_build(prose, "has no schema");
}

TEST(an_unknown_problem_code_is_refused)
{
	json_t *prose = load_prose();

	json_object_set_new(operation(prose, "getState"), "problems", json_pack("[s]", "no_such"));
	check_build(prose, "no code no_such");
}

TEST(every_field_table_is_shown)
{
	json_t *prose = load_prose(), *schema;
	const char *name;

	json_object_foreach(json_object_get(prose, "schemas"), name, schema) {
		json_t *properties = json_object_get(schema, "properties");
		const char *which = json_string_value(json_object_get(properties, "$fields"));

		if (which && strncmp(which, "Policy", 6) == 0)
			json_object_del(properties, "$fields");
	}
	check_build(prose, "no schema shows the table Policy");
}

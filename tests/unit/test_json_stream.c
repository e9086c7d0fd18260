/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/json_stream.c: the walker takes exactly the documents that jansson takes. */
#include "json_stream.h"

#include <errno.h>

#include "buf.h"
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
	if (r == 0)
		r = json_stream_end(&s, e);
	json_stream_done(&s);
	return r;
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
	json_stream_done(&s);
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
	json_stream_done(&s);
	json_decref(whole);
}

/* What the walker makes of a text as one value; NULL: refused. */
static json_t *value_of(const char *text, size_t len)
{
	struct json_stream s;
	json_t *v = NULL;

	json_stream_init(&s, text, len);
	if (json_stream_value(&s, &v, NULL) == 0 && json_stream_end(&s, NULL) < 0)
		json_decref(TAKE_PTR(v));
	json_stream_done(&s);
	return v;
}

/* The walker takes what jansson takes, and for the same. */
static void check_as_jansson(const char *text, size_t len)
{
	json_t *ours = value_of(text, len);
	json_t *theirs = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

	CHECK(!ours == !theirs && (!ours || json_equal(ours, theirs)));
	if (!ours != !theirs)
		printf("# %.*s\n", (int)len, text);
	json_decref(ours);
	json_decref(theirs);
}

/* Longer than what is parsed at once, with texts that repeat, in each other too. */
static char *long_document(void)
{
	struct buf b = { 0 };

	buf_add_str(&b, "{\"list\": [1,[2], \"]\"], \"map\": {");
	for (int i = 0; i < 12; i++)
		buf_printf(
			&b,
			"%s\"10.0.0.%d:80\" : {\"weight\": %d, \"forward\":\"d\\u0072\", \"t\":null}",
			i ? ",\n" : "", i, i % 3);
	buf_add_str(&b, "},\t\"caf\xc3\xa9\": -1e3, \"s\": \"\\\"}{\", \"b\" :true,\"n\":12}");
	return buf_take(&b);
}

TEST(long_values_are_those_of_jansson)
{
	_cleanup_(freep) char *text = long_document();
	size_t len = strlen(text);

	CHECK(len > 700);
	check_as_jansson(text, len);
	for (size_t n = 0; n < len; n++)
		check_as_jansson(text, n);
}

TEST(one_byte_changed_is_taken_or_refused_as_by_jansson)
{
	static const char others[] = "\"\\{}[],: 1a\n\xff";
	_cleanup_(freep) char *text = long_document();
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < sizeof(others); k++) { /* its NUL too */
			char was = text[i];

			text[i] = others[k];
			check_as_jansson(text, len);
			text[i] = was;
		}
}

TEST(long_objects_refuse_double_members_and_depth)
{
	_cleanup_(err_done) struct err e = { 0 };
	_cleanup_(buf_done) struct buf b = { 0 };

	buf_printf(&b, "{\"long\":\"%600d\",\"a\":1,\n\"a\":2}", 0);
	CHECK_INT(walk_text(b.data, b.len, 0, &e), -EINVAL);
	CHECK_STR(e.detail, "line 2, column 5: duplicate object key");
	for (int depth = JSON_STREAM_MAX_DEPTH; depth <= JSON_STREAM_MAX_DEPTH + 1; depth++) {
		buf_clear(&b);
		for (int i = 0; i < depth; i++)
			buf_printf(&b, "{\"long\":\"%600d\",\"a\":", 0);
		buf_add_str(&b, "1");
		for (int i = 0; i < depth; i++)
			buf_add_str(&b, "}");
		err_done(&e);
		CHECK_INT(walk_text(b.data, b.len, 0, &e),
			  depth > JSON_STREAM_MAX_DEPTH ? -EINVAL : 0);
	}
	CHECK(strstr(e.detail, "nests deeper"));
}

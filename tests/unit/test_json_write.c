/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/json_write.c: what it writes, jansson reads back as the same document. */
#include "json_write.h"

#include <jansson.h>

#include "test.h"
#include "util.h"

#define ROUNDS 3000

static uint32_t random_u32(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

static void random_text(char *buf, size_t size)
{
	static const char *const pieces[] = { "a",
					      "\"",
					      "\\",
					      "/",
					      "\n",
					      "\t",
					      "\r",
					      "\x01",
					      "\x1f",
					      "\x7f",
					      "\b",
					      "\f",
					      "é",
					      "€",
					      "\xf0\x9f\x98\x80",
					      "\xe2\x80\xa8",
					      " ",
					      "<" };
	size_t len = 0;

	buf[0] = '\0';
	for (uint32_t n = random_u32() % 8; n > 0; n--) {
		const char *piece = pieces[random_u32() % ARRAY_SIZE(pieces)];

		if (len + strlen(piece) >= size)
			return;
		memcpy(buf + len, piece, strlen(piece) + 1);
		len += strlen(piece);
	}
}

TEST(bytes_that_are_no_text_are_shown_as_hexadecimal)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "eth\xff", "\"eth\\\\xff\"" },
		{ "\xc3", "\"\\\\xc3\"" },	      /* cut off */
		{ "\xc0\xaf", "\"\\\\xc0\\\\xaf\"" }, /* overlong */
		{ "\xe0\x80\xaf", "\"\\\\xe0\\\\x80\\\\xaf\"" },
		{ "\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"" }, /* a surrogate */
		{ "\xf4\x90\x80\x80", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"" },
		{ "\x80z", "\"\\\\x80z\"" },
		{ "\xe2\x82\xac\xe2\x82", "\"\xe2\x82\xac\\\\xe2\\\\x82\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(buf_done) struct buf out = { 0 };
		struct json_writer w;
		json_t *back;

		json_write_init(&w, &out);
		json_write_string(&w, cases[i].text);
		CHECK_STR(out.data, cases[i].shown);
		back = json_loads(out.data, JSON_DECODE_ANY, NULL);
		CHECK(json_is_string(back));
		json_decref(back);
	}
}

/* All sequences of two bytes and of three around the borders: jansson takes what is written. */
TEST(no_bytes_make_invalid_json)
{
	for (unsigned a = 0x7e; a <= 0xff; a++)
		for (unsigned b = 0x7e; b <= 0xff; b++)
			for (unsigned c = 0x7f; c <= 0xff; c += 0x20) {
				const char text[] = { (char)a, (char)b, (char)c, (char)0x80, 0 };
				_cleanup_(buf_done) struct buf out = { 0 };
				struct json_writer w;
				json_t *back;

				json_write_init(&w, &out);
				json_write_string(&w, text);
				back = json_loads(out.data, JSON_DECODE_ANY, NULL);
				CHECK(json_is_string(back));
				json_decref(back);
			}
}

static json_t *random_scalar(struct json_writer *w)
{
	static const int64_t integers[] = { 0, 1, -1, 10, INT64_MAX, INT64_MIN, 4294967295, -10 };
	int64_t n = integers[random_u32() % ARRAY_SIZE(integers)];
	char text[64];

	switch (random_u32() % 6) {
	case 0:
		json_write_int(w, n);
		return json_integer(n);
	case 1:
		json_write_uint(w, (uint32_t)n);
		return json_integer((uint32_t)n);
	case 2:
		json_write_bool(w, n & 1);
		return json_boolean(n & 1);
	case 3:
		json_write_null(w);
		return json_null();
	case 4:
		json_write_raw(w, "[1,{\"r\":2}]", 11);
		return json_loads("[1,{\"r\":2}]", 0, NULL);
	}
	random_text(text, sizeof(text));
	json_write_string(w, text);
	return json_string(text);
}

/* Writes a random value and returns the same as a tree. */
static json_t *random_value(struct json_writer *w, int depth)
{
	uint32_t kind = depth > 0 ? random_u32() % 3 : 0, n = random_u32() % 4;
	json_t *v;

	if (kind == 0)
		return random_scalar(w);
	if (kind == 1) {
		v = json_array();
		json_write_begin_array(w);
		while (n--)
			json_array_append_new(v, random_value(w, depth - 1));
		json_write_end_array(w);
		return v;
	}
	v = json_object();
	json_write_begin_object(w);
	while (n--) {
		char key[80], tail[64];

		random_text(tail, sizeof(tail));
		(void)snprintf(key, sizeof(key), "%u%s", n, tail);
		json_write_key(w, key);
		json_object_set_new(v, key, random_value(w, depth - 1));
	}
	json_write_end_object(w);
	return v;
}

TEST(jansson_reads_back_random_documents)
{
	for (int round = 0; round < ROUNDS; round++) {
		_cleanup_(buf_done) struct buf out = { 0 };
		struct json_writer w;
		json_error_t error;
		json_t *want, *got;

		json_write_init(&w, &out);
		want = random_value(&w, 5);
		got = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
				 &error);
		if (!got || !json_equal(want, got))
			printf("# %s\n# %s\n", out.data, error.text);
		CHECK(got && json_equal(want, got));
		CHECK(!out.failed && w.depth == 0);
		json_decref(want);
		json_decref(got);
	}
}

TEST(text_is_compact)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	struct json_writer w;

	json_write_init(&w, &out);
	json_write_begin_object(&w);
	json_write_member_string(&w, "s", NULL);
	json_write_member_int(&w, "i", INT64_MIN);
	json_write_member_bool(&w, "b", true);
	json_write_key(&w, "u");
	json_write_uint(&w, UINT64_MAX);
	json_write_key(&w, "a");
	json_write_begin_array(&w);
	json_write_begin_object(&w);
	json_write_end_object(&w);
	json_write_string(&w, "\x01\"\\/\n\t\r");
	json_write_end_array(&w);
	json_write_end_object(&w);
	CHECK_STR(out.data,
		  "{\"s\":null,\"i\":-9223372036854775808,\"b\":true,"
		  "\"u\":18446744073709551615,\"a\":[{},\"\\u0001\\\"\\\\/\\n\\t\\u000d\"]}");
}

TEST(too_deep_a_document_fails_instead_of_lying)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	struct json_writer w;

	json_write_init(&w, &out);
	for (int i = 0; i < 63; i++)
		json_write_begin_array(&w);
	CHECK(!out.failed);
	json_write_begin_array(&w);
	CHECK(out.failed);
}

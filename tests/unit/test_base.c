/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the small parts of base: err, buf, num, vec, json_path. */
#include "buf.h"

#include <errno.h>

#include "err.h"
#include "json_path.h"
#include "num.h"
#include "test.h"
#include "timestamp.h"
#include "vec.h"

/* err ------------------------------------------------------------------------------------------ */

TEST(the_first_error_wins)
{
	_cleanup_(err_done) struct err e = { 0 };

	CHECK_INT(err_set(&e, -ENOENT, "not_found", "no %s", "cause"), -ENOENT);
	CHECK_INT(err_set(&e, -EIO, "storage_failed", "later"), -EIO);
	CHECK_STR(e.code, "not_found");
	CHECK_STR(e.detail, "no cause");
	CHECK_INT(err_set(NULL, -EIO, "storage_failed", "nobody listens"), -EIO);
}

TEST(items_beyond_the_cap_are_only_counted)
{
	_cleanup_(err_done) struct err e = { 0 };

	CHECK(!err_has_items(&e));
	for (int i = 0; i < ERR_MAX_ITEMS + 7; i++)
		err_add(&e, "/x", "wrong_type", "number %d", i);
	CHECK_INT(e.n_items, ERR_MAX_ITEMS);
	CHECK_INT(e.n_dropped, 7);
	CHECK(err_has_items(&e));
	CHECK_STR(e.items[ERR_MAX_ITEMS - 1].detail, "number 99");
	err_done(&e);
	CHECK(!err_has_items(&e) && !e.code && !e.items);
}

/* Whether s is UTF-8 without a piece of a character at its end. */
static bool whole_characters(const char *s)
{
	size_t len = strlen(s), back = 0;

	while (back < len && ((unsigned char)s[len - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back == 0)
		return len == 0 || !((unsigned char)s[len - 1] & 0x80);
	return back < len && back == (((unsigned char)s[len - 1 - back] & 0xe0) == 0xc0	  ? 1u
				      : ((unsigned char)s[len - 1 - back] & 0xf0) == 0xe0 ? 2u
											  : 3u);
}

TEST(a_long_detail_is_cut_between_characters)
{
	char text[1024] = { 0 };

	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3); /* the euro sign */
	for (size_t shift = 0; shift < 3; shift++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct json_path path = { NULL, "x" };

		(void)err_set(&e, 0, "failed", "%.*s%s", (int)shift, "aa", text);
		CHECK(strlen(e.detail) > 500);
		CHECK(whole_characters(e.detail));
		json_path_err(&path, &e, "wrong_type", "%.*s%s", (int)shift, "aa", text);
		CHECK(whole_characters(e.items[0].detail));
	}
}

/* buf ------------------------------------------------------------------------------------------ */

TEST(an_empty_buffer_yields_an_empty_text)
{
	struct buf b = { 0 };
	_cleanup_(freep) char *text = buf_take(&b);

	CHECK_STR(text, "");
	CHECK(!b.data && b.len == 0);
}

TEST(a_buffer_grows_and_stays_terminated)
{
	_cleanup_(buf_done) struct buf b = { 0 };

	for (int i = 0; i < 5000; i++) {
		buf_printf(&b, "%d,", i % 10);
		buf_add_str(&b, "x");
		buf_add(&b, "yz", 1);
		CHECK_INT(b.data[b.len], 0);
	}
	CHECK_INT(b.len, 5000 * 4);
	CHECK(strncmp(b.data, "0,xy1,xy2,xy", 12) == 0);
	CHECK(!b.failed);
	buf_clear(&b);
	CHECK_STR(b.data, "");
	CHECK(b.cap > 0);
}

TEST(a_failed_buffer_stays_failed_and_yields_nothing)
{
	struct buf b = { 0 };

	buf_add_str(&b, "before");
	buf_add(&b, "", SIZE_MAX / 2); /* more than there can be */
	CHECK(b.failed);
	buf_add_str(&b, "after");
	CHECK_INT(b.len, strlen("before"));
	CHECK(!buf_take(&b));
	CHECK(!b.data && !b.failed);
}

/* num ------------------------------------------------------------------------------------------ */

TEST(numbers_are_digits_only)
{
	static const char *const bad[] = { "",	 " 1", "1 ", "+1",  "-1",
					   "01", "00", "1a", "0x1", "1.0" };
	uint64_t v = 99;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_INT(num_parse_u64(bad[i], strlen(bad[i]), UINT64_MAX, &v), -EINVAL);
	CHECK_INT(v, 99);
	CHECK(num_parse_u64("0", 1, 0, &v) == 0 && v == 0);
	CHECK(num_parse_u64("123xyz", 3, 1000, &v) == 0 && v == 123);
}

TEST(numbers_end_at_the_limit)
{
	static const char largest[] = "18446744073709551615", more[] = "18446744073709551616";
	uint64_t v = 99;

	CHECK(num_parse_u64("65535", 5, 65535, &v) == 0 && v == 65535);
	CHECK_INT(num_parse_u64("65536", 5, 65535, &v), -ERANGE);
	CHECK(num_parse_u64(largest, strlen(largest), UINT64_MAX, &v) == 0 && v == UINT64_MAX);
	CHECK_INT(num_parse_u64(more, strlen(more), UINT64_MAX, &v), -ERANGE);
	CHECK_INT(num_parse_u64("99999999999999999999999", 23, UINT64_MAX, &v), -ERANGE);
	CHECK_INT(num_parse_u64("99999999999999999999999x", 24, UINT64_MAX, &v) < 0, 1);
}

/* vec ------------------------------------------------------------------------------------------ */

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

TEST(vec_keeps_what_is_pushed)
{
	VEC(int) v = { 0 };
	int want = 0;

	for (int i = 0; i < 1000; i++)
		CHECK_INT(vec_push(&v, i), 0);
	CHECK_INT(v.n, 1000);
	vec_foreach(p, &v)
		CHECK_INT(*p, want++);
	CHECK_INT(vec_reserve(&v, SIZE_MAX / 2), -ENOMEM);
	CHECK_INT(v.n, 1000);
	vec_done(&v);
	CHECK(!v.items && v.n == 0 && v.cap == 0);
	vec_foreach(p, &v)
		CHECK(false && *p);
}

TEST(lower_bound_agrees_with_a_walk)
{
	static const int sorted[] = { 1, 3, 3, 5, 9 };
	VEC(int) v = { 0 };

	for (int i = 4; i >= 0; i--)
		CHECK_INT(vec_push(&v, sorted[i]), 0);
	vec_sort(&v, compare_ints);
	for (int key = 0; key <= 10; key++) {
		size_t want = 0, at;
		int found;

		while (want < v.n && v.items[want] < key)
			want++;
		at = vec_lower_bound(v.items, v.n, sizeof(int), &key, compare_ints, &found);
		CHECK_INT(at, want);
		CHECK_INT(found, want < v.n && v.items[want] == key);
	}
	vec_done(&v);
}

/* json_path ------------------------------------------------------------------------------------ */

TEST(pointers_escape_tilde_and_slash)
{
	const struct json_path a = { NULL, "a/b~c" }, b = { &a, "" }, c = { &b, "~1" };
	char text[64], tiny[4];

	CHECK_STR(json_path_render(NULL, text, sizeof(text)), "");
	CHECK_STR(json_path_render(&a, text, sizeof(text)), "/a~1b~0c");
	CHECK_STR(json_path_render(&c, text, sizeof(text)), "/a~1b~0c//~01");
	CHECK_STR(json_path_render(&c, tiny, sizeof(tiny)), "/a~");
}

TEST(a_long_pointer_is_cut_between_characters)
{
	char key[2048] = { 0 };

	for (size_t i = 0; i + 2 < sizeof(key); i += 2)
		memcpy(key + i, "\xc3\xa9", 2);
	for (int shift = 0; shift < 2; shift++) {
		_cleanup_(err_done) struct err e = { 0 };
		const struct json_path path = { NULL, key + 2 }, odd = { &path, shift ? "" : "x" };
		const struct json_path below = { shift ? NULL : &odd, key };

		json_path_err(&below, &e, "wrong_type", "x");
		CHECK(strlen(e.items[0].pointer) > 500);
		CHECK(whole_characters(e.items[0].pointer));
	}
}

TEST(a_fault_covers_what_is_below_and_not_its_namesakes)
{
	_cleanup_(err_done) struct err e = { 0 };
	const struct json_path top = { NULL, "services" }, s = { &top, "tcp:1" };
	const struct json_path longer = { &top, "tcp:10" }, member = { &s, "scheduler" };

	CHECK(!json_path_failed(NULL, &e));
	json_path_err(&member, &e, "wrong_type", "x");
	CHECK(json_path_failed(&member, &e));
	CHECK(json_path_failed(&s, &e));
	CHECK(json_path_failed(&top, &e));
	CHECK(json_path_failed(NULL, &e));
	CHECK(json_path_failed_itself(&member, &e));
	CHECK(!json_path_failed_itself(&s, &e));
	CHECK(!json_path_failed_itself(NULL, &e));
	CHECK(!json_path_failed(&longer, &e));
	err_done(&e);
	json_path_err(&longer, &e, "wrong_type", "x");
	CHECK(!json_path_failed(&s, &e));
	CHECK(json_path_failed(&top, &e));
}

/* timestamp ------------------------------------------------------------------------------------ */

TEST(times_are_rfc_3339_in_utc)
{
	char text[TIMESTAMP_TEXT_MAX];

	CHECK_STR(timestamp_format(0, text), "1970-01-01T00:00:00.000Z");
	CHECK_STR(timestamp_format(1709210096789, text), "2024-02-29T12:34:56.789Z");
	CHECK(timestamp_now() > 1700000000000);
}

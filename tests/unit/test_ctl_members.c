/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the scanner that takes a document of the daemon apart: wherever its pieces end, each
 * member comes once and whole; what is no such document is refused. */
#include "ctl_members.h"

#include <errno.h>

#include "test.h"

static const char document[] =
	"\n\n{\"services\":{\"tcp:192.0.2.1:80\":{\"a\":\"}\\\"{,\\\\\",\"b\":[1,{\"services\":{}}]},"
	" \"fwm:1\" : {} } ,\"vips\":{},\"n\":[],\"sync\":{\"services\":{\"x\":1},\"s\":\"{\"}}\n";
static const char members[] =
	"S tcp:192.0.2.1:80 {\"a\":\"}\\\"{,\\\\\",\"b\":[1,{\"services\":{}}]}\n"
	"S fwm:1 {}\n"
	"vips {}\n"
	"n []\n"
	"sync {\"services\":{\"x\":1},\"s\":\"{\"}\n";

static void note(struct buf *out, const char *before, const char *key, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	buf_printf(out, "%s%s %s\n", before, key, text);
	free(text);
}

static int take_service(void *arg, const char *id, const json_t *service)
{
	note(arg, "S ", id, service);
	return 0;
}

static int take_other(void *arg, const char *name, const json_t *value)
{
	note(arg, "", name, value);
	return 0;
}

static int refuse(void *arg, const char *name, const json_t *value)
{
	(void)arg;
	(void)name;
	(void)value;
	return -ENOMEM;
}

/* Pieces of so many bytes, in memory of their own so that no read goes beyond them. */
static int feed(struct ctl_members *m, const char *text, size_t piece)
{
	size_t len = strlen(text);

	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;
		char *copy = malloc(n);

		CHECK(copy);
		memcpy(copy, text + at, n);
		(void)ctl_members_take(m, copy, n);
		free(copy);
	}
	return ctl_members_end(m);
}

TEST(pieces_end_anywhere)
{
	for (size_t piece = 1; piece <= sizeof(document); piece++) {
		struct buf out = { 0 };
		struct ctl_members m = { take_service, take_other, .arg = &out };

		CHECK(feed(&m, document, piece) == 0);
		CHECK(streq(out.data, members));
		buf_done(&out);
	}
}

TEST(what_is_not_wanted_is_skipped)
{
	struct buf out = { 0 };
	struct ctl_members services = { .service = take_service, .arg = &out };
	struct ctl_members others = { .other = take_other, .arg = &out };
	struct ctl_members none = { 0 };

	CHECK(feed(&services, document, 7) == 0 && out.len);
	CHECK(!strstr(out.data, "vips") && !strstr(out.data, "sync"));
	buf_clear(&out);
	CHECK(feed(&others, document, 7) == 0);
	CHECK(streq(out.data, strstr(members, "vips")));
	CHECK(feed(&none, document, 7) == 0);
	buf_done(&out);
}

TEST(what_is_no_document)
{
	static const char *const bad[] = { "",
					   "\n",
					   "[]",
					   "{\"services\":{\"a\":{}}",
					   "{\"services\":{\"a\":{}",
					   "{\"a\":\"b}",
					   "{}}",
					   "{}{}",
					   "{\"a\":}",
					   "{\"services\":{\"a\":{]},\"b\":1}",
					   "{a:1}" };
	char deep[200] = "{\"a\":";

	memset(deep + 5, '[', 100);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct buf out = { 0 };
		struct ctl_members m = { take_service, take_other, .arg = &out };

		int r = feed(&m, bad[i], 3);

		if (r != -EINVAL)
			(void)fprintf(stderr, "%s: not refused\n", bad[i]);
		CHECK(r == -EINVAL);
		buf_done(&out);
	}
	CHECK(feed(&(struct ctl_members){ 0 }, deep, 50) == -EINVAL);
	CHECK(feed(&(struct ctl_members){ .service = refuse }, document, 50) == -ENOMEM);
}

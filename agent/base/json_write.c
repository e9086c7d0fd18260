/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The streaming writer of json_write.h (jansson can only write a tree that it holds whole). */
#include "json_write.h"

#include <inttypes.h>

void json_write_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out };
}

/* Puts the comma that separates this value or key from the one before it. */
static void separate(struct json_writer *w)
{
	uint64_t bit = UINT64_C(1) << w->depth;

	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->has_member & bit)
		buf_add(w->out, ",", 1);
	w->has_member |= bit;
}

static void begin(struct json_writer *w, const char *bracket)
{
	separate(w);
	buf_add(w->out, bracket, 1);
	if (w->depth >= 63) { /* our own documents are at most about ten deep */
		w->out->failed = true;
		return;
	}
	w->depth++;
	w->has_member &= ~(UINT64_C(1) << w->depth);
}

static void end(struct json_writer *w, const char *bracket)
{
	buf_add(w->out, bracket, 1);
	w->depth--;
}

void json_write_begin_object(struct json_writer *w)
{
	begin(w, "{");
}

void json_write_end_object(struct json_writer *w)
{
	end(w, "}");
}

void json_write_begin_array(struct json_writer *w)
{
	begin(w, "[");
}

void json_write_end_array(struct json_writer *w)
{
	end(w, "]");
}

/* Length of the UTF-8 character at s, 0 when there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *s)
{
	/* The first byte, and what the second may be: neither overlong nor a surrogate. */
	static const struct {
		unsigned char first, last, low, high, length;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (s[1] < forms[i].low || s[1] > forms[i].high)
			return 0;
		for (size_t n = 2; n < forms[i].length; n++)
			if (s[n] < 0x80 || s[n] > 0xbf)
				return 0;
		return forms[i].length;
	}
	return 0;
}

static void quote(struct buf *out, const char *s)
{
	const char *run = s;

	buf_add(out, "\"", 1);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\')
			continue;
		if (c >= 0x80) {
			size_t n = utf8_length((const unsigned char *)s);

			s += n ? n - 1 : 0;
			if (n)
				continue;
		}
		buf_add(out, run, (size_t)(s - run));
		run = s + 1;
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\n')
			buf_add(out, "\\n", 2);
		else if (c == '\t')
			buf_add(out, "\\t", 2);
		else if (c >= 0x80) /* as text: names of the kernel may be any bytes */
			buf_printf(out, "\\\\x%02x", c);
		else
			buf_printf(out, "\\u%04x", c);
	}
	buf_add(out, run, (size_t)(s - run));
	buf_add(out, "\"", 1);
}

void json_write_key(struct json_writer *w, const char *key)
{
	separate(w);
	quote(w->out, key);
	buf_add(w->out, ":", 1);
	w->after_key = true;
}

void json_write_string(struct json_writer *w, const char *s)
{
	if (!s) {
		json_write_null(w);
		return;
	}
	separate(w);
	quote(w->out, s);
}

void json_write_uint(struct json_writer *w, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	separate(w);
	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	buf_add(w->out, digits + at, sizeof(digits) - at);
}

void json_write_int(struct json_writer *w, int64_t v)
{
	if (v >= 0) {
		json_write_uint(w, (uint64_t)v);
		return;
	}
	separate(w);
	buf_printf(w->out, "%" PRId64, v);
}

void json_write_bool(struct json_writer *w, bool v)
{
	separate(w);
	buf_add_str(w->out, v ? "true" : "false");
}

void json_write_null(struct json_writer *w)
{
	separate(w);
	buf_add(w->out, "null", 4);
}

void json_write_raw(struct json_writer *w, const char *text, size_t len)
{
	separate(w);
	buf_add(w->out, text, len);
}

void json_write_member_string(struct json_writer *w, const char *key, const char *s)
{
	json_write_key(w, key);
	json_write_string(w, s);
}

void json_write_member_int(struct json_writer *w, const char *key, int64_t v)
{
	json_write_key(w, key);
	json_write_int(w, v);
}

void json_write_member_bool(struct json_writer *w, const char *key, bool v)
{
	json_write_key(w, key);
	json_write_bool(w, v);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document walker of json_stream.h. Only braces, colons, commas and plain names of objects are
 * looked at here; every value, and a name with anything special in it, is parsed by jansson. */
#include "json_stream.h"

#include <errno.h>

#include "json_memo.h"
#include "util.h"

/* Longest text that is remembered. A real server with all its members has 110 bytes. Trees can be
 * 80 times as large as their text: the memo of a hostile document takes 5 MB. */
#define SHORT 256

void json_stream_init(struct json_stream *s, const char *text, size_t len)
{
	*s = (struct json_stream){ .text = text, .len = len };
}

void json_stream_done(struct json_stream *s)
{
	json_memo_free(TAKE_PTR(s->memo));
}

static int too_deep(struct err *e)
{
	return err_set(e, -EINVAL, "invalid_json", "nests deeper than %d levels",
		       JSON_STREAM_MAX_DEPTH);
}

/*
 * Looks at brackets outside of strings from `at` on, as far as the value goes that begins there;
 * whole: to the end of the text. Returns where that is, or SIZE_MAX: more than `allowed` are open
 * at a time. A value that is cut off ends with the text.
 */
static size_t value_end(const char *text, size_t len, size_t at, size_t allowed, bool whole)
{
	size_t depth = 0, i;

	for (i = at; i < len; i++) {
		switch (text[i]) {
		case '"':
			for (i++; i < len && text[i] != '"'; i++)
				i += text[i] == '\\';
			break;
		case '{':
		case '[':
			if (++depth > allowed)
				return SIZE_MAX;
			continue;
		case '}':
		case ']':
			if (depth == 0 && !whole)
				return i; /* of what the value is in */
			depth -= depth > 0;
			break;
		case ',':
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			if (depth == 0 && !whole)
				return i;
			continue;
		default:
			continue;
		}
		if (depth == 0 && !whole)
			return i < len ? i + 1 : len;
	}
	return len;
}

int json_stream_check_depth(const char *text, size_t len, struct err *e)
{
	return value_end(text, len, 0, JSON_STREAM_MAX_DEPTH, true) == SIZE_MAX ? too_deep(e) : 0;
}

static char peek(struct json_stream *s)
{
	while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]) && s->text[s->at])
		s->at++;
	return s->at < s->len ? s->text[s->at] : '\0';
}

static int bad(struct json_stream *s, const char *what, struct err *e)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < s->at && i < s->len; i++) {
		column = s->text[i] == '\n' ? 1 : column + 1;
		line += s->text[i] == '\n';
	}
	return err_set(e, -EINVAL, "invalid_json", "line %zu, column %zu: %s", line, column, what);
}

static int out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
}

/* Lets jansson parse the value here. */
static int parse(struct json_stream *s, size_t flags, json_t **ret, struct err *e)
{
	json_error_t error;
	json_t *v;

	v = json_loadb(s->text + s->at, s->len - s->at, JSON_DISABLE_EOF_CHECK | flags, &error);
	if (!v) {
		if (error.position > 0)
			s->at += (size_t)error.position - 1;
		return bad(s, error.text, e);
	}
	s->at += (size_t)error.position;
	*ret = v;
	return 0;
}

int json_stream_enter(struct json_stream *s, struct err *e)
{
	if (peek(s) != '{')
		return bad(s, "an object is expected", e);
	s->at++;
	s->first = true;
	s->entered++;
	return 0;
}

/* Reads the string here: a member's name. 0; -EINVAL; -ENOMEM. */
static int read_name(struct json_stream *s, char **ret, struct err *e)
{
	size_t begin = s->at + 1, i = begin;
	json_t *name = NULL;
	int r;

	while (i < s->len && s->text[i] >= 0x20 && s->text[i] < 0x7f && s->text[i] != '\\' &&
	       s->text[i] != '"')
		i++;
	if (i < s->len && s->text[i] == '"') {
		*ret = strndup(s->text + begin, i - begin);
		s->at = i + 1;
	} else { /* escapes, UTF-8, or faults */
		r = parse(s, JSON_DECODE_ANY, &name, e);
		if (r < 0)
			return r;
		*ret = strdup(json_string_value(name));
		json_decref(name);
	}
	return *ret ? 0 : out_of_memory(e);
}

int json_stream_next(struct json_stream *s, char **ret_key, struct err *e)
{
	char *name;
	int r;

	if (peek(s) == '}') {
		s->at++;
		s->first = false;
		s->entered--;
		return 0;
	}
	if (!s->first) {
		if (peek(s) != ',')
			return bad(s, "',' or '}' is expected", e);
		s->at++;
	}
	s->first = false;
	if (peek(s) != '"')
		return bad(s, "a member name is expected", e);
	r = read_name(s, &name, e);
	if (r < 0)
		return r;
	if (peek(s) != ':') {
		free(name);
		return bad(s, "':' is expected", e);
	}
	s->at++;
	*ret_key = name;
	return 1;
}

/* A long object: its members one by one, so that those that are short are known ones. */
static int parse_object(struct json_stream *s, json_t **ret, struct err *e)
{
	json_t *object = json_object(), *v;
	char *name;
	int r = object ? json_stream_enter(s, e) : out_of_memory(e);

	while (r == 0 && (r = json_stream_next(s, &name, e)) > 0) {
		r = json_object_get(object, name) ? bad(s, "duplicate object key", e)
						  : json_stream_value(s, &v, e);
		if (r == 0 && json_object_set_new_nocheck(object, name, v) < 0)
			r = out_of_memory(e);
		free(name);
	}
	if (r < 0)
		json_decref(object);
	else
		*ret = object;
	return r;
}

/* A value whose text ends at `end`. */
static int parse_short(struct json_stream *s, size_t end, json_t **ret, struct err *e)
{
	const struct json_known *known;
	json_error_t error;

	if (!s->memo)
		s->memo = json_memo_new();
	if (!s->memo)
		return out_of_memory(e);
	known = json_memo_parse(s->memo, s->text + s->at, end - s->at, &error);
	if (!known) /* its end was a guess: what is wrong, and where, is told from all that follows
		     */
		return parse(s, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, ret, e);
	s->at = end;
	*ret = json_incref(known->json);
	return 0;
}

int json_stream_value(struct json_stream *s, json_t **ret, struct err *e)
{
	size_t allowed =
		s->entered < JSON_STREAM_MAX_DEPTH ? JSON_STREAM_MAX_DEPTH - s->entered : 0;
	bool object = peek(s) == '{';
	size_t limit = s->len - s->at > SHORT ? s->at + SHORT : s->len;
	size_t end = value_end(s->text, limit, s->at, allowed, false);

	if (end != SIZE_MAX && (end < limit || end == s->len))
		return parse_short(s, end, ret, e);
	if (object && allowed > 0)
		return parse_object(s, ret, e);
	if (value_end(s->text, s->len, s->at, allowed, false) == SIZE_MAX)
		return too_deep(e);
	return parse(s, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, ret, e);
}

bool json_stream_at_object(struct json_stream *s)
{
	return peek(s) == '{';
}

int json_stream_end(struct json_stream *s, struct err *e)
{
	if (peek(s) || s->at < s->len)
		return bad(s, "something follows the document", e);
	return 0;
}

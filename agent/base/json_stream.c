/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document walker of json_stream.h. Only braces, colons and commas of the outer objects are
 * looked at here; every key and value is parsed by jansson. */
#include "json_stream.h"

#include <errno.h>

#include "util.h"

void json_stream_init(struct json_stream *s, const char *text, size_t len)
{
	*s = (struct json_stream){ .text = text, .len = len };
}

static int too_deep(struct err *e)
{
	return err_set(e, -EINVAL, "invalid_json", "nests deeper than %d levels",
		       JSON_STREAM_MAX_DEPTH);
}

/* Looks at brackets outside of strings from `at` on: to the end of the text, or (one_value) of the
 * value that begins there. False: there are more than `allowed` open at a time. */
static bool nests_at_most(const char *text, size_t len, size_t at, size_t allowed, bool one_value)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = at; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']') && depth > 0)
			depth--;
		if (depth > allowed)
			return false;
		if (one_value && depth == 0)
			break; /* a string or number has no brackets at all */
	}
	return true;
}

int json_stream_check_depth(const char *text, size_t len, struct err *e)
{
	return nests_at_most(text, len, 0, JSON_STREAM_MAX_DEPTH, false) ? 0 : too_deep(e);
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

static int parse(struct json_stream *s, size_t flags, json_t **ret, struct err *e)
{
	json_error_t error;
	json_t *v;

	(void)peek(s);
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

int json_stream_next(struct json_stream *s, char **ret_key, struct err *e)
{
	json_t *key = NULL;
	char *copy;
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
	r = parse(s, JSON_DECODE_ANY, &key, e);
	if (r < 0)
		return r;
	copy = strdup(json_string_value(key));
	json_decref(key);
	if (!copy)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	if (peek(s) != ':') {
		free(copy);
		return bad(s, "':' is expected", e);
	}
	s->at++;
	*ret_key = copy;
	return 1;
}

int json_stream_value(struct json_stream *s, json_t **ret, struct err *e)
{
	size_t allowed =
		s->entered < JSON_STREAM_MAX_DEPTH ? JSON_STREAM_MAX_DEPTH - s->entered : 0;

	(void)peek(s);
	if (!nests_at_most(s->text, s->len, s->at, allowed, true))
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request as a plain value: splits and decodes the target, reads parameters. Called by httpd.c
 * (which fills the rest) and by the handlers. Pure: no I/O, no clock, nothing of libmicrohttpd.
 */
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>
#include <string.h>

#include "num.h"
#include "util.h"

int request_refuse_param(struct err *e, const char *name, const char *fmt, ...)
{
	char detail[256], where[80];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	/* '?' begins no JSON pointer: that is how the answer tells a parameter from a member. */
	(void)snprintf(where, sizeof(where), "?%.64s", name);
	err_add(e, where, "invalid_parameter", "%s", detail);
	return err_set(e, -EINVAL, "invalid_parameter", "The query parameter \"%.64s\" %s.", name,
		       detail);
}

static const char *const method_names[HTTP_METHODS] = {
	[HTTP_GET] = "GET",   [HTTP_PUT] = "PUT",	[HTTP_PATCH] = "PATCH",
	[HTTP_POST] = "POST", [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};

static const char *const role_names[] = {
	[ROLE_READER] = "reader",
	[ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",
};

const char *http_method_name(enum http_method m)
{
	return method_names[m];
}

const char *role_name(enum role role)
{
	return role_names[role];
}

int role_parse(const char *name)
{
	for (size_t role = 0; role < ARRAY_SIZE(role_names); role++) {
		if (streq(role_names[role], name))
			return (int)role;
	}
	return -EINVAL;
}

int http_method_parse(const char *name, bool *ret_head)
{
	bool head = streq(name, "HEAD");

	for (int m = 0; m < HTTP_METHODS; m++) {
		if (streq(method_names[m], head ? "GET" : name)) {
			*ret_head = head;
			return m;
		}
	}
	return -EINVAL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* How many bytes the UTF-8 character at s has, 0 when it is none (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF). The terminating NUL ends every unfinished character. */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* True when s is UTF-8 without control characters, so that it may go into answers and logs. */
static bool text_is_clean(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	while (*p) {
		size_t n = utf8_length(p);

		if (n == 0 || *p < 0x20 || *p == 0x7f)
			return false;
		p += n;
	}
	return true;
}

/* Decodes the escapes of s in its own memory. False: a bad escape, %00 or unfit text. */
static bool decode_in_place(char *s, bool plus_is_space)
{
	char *to = s;

	for (const char *from = s; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = plus_is_space && *from == '+' ? ' ' : *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || high + low == 0)
			return false;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return text_is_clean(s);
}

static int parse_path(struct request *r, char *path, struct err *e)
{
	char *segment;

	if (*path++ != '/')
		return err_set(e, -EINVAL, "invalid_url",
			       "The request target must be a path that begins with a slash.");
	if (*path == '\0')
		return 0;
	while ((segment = strsep(&path, "/"))) {
		if (r->n_segments >= REQUEST_MAX_SEGMENTS)
			return err_set(e, -EINVAL, "invalid_url",
				       "The path has more than %d segments.", REQUEST_MAX_SEGMENTS);
		if (!decode_in_place(segment, false))
			return err_set(
				e, -EINVAL, "invalid_url",
				"Segment %zu of the path has a bad percent-escape, a control "
				"character or bytes that are not UTF-8.",
				r->n_segments + 1);
		/* After decoding: what a proxy in front would resolve must not hide in %2e. */
		if (*segment == '\0' || streq(segment, ".") || streq(segment, ".."))
			return err_set(e, -EINVAL, "invalid_url",
				       "Segment %zu of the path is empty or made of dots.",
				       r->n_segments + 1);
		r->segments[r->n_segments++] = segment;
	}
	return 0;
}

static int parse_query(struct request *r, char *query, struct err *e)
{
	char *piece;

	while ((piece = strsep(&query, "&"))) {
		char *name = strsep(&piece, "=");
		char *value = piece ? piece : name + strlen(name);

		if (*name == '\0' && !piece)
			continue; /* "a=1&&b=2" and a lone "?" */
		if (*name == '\0' || !decode_in_place(name, true) ||
		    (piece && !decode_in_place(value, true)))
			return err_set(e, -EINVAL, "invalid_parameter",
				       "A query parameter has no name, a bad percent-escape, a "
				       "control character or bytes that are not UTF-8.");
		if (request_param(r, name))
			return request_refuse_param(e, name, "is given twice");
		if (r->n_query >= REQUEST_MAX_QUERY)
			return err_set(e, -EINVAL, "invalid_parameter",
				       "There are more than %d query parameters.",
				       REQUEST_MAX_QUERY);
		r->query[r->n_query++] = (struct request_param){ name, value };
	}
	return 0;
}

/* The absolute form, as proxies send it (RFC 9112 §3.2.2): takes scheme and authority off and
 * returns the rest. The authority moves to the front of the text, where the scheme leaves room for
 * its end. */
static char *split_authority(struct request *r)
{
	static const char *const schemes[] = { "http://", "https://" };
	size_t n;

	r->authority = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		size_t scheme = strlen(schemes[i]);

		if (strncasecmp(r->text, schemes[i], scheme) != 0)
			continue;
		n = strcspn(r->text + scheme, "/?");
		memmove(r->text, r->text + scheme, n);
		r->text[n] = '\0';
		r->authority = r->text;
		return r->text + scheme + n;
	}
	return r->text;
}

int request_parse_target(struct request *r, const char *target, struct err *e)
{
	bool clean = true;
	char *path, *query;

	free(r->target);
	free(r->text);
	r->n_segments = r->n_query = 0;
	r->target = strdup(target);
	r->text = strdup(target);
	if (!r->target || !r->text)
		return err_set(e, -ENOMEM, "out_of_memory", "No memory for the request.");
	for (char *c = r->target; *c; c++) {
		if (*c > ' ' && *c < 0x7f)
			continue;
		*c = '?';
		clean = false;
	}
	if (!clean || strchr(target, '#'))
		return err_set(e, -EINVAL, "invalid_url",
			       "The request target has a space, a control character, a fragment or "
			       "a byte that must be percent-encoded.");
	path = split_authority(r);
	query = strchr(path, '?');
	if (query)
		*query++ = '\0';
	if (parse_path(r, path, e) < 0 || (query && parse_query(r, query, e) < 0))
		return -EINVAL;
	return 0;
}

const char *request_param(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->n_query; i++) {
		if (streq(r->query[i].name, name))
			return r->query[i].value;
	}
	return NULL;
}

int request_param_bool(const struct request *r, const char *name, bool *ret, struct err *e)
{
	const char *value = request_param(r, name);

	if (!value || streq(value, "false") || streq(value, "0"))
		*ret = false;
	else if (*value == '\0' || streq(value, "true") || streq(value, "1"))
		*ret = true;
	else
		return request_refuse_param(e, name, "must be true or false");
	return 0;
}

int request_param_uint(const struct request *r, const char *name, uint64_t max, uint64_t fallback,
		       uint64_t *ret, struct err *e)
{
	const char *value = request_param(r, name);

	if (!value) {
		*ret = fallback;
		return 0;
	}
	if (num_parse_u64(value, strlen(value), max, ret) < 0)
		return request_refuse_param(e, name, "must be a whole number from 0 to %llu",
					    (unsigned long long)max);
	return 0;
}

void request_done(struct request *r)
{
	free(r->target);
	free(r->text);
	free(r->body);
	*r = (struct request){ 0 };
}

/* One media range of Accept, len bytes: how precisely it names the type (3 exactly, 2 by "type/"
 * and a star, 1 by two stars, 0 not at all), and whether q=0 rules it out (RFC 9110, 12.5.1). */
static int range_covers(const char *range, size_t len, const char *type, const char *subtype,
			bool *ret_refuses)
{
	_cleanup_(freep) char *text = strndup(range, len);
	const char *parameters, *q;
	char *slash;

	if (!text)
		return 1; /* out of memory: rather an answer than none */
	parameters = strchr(text, ';');
	q = parameters ? strstr(parameters, "q=0") : NULL;
	*ret_refuses = q && q[3 + strspn(q + 3, ".0")] == '\0';
	text[strcspn(text, "; \t")] = '\0';
	slash = strchr(text, '/');
	if (!slash)
		return 0;
	*slash = '\0';
	if (streq(text, "*"))
		return streq(slash + 1, "*") ? 1 : 0;
	if (strcasecmp(text, type) != 0)
		return 0;
	return streq(slash + 1, "*") ? 2 : strcasecmp(slash + 1, subtype) == 0 ? 3 : 0;
}

bool request_accepts(const struct request *r, const char *type, const char *subtype)
{
	const char *accept = request_header(r, "Accept");
	bool accepts = false;
	int best = 0;

	if (!accept || !*accept)
		return true;
	while (*accept) {
		bool refuses = false;
		size_t len;
		int precision;

		accept += strspn(accept, ", \t");
		len = strcspn(accept, ",");
		precision = len ? range_covers(accept, len, type, subtype, &refuses) : 0;
		if (precision > best) {
			best = precision;
			accepts = !refuses;
		}
		accept += len;
	}
	return accepts;
}

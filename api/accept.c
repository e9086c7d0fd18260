/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser of accept.h: walks the header without a copy. */
#include "accept.h"

#include <string.h>
#include <strings.h>

#include "util.h"

/* A piece of the header. */
struct piece {
	const char *text;
	size_t len;
};

static bool is(struct piece p, const char *name)
{
	return p.len == strlen(name) && strncasecmp(p.text, name, p.len) == 0;
}

static struct piece trimmed(const char *from, const char *to)
{
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return (struct piece){ from, (size_t)(to - from) };
}

/* What is before the next of these characters that does not stand in a quoted string; *at is behind
 * it then, or at the end. */
static struct piece next(const char **at, const char *end, char stop)
{
	const char *from = *at, *to = from;
	bool quoted = false;

	for (; to < end && (quoted || *to != stop); to++) {
		if (*to == '"')
			quoted = !quoted;
		else if (quoted && *to == '\\' && to + 1 < end)
			to++;
	}
	*at = to < end ? to + 1 : end;
	return trimmed(from, to);
}

/* "0.5" as 500, or -1. */
static int thousandths(struct piece p)
{
	int value = 0, scale = 100;

	if (p.len == 0 || p.len > 5 || (p.text[0] != '0' && p.text[0] != '1') ||
	    (p.len > 1 && p.text[1] != '.'))
		return -1;
	for (size_t i = 2; i < p.len; i++, scale /= 10) {
		if (p.text[i] < '0' || p.text[i] > '9')
			return -1;
		value += (p.text[i] - '0') * scale;
	}
	value += (p.text[0] - '0') * ACCEPT_FULL;
	return value <= ACCEPT_FULL ? value : -1;
}

/* How precisely a range "type/subtype" names ours: 3, 2, 1, or 0: it does not. */
static int precision_of(struct piece range, const char *type, const char *subtype)
{
	const char *at = range.text, *end = range.text + range.len;
	struct piece major = next(&at, end, '/'), minor = trimmed(at, end);

	if (is(major, "*"))
		return is(minor, "*") ? 1 : 0;
	if (!is(major, type))
		return 0;
	return is(minor, "*") ? 2 : is(minor, subtype) ? 3 : 0;
}

/* Reads the parameters of a range. False: it is not about us, or nonsense. */
static bool parameters(const char *at, const char *end, const char *version, int *ret_quality)
{
	*ret_quality = ACCEPT_FULL;
	while (at < end) {
		struct piece p = next(&at, end, ';'), name, value;
		const char *in = p.text, *stop = p.text + p.len;

		name = next(&in, stop, '=');
		value = trimmed(in, stop);
		if (value.len >= 2 && value.text[0] == '"')
			value = (struct piece){ value.text + 1, value.len - 2 };
		if (is(name, "q"))
			*ret_quality = thousandths(value);
		else if (is(name, "version") && !is(value, version))
			return false;
	}
	return *ret_quality >= 0;
}

unsigned accept_quality(const char *accept, const char *type, const char *subtype,
			const char *version, bool *ret_named)
{
	const char *at = accept, *end = accept ? accept + strlen(accept) : NULL;
	int best = 0, quality = 0;

	*ret_named = false;
	if (at == end)
		return ACCEPT_FULL;
	while (at < end) {
		struct piece range = next(&at, end, ',');
		const char *in = range.text, *stop = range.text + range.len;
		int precision = precision_of(next(&in, stop, ';'), type, subtype), q;

		if (precision <= best || !parameters(in, stop, version, &q))
			continue;
		best = precision;
		quality = q;
	}
	*ret_named = best == 3;
	return (unsigned)quality;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser of ipvs_connection.h. Pure. */
#include "ipvs_connection.h"

#include <errno.h>
#include <string.h>

#include "num.h"
#include "util.h"

struct text {
	const char *at, *end;
};

/* The next word; empty at the end. */
static struct text word(struct text *rest)
{
	struct text w;

	while (rest->at < rest->end && *rest->at == ' ')
		rest->at++;
	w.at = rest->at;
	while (rest->at < rest->end && *rest->at != ' ')
		rest->at++;
	w.end = rest->at;
	return w;
}

static size_t length(const struct text *t)
{
	return (size_t)(t->end - t->at);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly n digits. */
static int take_hex(struct text w, size_t n, uint32_t *ret)
{
	uint32_t value = 0;

	if (length(&w) != n)
		return -EINVAL;
	for (; w.at < w.end; w.at++) {
		int d = hex_digit(*w.at);

		if (d < 0)
			return -EINVAL;
		value = value << 4 | (uint32_t)d;
	}
	*ret = value;
	return 0;
}

/* Eight groups of four digits: %pI6. */
static int take_ipv6(struct text w, struct inaddr *ret)
{
	struct inaddr a = { .family = AF_INET6 };

	if (length(&w) != 39)
		return -EINVAL;
	for (size_t i = 0; i < 8; i++) {
		struct text group = { w.at + i * 5, w.at + i * 5 + 4 };
		uint32_t value;

		if (take_hex(group, 4, &value) < 0 || (i < 7 && *group.end != ':'))
			return -EINVAL;
		a.bytes[2 * i] = (uint8_t)(value >> 8);
		a.bytes[2 * i + 1] = (uint8_t)value;
	}
	*ret = a;
	return 0;
}

static int take_endpoint(struct text *rest, struct ipvs_endpoint *ret)
{
	struct text address = word(rest), port = word(rest);
	struct ipvs_endpoint e = { .address.family = AF_INET };
	uint32_t value;

	if (take_hex(address, 8, &value) == 0) {
		for (size_t i = 0; i < 4; i++)
			e.address.bytes[i] = (uint8_t)(value >> (24 - 8 * i));
	} else if (take_ipv6(address, &e.address) < 0) {
		return -EINVAL;
	}
	if (take_hex(port, 4, &value) < 0)
		return -EINVAL;
	e.port = (uint16_t)value;
	*ret = e;
	return 0;
}

static bool printable(const struct text *w)
{
	for (const char *p = w->at; p < w->end; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	return true;
}

/* A word of the kernel's own. */
static int take_name(struct text *rest, char ret[IPVS_CONNECTION_WORD_MAX])
{
	struct text w = word(rest);

	if (length(&w) == 0 || length(&w) >= IPVS_CONNECTION_WORD_MAX || !printable(&w))
		return -EINVAL;
	memset(ret, 0, IPVS_CONNECTION_WORD_MAX);
	memcpy(ret, w.at, length(&w));
	return 0;
}

static int take_seconds(struct text *rest, uint32_t *ret)
{
	struct text w = word(rest);
	uint64_t value;

	if (length(&w) == 0 || num_parse_u64(w.at, length(&w), UINT32_MAX, &value) < 0)
		return -EINVAL;
	*ret = (uint32_t)value;
	return 0;
}

static int take_origin(struct text *rest, uint8_t *ret)
{
	struct text w = word(rest);

	if (length(&w) == 5 && memcmp(w.at, "LOCAL", 5) == 0)
		*ret = IPVS_ORIGIN_LOCAL;
	else if (length(&w) == 4 && memcmp(w.at, "SYNC", 4) == 0)
		*ret = IPVS_ORIGIN_SYNC;
	else
		return -EINVAL;
	return 0;
}

/* " sip 1234@host": the engine, a blank, whatever its data is. */
static int take_engine(struct text *rest, struct ipvs_connection *c)
{
	if (rest->at == rest->end)
		return 0;
	if (take_name(rest, c->engine) < 0)
		return -EINVAL;
	if (rest->at < rest->end)
		rest->at++;
	if (length(rest) >= IPVS_CONNECTION_DATA_MAX)
		return -EINVAL;
	c->data_len = (uint8_t)length(rest);
	memcpy(c->data, rest->at, c->data_len);
	return 0;
}

int ipvs_connection_parse(const char *line, size_t len, bool sync, struct ipvs_connection *ret)
{
	struct ipvs_connection c = { .origin = IPVS_ORIGIN_UNKNOWN };
	struct text rest = { line, line + len };

	if (len >= 11 && memcmp(line, "Pro FromIP ", 11) == 0)
		return -ENODATA;
	if (take_name(&rest, c.protocol) < 0 || take_endpoint(&rest, &c.client) < 0 ||
	    take_endpoint(&rest, &c.virtual) < 0 || take_endpoint(&rest, &c.real) < 0 ||
	    c.client.address.family != c.virtual.address.family || take_name(&rest, c.state) < 0)
		return -EINVAL;
	if (sync && take_origin(&rest, &c.origin) < 0)
		return -EINVAL;
	if (take_seconds(&rest, &c.expires) < 0 || (!sync && take_engine(&rest, &c) < 0))
		return -EINVAL;
	*ret = c;
	return 0;
}

static bool same_end(const struct ipvs_endpoint *a, const struct ipvs_endpoint *b)
{
	return a->port == b->port && inaddr_compare(&a->address, &b->address) == 0;
}

bool ipvs_connection_same(const struct ipvs_connection *a, const struct ipvs_connection *b)
{
	return same_end(&a->client, &b->client) && same_end(&a->virtual, &b->virtual) &&
	       same_end(&a->real, &b->real) && streq(a->protocol, b->protocol);
}

bool ipvs_connection_is_template(const struct ipvs_connection *c)
{
	return c->client.port == 0 ||
	       (c->client.port == 65535 && (streq(c->state, "NONE") || streq(c->state, "ASSURED")));
}

uint32_t ipvs_connection_mark(const struct ipvs_connection *c)
{
	const uint8_t *last = c->virtual.address.bytes + inaddr_length(&c->virtual.address) - 4;

	if (!streq(c->protocol, "IP"))
		return 0;
	return (uint32_t)last[0] << 24 | (uint32_t)last[1] << 16 | (uint32_t)last[2] << 8 | last[3];
}

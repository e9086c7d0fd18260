/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address value of inaddr.h. Pure. */
#include "inaddr.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

int inaddr_parse(const char *text, size_t len, struct inaddr *ret)
{
	char buf[INADDR_TEXT_MAX];
	struct inaddr a = { 0 };

	/* inet_pton() takes neither leading zeros nor scope ids, which is what the API wants. */
	if (len == 0 || len >= sizeof(buf) || memchr(text, '\0', len))
		return -EINVAL;
	memcpy(buf, text, len);
	buf[len] = '\0';
	a.family = memchr(text, ':', len) ? AF_INET6 : AF_INET;
	if (inet_pton(a.family, buf, a.bytes) != 1)
		return -EINVAL;
	*ret = a;
	return 0;
}

/* glibc does this with its printf, which takes ten times as long. */
static char *format_ipv4(const uint8_t *bytes, char *buf)
{
	char *at = buf;

	for (int i = 0; i < 4; i++) {
		unsigned n = bytes[i];

		if (n >= 100)
			*at++ = (char)('0' + n / 100);
		if (n >= 10)
			*at++ = (char)('0' + n / 10 % 10);
		*at++ = (char)('0' + n % 10);
		*at++ = i < 3 ? '.' : '\0';
	}
	return buf;
}

char *inaddr_format(const struct inaddr *a, char buf[INADDR_TEXT_MAX])
{
	if (a->family == AF_INET)
		return format_ipv4(a->bytes, buf);
	/* glibc's form is that of RFC 5952: lower case, longest run of two or more zero groups. */
	if (!inet_ntop(a->family, a->bytes, buf, INADDR_TEXT_MAX))
		buf[0] = '\0';
	return buf;
}

/* Eight bytes as a number that has their order. */
static uint64_t load(const uint8_t *bytes)
{
	uint64_t v;

	memcpy(&v, bytes, sizeof(v));
	return be64toh(v);
}

int inaddr_compare(const struct inaddr *a, const struct inaddr *b)
{
	uint64_t x, y;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	x = load(a->bytes);
	y = load(b->bytes);
	if (x == y) {
		x = load(a->bytes + 8);
		y = load(b->bytes + 8);
	}
	return (x > y) - (x < y);
}

size_t inaddr_length(const struct inaddr *a)
{
	return a->family == AF_INET ? 4 : 16;
}

static const char *unfit_v4(const uint8_t *b)
{
	static const uint8_t any[4] = { 0 }, broadcast[4] = { 255, 255, 255, 255 };

	if (memcmp(b, any, 4) == 0)
		return "unspecified";
	if (memcmp(b, broadcast, 4) == 0)
		return "broadcast";
	if (b[0] == 127)
		return "loopback";
	if (b[0] >= 224 && b[0] <= 239)
		return "multicast";
	if (b[0] == 0 || b[0] >= 240)
		return "reserved";
	return NULL;
}

static const char *unfit_v6(const uint8_t *b)
{
	static const uint8_t zero[15] = { 0 };
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(b, zero, 15) == 0 && b[15] <= 1)
		return b[15] ? "loopback" : "unspecified";
	if (memcmp(b, zero, 12) == 0)
		return "IPv4-compatible"; /* deprecated by RFC 4291, 2.5.5.1 */
	if (b[0] == 0xff)
		return "multicast";
	if (memcmp(b, mapped, 12) == 0)
		return "IPv4-mapped";
	if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80)
		return "link-local";
	return NULL;
}

const char *inaddr_unfit(const struct inaddr *a)
{
	return a->family == AF_INET ? unfit_v4(a->bytes) : unfit_v6(a->bytes);
}

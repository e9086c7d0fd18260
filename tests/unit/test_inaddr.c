/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/inaddr.c: what is an address, how RFC 5952 writes it, and who cannot have it. */
#include "inaddr.h"

#include <errno.h>

#include "test.h"
#include "util.h"

static struct inaddr address(const char *text)
{
	struct inaddr a = { 0 };

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return a;
}

TEST(addresses_are_written_by_rfc_5952)
{
	static const char *const cases[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		/* RFC 5952 §4.1 leading zeros, §4.2.1 shortest, §4.2.2 no single zero group, §4.2.3
		 * the longest run and of two equal ones the first, §4.3 lower case. */
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8::0:1", "2001:db8::1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:DB8::ABCD", "2001:db8::abcd" },
		{ "1::", "1::" },
		{ "::1", "::1" },
		{ "::", "::" },
		{ "1:0:0:2:3:4:5:6", "1::2:3:4:5:6" },
		{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct inaddr a = address(cases[i][0]), again;
		char text[INADDR_TEXT_MAX];

		CHECK_STR(inaddr_format(&a, text), cases[i][1]);
		again = address(text);
		CHECK_INT(inaddr_compare(&a, &again), 0);
	}
}

TEST(what_is_no_address)
{
	static const char *const bad[] = {
		"",
		"1",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"01.2.3.4",
		"1.2.3.04",
		"1.2.3.4 ",
		" 1.2.3.4",
		"0x7f.1.1.1",
		"1.2.3.4/32",
		"[::1]",
		"fe80::1%1",
		"2001:db8::/64",
		"1:2:3:4:5:6:7",
		"1::2::3",
		"12345::",
		":::",
		"2001:db8:",
		":2001:db8::1",
		"::1.2.3",
		"localhost",
		"::ffff:1.2.3.256",
		"2001:db8:0:0:0:0:0:0:1:0:0:0:0:0:0:0:0:0:0:0:0:0:0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct inaddr a = { .family = 77 };

		printf("# %s\n", bad[i]);
		CHECK_INT(inaddr_parse(bad[i], strlen(bad[i]), &a), -EINVAL);
		CHECK_INT(a.family, 77);
	}
	CHECK_INT(inaddr_parse("1.2.3.4\0", 8, &(struct inaddr){ 0 }), -EINVAL);
	CHECK_INT(inaddr_parse("1.2.3.4", 5, &(struct inaddr){ 0 }), -EINVAL); /* "1.2.3" */
}

TEST(only_len_bytes_are_read)
{
	struct inaddr a;
	char text[INADDR_TEXT_MAX];

	CHECK_INT(inaddr_parse("10.0.0.1:80", 8, &a), 0);
	CHECK_STR(inaddr_format(&a, text), "10.0.0.1");
}

TEST(who_cannot_have_an_address)
{
	static const char *const cases[][2] = {
		{ "0.0.0.0", "unspecified" },
		{ "0.0.0.1", "reserved" },
		{ "0.255.1.1", "reserved" },
		{ "1.0.0.0", NULL },
		{ "10.0.0.1", NULL },
		{ "126.255.255.255", NULL },
		{ "127.0.0.1", "loopback" },
		{ "127.255.255.255", "loopback" },
		{ "128.0.0.1", NULL },
		{ "169.254.1.1", NULL },
		{ "192.0.2.1", NULL },
		{ "223.255.255.255", NULL },
		{ "224.0.0.1", "multicast" },
		{ "239.255.255.255", "multicast" },
		{ "240.0.0.1", "reserved" },
		{ "255.255.255.254", "reserved" },
		{ "255.255.255.255", "broadcast" },
		{ "::", "unspecified" },
		{ "::1", "loopback" },
		{ "::2", "IPv4-compatible" },
		{ "2001:db8::1", NULL },
		{ "fc00::1", NULL },
		{ "fd00::1", NULL },
		{ "fe7f::1", NULL },
		{ "fe80::1", "link-local" },
		{ "febf::1", "link-local" },
		{ "fec0::1", NULL },
		{ "ff02::1", "multicast" },
		{ "ff0e::1", "multicast" },
		{ "::ffff:1.2.3.4", "IPv4-mapped" },
		{ "::fffe:1.2.3.4", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct inaddr a = address(cases[i][0]);

		printf("# %s\n", cases[i][0]);
		CHECK_STR(inaddr_unfit(&a), cases[i][1]);
	}
}

TEST(order_is_by_family_then_bytes)
{
	static const char *const order[] = { "9.255.0.1", "10.0.0.1",	 "10.0.0.2",
					     "192.0.2.1", "2001:db8::1", "2001:db8::2" };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t j = 0; j < ARRAY_SIZE(order); j++) {
			struct inaddr a = address(order[i]), b = address(order[j]);
			int c = inaddr_compare(&a, &b);

			CHECK_INT((c > 0) - (c < 0), (i > j) - (i < j));
		}
	CHECK_INT(inaddr_length(&(struct inaddr){ .family = AF_INET }), 4);
	CHECK_INT(inaddr_length(&(struct inaddr){ .family = AF_INET6 }), 16);
}

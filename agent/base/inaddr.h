/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IPv4 or IPv6 address as a plain value: parse, print by RFC 5952, compare, classify. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INADDR_TEXT_MAX INET6_ADDRSTRLEN /* with the NUL */

struct inaddr {
	uint8_t family;	   /* AF_INET or AF_INET6 */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four, the rest is zero */
};

/* Parses len bytes of text: dotted quad without leading zeros, or IPv6 without brackets, prefix or
 * scope. 0 or -EINVAL. */
int inaddr_parse(const char *text, size_t len, struct inaddr *ret);

/* Prints by RFC 5952 into buf of INADDR_TEXT_MAX bytes and returns buf. */
char *inaddr_format(const struct inaddr *a, char buf[INADDR_TEXT_MAX]);

/* Order: IPv4 before IPv6, then by bytes. */
int inaddr_compare(const struct inaddr *a, const struct inaddr *b);

/* 4 or 16: how many of the bytes are meant. */
size_t inaddr_length(const struct inaddr *a);

/* Why a host cannot have this address as a VIP or real server: "unspecified", "loopback",
 * "multicast", "broadcast", "reserved" (0/8 and 240/4), "link-local", "IPv4-mapped" or
 * "IPv4-compatible" (IPv6); NULL when it can. */
const char *inaddr_unfit(const struct inaddr *a);

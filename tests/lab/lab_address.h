/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the lab's programs: addresses from words, without a resolver, which no static program has. */
#pragma once

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct lab_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t size;
};

/* Ends the program where they are none. */
static inline struct lab_address lab_address(const char *address, const char *port)
{
	struct lab_address ret = { 0 };
	in_port_t number = htons((in_port_t)strtoul(port, NULL, 10));

	if (inet_pton(AF_INET6, address, &ret.v6.sin6_addr) == 1) {
		ret.v6.sin6_family = AF_INET6;
		ret.v6.sin6_port = number;
		ret.size = sizeof(ret.v6);
	} else if (inet_pton(AF_INET, address, &ret.v4.sin_addr) == 1) {
		ret.v4.sin_family = AF_INET;
		ret.v4.sin_port = number;
		ret.size = sizeof(ret.v4);
	} else {
		errx(2, "no address: %s", address);
	}
	return ret;
}

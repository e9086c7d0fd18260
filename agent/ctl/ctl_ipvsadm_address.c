/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, ports and numbers as ipvsadm takes and shows them. Unlike the daemon it asks the
 * resolver for names, as ipvsadm does: the operator's machine is not what serves. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>

#include "ctl_ipvsadm.h"
#include "num.h"
#include "util.h"

int ipvsadm_number(const char *s, uint64_t low, uint64_t high, uint32_t *ret)
{
	bool minus;
	uint64_t v;

	s += strspn(s, " \t\n\v\f\r");
	minus = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	while (s[0] == '0' && s[1] >= '0' && s[1] <= '9')
		s++;
	if (num_parse_u64(s, strlen(s), high, &v) < 0 || v < low || (minus && v))
		return -EINVAL;
	*ret = (uint32_t)v;
	return 0;
}

/* IPv4 only, as ipvsadm. */
static int host_by_name(const char *name, struct in_addr *ret)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	struct sockaddr_in sa;

	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return -ENOENT;
	memcpy(&sa, found->ai_addr, sizeof(sa));
	*ret = sa.sin_addr;
	freeaddrinfo(found);
	return 0;
}

/* Any form that inet_aton() knows, or a name. */
static int parse_ipv4(const char *s, struct in_addr *ret)
{
	return inet_aton(s, ret) ? 0 : host_by_name(s, ret);
}

static const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	default:
		return NULL;
	}
}

static int parse_port(const char *s, uint8_t protocol, uint16_t *ret)
{
	const struct servent *service;
	uint32_t v;

	if (ipvsadm_number(s, 0, 65535, &v) == 0) {
		*ret = (uint16_t)v;
		return 0;
	}
	service = protocol_name(protocol) ? getservbyname(s, protocol_name(protocol)) : NULL;
	if (!service)
		return -EINVAL;
	*ret = ntohs((uint16_t)service->s_port);
	return 0;
}

/* Cuts the text into host and port. Brackets need a port behind them; *ret_port NULL: none. */
static int split(char *s, char **ret_host, char **ret_port)
{
	char *end;

	*ret_host = s;
	*ret_port = NULL;
	if (*s != '[')
		return 0;
	end = strchr(s, ']');
	if (!end || end[1] != ':')
		return -EINVAL;
	*end = '\0';
	*ret_host = s + 1;
	*ret_port = end + 2;
	return 0;
}

int ipvsadm_parse_endpoint(const char *text, uint8_t protocol, struct inaddr *ret,
			   uint16_t *ret_port, bool *ret_has_port)
{
	_cleanup_(freep) char *copy = strdup(text);
	char *host, *port, *colon;
	struct in_addr v4;
	struct in6_addr v6;

	if (!copy || strspn(text, "0123456789") == strlen(text) || split(copy, &host, &port) < 0)
		return -EINVAL;
	*ret = (struct inaddr){ 0 };
	if (inet_pton(AF_INET6, host, &v6) > 0) {
		ret->family = AF_INET6;
		memcpy(ret->bytes, &v6, sizeof(v6));
	} else {
		colon = strrchr(host, ':');
		port = colon ? colon + 1 : NULL;
		if (colon)
			*colon = '\0';
		if (parse_ipv4(host, &v4) < 0)
			return -EINVAL;
		ret->family = AF_INET;
		memcpy(ret->bytes, &v4, sizeof(v4));
	}
	*ret_has_port = port != NULL;
	return port ? parse_port(port, protocol, ret_port) : 0;
}

int ipvsadm_parse_mask(const char *s, uint32_t *ret)
{
	struct in_addr mask;

	if (parse_ipv4(s, &mask) < 0)
		return -EINVAL;
	*ret = ntohl(mask.s_addr);
	return 0;
}

/* By the resolver; without a name, the number. */
static void host_text(const struct inaddr *a, char *ret, size_t size)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	bool is_v6 = a->family == AF_INET6;
	char number[INADDR_TEXT_MAX];

	memcpy(&v4.sin_addr, a->bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, a->bytes, sizeof(v6.sin6_addr));
	if (getnameinfo(is_v6 ? (const struct sockaddr *)&v6 : (const struct sockaddr *)&v4,
			is_v6 ? sizeof(v6) : sizeof(v4), ret, (socklen_t)size, NULL, 0,
			NI_NAMEREQD) != 0)
		(void)snprintf(ret, size, "%s", inaddr_format(a, number));
}

void ipvsadm_endpoint_text(const struct inaddr *a, uint16_t port, uint8_t protocol, bool numeric,
			   char ret[IPVSADM_NAME_MAX])
{
	const char *name = protocol_name(protocol);
	const struct servent *service = numeric || !name ? NULL : getservbyport(htons(port), name);
	bool v6 = a->family == AF_INET6;
	_cleanup_(buf_done) struct buf text = { 0 };
	char host[NI_MAXHOST], digits[8];
	size_t len;

	if (numeric)
		(void)inaddr_format(a, host);
	else
		host_text(a, host, sizeof(host));
	(void)snprintf(digits, sizeof(digits), "%u", port);
	buf_printf(&text, "%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "",
		   service ? service->s_name : digits);
	len = text.failed ? 0 : text.len < IPVSADM_NAME_MAX ? text.len : IPVSADM_NAME_MAX - 1;
	if (len)
		memcpy(ret, text.data, len);
	memset(ret + len, 0, IPVSADM_NAME_MAX - len);
}

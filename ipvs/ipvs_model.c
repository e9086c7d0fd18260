/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys, ids, defaults and canonical form of the IPVS objects. Pure. */
#include "ipvs_model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "util.h"

static const struct {
	const char *name;
	uint8_t protocol;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP },
};

int ipvs_dest_key_compare(const struct ipvs_dest_key *a, const struct ipvs_dest_key *b)
{
	int c = inaddr_compare(&a->address, &b->address);

	if (c)
		return c;
	return (a->port > b->port) - (a->port < b->port);
}

void ipvs_stats_add(struct ipvs_stats *sum, const struct ipvs_stats *s)
{
	sum->connections += s->connections;
	sum->in_packets += s->in_packets;
	sum->out_packets += s->out_packets;
	sum->in_bytes += s->in_bytes;
	sum->out_bytes += s->out_bytes;
	sum->connections_per_second += s->connections_per_second;
	sum->in_packets_per_second += s->in_packets_per_second;
	sum->out_packets_per_second += s->out_packets_per_second;
	sum->in_bytes_per_second += s->in_bytes_per_second;
	sum->out_bytes_per_second += s->out_bytes_per_second;
}

int ipvs_service_key_compare(const struct ipvs_service_key *a, const struct ipvs_service_key *b)
{
	int c;

	if (a->fwmark != b->fwmark)
		return a->fwmark < b->fwmark ? -1 : 1;
	c = inaddr_compare(&a->address, &b->address);
	if (c)
		return c;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return (a->protocol > b->protocol) - (a->protocol < b->protocol);
}

static int refuse(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EINVAL;
}

/* ADDRESS:PORT, the address in brackets or not. */
static int parse_endpoint(const char *s, size_t len, struct inaddr *ret_address, uint16_t *ret_port,
			  const char **ret_why)
{
	const char *colon = memrchr(s, ':', len);
	size_t addr_len;
	uint64_t port;
	bool bracket;

	if (!colon)
		return refuse(ret_why, "the port is missing");
	if (num_parse_u64(colon + 1, (size_t)(s + len - colon - 1), 65535, &port) < 0)
		return refuse(ret_why, "the port is not a decimal number from 0 to 65535");
	addr_len = (size_t)(colon - s);
	bracket = addr_len >= 2 && s[0] == '[' && s[addr_len - 1] == ']';
	if (bracket) {
		s++;
		addr_len -= 2;
	}
	if (inaddr_parse(s, addr_len, ret_address) < 0 ||
	    (bracket && ret_address->family != AF_INET6))
		return refuse(ret_why, "the address is not an IPv4 or IPv6 address");
	if (inaddr_unfit(ret_address))
		return refuse(ret_why,
			      "the address is unspecified, loopback, multicast, broadcast, "
			      "reserved, link-local or IPv4-mapped");
	*ret_port = (uint16_t)port;
	return 0;
}

static int parse_mark(const char *s, size_t len, uint8_t family, struct ipvs_service_key *ret,
		      const char **ret_why)
{
	struct ipvs_service_key k = { .address.family = family };
	uint64_t mark;

	if (num_parse_u64(s, len, UINT32_MAX, &mark) < 0 || mark == 0)
		return refuse(ret_why, "the mark is not a decimal number from 1 to 4294967295");
	k.fwmark = (uint32_t)mark;
	*ret = k;
	return 0;
}

int ipvs_service_key_parse(const char *id, size_t len, struct ipvs_service_key *ret,
			   const char **ret_why)
{
	const char *colon = memchr(id, ':', len), *rest;
	struct ipvs_service_key k = { 0 };
	size_t word, rest_len;

	if (!colon)
		return refuse(ret_why, "must be PROTOCOL:ADDRESS:PORT, fwm:MARK or fwm6:MARK");
	word = (size_t)(colon - id);
	rest = colon + 1;
	rest_len = len - word - 1;
	if (word == 3 && strncasecmp(id, "fwm", 3) == 0)
		return parse_mark(rest, rest_len, AF_INET, ret, ret_why);
	if (word == 4 && strncasecmp(id, "fwm6", 4) == 0)
		return parse_mark(rest, rest_len, AF_INET6, ret, ret_why);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (strlen(protocols[i].name) == word &&
		    strncasecmp(id, protocols[i].name, word) == 0)
			k.protocol = protocols[i].protocol;
	if (!k.protocol)
		return refuse(ret_why, "the protocol is not tcp, udp, sctp, fwm or fwm6");
	if (parse_endpoint(rest, rest_len, &k.address, &k.port, ret_why) < 0)
		return -EINVAL;
	*ret = k;
	return 0;
}

int ipvs_dest_key_parse(const char *id, size_t len, struct ipvs_dest_key *ret, const char **ret_why)
{
	struct ipvs_dest_key k = { 0 };

	if (parse_endpoint(id, len, &k.address, &k.port, ret_why) < 0)
		return -EINVAL;
	*ret = k;
	return 0;
}

/* By hand: large documents and listings are made of these. */
static void format_endpoint(const struct inaddr *a, uint16_t port, char buf[IPVS_DEST_ID_MAX])
{
	char text[INADDR_TEXT_MAX], digits[6], *digit = digits + sizeof(digits) - 1;
	bool v6 = a->family == AF_INET6;

	*digit = '\0';
	do
		*--digit = (char)('0' + port % 10);
	while (port /= 10);
	buf = stpcpy(buf, v6 ? "[" : "");
	buf = stpcpy(buf, inaddr_format(a, text));
	buf = stpcpy(buf, v6 ? "]:" : ":");
	(void)stpcpy(buf, digit);
}

static const char *protocol_name(uint8_t protocol, char buf[8])
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].protocol == protocol)
			return protocols[i].name;
	/* A foreign service of a protocol that we would not make; two of them must differ. */
	(void)snprintf(buf, 8, "ip%u", protocol);
	return buf;
}

char *ipvs_service_key_format(const struct ipvs_service_key *k, char buf[IPVS_SERVICE_ID_MAX])
{
	char protocol[8], *at;

	if (k->fwmark) {
		(void)snprintf(buf, IPVS_SERVICE_ID_MAX, "%s:%u",
			       k->address.family == AF_INET6 ? "fwm6" : "fwm", k->fwmark);
		return buf;
	}
	at = stpcpy(stpcpy(buf, protocol_name(k->protocol, protocol)), ":");
	format_endpoint(&k->address, k->port, at);
	return buf;
}

char *ipvs_dest_key_format(const struct ipvs_dest_key *k, char buf[IPVS_DEST_ID_MAX])
{
	format_endpoint(&k->address, k->port, buf);
	return buf;
}

static uint8_t full_prefix(const struct ipvs_service_key *key)
{
	return key->address.family == AF_INET6 ? 128 : 32;
}

void ipvs_service_init(const struct ipvs_service_key *key, struct ipvs_service *ret)
{
	*ret = (struct ipvs_service){
		.key = *key,
		.scheduler = "wlc",
		.persistence_timeout = 360,
		.persistence_prefix = full_prefix(key),
	};
}

void ipvs_dest_init(const struct ipvs_dest_key *key, struct ipvs_dest *ret)
{
	*ret = (struct ipvs_dest){ .key = *key, .weight = 1, .forward = IPVS_FORWARD_DR };
}

/* The names of kernel flag bits 1 and 2 are the scheduler's own for sh and mh. */
static uint8_t canonical_flags(const char *scheduler, uint8_t flags)
{
	static const struct {
		const char *scheduler;
		uint8_t first, second;
	} own[] = {
		{ "sh", IPVS_FLAG_SH_FALLBACK, IPVS_FLAG_SH_PORT },
		{ "mh", IPVS_FLAG_MH_FALLBACK, IPVS_FLAG_MH_PORT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (!streq(scheduler, own[i].scheduler))
			continue;
		if (flags & 1u << IPVS_FLAG_1)
			flags |= (uint8_t)(1u << own[i].first);
		if (flags & 1u << IPVS_FLAG_2)
			flags |= (uint8_t)(1u << own[i].second);
		flags &= (uint8_t) ~(1u << IPVS_FLAG_1 | 1u << IPVS_FLAG_2);
	}
	return flags;
}

void ipvs_service_normalise(struct ipvs_service *s)
{
	s->scheduler_flags = canonical_flags(s->scheduler, s->scheduler_flags);
	if (s->persistent)
		return;
	s->persistence_timeout = 360;
	s->persistence_prefix = full_prefix(&s->key);
	memset(s->persistence_engine, 0, sizeof(s->persistence_engine));
}

void ipvs_service_stage(struct ipvs_service *s, bool silent)
{
	static const struct ipvs_service held = { .scheduler = "none",
						  .persistence_engine = "sip" };

	memcpy(s->scheduler, held.scheduler, sizeof(s->scheduler));
	ipvs_service_normalise(s);
	if (!silent)
		return;
	s->persistent = true;
	memcpy(s->persistence_engine, held.persistence_engine, sizeof(s->persistence_engine));
}

void ipvs_dest_normalise(struct ipvs_dest *d)
{
	if (d->forward != IPVS_FORWARD_TUN)
		d->tunnel_type = IPVS_TUNNEL_IPIP;
	if (d->tunnel_type == IPVS_TUNNEL_IPIP)
		d->tunnel_checksum = IPVS_CHECKSUM_NONE;
	if (d->tunnel_type != IPVS_TUNNEL_GUE)
		d->tunnel_port = 0;
}

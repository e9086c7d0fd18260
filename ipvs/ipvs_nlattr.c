/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPVS objects to and from netlink attributes (ipvs_nlattr.h). No sockets. */
#include "ipvs_nlattr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "field_nl.h"
#include "ipvs_fields.h"
#include "nlput.h"
#include "util.h"

#define ADDRESS_BYTES 16 /* union nf_inet_addr, for both families */

/* Which names mean the scheduler's flag bits 1 to 3; sh and mh have their own for the first two. */
static const struct {
	uint32_t bit;
	uint8_t names;
	uint8_t plain;
} scheduler_flags[] = {
	{ IP_VS_SVC_F_SCHED1,
	  1 << IPVS_FLAG_1 | 1 << IPVS_FLAG_MH_FALLBACK | 1 << IPVS_FLAG_SH_FALLBACK,
	  1 << IPVS_FLAG_1 },
	{ IP_VS_SVC_F_SCHED2, 1 << IPVS_FLAG_2 | 1 << IPVS_FLAG_MH_PORT | 1 << IPVS_FLAG_SH_PORT,
	  1 << IPVS_FLAG_2 },
	{ IP_VS_SVC_F_SCHED3, 1 << IPVS_FLAG_3, 1 << IPVS_FLAG_3 },
};

static const struct {
	uint32_t kernel;
	uint8_t forward; /* enum ipvs_forward */
	bool ours;	 /* can be sent */
} methods[] = {
	{ IP_VS_CONN_F_DROUTE, IPVS_FORWARD_DR, true },
	{ IP_VS_CONN_F_MASQ, IPVS_FORWARD_NAT, true },
	{ IP_VS_CONN_F_TUNNEL, IPVS_FORWARD_TUN, true },
	{ IP_VS_CONN_F_LOCALNODE, IPVS_FORWARD_LOCAL, false },
};

uint32_t ipvs_nlattr_flags(const struct ipvs_service *s)
{
	uint32_t flags = 0;

	if (s->persistent)
		flags |= IP_VS_SVC_F_PERSISTENT;
	if (s->one_packet)
		flags |= IP_VS_SVC_F_ONEPACKET;
	for (size_t i = 0; i < ARRAY_SIZE(scheduler_flags); i++)
		if (s->scheduler_flags & scheduler_flags[i].names)
			flags |= scheduler_flags[i].bit;
	return flags;
}

void ipvs_nlattr_set_flags(struct ipvs_service *s, uint32_t flags)
{
	s->persistent = flags & IP_VS_SVC_F_PERSISTENT;
	s->one_packet = flags & IP_VS_SVC_F_ONEPACKET;
	s->scheduler_flags = 0;
	for (size_t i = 0; i < ARRAY_SIZE(scheduler_flags); i++)
		if (flags & scheduler_flags[i].bit)
			s->scheduler_flags |= scheduler_flags[i].plain;
	ipvs_service_normalise(s);
}

bool ipvs_nlattr_can_express(const struct ipvs_op *op)
{
	if (op->verb == IPVS_DELETE)
		return true;
	if (!op->dest)
		return op->service->key.address.family == AF_INET6 || !op->service->persistent ||
		       op->service->persistence_prefix <= 32;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (methods[i].ours && methods[i].forward == op->dest->forward)
			return true;
	return false;
}

/* IPv4 has a mask in network order, IPv6 the prefix length in host order (ip_vs_ctl.c,
 * ip_vs_add_service: it must be 1 to 128 even without persistence). */
static uint32_t netmask_of(uint8_t family, uint8_t prefix)
{
	if (family == AF_INET6)
		return prefix;
	return prefix ? htonl(UINT32_MAX << (32 - prefix)) : 0;
}

static uint8_t prefix_of(uint8_t family, uint32_t netmask)
{
	uint32_t mask = ntohl(netmask);

	if (family == AF_INET6)
		return netmask <= 128 ? (uint8_t)netmask : 0;
	if (~mask & (~mask + 1))
		return 0;
	return (uint8_t)__builtin_popcount(mask);
}

static void put_key_members(struct nlput *p, const struct ipvs_service_key *key)
{
	nlput_u16(p, IPVS_SVC_ATTR_AF, key->address.family);
	if (key->fwmark) {
		nlput_u32(p, IPVS_SVC_ATTR_FWMARK, key->fwmark);
		return;
	}
	nlput_u16(p, IPVS_SVC_ATTR_PROTOCOL, key->protocol);
	nlput_data(p, IPVS_SVC_ATTR_ADDR, key->address.bytes, ADDRESS_BYTES);
	nlput_u16(p, IPVS_SVC_ATTR_PORT, htons(key->port));
}

static void put_key(struct nlput *p, const struct ipvs_service_key *key)
{
	uint8_t *nest = nlput_nest(p, IPVS_CMD_ATTR_SERVICE);

	put_key_members(p, key);
	nlput_nest_end(p, nest);
}

int ipvs_nlattr_put_key(struct nl_msg *msg, const struct ipvs_service_key *key)
{
	struct nlput p = nlput_begin(msg);

	put_key(&p, key);
	return nlput_end(&p, msg);
}

/* The service with what the kernel stores for switched-off persistence, or as it is staged. */
static struct ipvs_service wire_form(const struct ipvs_op *op)
{
	struct ipvs_service s = *op->service;

	if (op->verb == IPVS_ADD && op->staged)
		ipvs_service_stage(&s, op->silent);
	if (!s.persistent) {
		ipvs_service_normalise(&s);
		s.persistence_timeout = 0;
	}
	return s;
}

static void put_service(struct nlput *p, const struct ipvs_op *op)
{
	struct ipvs_service s = wire_form(op);
	/* Mask of all bits: the flags are set as a whole (ip_vs_genl_parse_service). */
	const struct ip_vs_flags flags = { .flags = ipvs_nlattr_flags(&s), .mask = ~0u };
	uint8_t *nest = nlput_nest(p, IPVS_CMD_ATTR_SERVICE);

	put_key_members(p, &s.key);
	field_put(&ipvs_service_table, &s, p);
	nlput_data(p, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
	nlput_u32(p, IPVS_SVC_ATTR_NETMASK, netmask_of(s.key.address.family, s.persistence_prefix));
	nlput_nest_end(p, nest);
}

/* The kernel's number of a method that can be sent (ipvs_nlattr_can_express()). */
static uint32_t method_of(uint8_t forward)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(methods) - 1 && methods[i].forward != forward)
		i++;
	return methods[i].kernel;
}

static void put_dest(struct nlput *p, const struct ipvs_op *op)
{
	const struct ipvs_dest_key *key = &op->dest->key;
	uint8_t *nest = nlput_nest(p, IPVS_CMD_ATTR_DEST);

	nlput_u16(p, IPVS_DEST_ATTR_ADDR_FAMILY, key->address.family);
	nlput_data(p, IPVS_DEST_ATTR_ADDR, key->address.bytes, ADDRESS_BYTES);
	nlput_u16(p, IPVS_DEST_ATTR_PORT, htons(key->port));
	if (op->verb != IPVS_DELETE) {
		nlput_u32(p, IPVS_DEST_ATTR_FWD_METHOD, method_of(op->dest->forward));
		field_put(&ipvs_dest_table, op->dest, p);
	}
	nlput_nest_end(p, nest);
}

int ipvs_nlattr_put_op(struct nl_msg *msg, const struct ipvs_op *op)
{
	struct nlput p = nlput_begin(msg);

	if (!ipvs_nlattr_can_express(op))
		return -EINVAL;
	if (!op->dest && op->verb != IPVS_DELETE) {
		put_service(&p, op);
	} else {
		put_key(&p, &op->service->key);
		if (op->dest)
			put_dest(&p, op);
	}
	return nlput_end(&p, msg);
}

/* Splits the nested attribute that a reply carries into tb[0…max]. */
static int parse_nested(const struct nlmsghdr *reply, int attr, struct nlattr **tb, int max)
{
	struct nlattr *nest = nla_find(nlmsg_attrdata(reply, GENL_HDRLEN),
				       nlmsg_attrlen(reply, GENL_HDRLEN), attr);

	return nest && nla_parse_nested(tb, max, nest, NULL) == 0 ? 0 : -EBADMSG;
}

static uint16_t get_u16(struct nlattr *a, uint16_t missing)
{
	return a && nla_len(a) >= 2 ? nla_get_u16(a) : missing;
}

static uint32_t get_u32(struct nlattr *a, uint32_t missing)
{
	return a && nla_len(a) >= 4 ? nla_get_u32(a) : missing;
}

static int get_address(struct nlattr *a, uint16_t family, struct inaddr *ret)
{
	struct inaddr address = { .family = (uint8_t)family };
	size_t len;

	if (family != AF_INET && family != AF_INET6)
		return -EBADMSG;
	len = inaddr_length(&address);
	if (!a || nla_len(a) < (int)len)
		return -EBADMSG;
	memcpy(address.bytes, nla_data(a), len);
	*ret = address;
	return 0;
}

static int get_key(struct nlattr *const *tb, struct ipvs_service_key *ret)
{
	uint16_t family = get_u16(tb[IPVS_SVC_ATTR_AF], AF_UNSPEC);
	uint16_t protocol = get_u16(tb[IPVS_SVC_ATTR_PROTOCOL], 0);

	ret->fwmark = get_u32(tb[IPVS_SVC_ATTR_FWMARK], 0);
	if (ret->fwmark) {
		ret->address.family = (uint8_t)family;
		return family == AF_INET || family == AF_INET6 ? 0 : -EBADMSG;
	}
	/* The kernel stores any 16 bits; those beyond 8 must not look like TCP. */
	ret->protocol = protocol <= UINT8_MAX ? (uint8_t)protocol : IPPROTO_RAW;
	ret->port = ntohs(get_u16(tb[IPVS_SVC_ATTR_PORT], 0));
	return get_address(tb[IPVS_SVC_ATTR_ADDR], family, &ret->address);
}

int ipvs_nlattr_get_key(const struct nlmsghdr *request, struct ipvs_service_key *ret)
{
	struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	struct ipvs_service_key key = { 0 };

	if (parse_nested(request, IPVS_CMD_ATTR_SERVICE, tb, IPVS_SVC_ATTR_MAX) < 0 ||
	    get_key(tb, &key) < 0)
		return -EBADMSG;
	*ret = key;
	return 0;
}

int ipvs_nlattr_get_service(const struct nlmsghdr *reply, struct ipvs_service *ret)
{
	struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	struct ipvs_service s = { .scheduler = "none" };
	struct ip_vs_flags flags;

	if (parse_nested(reply, IPVS_CMD_ATTR_SERVICE, tb, IPVS_SVC_ATTR_MAX) < 0 ||
	    get_key(tb, &s.key) < 0 ||
	    field_get(&ipvs_service_table, tb, IPVS_SVC_ATTR_MAX, &s) < 0)
		return -EBADMSG;
	if (!tb[IPVS_SVC_ATTR_FLAGS] || nla_len(tb[IPVS_SVC_ATTR_FLAGS]) < (int)sizeof(flags))
		return -EBADMSG;
	memcpy(&flags, nla_data(tb[IPVS_SVC_ATTR_FLAGS]), sizeof(flags));
	s.persistence_prefix =
		prefix_of(s.key.address.family, get_u32(tb[IPVS_SVC_ATTR_NETMASK], 0));
	ipvs_nlattr_set_flags(&s, flags.flags); /* and normalises */
	*ret = s;
	return 0;
}

uint8_t ipvs_nlattr_method(uint32_t flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (methods[i].kernel == (flags & IP_VS_CONN_F_FWD_MASK))
			return methods[i].forward;
	return IPVS_FORWARD_OTHER;
}

/* True when there is an encapsulation that the model has no value for: the kernel stores any. */
static bool unknown_tunnel(struct nlattr *const *tb)
{
	struct nlattr *type = tb[IPVS_DEST_ATTR_TUN_TYPE];

	return (type && nla_len(type) >= 1 && nla_get_u8(type) > IPVS_TUNNEL_GRE) ||
	       get_u16(tb[IPVS_DEST_ATTR_TUN_FLAGS], 0) > IPVS_CHECKSUM_REMOTE;
}

static void get_counts(struct nlattr *const *tb, struct ipvs_dest_counts *ret)
{
	ret->active = get_u32(tb[IPVS_DEST_ATTR_ACTIVE_CONNS], 0);
	ret->inactive = get_u32(tb[IPVS_DEST_ATTR_INACT_CONNS], 0);
	ret->persistent = get_u32(tb[IPVS_DEST_ATTR_PERSIST_CONNS], 0);
}

int ipvs_nlattr_get_dest(const struct nlmsghdr *reply, const struct ipvs_service_key *service,
			 struct ipvs_observed_dest *ret)
{
	struct nlattr *tb[IPVS_DEST_ATTR_MAX + 1];
	struct ipvs_observed_dest o = { 0 };
	struct ipvs_dest *d = &o.dest;
	uint16_t family;

	if (parse_nested(reply, IPVS_CMD_ATTR_DEST, tb, IPVS_DEST_ATTR_MAX) < 0)
		return -EBADMSG;
	/* Kernels before 3.18 have no such attribute and no mixed families. */
	family = get_u16(tb[IPVS_DEST_ATTR_ADDR_FAMILY], service->address.family);
	if (get_address(tb[IPVS_DEST_ATTR_ADDR], family, &d->key.address) < 0 ||
	    field_get(&ipvs_dest_table, tb, IPVS_DEST_ATTR_MAX, d) < 0)
		return -EBADMSG;
	d->key.port = ntohs(get_u16(tb[IPVS_DEST_ATTR_PORT], 0));
	d->forward = ipvs_nlattr_method(get_u32(tb[IPVS_DEST_ATTR_FWD_METHOD], 0));
	if (d->forward == IPVS_FORWARD_TUN && unknown_tunnel(tb))
		d->forward = IPVS_FORWARD_OTHER;
	get_counts(tb, &o.counts);
	ipvs_dest_normalise(d);
	*ret = o;
	return 0;
}

/* Rows: where each counter goes. */
static const struct {
	uint16_t attr;
	size_t offset;
} counters[] = {
	{ IPVS_STATS_ATTR_CONNS, offsetof(struct ipvs_stats, connections) },
	{ IPVS_STATS_ATTR_INPKTS, offsetof(struct ipvs_stats, in_packets) },
	{ IPVS_STATS_ATTR_OUTPKTS, offsetof(struct ipvs_stats, out_packets) },
	{ IPVS_STATS_ATTR_INBYTES, offsetof(struct ipvs_stats, in_bytes) },
	{ IPVS_STATS_ATTR_OUTBYTES, offsetof(struct ipvs_stats, out_bytes) },
	{ IPVS_STATS_ATTR_CPS, offsetof(struct ipvs_stats, connections_per_second) },
	{ IPVS_STATS_ATTR_INPPS, offsetof(struct ipvs_stats, in_packets_per_second) },
	{ IPVS_STATS_ATTR_OUTPPS, offsetof(struct ipvs_stats, out_packets_per_second) },
	{ IPVS_STATS_ATTR_INBPS, offsetof(struct ipvs_stats, in_bytes_per_second) },
	{ IPVS_STATS_ATTR_OUTBPS, offsetof(struct ipvs_stats, out_bytes_per_second) },
};

/* The nested STATS64 attribute (Linux 4.1): each counter has 64 bits; or of an older kernel STATS,
 * with 32 bits but for bytes (ip_vs_ctl.c, ip_vs_genl_fill_stats). */
static int get_stats(struct nlattr *wide, struct nlattr *narrow, struct ipvs_stats *ret)
{
	struct nlattr *tb[IPVS_STATS_ATTR_MAX + 1], *nest = wide ? wide : narrow;
	struct ipvs_stats stats = { 0 };

	if (!nest || nla_parse_nested(tb, IPVS_STATS_ATTR_MAX, nest, NULL) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		struct nlattr *a = tb[counters[i].attr];
		uint64_t value = 0;

		if (a && nla_len(a) >= 8)
			memcpy(&value, nla_data(a), 8);
		else if (a && nla_len(a) >= 4)
			value = nla_get_u32(a);
		memcpy((char *)&stats + counters[i].offset, &value, 8);
	}
	*ret = stats;
	return 0;
}

int ipvs_nlattr_get_service_stats(const struct nlmsghdr *reply, struct ipvs_service_stats *ret)
{
	struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	struct ipvs_service_stats s = { 0 };

	if (parse_nested(reply, IPVS_CMD_ATTR_SERVICE, tb, IPVS_SVC_ATTR_MAX) < 0 ||
	    get_key(tb, &s.key) < 0 ||
	    get_stats(tb[IPVS_SVC_ATTR_STATS64], tb[IPVS_SVC_ATTR_STATS], &s.stats) < 0)
		return -EBADMSG;
	*ret = s;
	return 0;
}

int ipvs_nlattr_get_dest_stats(const struct nlmsghdr *reply, const struct ipvs_service_key *service,
			       struct ipvs_dest_stats *ret)
{
	struct nlattr *tb[IPVS_DEST_ATTR_MAX + 1];
	struct ipvs_dest_stats d = { 0 };
	uint16_t family;

	if (parse_nested(reply, IPVS_CMD_ATTR_DEST, tb, IPVS_DEST_ATTR_MAX) < 0)
		return -EBADMSG;
	family = get_u16(tb[IPVS_DEST_ATTR_ADDR_FAMILY], service->address.family);
	if (get_address(tb[IPVS_DEST_ATTR_ADDR], family, &d.key.address) < 0 ||
	    get_stats(tb[IPVS_DEST_ATTR_STATS64], tb[IPVS_DEST_ATTR_STATS], &d.stats) < 0)
		return -EBADMSG;
	d.key.port = ntohs(get_u16(tb[IPVS_DEST_ATTR_PORT], 0));
	get_counts(tb, &d.counts);
	*ret = d;
	return 0;
}

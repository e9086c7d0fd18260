/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of rtnetlink and fou (netcfg_nlattr.h). No sockets. */
#include "netcfg_nlattr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fou.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "util.h"

/* Since 5.18; headers may be older. */
#define ATTR_IFA_PROTO 11

_Static_assert(sizeof(struct ifinfomsg) <= 16 && sizeof(struct ifaddrmsg) <= 16,
	       "room in netcfg_request.header");

/* Requests ------------------------------------------------------------------------------------- */

static void set_header(struct netcfg_request *r, const void *header, size_t len)
{
	memcpy(r->header, header, len);
	r->header_len = len;
}

static void begin_link(const struct netcfg_op *op, struct netcfg_request *ret)
{
	struct ifinfomsg h = { .ifi_index = op->verb == NETCFG_LINK_ADD ? 0 : op->index };

	ret->type = op->verb == NETCFG_LINK_DELETE ? RTM_DELLINK : RTM_NEWLINK;
	if (op->verb == NETCFG_LINK_ADD)
		ret->flags = NLM_F_CREATE | NLM_F_EXCL;
	if (op->verb == NETCFG_LINK_UP || op->verb == NETCFG_LINK_DOWN)
		h.ifi_change = IFF_UP;
	if (op->verb == NETCFG_LINK_UP)
		h.ifi_flags = IFF_UP;
	set_header(ret, &h, sizeof(h));
}

void netcfg_nlattr_begin(const struct netcfg_op *op, struct netcfg_request *ret)
{
	const struct ifaddrmsg h = {
		.ifa_family = op->address.address.family,
		.ifa_prefixlen = op->address.prefix_length,
		.ifa_index = (uint32_t)op->address.index,
	};

	*ret = (struct netcfg_request){ .type = RTM_NEWADDR };
	switch (op->verb) {
	case NETCFG_ADDRESS_ADD:
		ret->flags = NLM_F_CREATE | NLM_F_EXCL;
		break;
	case NETCFG_ADDRESS_SET:
		ret->flags = NLM_F_REPLACE;
		break;
	case NETCFG_ADDRESS_DELETE:
		ret->type = RTM_DELADDR;
		break;
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		begin_link(op, ret);
		return;
	case NETCFG_SYSCTL_WRITE:
	case NETCFG_FOU_ADD:
	case NETCFG_FOU_DELETE:
	case NETCFG_SYNC_STOP:
	case NETCFG_SYNC_START:
		return;
	}
	set_header(ret, &h, sizeof(h));
}

static int put_address(struct nl_msg *msg, const struct netcfg_op *op)
{
	const struct inaddr *a = &op->address.address;
	bool v6 = a->family == AF_INET6;
	int len = (int)inaddr_length(a);
	/* An IPv6 VIP that the host prefers as a source breaks tun and dr (docs/KERNEL.md). */
	const struct ifa_cacheinfo life = {
		.ifa_prefered = v6 ? 0 : UINT32_MAX,
		.ifa_valid = UINT32_MAX,
	};

	if (nla_put(msg, IFA_LOCAL, len, a->bytes) < 0 ||
	    nla_put(msg, IFA_ADDRESS, len, a->bytes) < 0)
		return -EMSGSIZE;
	if (op->verb == NETCFG_ADDRESS_DELETE)
		return 0;
	if (nla_put_u8(msg, ATTR_IFA_PROTO, NETCFG_ADDRESS_PROTOCOL) < 0 ||
	    nla_put(msg, IFA_CACHEINFO, sizeof(life), &life) < 0)
		return -EMSGSIZE;
	if (v6 && nla_put_u32(msg, IFA_FLAGS, IFA_F_NODAD | IFA_F_NOPREFIXROUTE) < 0)
		return -EMSGSIZE;
	if (op->address.label[0] && nla_put_string(msg, IFA_LABEL, op->address.label) < 0)
		return -EMSGSIZE;
	return 0;
}

/* A gre device that takes packets of all hosts, and those with a checksum only. */
static int put_checksums(struct nl_msg *msg)
{
	struct nlattr *data = nla_nest_start(msg, IFLA_INFO_DATA);
	uint16_t flags;

	memcpy(&flags, (const uint8_t[]){ 0x80, 0 }, sizeof(flags)); /* GRE_CSUM, network order */
	if (!data || nla_put_flag(msg, IFLA_GRE_COLLECT_METADATA) < 0 ||
	    nla_put_u16(msg, IFLA_GRE_IFLAGS, flags) < 0)
		return -EMSGSIZE;
	nla_nest_end(msg, data);
	return 0;
}

static int put_link(struct nl_msg *msg, const struct netcfg_op *op)
{
	struct nlattr *info;

	if (op->verb != NETCFG_LINK_ADD)
		return 0;
	if (nla_put_string(msg, IFLA_IFNAME, op->name) < 0)
		return -EMSGSIZE;
	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info || nla_put_string(msg, IFLA_INFO_KIND, op->kind) < 0 ||
	    (op->checksum && put_checksums(msg) < 0))
		return -EMSGSIZE;
	nla_nest_end(msg, info);
	return 0;
}

int netcfg_nlattr_put(struct nl_msg *msg, const struct netcfg_op *op)
{
	switch (op->verb) {
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
	case NETCFG_ADDRESS_DELETE:
		return put_address(msg, op);
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		return put_link(msg, op);
	case NETCFG_SYSCTL_WRITE:
	case NETCFG_FOU_ADD:
	case NETCFG_FOU_DELETE:
	case NETCFG_SYNC_STOP:
	case NETCFG_SYNC_START:
		break;
	}
	return 0;
}

void netcfg_nlattr_begin_links(struct netcfg_request *ret)
{
	const struct ifinfomsg h = { .ifi_family = AF_UNSPEC };

	*ret = (struct netcfg_request){ .type = RTM_GETLINK };
	set_header(ret, &h, sizeof(h));
}

int netcfg_nlattr_put_links(struct nl_msg *msg)
{
	return nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) < 0 ? -EMSGSIZE : 0;
}

void netcfg_nlattr_begin_addresses(struct netcfg_request *ret)
{
	const struct ifaddrmsg h = { .ifa_family = AF_UNSPEC };

	*ret = (struct netcfg_request){ .type = RTM_GETADDR };
	set_header(ret, &h, sizeof(h));
}

int netcfg_nlattr_put_fou(struct nl_msg *msg, const struct netcfg_fou *fou)
{
	if (nla_put_u16(msg, FOU_ATTR_PORT, htons(fou->port)) < 0 ||
	    nla_put_u8(msg, FOU_ATTR_AF, fou->family) < 0 ||
	    nla_put_u8(msg, FOU_ATTR_TYPE, FOU_ENCAP_GUE) < 0)
		return -EMSGSIZE;
	return 0;
}

/* Answers and events --------------------------------------------------------------------------- */

/* The attributes of a message behind its fixed header, by their type. */
static int parse(const struct nlmsghdr *h, size_t header, struct nlattr **tb, int max)
{
	if (nlmsg_datalen(h) < (int)header)
		return -EBADMSG;
	return nla_parse(tb, max, nlmsg_attrdata(h, (int)header), nlmsg_attrlen(h, (int)header),
			 NULL) < 0
		       ? -EBADMSG
		       : 0;
}

/* The first attribute of a type in a nest, or NULL. */
static struct nlattr *inner(struct nlattr *nest, int type)
{
	return nest ? nla_find(nla_data(nest), nla_len(nest), type) : NULL;
}

static bool get_u32(const struct nlattr *a, uint32_t *ret)
{
	if (!a || nla_len(a) < (int)sizeof(*ret))
		return false;
	memcpy(ret, nla_data(a), sizeof(*ret));
	return true;
}

/* A name of an interface; with `cut` a longer one is cut. */
static bool get_name(const struct nlattr *a, char *ret, size_t size, bool cut)
{
	size_t len = a ? strnlen(nla_data(a), (size_t)nla_len(a)) : 0;

	if (len == 0 || (len >= size && !cut))
		return false;
	if (len >= size)
		len = size - 1;
	memset(ret, 0, size);
	memcpy(ret, nla_data(a), len);
	return true;
}

/* The variables of the interface itself, of one family. */
static void get_conf(struct nlattr *values, uint8_t family, struct netcfg_link *l)
{
	size_t n;
	const struct netcfg_sysctl_row *rows = netcfg_sysctl_rows(&n);

	for (size_t i = 0; values && i < n && i < NETCFG_CONF_MAX; i++) {
		size_t at = rows[i].devconf * sizeof(int32_t);

		if (rows[i].family != family || at + sizeof(int32_t) > (size_t)nla_len(values))
			continue;
		memcpy(&l->conf[i], (const char *)nla_data(values) + at, sizeof(int32_t));
		l->conf_known |= UINT64_C(1) << i;
	}
}

int netcfg_nlattr_get_link(const struct nlmsghdr *h, struct netcfg_link *ret)
{
	struct nlattr *tb[IFLA_MAX + 1];
	struct netcfg_link l = { 0 };
	struct ifinfomsg info;
	uint32_t master;

	if (parse(h, sizeof(info), tb, IFLA_MAX) < 0)
		return -EBADMSG;
	memcpy(&info, nlmsg_data(h), sizeof(info));
	if (info.ifi_family != AF_UNSPEC)
		return -EAFNOSUPPORT;
	if (info.ifi_index <= 0 || !get_name(tb[IFLA_IFNAME], l.name, sizeof(l.name), false))
		return -EBADMSG;
	l.index = info.ifi_index;
	l.type = info.ifi_type;
	l.flags = info.ifi_flags;
	(void)get_u32(tb[IFLA_MTU], &l.mtu);
	if (get_u32(tb[IFLA_MASTER], &master))
		l.master = (int32_t)master;
	if (tb[IFLA_ADDRESS] && nla_len(tb[IFLA_ADDRESS]) <= NETCFG_MAC_MAX) {
		l.mac_len = (uint8_t)nla_len(tb[IFLA_ADDRESS]);
		memcpy(l.mac, nla_data(tb[IFLA_ADDRESS]), l.mac_len);
	}
	l.carrier = l.flags & IFF_LOWER_UP;
	if (tb[IFLA_CARRIER] && nla_len(tb[IFLA_CARRIER]) >= 1)
		l.carrier = nla_get_u8(tb[IFLA_CARRIER]);
	(void)get_name(inner(tb[IFLA_LINKINFO], IFLA_INFO_KIND), l.kind, sizeof(l.kind), true);
	get_conf(inner(inner(tb[IFLA_AF_SPEC], AF_INET), IFLA_INET_CONF), AF_INET, &l);
	get_conf(inner(inner(tb[IFLA_AF_SPEC], AF_INET6), IFLA_INET6_CONF), AF_INET6, &l);
	*ret = l;
	return 0;
}

int netcfg_nlattr_get_address(const struct nlmsghdr *h, struct netcfg_address *ret)
{
	struct nlattr *tb[ATTR_IFA_PROTO + 1], *local;
	struct netcfg_address a = { .valid = UINT32_MAX, .preferred = UINT32_MAX };
	struct ifa_cacheinfo life;
	struct ifaddrmsg info;

	if (parse(h, sizeof(info), tb, ATTR_IFA_PROTO) < 0)
		return -EBADMSG;
	memcpy(&info, nlmsg_data(h), sizeof(info));
	if (info.ifa_family != AF_INET && info.ifa_family != AF_INET6)
		return -EAFNOSUPPORT;
	a.address.family = info.ifa_family;
	/* IFA_ADDRESS is the peer's when there is one. */
	local = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	if (!local || nla_len(local) != (int)inaddr_length(&a.address) ||
	    info.ifa_prefixlen > inaddr_length(&a.address) * 8)
		return -EBADMSG;
	memcpy(a.address.bytes, nla_data(local), (size_t)nla_len(local));
	a.index = (int32_t)info.ifa_index;
	a.prefix_length = info.ifa_prefixlen;
	a.scope = info.ifa_scope;
	a.flags = info.ifa_flags;
	(void)get_u32(tb[IFA_FLAGS], &a.flags);
	if (tb[ATTR_IFA_PROTO] && nla_len(tb[ATTR_IFA_PROTO]) >= 1)
		a.protocol = nla_get_u8(tb[ATTR_IFA_PROTO]);
	if (tb[IFA_CACHEINFO] && nla_len(tb[IFA_CACHEINFO]) >= (int)sizeof(life)) {
		memcpy(&life, nla_data(tb[IFA_CACHEINFO]), sizeof(life));
		a.valid = life.ifa_valid;
		a.preferred = life.ifa_prefered;
	}
	(void)get_name(tb[IFA_LABEL], a.label, sizeof(a.label), true);
	*ret = a;
	return 0;
}

int netcfg_nlattr_get_fou(const struct nlmsghdr *h, struct netcfg_fou *ret)
{
	struct nlattr *tb[FOU_ATTR_TYPE + 1];

	if (parse(h, GENL_HDRLEN, tb, FOU_ATTR_TYPE) < 0)
		return -EBADMSG;
	if (!tb[FOU_ATTR_PORT] || nla_len(tb[FOU_ATTR_PORT]) < 2 || !tb[FOU_ATTR_TYPE] ||
	    nla_len(tb[FOU_ATTR_TYPE]) < 1 || !tb[FOU_ATTR_AF] || nla_len(tb[FOU_ATTR_AF]) < 1)
		return -EBADMSG;
	*ret = (struct netcfg_fou){
		.port = ntohs(nla_get_u16(tb[FOU_ATTR_PORT])),
		.family = nla_get_u8(tb[FOU_ATTR_AF]),
		.gue = nla_get_u8(tb[FOU_ATTR_TYPE]) == FOU_ENCAP_GUE,
	};
	return 0;
}

int netcfg_nlattr_get_netconf(const struct nlmsghdr *h, struct netcfg_netconf *ret)
{
	struct nlattr *tb[NETCONFA_MAX + 1];
	struct netconfmsg info;
	uint32_t index;

	if (parse(h, sizeof(info), tb, NETCONFA_MAX) < 0)
		return -EBADMSG;
	memcpy(&info, nlmsg_data(h), sizeof(info));
	if (info.ncm_family != AF_INET && info.ncm_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (!get_u32(tb[NETCONFA_IFINDEX], &index))
		return -EBADMSG;
	*ret = (struct netcfg_netconf){
		.family = info.ncm_family,
		.index = (int32_t)index,
		.forwarding = tb[NETCONFA_FORWARDING],
		.rp_filter = tb[NETCONFA_RP_FILTER],
	};
	return 0;
}

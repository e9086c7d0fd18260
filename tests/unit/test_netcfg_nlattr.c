/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of rtnetlink: what is written is read back, what others write is understood, what is
 * broken is refused: netcfg_nlattr.c and the messages of netcfg_rtnl_watch.c. */
#include "netcfg_nlattr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fou.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "netcfg_rtnl_private.h"
#include "test.h"
#include "util.h"

static struct nl_msg *message(uint16_t type, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	CHECK(msg);
	CHECK_INT(nlmsg_append(msg, (void *)(uintptr_t)header, len, NLMSG_ALIGNTO), 0);
	return msg;
}

static struct nl_msg *request(const struct netcfg_op *op)
{
	struct netcfg_request q;
	struct nl_msg *msg;

	netcfg_nlattr_begin(op, &q);
	msg = message(q.type, q.header, q.header_len);
	CHECK_INT(netcfg_nlattr_put(msg, op), 0);
	return msg;
}

static struct inaddr address_of(const char *text)
{
	struct inaddr a = { 0 };

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return a;
}

TEST(addresses_are_read_as_they_are_written)
{
	static const char *const texts[] = { "192.0.2.1", "2001:db8::1" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct netcfg_op op = { .verb = NETCFG_ADDRESS_ADD,
					.address = { .index = 7,
						     .address = address_of(texts[i]),
						     .prefix_length = 32 } };
		struct netcfg_address a;
		struct nl_msg *msg;

		memcpy(op.address.label, "eth0:x", 7);
		msg = request(&op);
		CHECK_INT(netcfg_nlattr_get_address(nlmsg_hdr(msg), &a), 0);
		CHECK_INT(netcfg_address_compare(&a, &op.address), 0);
		CHECK_STR(a.label, "eth0:x");
		CHECK_INT(a.protocol, NETCFG_ADDRESS_PROTOCOL);
		CHECK_INT(a.valid, UINT32_MAX);
		CHECK_INT(a.preferred, i ? 0 : UINT32_MAX);
		CHECK_INT(a.flags, i ? IFA_F_NODAD | IFA_F_NOPREFIXROUTE : 0);
		nlmsg_free(msg);
	}
}

static int read_address(const struct ifaddrmsg *h, int type, const void *data, int len,
			struct netcfg_address *ret)
{
	struct nl_msg *msg = message(RTM_NEWADDR, h, sizeof(*h));
	int r;

	if (len >= 0)
		CHECK_INT(nla_put(msg, type, len, data), 0);
	r = netcfg_nlattr_get_address(nlmsg_hdr(msg), ret);
	nlmsg_free(msg);
	return r;
}

TEST(odd_addresses)
{
	static const uint8_t bytes[16] = { 192, 0, 2, 1 };
	struct ifaddrmsg h = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 3 };
	struct netcfg_address a = { .index = 77 };

	CHECK_INT(read_address(&h, IFA_ADDRESS, bytes, 4, &a), 0); /* without IFA_LOCAL */
	CHECK_INT(a.index, 3);
	CHECK_INT(read_address(&h, IFA_LOCAL, bytes, 3, &a), -EBADMSG);
	CHECK_INT(read_address(&h, IFA_LOCAL, bytes, 16, &a), -EBADMSG);
	CHECK_INT(read_address(&h, 0, NULL, -1, &a), -EBADMSG);
	h.ifa_prefixlen = 33;
	CHECK_INT(read_address(&h, IFA_LOCAL, bytes, 4, &a), -EBADMSG);
	h.ifa_family = AF_INET6;
	CHECK_INT(read_address(&h, IFA_LOCAL, bytes, 4, &a), -EBADMSG);
	h.ifa_family = AF_PHONET;
	CHECK_INT(read_address(&h, IFA_LOCAL, bytes, 4, &a), -EAFNOSUPPORT);
}

/* IFA_ADDRESS is the other end's when there is one. */
TEST(an_address_with_a_peer)
{
	const struct ifaddrmsg h = { .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = 3 };
	struct nl_msg *msg = message(RTM_NEWADDR, &h, sizeof(h));
	const struct inaddr local = address_of("192.0.2.1"), peer = address_of("192.0.2.2");
	struct netcfg_address a;

	CHECK_INT(nla_put(msg, IFA_ADDRESS, 4, peer.bytes), 0);
	CHECK_INT(nla_put(msg, IFA_LOCAL, 4, local.bytes), 0);
	CHECK_INT(netcfg_nlattr_get_address(nlmsg_hdr(msg), &a), 0);
	CHECK_INT(inaddr_compare(&a.address, &local), 0);
	nlmsg_free(msg);
}

/* A link as the kernel describes it; n4 and n6 values of variables. */
static struct nl_msg *link_message(const char *name, int n4, int n6)
{
	const struct ifinfomsg h = { .ifi_index = 5, .ifi_type = 1, .ifi_flags = 0x11043 };
	struct nl_msg *msg = message(RTM_NEWLINK, &h, sizeof(h));
	struct nlattr *spec, *family, *info;
	int32_t values[64];

	for (int32_t i = 0; i < 64; i++)
		values[i] = 100 + i;
	CHECK_INT(nla_put_string(msg, IFLA_IFNAME, name), 0);
	CHECK_INT(nla_put_u32(msg, IFLA_MTU, 1500), 0);
	CHECK_INT(nla_put_u32(msg, IFLA_MASTER, 9), 0);
	CHECK_INT(nla_put(msg, IFLA_ADDRESS, 6, "\x02\0\0\0\0\x05"), 0);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	CHECK_INT(nla_put_string(msg, IFLA_INFO_KIND, "veth"), 0);
	nla_nest_end(msg, info);
	spec = nla_nest_start(msg, IFLA_AF_SPEC);
	family = nla_nest_start(msg, AF_INET);
	CHECK_INT(nla_put(msg, IFLA_INET_CONF, n4 * 4, values), 0);
	nla_nest_end(msg, family);
	family = nla_nest_start(msg, AF_INET6);
	CHECK_INT(nla_put(msg, IFLA_INET6_CONF, n6 * 4, values), 0);
	nla_nest_end(msg, family);
	nla_nest_end(msg, spec);
	return msg;
}

static void value_is(const struct netcfg_link *l, const char *name, const char *value)
{
	struct netcfg_sysctl_key key;
	struct netcfg_value v;
	const char *why;

	CHECK_INT(netcfg_sysctl_parse(name, strlen(name), &key, &why), 0);
	CHECK_INT(netcfg_link_value(l, &key, &v), value != NULL);
	if (value)
		CHECK_STR(v.text, value);
}

TEST(links_with_their_variables)
{
	struct nl_msg *msg = link_message("eth0.100", 33, 60);
	struct netcfg_link l;
	char expected[16];

	CHECK_INT(netcfg_nlattr_get_link(nlmsg_hdr(msg), &l), 0);
	CHECK(l.index == 5 && l.type == 1 && l.master == 9 && l.mtu == 1500);
	CHECK(l.carrier && l.mac_len == 6 && l.mac[5] == 5);
	CHECK_STR(l.name, "eth0.100");
	CHECK_STR(l.kind, "veth");
	snprintf(expected, sizeof(expected), "%d", 100 + IPV4_DEVCONF_ARP_IGNORE - 1);
	value_is(&l, "net.ipv4.conf.x.arp_ignore", expected);
	snprintf(expected, sizeof(expected), "%d", 100 + DEVCONF_KEEP_ADDR_ON_DOWN);
	value_is(&l, "net.ipv6.conf.x.keep_addr_on_down", expected);
	nlmsg_free(msg);
}

/* An older kernel has fewer variables. */
TEST(links_without_some_variables)
{
	struct nl_msg *msg = link_message("eth0", IPV4_DEVCONF_RP_FILTER, 0);
	struct netcfg_link l;

	CHECK_INT(netcfg_nlattr_get_link(nlmsg_hdr(msg), &l), 0);
	value_is(&l, "net.ipv4.conf.x.forwarding", "100");
	value_is(&l, "net.ipv4.conf.x.arp_ignore", NULL);
	value_is(&l, "net.ipv6.conf.x.forwarding", NULL);
	nlmsg_free(msg);
}

TEST(odd_links)
{
	struct ifinfomsg h = { .ifi_index = 5, .ifi_family = AF_BRIDGE };
	struct nl_msg *bridge = message(RTM_NEWLINK, &h, sizeof(h)), *unnamed, *longest;
	struct netcfg_link l = { .index = 77 };

	CHECK_INT(netcfg_nlattr_get_link(nlmsg_hdr(bridge), &l), -EAFNOSUPPORT);
	h.ifi_family = AF_UNSPEC;
	unnamed = message(RTM_NEWLINK, &h, sizeof(h));
	CHECK_INT(netcfg_nlattr_get_link(nlmsg_hdr(unnamed), &l), -EBADMSG);
	longest = link_message("sixteen-letters1", 0, 0);
	CHECK_INT(netcfg_nlattr_get_link(nlmsg_hdr(longest), &l), -EBADMSG);
	nlmsg_hdr(longest)->nlmsg_len = NLMSG_HDRLEN + 4;
	CHECK_INT(netcfg_nlattr_get_link(nlmsg_hdr(longest), &l), -EBADMSG);
	CHECK_INT(l.index, 77);
	nlmsg_free(bridge);
	nlmsg_free(unnamed);
	nlmsg_free(longest);
}

TEST(ports_are_read_as_they_are_written)
{
	static const struct genlmsghdr h = { .cmd = FOU_CMD_GET };
	static const struct netcfg_fou fou = { 5555, AF_INET6, true };
	struct nl_msg *msg = message(20, &h, sizeof(h)), *empty = message(20, &h, sizeof(h));
	struct netcfg_fou got;

	CHECK_INT(netcfg_nlattr_put_fou(msg, &fou), 0);
	CHECK_INT(netcfg_nlattr_get_fou(nlmsg_hdr(msg), &got), 0);
	CHECK(got.port == 5555 && got.family == AF_INET6 && got.gue);
	CHECK_INT(netcfg_nlattr_get_fou(nlmsg_hdr(empty), &got), -EBADMSG);
	nlmsg_free(msg);
	nlmsg_free(empty);
}

static const char *name_of(int32_t index, void *arg)
{
	(void)arg;
	return index == 5 ? "eth0.100" : NULL;
}

/* The variables that a netconf message of these values tells of. */
static const char *configured(uint8_t family, int32_t index, int forwarding, int rp_filter)
{
	static char text[256];
	const struct netconfmsg h = { .ncm_family = family };
	struct nl_msg *msg = message(RTM_NEWNETCONF, &h, sizeof(h));
	struct netcfg_changes c = { 0 };
	char name[NETCFG_SYSCTL_NAME_MAX];
	size_t n = 0;

	CHECK_INT(nla_put_s32(msg, NETCONFA_IFINDEX, index), 0);
	if (forwarding >= 0)
		CHECK_INT(nla_put_s32(msg, NETCONFA_FORWARDING, forwarding), 0);
	if (rp_filter >= 0)
		CHECK_INT(nla_put_s32(msg, NETCONFA_RP_FILTER, rp_filter), 0);
	CHECK_INT(netcfg_watch_message(nlmsg_hdr(msg), name_of, NULL, &c), 0);
	text[0] = '\0';
	vec_foreach(change, &c.items) {
		CHECK_INT(change->kind, NETCFG_CHANGE_SYSCTL);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s;",
				      netcfg_sysctl_format(&change->key, name));
	}
	netcfg_changes_done(&c);
	nlmsg_free(msg);
	return text;
}

TEST(netconf_tells_of_variables)
{
	CHECK_STR(configured(AF_INET, NETCONFA_IFINDEX_ALL, 1, -1),
		  "net.ipv4.conf.all.forwarding;");
	CHECK_STR(configured(AF_INET, NETCONFA_IFINDEX_DEFAULT, -1, 1),
		  "net.ipv4.conf.default.rp_filter;");
	CHECK_STR(configured(AF_INET, 5, 0, 0),
		  "net.ipv4.conf.eth0/100.forwarding;net.ipv4.conf.eth0/100.rp_filter;");
	CHECK_STR(configured(AF_INET6, 5, 0, 0), "net.ipv6.conf.eth0/100.forwarding;");
	CHECK_STR(configured(AF_INET6, 6, 0, 0), "");
	CHECK_STR(configured(AF_INET, 5, -1, -1), "");
	CHECK_STR(configured(AF_PHONET, 5, 1, 1), "");
}

TEST(messages_become_hints)
{
	struct nl_msg *msg = link_message("eth0", 33, 60);
	struct netcfg_op op = {
		.verb = NETCFG_ADDRESS_DELETE,
		.address = { .index = 7, .address = address_of("192.0.2.1"), .prefix_length = 32 }
	};
	struct nl_msg *address = request(&op);
	struct netcfg_changes c = { 0 };

	CHECK_INT(netcfg_watch_message(nlmsg_hdr(msg), name_of, NULL, &c), 0);
	CHECK_INT(netcfg_watch_message(nlmsg_hdr(address), name_of, NULL, &c), 0);
	nlmsg_hdr(msg)->nlmsg_type = RTM_NEWROUTE;
	CHECK_INT(netcfg_watch_message(nlmsg_hdr(msg), name_of, NULL, &c), 0);
	CHECK_INT(c.items.n, 2);
	CHECK(c.items.items[0].kind == NETCFG_CHANGE_LINK && !c.items.items[0].gone);
	CHECK_STR(c.items.items[0].link.name, "eth0");
	CHECK(c.items.items[1].kind == NETCFG_CHANGE_ADDRESS && c.items.items[1].gone);
	CHECK_INT(c.items.items[1].address.index, 7);
	netcfg_changes_done(&c);
	nlmsg_free(msg);
	nlmsg_free(address);
}

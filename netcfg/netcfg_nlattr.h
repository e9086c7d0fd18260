/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's objects as rtnetlink and fou messages, both ways. No sockets. For netcfg_rtnl*.c.
 * Messages are the kernel's, but nothing in them is relied on: what does not fit is -EBADMSG.
 */
#pragma once

#include "netcfg_kernel.h"

struct nl_msg;
struct nlmsghdr;

/* A request of an operation on addresses or links: its type, its flags beside NLM_F_REQUEST, and
 * the fixed header that its attributes follow. */
struct netcfg_request {
	uint16_t type, flags;
	size_t header_len;
	uint8_t header[16];
};

/* What begins the request of an ADDRESS_* or LINK_* operation. */
void netcfg_nlattr_begin(const struct netcfg_op *op, struct netcfg_request *ret);
/* Appends its attributes. 0 or -EMSGSIZE. */
int netcfg_nlattr_put(struct nl_msg *msg, const struct netcfg_op *op);

/* The requests of dumps: links without statistics; the addresses of both families. */
void netcfg_nlattr_begin_links(struct netcfg_request *ret);
int netcfg_nlattr_put_links(struct nl_msg *msg);
void netcfg_nlattr_begin_addresses(struct netcfg_request *ret);

/* The attributes of a fou port, as FOU_CMD_ADD and FOU_CMD_DEL need them. 0 or -EMSGSIZE. */
int netcfg_nlattr_put_fou(struct nl_msg *msg, const struct netcfg_fou *fou);

/* RTM_NEWLINK and RTM_DELLINK. 0; -EBADMSG; -EAFNOSUPPORT: it is about something else, as a port of
 * a bridge. */
int netcfg_nlattr_get_link(const struct nlmsghdr *h, struct netcfg_link *ret);
/* RTM_NEWADDR and RTM_DELADDR. 0; -EBADMSG; -EAFNOSUPPORT: neither IPv4 nor IPv6. The label is as
 * the kernel has it: that of the interface when there is none. */
int netcfg_nlattr_get_address(const struct nlmsghdr *h, struct netcfg_address *ret);
/* An answer to FOU_CMD_GET. */
int netcfg_nlattr_get_fou(const struct nlmsghdr *h, struct netcfg_fou *ret);

#define NETCFG_NETCONF_ALL     (-1)
#define NETCFG_NETCONF_DEFAULT (-2)

/* What RTM_NEWNETCONF says: which of the variables that it tells of are in it, of which interface
 * (an index, or one of the above). 0, -EBADMSG, -EAFNOSUPPORT. */
struct netcfg_netconf {
	uint8_t family;
	int32_t index;
	bool forwarding, rp_filter;
};
int netcfg_nlattr_get_netconf(const struct nlmsghdr *h, struct netcfg_netconf *ret);

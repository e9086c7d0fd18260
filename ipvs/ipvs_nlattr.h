/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPVS objects as attributes of the kernel's generic netlink family, both ways. What is regular
 * comes from the field tables; keys, flags, netmask and forwarding method are here. For
 * ipvs_netlink.c; the fake kernel takes the flags, ipvs_sockopt.c the methods.
 */
#pragma once

#include "ipvs_kernel.h"

struct nl_msg;
struct nlmsghdr;

/*
 * Appends what the kernel needs for an operation: the service, or its key and the real server.
 * All of it always, since the kernel replaces whole objects. 0; -EINVAL when the kernel
 * has no form for a member (ipvs_nlattr_can_express()); -EMSGSIZE.
 */
int ipvs_nlattr_put_op(struct nl_msg *msg, const struct ipvs_op *op);

/* Appends the key of a service, for GET_SERVICE and GET_DEST. 0 or -EMSGSIZE. */
int ipvs_nlattr_put_key(struct nl_msg *msg, const struct ipvs_service_key *key);

/* Reads the key of the service that a request of anybody names. 0, or -EBADMSG when it names none
 * that this program could have. */
int ipvs_nlattr_get_key(const struct nlmsghdr *request, struct ipvs_service_key *ret);

/*
 * Reads a message of a GET_SERVICE or GET_DEST answer, normalised. What others may have put into
 * the kernel and this program has no name for is given as something that equals no object of ours:
 * forward `other` for an unknown method or encapsulation, prefix 0 for a netmask with holes.
 * 0, or -EBADMSG when the message is not what the kernel sends.
 */
int ipvs_nlattr_get_service(const struct nlmsghdr *reply, struct ipvs_service *ret);
int ipvs_nlattr_get_dest(const struct nlmsghdr *reply, const struct ipvs_service_key *service,
			 struct ipvs_observed_dest *ret);

/* Reads the 64-bit counters of the same messages. 0 or -EBADMSG. */
int ipvs_nlattr_get_service_stats(const struct nlmsghdr *reply, struct ipvs_service_stats *ret);
int ipvs_nlattr_get_dest_stats(const struct nlmsghdr *reply, const struct ipvs_service_key *service,
			       struct ipvs_dest_stats *ret);

/* False when a member of the operation's objects has no form in the kernel's interface: a
 * forwarding method other than dr, nat and tun, a persistence prefix above 32 for IPv4. */
bool ipvs_nlattr_can_express(const struct ipvs_op *op);

/* Forwarding method of a real server's connection flags (IP_VS_CONN_F_*): enum ipvs_forward. */
uint8_t ipvs_nlattr_method(uint32_t flags);

/* The kernel's IP_VS_SVC_F_* flags of a service, and back (the rest of the object is set already;
 * scheduler flags come back by their canonical names). */
uint32_t ipvs_nlattr_flags(const struct ipvs_service *s);
void ipvs_nlattr_set_flags(struct ipvs_service *s, uint32_t flags);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids, defaults and canonical form of the host's objects. Pure. */
#include "netcfg_model.h"

#include <errno.h>
#include <string.h>

#include "util.h"

int netcfg_vip_parse(const char *id, size_t len, struct inaddr *ret, const char **ret_why)
{
	bool bracket = len >= 2 && id[0] == '[' && id[len - 1] == ']';
	struct inaddr a;

	if (inaddr_parse(id + bracket, len - 2u * bracket, &a) < 0 ||
	    (bracket && a.family != AF_INET6)) {
		*ret_why = "is not an IPv4 or IPv6 address";
		return -EINVAL;
	}
	if (inaddr_unfit(&a)) {
		*ret_why = "the address is unspecified, loopback, multicast, broadcast, reserved, "
			   "link-local or IPv4-mapped";
		return -EINVAL;
	}
	*ret = a;
	return 0;
}

const char *netcfg_interface_unfit(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= NETCFG_INTERFACE_MAX)
		return "the name of an interface has 1 to 15 bytes";
	if (streq(name, ".") || streq(name, "..") || streq(name, "all") || streq(name, "default"))
		return "no interface can be called '.', '..', 'all' or 'default'";
	for (const char *p = name; *p; p++) {
		unsigned char c = (unsigned char)*p;

		/* 0xa0 is a blank to the kernel (lib/ctype.c), whatever character it is a part of.
		 */
		if (c <= ' ' || c == 0x7f || c == 0xa0 || c == '/' || c == ':')
			return "the name of an interface has no '/', ':', blank or control "
			       "character in it";
	}
	return NULL;
}

uint8_t netcfg_full_prefix(const struct inaddr *address)
{
	return address->family == AF_INET6 ? 128 : 32;
}

void netcfg_vip_init(const struct inaddr *address, struct netcfg_vip *ret)
{
	*ret = (struct netcfg_vip){
		.address = *address,
		.prefix_length = netcfg_full_prefix(address),
		.announce_count = 3,
		.announce_interval = 200,
	};
}

void netcfg_sync_init(enum netcfg_sync_role role, struct netcfg_sync *ret)
{
	*ret = (struct netcfg_sync){
		.role = (uint8_t)role,
		.ttl = 1,
		.port = 8848,
		.group = "224.0.0.81",
	};
}

const char *netcfg_sync_role_name(enum netcfg_sync_role role)
{
	return role == NETCFG_SYNC_MASTER ? "master" : "backup";
}

void netcfg_real_server_role_init(struct netcfg_real_server_role *ret)
{
	*ret = (struct netcfg_real_server_role){ .mode = NETCFG_MODE_DR };
}

void netcfg_director_role_init(struct netcfg_director_role *ret)
{
	*ret = (struct netcfg_director_role){ .ipv4_forwarding = NETCFG_LEAVE };
}

void netcfg_real_server_role_normalise(struct netcfg_real_server_role *role)
{
	if (role->mode != NETCFG_MODE_TUN)
		role->tunnel_type = NETCFG_TUNNEL_IPIP;
	if (role->tunnel_type == NETCFG_TUNNEL_IPIP)
		role->tunnel_checksum = NETCFG_CHECKSUM_NONE;
	if (role->tunnel_type != NETCFG_TUNNEL_GUE)
		role->tunnel_port = 0;
}

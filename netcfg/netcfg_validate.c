/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of netcfg_validate.h. What the kernel does without them: docs/KERNEL.md. */
#include "netcfg_validate.h"

#include <errno.h>
#include <string.h>

#include "util.h"

static int verdict(const struct err *e, size_t faults)
{
	return e->n_items + e->n_dropped > faults ? -EINVAL : 0;
}

static void check_interface(const char *name, const struct json_path *path, struct err *e)
{
	const char *why = netcfg_interface_unfit(name);

	if (why && !json_path_failed(path, e))
		json_path_err(path, e, "invalid_interface", "%s", why);
}

/* The kernel takes any text; what tools can show is asked for. */
static bool label_fits(const char *label)
{
	for (const char *p = label; *p; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	return true;
}

static void check_label(const struct netcfg_vip *vip, const struct json_path *path, struct err *e)
{
	if (!vip->label[0] || json_path_failed(path, e))
		return;
	if (vip->address.family != AF_INET)
		json_path_err(path, e, "label_needs_ipv4", "only IPv4 addresses have a label");
	else if (!label_fits(vip->label))
		json_path_err(path, e, "invalid_label",
			      "must be printable ASCII characters without blanks");
}

static void check_required_interface(const char *name, const struct json_path *path, struct err *e)
{
	if (!*name && !json_path_failed(path, e))
		json_path_err(path, e, "required", "is required");
	else
		check_interface(name, path, e);
}

int netcfg_vip_validate(const struct netcfg_vip *vip, const struct json_path *path, struct err *e)
{
	const struct json_path interface = { path, "interface" };
	const struct json_path prefix = { path, "prefixLength" }, label = { path, "label" };
	size_t faults = e->n_items + e->n_dropped;
	uint8_t full = netcfg_full_prefix(&vip->address);

	check_required_interface(vip->interface, &interface, e);
	if (vip->prefix_length != full && !json_path_failed(&prefix, e))
		json_path_err(&prefix, e, "out_of_range",
			      "must be %u for an address of this family", full);
	check_label(vip, &label, e);
	return verdict(e, faults);
}

static void check_tunnel(const struct netcfg_real_server_role *role, const struct json_path *path,
			 struct err *e)
{
	const struct json_path port = { path, "port" }, checksum = { path, "checksum" };
	const struct json_path type = { path, "type" };
	bool gue = role->tunnel_type == NETCFG_TUNNEL_GUE;

	if (role->mode != NETCFG_MODE_TUN) {
		if (role->tunnel_type != NETCFG_TUNNEL_IPIP || role->tunnel_port ||
		    role->tunnel_checksum)
			json_path_err(path, e, "tunnel_needs_tun", "goes with mode tun only");
		return;
	}
	if (json_path_failed(&type, e))
		return;
	if (gue && role->tunnel_port == 0 && !json_path_failed(&port, e))
		json_path_err(&port, e, "tunnel_port_required", "gue needs a port");
	if (!gue && role->tunnel_port)
		json_path_err(&port, e, "tunnel_port_needs_gue", "only gue has a port");
	if ((role->tunnel_checksum == NETCFG_CHECKSUM_REMOTE && !gue) ||
	    (role->tunnel_checksum == NETCFG_CHECKSUM_PLAIN &&
	     role->tunnel_type == NETCFG_TUNNEL_IPIP))
		json_path_err(&checksum, e, "checksum_unsupported",
			      "remote works with gue, plain with gue and gre, ipip has none");
}

int netcfg_real_server_role_validate(const struct netcfg_real_server_role *role,
				     const struct json_path *path, struct err *e)
{
	const struct json_path interface = { path, "interface" }, mode = { path, "mode" };
	const struct json_path tunnel = { path, "tunnel" };
	size_t faults = e->n_items + e->n_dropped;

	if (role->interface[0])
		check_interface(role->interface, &interface, e);
	if (!json_path_failed_itself(&tunnel, e) && !json_path_failed(&mode, e))
		check_tunnel(role, &tunnel, e);
	return verdict(e, faults);
}

int netcfg_sysctl_value_validate(const struct netcfg_sysctl_key *key, struct netcfg_sysctl *sysctl,
				 const struct json_path *path, struct err *e)
{
	char must[128];
	const char *why = "must be printable ASCII characters";

	if (netcfg_sysctl_normalise(sysctl->value, sysctl->value))
		why = netcfg_sysctl_check(key, sysctl->value, must, sizeof(must));
	if (!why)
		return 0;
	json_path_err(path, e, "invalid_value", "%s", why);
	return -EINVAL;
}

int netcfg_sysctl_validate(struct netcfg_sysctl *sysctl, const struct json_path *path,
			   struct err *e)
{
	const struct json_path value = { path, "value" };
	struct netcfg_sysctl_key key;
	const char *why;

	if (netcfg_sysctl_parse(sysctl->name, strlen(sysctl->name), &key, &why) < 0) {
		json_path_err(path, e, "sysctl_not_allowed", "%s %s", sysctl->name, why);
		return -EINVAL;
	}
	(void)netcfg_sysctl_format(&key, sysctl->name);
	if (json_path_failed(&value, e))
		return -EINVAL;
	if (!sysctl->value[0]) {
		json_path_err(&value, e, "required", "is required");
		return -EINVAL;
	}
	return netcfg_sysctl_value_validate(&key, sysctl, &value, e);
}

static bool is_multicast(const struct inaddr *a)
{
	return a->family == AF_INET6 ? a->bytes[0] == 0xff : (a->bytes[0] & 0xf0) == 0xe0;
}

/* Its family is what ret says; IPv4 when it is no address. */
static void check_group(struct netcfg_sync *sync, const struct json_path *path, struct inaddr *ret,
			struct err *e)
{
	*ret = (struct inaddr){ .family = AF_INET };
	if (json_path_failed(path, e))
		return;
	if (inaddr_parse(sync->group, strlen(sync->group), ret) < 0 || !is_multicast(ret)) {
		json_path_err(path, e, "invalid_value", "must be a multicast address");
		return;
	}
	memset(sync->group, 0, sizeof(sync->group));
	(void)inaddr_format(ret, sync->group);
}

/* What the kernel would silently make another length of, and what no host has to take. */
static void check_length(const struct netcfg_sync *sync, bool v6, const struct json_path *path,
			 struct err *e)
{
	const unsigned low = sync->role == NETCFG_SYNC_BACKUP ? 1024 : 576;
	const unsigned high = v6 ? 65535 - 48 : 65535 - 28;

	if (sync->max_length && (sync->max_length < low || sync->max_length > high) &&
	    !json_path_failed(path, e))
		json_path_err(path, e, "out_of_range", "must be %u to %u for a %s with this group",
			      low, high, netcfg_sync_role_name((enum netcfg_sync_role)sync->role));
}

int netcfg_sync_validate(struct netcfg_sync *sync, const struct json_path *path, struct err *e)
{
	const struct json_path interface = { path, "interface" }, group = { path, "group" };
	const struct json_path length = { path, "maxLength" };
	size_t faults = e->n_items + e->n_dropped;
	struct inaddr address;

	check_required_interface(sync->interface, &interface, e);
	check_group(sync, &group, &address, e);
	check_length(sync, address.family == AF_INET6, &length, e);
	return verdict(e, faults);
}

/* All bits behind the prefix are `bit`. */
static bool host_part_is(const struct inaddr *a, uint8_t prefix, bool bit)
{
	for (size_t i = prefix; i < inaddr_length(a) * 8; i++)
		if ((a->bytes[i / 8] >> (7 - i % 8) & 1) != bit)
			return false;
	return true;
}

static bool same_subnet(const struct inaddr *a, const struct inaddr *b, uint8_t prefix)
{
	size_t whole = prefix / 8u, rest = prefix % 8u;

	if (a->family != b->family || memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

const char *netcfg_address_clash(const struct inaddr *address, const char *interface,
				 const struct netcfg_found *found)
{
	const struct netcfg_link *link = netcfg_found_link(found, interface);
	/* Subnets of one or two addresses have neither (RFC 3021, RFC 6164). */
	unsigned small = netcfg_full_prefix(address) - 1u;

	if (!link)
		return NULL;
	vec_foreach(a, &found->addresses) {
		if (a->index != link->index || a->prefix_length >= small ||
		    !same_subnet(&a->address, address, a->prefix_length))
			continue;
		if (host_part_is(address, a->prefix_length, false))
			return "is the network address of a subnet of the interface";
		if (address->family == AF_INET && host_part_is(address, a->prefix_length, true))
			return "is the broadcast address of a subnet of the interface";
	}
	return NULL;
}

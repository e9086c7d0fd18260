/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may be asked of the host. Everything that the kernel would refuse vaguely, or take silently
 * although it cannot work, is refused here with the member's JSON pointer. Pure.
 */
#pragma once

#include "err.h"
#include "json_path.h"
#include "netcfg_found.h"
#include "netcfg_model.h"

/*
 * Each adds an item for every fault to e and returns 0 or -EINVAL; path is the object's. A member
 * that has an item already is not looked at again.
 *   VIP: required, invalid_interface, out_of_range (prefixLength), invalid_label, label_needs_ipv4.
 *   real server: invalid_interface, tunnel_needs_tun, tunnel_port_required, tunnel_port_needs_gue,
 *     checksum_unsupported.
 *   sync daemon: required, invalid_interface, invalid_value (group), out_of_range (maxLength). The
 *     group is brought to its canonical form.
 *   sysctl: sysctl_not_allowed (at the object), required, invalid_value. Name and value are brought
 * to their canonical form. The director role has no rules beyond its field table.
 */
int netcfg_vip_validate(const struct netcfg_vip *vip, const struct json_path *path, struct err *e);
int netcfg_real_server_role_validate(const struct netcfg_real_server_role *role,
				     const struct json_path *path, struct err *e);
int netcfg_sync_validate(struct netcfg_sync *sync, const struct json_path *path, struct err *e);
int netcfg_sysctl_validate(struct netcfg_sysctl *sysctl, const struct json_path *path,
			   struct err *e);

/* The value alone, which is at path; key is the variable's. */
int netcfg_sysctl_value_validate(const struct netcfg_sysctl_key *key, struct netcfg_sysctl *sysctl,
				 const struct json_path *path, struct err *e);

/*
 * Why an address cannot be a VIP on this interface as the kernel is now: it is the network or
 * broadcast address of a subnet there (IPv6: the subnet-router anycast address). Static text for a
 * fault of the code `subnet_address`; NULL when it can, also when the interface is not there.
 */
const char *netcfg_address_clash(const struct inaddr *address, const char *interface,
				 const struct netcfg_found *found);

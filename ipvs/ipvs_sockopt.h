/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real servers of IPv4 services by getsockopt(): one call is one snapshot under the kernel's lock,
 * and several times cheaper than a dump. It does not show everything (docs/KERNEL.md, Snapshots);
 * what it cannot show whole is left to netlink. For ipvs_netlink.c; knows no netlink.
 */
#pragma once

#include "ipvs_kernel.h"

struct ipvs_sockopt;

/* NULL: out of memory. Without a socket nothing can be read so, which is no failure. */
struct ipvs_sockopt *ipvs_sockopt_new(void);
void ipvs_sockopt_free(struct ipvs_sockopt *s); /* NULL is fine */

/*
 * Appends all real servers of a service to ret, sorted by key; expected as in dests_expected() of
 * ipvs_kernel.h. 1: these are all; 0: not to be read so, or not whole, and nothing is appended;
 * -ENOMEM.
 */
int ipvs_sockopt_dests(struct ipvs_sockopt *s, const struct ipvs_service_key *key, int expected,
		       ipvs_observed_dest_vec *ret);

/* Takes a snapshot of how many real servers each IPv4 service has. When that does not work, there
 * is none. */
void ipvs_sockopt_count(struct ipvs_sockopt *s);

/* What the snapshot says of this service, or IPVS_DESTS_UNKNOWN. To be asked in the order in which
 * the kernel lists its services; others are mostly not found. */
int ipvs_sockopt_counted(struct ipvs_sockopt *s, const struct ipvs_service_key *key);

/*
 * Reads the entries (struct ip_vs_dest_entry, of any alignment) that the kernel has filled, up to
 * the first that is still zero or n, and appends them to ret, normalised and sorted by key, without
 * doubles. Returns how many were filled; -EOPNOTSUPP when one is a tunnel, whose options are not
 * among them; -ENOMEM. Appends nothing then.
 */
int ipvs_sockopt_decode(const void *entries, size_t n, ipvs_observed_dest_vec *ret);

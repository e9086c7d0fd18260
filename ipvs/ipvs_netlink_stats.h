/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of the real kernel: what struct ipvs_kernel_ops says of stats(), list_next_stats()
 * and zero(), on a socket of generic netlink. */
#pragma once

#include "ipvs_kernel.h"
#include "nlsock.h"

int ipvs_netlink_stats_get(struct nlsock *sock, const struct ipvs_service_key *key,
			   struct ipvs_stats *ret_service, ipvs_dest_stats_vec *ret_dests);

/* Of a dump of services that was begun on this socket. */
int ipvs_netlink_stats_next(struct nlsock *sock, ipvs_service_stats_vec *ret);

int ipvs_netlink_stats_zero(struct nlsock *sock, const struct ipvs_service_key *keys, size_t n,
			    int *results);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's sync daemons over a netlink socket: for the provider of ipvs_netlink.c, as
 * ipvs_kernel.h says of each. */
#pragma once

#include "ipvs_kernel.h"
#include "nlsock.h"

int ipvs_daemon_read(struct nlsock *sock, ipvs_daemon_vec *ret);
int ipvs_daemon_start(struct nlsock *sock, const struct ipvs_daemon *daemon);
int ipvs_daemon_stop(struct nlsock *sock, enum ipvs_daemon_role role);

struct nl_msg;

/* The attributes of NEW_DAEMON, appended to a message. 0 or -NLE_*. Not for DEL_DAEMON. */
int ipvs_daemon_put(struct nl_msg *msg, const struct ipvs_daemon *daemon);
/* Back, from a message of a dump. 0, or -EBADMSG when it is none that a kernel would send. */
int ipvs_daemon_get(const struct nlmsghdr *reply, struct ipvs_daemon *ret);

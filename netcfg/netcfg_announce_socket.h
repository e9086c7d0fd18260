/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends the frames of announcements: one packet socket for all interfaces of the namespace. */
#pragma once

#include "netcfg_announce_frame.h"

/* Opens the socket, which receives nothing and never blocks. Returns a descriptor to close, or a
 * negative errno: -EPERM without CAP_NET_RAW, -EAFNOSUPPORT where AF_PACKET is forbidden or not
 * built into the kernel. Neither keeps addresses from being set: the caller says it once and goes
 * on without announcements. */
int netcfg_announce_socket_open(void);

/* Sends one frame through an interface; fd points to the descriptor. 0, or a negative errno of
 * which these pass by themselves: -ENETDOWN (interface down), -ENXIO (gone), -ENOBUFS, -EAGAIN
 * (queue or socket buffer full). For netcfg_announce_new(). */
int netcfg_announce_socket_send(void *fd, int ifindex, const struct netcfg_announce_frame *frame);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tap on netlink: says which services somebody else writes to, as soon as he does. IPVS itself
 * has no events. What it says is a hint: a request is seen before the kernel executes it, also when
 * the kernel will refuse it; what comes by the old setsockopt interface is not seen; and packets
 * can be lost. For agent/drift_notice.c.
 */
#pragma once

#include "ipvs_tap_wire.h"
#include "util.h"

struct ipvs_tap;

/*
 * Opens the tap of a provider: a packet socket on a device of its own (ipvs_tap_device.h). kernel
 * is borrowed. 0; -ENODATA: the provider is not on netlink; -EAGAIN: it has not found the family
 * yet; -EPERM: no CAP_NET_RAW or CAP_NET_ADMIN; -EAFNOSUPPORT: no packet sockets here; or an errno
 * of ipvs_tap_device_make().
 */
int ipvs_tap_open(const struct ipvs_kernel *kernel, struct ipvs_tap **ret);

/* Closes it and removes the device; NULL is fine. */
void ipvs_tap_close(struct ipvs_tap *tap);
DEFINE_FREEP(struct ipvs_tap, ipvs_tap_close)

/* Readable when there is something to read, or when the tap is broken. */
int ipvs_tap_fd(const struct ipvs_tap *tap);

/*
 * Reads what has come, a bounded number of packets. 0: nothing; 1: something; 2: packets were lost,
 * so there are very many (and the sink was told `all`); a negative errno: the tap is broken, as
 * -ENETDOWN when somebody has removed the device.
 */
int ipvs_tap_read(struct ipvs_tap *tap, const struct ipvs_tap_sink *sink);

/* To be called from time to time: follows the provider to another family id. 1: there was one, and
 * what came under it before is not known; 0; or a negative errno: the tap is broken. */
int ipvs_tap_follow(struct ipvs_tap *tap);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nlmon device of the tap: a network device that shows the netlink traffic of its network
 * namespace. Made, recognised and removed by rtnetlink. For ipvs_tap.c. */
#pragma once

#define IPVS_TAP_DEVICE "lvsd-nlmon"

/*
 * Makes the device and switches it on, or takes over the one that a killed daemon has left. 0;
 * -EPERM: no CAP_NET_ADMIN; -EOPNOTSUPP: the kernel has no nlmon and could not load it; -EEXIST:
 * the name belongs to a device that lvsd did not make; other errnos.
 */
int ipvs_tap_device_make(int *ret_ifindex);

/* Removes it. It may be gone. */
void ipvs_tap_device_remove(int ifindex);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames that tell the neighbours on an Ethernet which MAC address an IP address has now:
 * gratuitous ARP in both forms, unsolicited Neighbour Advertisement. Pure: builds bytes only.
 */
#pragma once

#include <net/ethernet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inaddr.h"

#define NETCFG_ANNOUNCE_ARP_LEN                                                                    \
	42			  /* Ethernet 14, ARP 28; the driver pads it to Ethernet's least   \
				   */
#define NETCFG_ANNOUNCE_NA_LEN 86 /* Ethernet 14, IPv6 40, advertisement 24, option 8 */

/* The most frames that one announcement takes. */
#define NETCFG_ANNOUNCE_FRAMES 2

struct netcfg_announce_frame {
	size_t len;
	uint8_t bytes[NETCFG_ANNOUNCE_NA_LEN]; /* from the Ethernet header on, without VLAN tag */
};

/* Gratuitous ARP as a broadcast request (RFC 5227 §2.3): sender and target address are the same,
 * the target's hardware address is zero. */
void netcfg_announce_frame_arp_request(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
				       struct netcfg_announce_frame *ret);

/* The same as a broadcast reply (RFC 5944 §4.6): the target's hardware address is the sender's.
 * Some neighbours heed only one of the two forms. */
void netcfg_announce_frame_arp_reply(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
				     struct netcfg_announce_frame *ret);

/* Unsolicited Neighbour Advertisement to all nodes (RFC 4861 §4.4, §7.2.6): hop limit 255, override
 * set, solicited clear, with the option that has the MAC address. router: the R flag, which must be
 * set where the interface forwards IPv6: neighbours drop a default route by a router whose
 * advertisement says that it is none. */
void netcfg_announce_frame_na(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
			      bool router, struct netcfg_announce_frame *ret);

/* All frames of one announcement: request and reply for IPv4, one advertisement for IPv6. Returns
 * how many. */
unsigned netcfg_announce_frames(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
				bool router,
				struct netcfg_announce_frame ret[NETCFG_ANNOUNCE_FRAMES]);

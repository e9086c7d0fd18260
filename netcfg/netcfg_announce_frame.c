/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the frames of announcements field by field, in the order of the RFCs' figures. */
#include "netcfg_announce_frame.h"

#include <assert.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <string.h>

#define IP4_LEN		 4
#define IP6_LEN		 16
#define IP6_HEADER_LEN	 40
#define NA_AT		 (ETH_HLEN + IP6_HEADER_LEN)
#define NA_LEN		 (NETCFG_ANNOUNCE_NA_LEN - NA_AT)
#define NA_CHECKSUM_AT	 (NA_AT + 2)
#define NA_FLAG_ROUTER	 0x80
#define NA_FLAG_OVERRIDE 0x20

/* The only hop limit that receivers take: a packet that a router forwarded has a lower one. */
#define ND_HOP_LIMIT 255

static const uint8_t broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t no_mac[ETH_ALEN];
/* ff02::1 and its Ethernet address (RFC 2464 §7). */
static const uint8_t all_nodes[IP6_LEN] = { 0xff, 0x02, [15] = 0x01 };
static const uint8_t all_nodes_mac[ETH_ALEN] = { 0x33, 0x33, 0x00, 0x00, 0x00, 0x01 };

static void put(struct netcfg_announce_frame *f, const void *bytes, size_t len)
{
	assert(len <= sizeof(f->bytes) - f->len);
	memcpy(f->bytes + f->len, bytes, len);
	f->len += len;
}

static void put_u8(struct netcfg_announce_frame *f, uint8_t value)
{
	put(f, &value, 1);
}

static void put_be16(struct netcfg_announce_frame *f, uint16_t value)
{
	put_u8(f, (uint8_t)(value >> 8));
	put_u8(f, (uint8_t)value);
}

static void put_zeros(struct netcfg_announce_frame *f, size_t n)
{
	while (n--)
		put_u8(f, 0);
}

static void put_ethernet(struct netcfg_announce_frame *f, const uint8_t *to, const uint8_t *from,
			 uint16_t type)
{
	f->len = 0;
	put(f, to, ETH_ALEN);
	put(f, from, ETH_ALEN);
	put_be16(f, type);
}

/* RFC 826, with the same protocol address as sender and target. */
static void put_arp(struct netcfg_announce_frame *f, uint16_t operation, const uint8_t *address,
		    const uint8_t *mac, const uint8_t *target_mac)
{
	put_ethernet(f, broadcast, mac, ETHERTYPE_ARP);
	put_be16(f, ARPHRD_ETHER);
	put_be16(f, ETHERTYPE_IP);
	put_u8(f, ETH_ALEN);
	put_u8(f, IP4_LEN);
	put_be16(f, operation);
	put(f, mac, ETH_ALEN);
	put(f, address, IP4_LEN);
	put(f, target_mac, ETH_ALEN);
	put(f, address, IP4_LEN);
	assert(f->len == NETCFG_ANNOUNCE_ARP_LEN);
}

void netcfg_announce_frame_arp_request(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
				       struct netcfg_announce_frame *ret)
{
	assert(address->family == AF_INET);
	put_arp(ret, ARPOP_REQUEST, address->bytes, mac, no_mac);
}

void netcfg_announce_frame_arp_reply(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
				     struct netcfg_announce_frame *ret)
{
	assert(address->family == AF_INET);
	put_arp(ret, ARPOP_REPLY, address->bytes, mac, mac);
}

static uint32_t sum_be16(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

/* The checksum of the advertisement with its pseudo header (RFC 4443 §2.3, RFC 8200 §8.1); its own
 * field is still zero. 44 words cannot overflow the sum. */
static uint16_t na_checksum(const struct netcfg_announce_frame *f, const uint8_t *source)
{
	uint32_t sum = NA_LEN + IPPROTO_ICMPV6;

	sum = sum_be16(sum, source, IP6_LEN);
	sum = sum_be16(sum, all_nodes, IP6_LEN);
	sum = sum_be16(sum, f->bytes + NA_AT, NA_LEN);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void netcfg_announce_frame_na(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
			      bool router, struct netcfg_announce_frame *ret)
{
	uint16_t checksum;

	assert(address->family == AF_INET6);
	put_ethernet(ret, all_nodes_mac, mac, ETHERTYPE_IPV6);

	put_u8(ret, 6 << 4); /* version; no traffic class, no flow label */
	put_zeros(ret, 3);
	put_be16(ret, NA_LEN);
	put_u8(ret, IPPROTO_ICMPV6);
	put_u8(ret, ND_HOP_LIMIT);
	put(ret, address->bytes, IP6_LEN);
	put(ret, all_nodes, IP6_LEN);

	put_u8(ret, ND_NEIGHBOR_ADVERT);
	put_u8(ret, 0);
	put_be16(ret, 0); /* checksum, below */
	put_u8(ret, NA_FLAG_OVERRIDE | (router ? NA_FLAG_ROUTER : 0));
	put_zeros(ret, 3);
	put(ret, address->bytes, IP6_LEN);

	put_u8(ret, ND_OPT_TARGET_LINKADDR);
	put_u8(ret, 1); /* in units of eight bytes */
	put(ret, mac, ETH_ALEN);
	assert(ret->len == NETCFG_ANNOUNCE_NA_LEN);

	checksum = na_checksum(ret, address->bytes);
	ret->bytes[NA_CHECKSUM_AT] = (uint8_t)(checksum >> 8);
	ret->bytes[NA_CHECKSUM_AT + 1] = (uint8_t)checksum;
}

unsigned netcfg_announce_frames(const struct inaddr *address, const uint8_t mac[ETH_ALEN],
				bool router,
				struct netcfg_announce_frame ret[NETCFG_ANNOUNCE_FRAMES])
{
	if (address->family == AF_INET6) {
		netcfg_announce_frame_na(address, mac, router, &ret[0]);
		return 1;
	}
	netcfg_announce_frame_arp_request(address, mac, &ret[0]);
	netcfg_announce_frame_arp_reply(address, mac, &ret[1]);
	return 2;
}

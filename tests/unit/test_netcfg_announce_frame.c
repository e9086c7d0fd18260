/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames of announcements against bytes that were worked out from the RFCs by hand. */
#include "netcfg_announce_frame.h"

#include "test.h"

static const uint8_t mac[ETH_ALEN] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 };

static struct inaddr address(const char *text)
{
	struct inaddr a;

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return a;
}

static void check_bytes(const struct netcfg_announce_frame *frame, const uint8_t *want, size_t len)
{
	CHECK_INT(frame->len, len);
	for (size_t i = 0; i < len; i++) {
		if (frame->bytes[i] != want[i])
			printf("# byte %zu: %02x, wanted %02x\n", i, frame->bytes[i], want[i]);
		CHECK_INT(frame->bytes[i], want[i]);
	}
}

/* clang-format off */
#define ETHERNET_BROADCAST \
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* destination: broadcast */ \
	0x02, 0x00, 0x5e, 0x10, 0x00, 0x01, /* source */ \
	0x08, 0x06                          /* ARP */

static const uint8_t arp_request[] = {
	ETHERNET_BROADCAST,
	0x00, 0x01,                         /* hardware: Ethernet */
	0x08, 0x00,                         /* protocol: IPv4 */
	0x06, 0x04,                         /* lengths of their addresses */
	0x00, 0x01,                         /* request */
	0x02, 0x00, 0x5e, 0x10, 0x00, 0x01, /* sender hardware address */
	192, 0, 2, 10,                      /* sender protocol address */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* target hardware address: RFC 5227 wants zeros */
	192, 0, 2, 10,                      /* target protocol address: the same */
};

static const uint8_t arp_reply[] = {
	ETHERNET_BROADCAST,
	0x00, 0x01, 0x08, 0x00, 0x06, 0x04,
	0x00, 0x02,                         /* reply */
	0x02, 0x00, 0x5e, 0x10, 0x00, 0x01,
	192, 0, 2, 10,
	0x02, 0x00, 0x5e, 0x10, 0x00, 0x01, /* target hardware address: RFC 5944 wants the sender's */
	192, 0, 2, 10,
};

#define VIP6 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 /* 2001:db8::10 */

/*
 * The checksum by hand, in words of 16 bits, without those that are zero:
 *   pseudo header: source 2001 0db8 0010, destination ff02 0001, length 0020, next header 003a
 *   advertisement: 8800, flags 2000, target 2001 0db8 0010, option 0201, address 0200 5e10 0001
 * 2001+0db8+0010 = 2dc9, +ff02+0001 = 12ccc, +0020+003a = 12d26, +8800 = 1b526, +2000 = 1d526,
 * +2dc9 = 202ef, +0201 = 204f0, +0200+5e10+0001 = 26501; folded 6503; inverted 9afc.
 * With the router flag 8000 more: 2e501, folded e503, inverted 1afc.
 */
#define ADVERTISEMENT(checksum_high, flags) { \
	0x33, 0x33, 0x00, 0x00, 0x00, 0x01,   /* destination: of ff02::1 */ \
	0x02, 0x00, 0x5e, 0x10, 0x00, 0x01,   /* source */ \
	0x86, 0xdd,                           /* IPv6 */ \
	0x60, 0x00, 0x00, 0x00,               /* version 6, traffic class 0, flow label 0 */ \
	0x00, 0x20,                           /* payload: 32 */ \
	0x3a,                                 /* next header: ICMPv6, 58 */ \
	0xff,                                 /* hop limit: 255 */ \
	VIP6,                                 /* source */ \
	0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, /* destination: ff02::1 */ \
	0x88, 0x00,                           /* type 136, code 0 */ \
	checksum_high, 0xfc, \
	flags, 0x00, 0x00, 0x00,              /* router, solicited, override; reserved */ \
	VIP6,                                 /* target */ \
	0x02, 0x01,                           /* option 2: target link-layer address; 8 bytes */ \
	0x02, 0x00, 0x5e, 0x10, 0x00, 0x01, \
}

static const uint8_t advertisement[] = ADVERTISEMENT(0x9a, 0x20);
static const uint8_t router_advertisement[] = ADVERTISEMENT(0x1a, 0xa0);
/* clang-format on */

TEST(gratuitous_arp_as_request)
{
	struct inaddr vip = address("192.0.2.10");
	struct netcfg_announce_frame frame;

	netcfg_announce_frame_arp_request(&vip, mac, &frame);
	check_bytes(&frame, arp_request, sizeof(arp_request));
}

TEST(gratuitous_arp_as_reply)
{
	struct inaddr vip = address("192.0.2.10");
	struct netcfg_announce_frame frame;

	netcfg_announce_frame_arp_reply(&vip, mac, &frame);
	check_bytes(&frame, arp_reply, sizeof(arp_reply));
}

TEST(unsolicited_neighbour_advertisement)
{
	struct inaddr vip = address("2001:db8::10");
	struct netcfg_announce_frame frame;

	netcfg_announce_frame_na(&vip, mac, false, &frame);
	check_bytes(&frame, advertisement, sizeof(advertisement));
}

TEST(unsolicited_neighbour_advertisement_of_a_router)
{
	struct inaddr vip = address("2001:db8::10");
	struct netcfg_announce_frame frame;

	netcfg_announce_frame_na(&vip, mac, true, &frame);
	check_bytes(&frame, router_advertisement, sizeof(router_advertisement));
}

TEST(an_announcement_has_both_forms_of_arp_or_one_advertisement)
{
	struct inaddr vip4 = address("192.0.2.10"), vip6 = address("2001:db8::10");
	struct netcfg_announce_frame frames[NETCFG_ANNOUNCE_FRAMES];

	CHECK_INT(netcfg_announce_frames(&vip4, mac, true, frames), 2);
	check_bytes(&frames[0], arp_request, sizeof(arp_request));
	check_bytes(&frames[1], arp_reply, sizeof(arp_reply));
	CHECK_INT(netcfg_announce_frames(&vip6, mac, true, frames), 1);
	check_bytes(&frames[0], router_advertisement, sizeof(router_advertisement));
	CHECK_INT(netcfg_announce_frames(&vip6, mac, false, frames), 1);
	check_bytes(&frames[0], advertisement, sizeof(advertisement));
}

/* As a receiver does it: with the checksum in, the sum of pseudo header and message is ffff. */
static uint32_t receiver_sum(const uint8_t *frame)
{
	uint32_t sum = 32 + 58;

	for (size_t i = 14 + 8; i < 86; i += 2) /* both addresses and the message */
		sum += (uint32_t)(frame[i] << 8) + frame[i + 1];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

TEST(receivers_find_the_checksum_right)
{
	struct netcfg_announce_frame frame;
	struct inaddr vip = { .family = AF_INET6 };
	uint8_t any[ETH_ALEN];
	uint32_t seed = 2463534242u;

	for (unsigned n = 0; n < 20000; n++) {
		for (size_t i = 0; i < sizeof(vip.bytes) + sizeof(any); i++) {
			seed ^= seed << 13;
			seed ^= seed >> 17;
			seed ^= seed << 5;
			/* Some of all ones: most carries. */
			if (i < sizeof(vip.bytes))
				vip.bytes[i] = n % 10 ? (uint8_t)seed : 0xff;
			else
				any[i - sizeof(vip.bytes)] = n % 20 ? (uint8_t)seed : 0xff;
		}
		netcfg_announce_frame_na(&vip, any, n & 1, &frame);
		CHECK_INT(receiver_sum(frame.bytes), 0xffff);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet socket of the announcements. The only file that needs CAP_NET_RAW. */
#include "netcfg_announce_socket.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

int netcfg_announce_socket_open(void)
{
	/* Protocol 0: frames that arrive are not even queued. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

int netcfg_announce_socket_send(void *fd, int ifindex, const struct netcfg_announce_frame *frame)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = ifindex };
	const struct ether_header *header = (const void *)frame->bytes;

	/* SOCK_RAW takes the frame as it is; the protocol is for filters and queues on the way. */
	to.sll_protocol = header->ether_type;
	to.sll_halen = ETH_ALEN;
	memcpy(to.sll_addr, header->ether_dhost, ETH_ALEN);
	if (sendto(*(const int *)fd, frame->bytes, frame->len, 0, (const void *)&to, sizeof(to)) <
	    0)
		return -errno;
	return 0;
}

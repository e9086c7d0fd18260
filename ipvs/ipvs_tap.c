/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tap of ipvs_tap.h: the socket. The device is in ipvs_tap_device.c, filter and parser in
 * ipvs_tap_wire.c. No policy here: who is told decides what to do. */
#include "ipvs_tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "ipvs_tap_device.h"

/* Packets by one system call. Their buffers are touched as far as packets fill them. */
#define SLOTS	   16
#define SLOT_BYTES (IPVS_TAP_PACKET_MAX + sizeof(uint32_t)) /* notices a longer one; aligned */
/* Calls by one ipvs_tap_read(): more than the socket's buffer holds. */
#define ROUNDS 128
/* Small packets take about 800 bytes of it: a thousand of them between two reads. */
#define SOCKET_BUFFER (1024 * 1024)

struct ipvs_tap {
	const struct ipvs_kernel *kernel;
	struct ipvs_identity self; /* whom the filter knows */
	int fd;
	int device;	/* its index; 0: none */
	uint8_t *slots; /* SLOTS of SLOT_BYTES */
};

static int attach(struct ipvs_tap *tap, const struct ipvs_identity *self)
{
	struct sock_filter code[IPVS_TAP_FILTER_MAX];
	const struct sock_fprog program = {
		.len = (unsigned short)ipvs_tap_filter(self, code),
		.filter = code,
	};

	if (setsockopt(tap->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return -errno;
	tap->self = *self;
	return 0;
}

/* The filter comes before the device: nothing unfiltered is ever queued. */
static int open_tap(struct ipvs_tap *tap, const struct ipvs_identity *self)
{
	const int size = SOCKET_BUFFER;
	struct sockaddr_ll sa = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int r;

	tap->slots = malloc(SLOTS * SLOT_BYTES);
	if (!tap->slots)
		return -ENOMEM;
	tap->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (tap->fd < 0)
		return -errno;
	(void)setsockopt(tap->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	r = attach(tap, self);
	if (r == 0)
		r = ipvs_tap_device_make(&tap->device);
	sa.sll_ifindex = tap->device;
	if (r == 0 && bind(tap->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		r = -errno;
	return r;
}

int ipvs_tap_open(const struct ipvs_kernel *kernel, struct ipvs_tap **ret)
{
	_cleanup_(ipvs_tap_closep) struct ipvs_tap *tap = NULL;
	struct ipvs_identity self;
	int r;

	if (!kernel->ops->identity)
		return -ENODATA;
	self = kernel->ops->identity(kernel);
	if (!self.family)
		return -EAGAIN;
	tap = calloc(1, sizeof(*tap));
	if (!tap)
		return -ENOMEM;
	tap->kernel = kernel;
	tap->fd = -1;
	r = open_tap(tap, &self);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(tap);
	return 0;
}

void ipvs_tap_close(struct ipvs_tap *tap)
{
	if (!tap)
		return;
	closep(&tap->fd);
	if (tap->device)
		ipvs_tap_device_remove(tap->device);
	free(tap->slots);
	free(tap);
}

int ipvs_tap_fd(const struct ipvs_tap *tap)
{
	return tap->fd;
}

/* One call for up to SLOTS packets: how many, 0: there are none, or a negative errno. */
static int read_some(struct ipvs_tap *tap, const struct ipvs_tap_sink *sink)
{
	struct mmsghdr m[SLOTS] = { 0 };
	struct iovec iov[SLOTS];
	int n;

	for (size_t i = 0; i < SLOTS; i++) {
		iov[i] = (struct iovec){ tap->slots + i * SLOT_BYTES, SLOT_BYTES };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		n = recvmmsg(tap->fd, m, SLOTS, MSG_DONTWAIT, NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		if (m[i].msg_len > IPVS_TAP_PACKET_MAX)
			sink->all(sink->arg);
		else
			ipvs_tap_parse(iov[i].iov_base, m[i].msg_len, &tap->self, sink);
	}
	return n;
}

/* Whether the socket's buffer was too small since this was asked last. */
static bool has_lost(const struct ipvs_tap *tap)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);

	return getsockopt(tap->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0 &&
	       stats.tp_drops > 0;
}

int ipvs_tap_read(struct ipvs_tap *tap, const struct ipvs_tap_sink *sink)
{
	int n = SLOTS, total = 0;

	for (int i = 0; i < ROUNDS && n == SLOTS; i++) {
		n = read_some(tap, sink);
		if (n < 0)
			return n;
		total += n;
	}
	if (total == 0 || !has_lost(tap))
		return total > 0;
	sink->all(sink->arg);
	return 2;
}

int ipvs_tap_follow(struct ipvs_tap *tap)
{
	const struct ipvs_identity self = tap->kernel->ops->identity(tap->kernel);
	int r;

	/* Without a module there is nothing to see; the filter may stay as it is. */
	if (!self.family || (self.family == tap->self.family && self.port == tap->self.port))
		return 0;
	r = attach(tap, &self);
	return r < 0 ? r : 1;
}

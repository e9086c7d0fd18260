/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which netlink packets are writes to IPVS by somebody else: as a filter that the kernel runs, and
 * as a parser of what passes it. Pure. For ipvs_tap.c.
 */
#pragma once

#include "ipvs_kernel.h"

struct sock_filter;

/* Longest packet that is parsed; one that is longer by a byte is not taken for whole. */
#define IPVS_TAP_PACKET_MAX (64 * 1024)

/* Instructions that the filter has room for. */
#define IPVS_TAP_FILTER_MAX 48

/* Who is told what others wrote. */
struct ipvs_tap_sink {
	/* This service, or its real servers. The same one may come again and again. */
	void (*service)(void *arg, const struct ipvs_service_key *key);
	/* All services, or it cannot be told which. */
	void (*all)(void *arg);
	void *arg;
};

/*
 * Writes the filter (classic BPF, for SO_ATTACH_FILTER) and returns its length. It lets a packet of
 * generic netlink pass when its first message is a request of somebody else that writes to IPVS, or
 * when it has more messages. self->family must be known.
 */
size_t ipvs_tap_filter(const struct ipvs_identity *self, struct sock_filter *filter);

/*
 * Tells the sink what the messages of a packet write. Nothing for reads, replies, requests of self
 * or for other families, and for writes that lvsd has no part in (counters, timeouts, daemons). The
 * packet may hold anything; it must be aligned as a struct nlmsghdr.
 */
void ipvs_tap_parse(const void *packet, size_t len, const struct ipvs_identity *self,
		    const struct ipvs_tap_sink *sink);

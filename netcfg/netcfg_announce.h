/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When which VIP is announced: a burst when it comes to an interface, when the interface comes up
 * or changes its MAC address, then at intervals. Pure but for the sender that it is given: time
 * comes in as an argument (loop milliseconds), the state of interfaces by calls. It neither asks
 * nor changes the kernel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inaddr.h"
#include "netcfg_announce_frame.h"
#include "util.h"

struct netcfg_announce;

/* How one address is announced. */
struct netcfg_announcement {
	struct inaddr address;
	int ifindex;
	uint32_t count;	      /* announcements of a burst; 0: none, and no repetition */
	uint32_t interval_ms; /* from one to the next; for IPv6 at least 1,000 (RFC 4861 §7.2.6) */
	uint32_t repeat_s;    /* once every so often after the burst; 0: not */
	bool once;	      /* removed by itself after the burst */
};

struct netcfg_announce_interface {
	int ifindex;
	uint8_t mac[ETH_ALEN];
	bool running; /* up, with carrier, and netcfg_announce_possible() */
	bool router;  /* forwards IPv6: net.ipv6.conf.NAME.forwarding */
};

struct netcfg_announce_stats {
	uint64_t announcements; /* complete ones */
	uint64_t frames;	/* sent; IPv4 takes two for an announcement */
	uint64_t failures;	/* frames that could not be sent; their announcement is repeated */
	int last_error;		/* negative errno of the newest failure; 0: none yet */
	size_t addresses;	/* known ones */
	size_t interfaces;	/* remembered ones: those that run or have addresses */
	size_t bursts;		/* addresses in a burst; those that wait for an interface are not */
};

struct netcfg_announce_status {
	uint64_t announcements; /* complete ones since it was added */
	uint64_t failures;
	uint32_t left; /* of the burst */
	int error;     /* negative errno of the last attempt; 0: it went well, or there was none */
};

/* True when addresses on this interface are announced: Ethernet with ARP (VLANs, bonds and bridges
 * are), but not lo, dummy devices and tunnels. flags and type are those of struct ifinfomsg. */
bool netcfg_announce_possible(const char *name, unsigned flags, unsigned type);

/* send(arg, ifindex, frame) sends one frame and returns 0 or a negative errno; it must not call
 * back. arg is borrowed. 0 or -ENOMEM. */
int netcfg_announce_new(int (*send)(void *arg, int ifindex,
				    const struct netcfg_announce_frame *frame),
			void *arg, struct netcfg_announce **ret);
void netcfg_announce_free(struct netcfg_announce *a); /* NULL is fine */
DEFINE_FREEP(struct netcfg_announce, netcfg_announce_free)

/*
 * Starts a burst for an address: at once, or as soon as its interface runs. One that is known
 * already gets the new values and a new burst (that is how an announcement is asked for), whose
 * first one keeps the interval from the last one on the same interface. With count 0 it is removed.
 * 0 or -ENOMEM (all is as before).
 */
int netcfg_announce_add(struct netcfg_announce *a, const struct netcfg_announcement *what,
			int64_t now);

/* Nothing more is sent for the address. An unknown one is fine. */
void netcfg_announce_remove(struct netcfg_announce *a, const struct inaddr *address);

/*
 * To be called for every interface at the start and whenever one changes or goes (running false).
 * Coming up and another MAC address start new bursts of all addresses on it; while it does not run,
 * they wait. A call that changes neither starts nothing. 0 or -ENOMEM (taken as not running).
 */
int netcfg_announce_interface_changed(struct netcfg_announce *a,
				      const struct netcfg_announce_interface *interface,
				      int64_t now);

/*
 * Sends what is due: 64 frames at most in a call and 1,000 in a second, bursts before repetitions.
 * What could not be sent counts as not announced and is tried again after the interval (100 ms at
 * least), then after longer and longer, up to 10 s. Returns the time of the next call, later than
 * now; INT64_MAX: nothing is left to do.
 */
int64_t netcfg_announce_run(struct netcfg_announce *a, int64_t now);

void netcfg_announce_stats(const struct netcfg_announce *a, struct netcfg_announce_stats *ret);

/* What became of one address. False: it is not known. */
bool netcfg_announce_status(const struct netcfg_announce *a, const struct inaddr *address,
			    struct netcfg_announce_status *ret);

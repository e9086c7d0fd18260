/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the kernel in memory share. */
#pragma once

#include "ipvs_kernel.h"

struct fake_service {
	struct ipvs_service service;
	VEC(struct ipvs_dest) dests; /* sorted by key */
	struct ipvs_stats stats;
	ipvs_dest_stats_vec counted; /* of dests, those that a test has counted for */
};

struct ipvs_fake {
	struct ipvs_kernel base;
	VEC(struct fake_service *) services; /* sorted by key */
	struct ipvs_timeouts timeouts;
	ipvs_daemon_vec daemons;
	const char *without; /* an interface that is not there; NULL: all are */
	uint64_t writes;
	unsigned fail_after;
	int fail_error; /* 0: no fault is set */
};

static inline struct ipvs_fake *fake_of(struct ipvs_kernel *k)
{
	return (struct ipvs_fake *)k;
}

/* Opens and closes gaps in the sorted arrays; the room is reserved. */
#define insert_at(v, at, item)                                                                     \
	do {                                                                                       \
		memmove((v)->items + (at) + 1, (v)->items + (at),                                  \
			((v)->n - (at)) * sizeof(*(v)->items));                                    \
		(v)->items[at] = (item);                                                           \
		(v)->n++;                                                                          \
	} while (0)

#define remove_at(v, at)                                                                           \
	do {                                                                                       \
		(v)->n--;                                                                          \
		memmove((v)->items + (at), (v)->items + (at) + 1,                                  \
			((v)->n - (at)) * sizeof(*(v)->items));                                    \
	} while (0)

/* True when a real server is of another family than its service. */
bool ipvs_fake_mixed_families(const struct ipvs_fake *f);

int ipvs_fake_daemons(struct ipvs_kernel *k, ipvs_daemon_vec *ret);
int ipvs_fake_daemon_start(struct ipvs_kernel *k, const struct ipvs_daemon *daemon);
int ipvs_fake_daemon_stop(struct ipvs_kernel *k, enum ipvs_daemon_role role);

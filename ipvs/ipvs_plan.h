/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The difference between what one service should be and what the kernel has, as operations. Pure.
 */
#pragma once

#include "ipvs_kernel.h"

typedef VEC(struct ipvs_op) ipvs_op_vec;

/*
 * A service with its real servers, as seen by the planner: n structs of `stride` bytes that each
 * begin with a struct ipvs_dest, sorted by key. Both sides are normalised.
 */
struct ipvs_view {
	const struct ipvs_service *service;
	const void *dests;
	size_t n, stride;
};

static inline const struct ipvs_dest *ipvs_view_dest(const struct ipvs_view *v, size_t i)
{
	return (const struct ipvs_dest *)((const char *)v->dests + i * v->stride);
}

/*
 * Appends the operations that turn `have` into `want`; either may be NULL (absent), not both.
 * Order: service added (staged: scheduler none), real servers added and set, the service set (for a
 * new one: its scheduler), real servers deleted; or the service deleted, which takes its real
 * servers with it. The operations point into want and have. 0 or -ENOMEM.
 */
int ipvs_plan_service(const struct ipvs_view *want, const struct ipvs_view *have, ipvs_op_vec *ret);

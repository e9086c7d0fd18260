/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many requests were answered, by route and status. Kept by api.c, shown by /metrics. */
#pragma once

#include <stdint.h>

#include "vec.h"

struct route;

struct request_count {
	const struct route *route; /* NULL: none was found */
	unsigned status;
	uint64_t n;
};

typedef VEC(struct request_count) request_counts_vec; /* in no order; few: what was ever answered */

/* Out of memory the request is not counted. */
void request_counts_add(request_counts_vec *v, const struct route *route, unsigned status);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of request_counts.h. */
#include "request_counts.h"

#include "util.h"

void request_counts_add(request_counts_vec *v, const struct route *route, unsigned status)
{
	vec_foreach(c, v) {
		if (c->route == route && c->status == status) {
			c->n++;
			return;
		}
	}
	(void)vec_push(v, ((struct request_count){ route, status, 1 }));
}

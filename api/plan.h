/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations as the API shows them: what a pass would do to bring the kernel to a given state.
 * Behind /v1/diff, /v1/plan and every dry run. */
#pragma once

#include "api.h"
#include "json_write.h"

/* Writes operations, and counts what they would cut. Zero-initialise, then set the first three. */
struct plan {
	struct api *api;
	const struct desired *desired; /* the state to be reached; borrowed */
	struct json_writer *w;	       /* inside the array of operations */
	uint64_t connections_cut;      /* active connections of real servers that would go */
	ipvs_observed_dest_vec dests;  /* of the present service */
	ipvs_op_vec ops;	       /* scratch */
};

/* Writes the operations for one service as an array's items; want or have may be NULL. 0, or a
 * negative errno when the kernel could not be read. */
int plan_service(struct plan *plan, const struct service *want, const struct ipvs_service *have);

/* Whether a kernel service with this key is lvsd's in the state: desired and not claimed by others,
 * or a tombstone. */
bool plan_is_ours(const struct desired *d, const struct ipvs_service_key *key);

/* {operations: […], activeConnectionsCut: N} for one service as a complete object in out; null when
 * the kernel cannot be read. */
void plan_one(struct api *api, const struct desired *desired, const struct ipvs_service_key *key,
	      struct buf *out);

void plan_done(struct plan *plan);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /v1/state, /v1/diff, /v1/plan, the export of the kernel and dry runs of documents share: a
 * streamed answer that goes through the services which the kernel listed, beside a desired state
 * that stays as it is. */
#pragma once

#include "ipvs_listing.h"
#include "plan.h"

struct kernel_walk {
	struct plan plan;
	struct desired *desired; /* a reference */
	struct ipvs_listing listing;
	ipvs_service_vec listed; /* when it is complete */
	size_t i, j;		 /* cursors into desired and listed */
	bool begun, removals;
	struct buf notes; /* for the end of the answer */
	int (*next)(struct kernel_walk *walk, struct buf *out);
	struct json_writer w;
	void (*begin)(struct kernel_walk *walk); /* writes what stands before the items */
	void (*end)(struct kernel_walk *walk);
};

/* Answers with a stream that lists the services and then calls next until the end (its state is the
 * walk; begin and end may be NULL), or with a problem. Takes the reference on desired. Returns
 * true. */
bool kernel_walk_start(struct api *api, struct request *req, struct response *resp,
		       struct desired *desired,
		       int (*next)(struct kernel_walk *walk, struct buf *out),
		       void (*begin)(struct kernel_walk *walk),
		       void (*end)(struct kernel_walk *walk));

/* Answers that IPVS cannot be read. Returns true. */
bool kernel_walk_not_ready(const struct request *req, struct response *resp, int error);

/* Answers with {revision, status: {pending: [], plan}} of the state that a document would make. */
bool kernel_walk_dry_run(struct api *api, struct request *req, struct response *resp,
			 struct desired *desired);

/* Answers with the plan towards that state, as POST /v1/plan. */
bool kernel_walk_plan(struct api *api, struct request *req, struct response *resp,
		      struct desired *desired);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk of kernel_walk.h: beginning and end. */
#include "kernel_walk.h"

#include <errno.h>

#include "handlers.h"

static void walk_free(void *state)
{
	struct kernel_walk *walk = state;

	desired_unref(walk->desired);
	ipvs_listing_done(&walk->listing);
	vec_done(&walk->listed);
	plan_done(&walk->plan);
	buf_done(&walk->notes);
	free(walk);
}

bool kernel_walk_not_ready(const struct request *req, struct response *resp, int error)
{
	struct err e = { 0 };

	(void)err_set(&e, 0, error == -ENOMEM ? "out_of_memory" : "kernel_not_ready",
		      "IPVS cannot be read: %s", status_kernel_cause(error));
	return handle_problem(req, resp, &e);
}

/* Reads a piece of the list. 1, 0 when it is complete, or a negative errno. */
static int list_some(struct kernel_walk *walk)
{
	int r = ipvs_listing_step(&walk->listing);

	if (r == 0) {
		walk->listed = walk->listing.services;
		walk->listing.services = (ipvs_service_vec){ 0 };
	}
	return r;
}

/* The stream: first the rest of the list, then what next makes of it. */
static int walk_next(void *state, struct buf *out)
{
	struct kernel_walk *walk = state;

	if (!walk->listing.list)
		return walk->next(walk, out);
	/* An answer that breaks off is better than a wrong one. */
	if (list_some(walk) < 0)
		return -EIO;
	return 1;
}

bool kernel_walk_start(struct api *api, struct request *req, struct response *resp,
		       struct desired *desired,
		       int (*next)(struct kernel_walk *walk, struct buf *out),
		       void (*begin)(struct kernel_walk *walk),
		       void (*end)(struct kernel_walk *walk))
{
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);
	struct kernel_walk *walk = calloc(1, sizeof(*walk));
	int r = walk ? ipvs_listing_begin(&walk->listing, kernel) : -ENOMEM;

	if (r == 0)
		r = list_some(walk);
	/* No IPVS: the kernel has no services. The host is shown where nothing of them is wanted.
	 */
	if (r == -ENOENT && !desired_has_services(desired)) {
		ipvs_listing_done(&walk->listing);
		r = 0;
	}
	if (r < 0) {
		desired_unref(desired);
		if (walk)
			walk_free(walk);
		return kernel_walk_not_ready(req, resp, r);
	}
	walk->desired = desired;
	walk->next = next;
	walk->begin = begin;
	walk->end = end;
	json_write_init(&walk->w, NULL);
	walk->plan.api = api;
	walk->plan.desired = desired;
	walk->plan.w = &walk->w;
	resp->stream = (struct response_stream){ walk_next, walk_free, walk };
	response_json(resp, 200);
	return true;
}

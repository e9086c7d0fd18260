/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/diff and /v1/plan: what a pass would do, operation by operation, without doing it. */
#include <errno.h>

#include "document.h"
#include "handlers.h"
#include "kernel_walk.h"
#include "plan_host.h"

/* Additions and changes first, as a pass does them. */
static int next_change(struct kernel_walk *walk)
{
	const struct service *want =
		walk->i < walk->desired->services.n ? walk->desired->services.items[walk->i] : NULL;
	const struct ipvs_service *have =
		walk->j < walk->listed.n ? &walk->listed.items[walk->j] : NULL;
	int c;

	if (!want) {
		walk->removals = true;
		walk->j = 0;
		return 1;
	}
	c = !have ? -1 : ipvs_service_key_compare(&want->spec.key, &have->key);
	walk->i += c <= 0;
	walk->j += c >= 0;
	if (c > 0 || (c == 0 && !plan_is_ours(walk->desired, &have->key)))
		return 1;
	/* An answer that breaks off is better than a wrong one. */
	return plan_service(&walk->plan, want, c == 0 ? have : NULL) < 0 ? -EIO : 1;
}

static int next_removal(struct kernel_walk *walk)
{
	const struct ipvs_service *have = &walk->listed.items[walk->j++];

	if (desired_find(walk->desired, &have->key) ||
	    !desired_has_tombstone(walk->desired, &have->key))
		return 1;
	return plan_service(&walk->plan, NULL, have) < 0 ? -EIO : 1;
}

static int next(struct kernel_walk *walk, struct buf *out)
{
	walk->w.out = out;
	if (!walk->begun) {
		walk->begun = true;
		walk->begin(walk);
		return plan_host(walk->plan.api, &walk->desired->declared, HOST_FIRST, &walk->w) < 0
			       ? -EIO
			       : 1;
	}
	if (!walk->removals)
		return next_change(walk);
	if (walk->j < walk->listed.n)
		return next_removal(walk);
	if (plan_host(walk->plan.api, &walk->desired->declared, HOST_SECOND, &walk->w) < 0)
		return -EIO;
	json_write_end_array(&walk->w);
	walk->end(walk);
	return 0;
}

static void begin_diff(struct kernel_walk *walk)
{
	json_write_begin_object(&walk->w);
	json_write_member_int(&walk->w, "revision", (int64_t)walk->desired->revision);
	json_write_key(&walk->w, "items");
	json_write_begin_array(&walk->w);
}

static void end_diff(struct kernel_walk *walk)
{
	json_write_end_object(&walk->w);
}

bool handle_diff(struct api *api, struct request *req, struct response *resp)
{
	return kernel_walk_start(api, req, resp, desired_ref(change_published(api->change)), next,
				 begin_diff, end_diff);
}

static void begin_plan(struct kernel_walk *walk)
{
	json_write_begin_object(&walk->w);
	json_write_member_int(&walk->w, "revision",
			      (int64_t)change_published(walk->plan.api->change)->revision);
	json_write_key(&walk->w, "operations");
	json_write_begin_array(&walk->w);
}

static void end_plan(struct kernel_walk *walk)
{
	json_write_member_int(&walk->w, "activeConnectionsCut",
			      (int64_t)walk->plan.connections_cut);
	json_write_end_object(&walk->w);
}

static void begin_dry_run(struct kernel_walk *walk)
{
	json_write_begin_object(&walk->w);
	json_write_member_int(&walk->w, "revision",
			      (int64_t)change_published(walk->plan.api->change)->revision);
	json_write_key(&walk->w, "status");
	json_write_begin_object(&walk->w);
	json_write_key(&walk->w, "pending");
	json_write_begin_array(&walk->w);
	json_write_end_array(&walk->w);
	json_write_key(&walk->w, "plan");
	json_write_begin_object(&walk->w);
	json_write_key(&walk->w, "operations");
	json_write_begin_array(&walk->w);
}

static void end_dry_run(struct kernel_walk *walk)
{
	end_plan(walk);
	json_write_end_object(&walk->w);
	json_write_end_object(&walk->w);
}

bool kernel_walk_dry_run(struct api *api, struct request *req, struct response *resp,
			 struct desired *desired)
{
	return kernel_walk_start(api, req, resp, desired, next, begin_dry_run, end_dry_run);
}

bool kernel_walk_plan(struct api *api, struct request *req, struct response *resp,
		      struct desired *desired)
{
	return kernel_walk_start(api, req, resp, desired, next, begin_plan, end_plan);
}

/* The candidate is rehearsed like a write of /v1/config, its guard left aside: the plan is there to
 * show what it would do. */
bool handle_plan(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct err e = { 0 };
	struct write *w = write_begin(api, req, resp, WRITE_PLAN, &by);
	bool patch;

	if (!w)
		return true;
	if (request_param_bool(req, "patch", &patch, &e) < 0)
		return handle_problem(req, resp, &e);
	by.allow_mass_delete = true;
	w->dry_run = true;
	return document_start(w, req, resp, &by, patch ? DECODE_PATCH : DECODE_PUT);
}

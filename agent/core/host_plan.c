/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a round would do if something else were declared: for dry runs. Looks at the host, changes
 * nothing. */
#include "host_private.h"

struct rehearsal {
	struct declared_view view;
	struct netcfg_found found;
	struct netcfg_wanted wanted;
	netcfg_conflict_vec conflicts;
	struct netcfg_plan plan;
};

static void rehearsal_done(struct rehearsal *r)
{
	netcfg_plan_done(&r->plan);
	vec_done(&r->conflicts);
	netcfg_wanted_done(&r->wanted);
	netcfg_found_done(&r->found);
	declared_view_done(&r->view);
}

int host_plan(const struct host *h, const declared_vec *declared,
	      void (*each)(void *arg, const struct netcfg_op *op), void *arg)
{
	_cleanup_(rehearsal_done) struct rehearsal all = { 0 };
	int r = declared_view(declared, &all.view);

	if (r == 0)
		r = netcfg_look(h->kernel, NULL, &h->memory, &all.found);
	if (r == 0)
		r = netcfg_expand(&all.view.all, &all.found.links, &all.wanted, &all.conflicts);
	if (r == 0)
		r = netcfg_look_more(h->kernel, &all.wanted, &h->memory, &all.found);
	if (r == 0)
		r = netcfg_plan(&all.wanted, &all.found, &h->memory, &all.plan);
	if (r < 0)
		return r;
	vec_foreach(op, &all.plan.ops)
		each(arg, op);
	return 0;
}

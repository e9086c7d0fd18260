/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The planner of ipvs_plan.h: merge walks over two sorted arrays of real servers, one for changes
 * and, if there is anything to delete, another for that. */
#include "ipvs_plan.h"

#include <string.h>

#include "field.h"
#include "ipvs_fields.h"
#include "util.h"

static int add_op(ipvs_op_vec *ops, enum ipvs_verb verb, const struct ipvs_service *service,
		  const struct ipvs_dest *dest, uint64_t changed)
{
	const struct ipvs_op op = {
		.verb = verb,
		.staged = verb == IPVS_ADD && !dest,
		.service = service,
		.dest = dest,
		.changed = changed,
	};

	return vec_push(ops, op);
}

/* The quick way to say that two real servers are the same. If it says no, padding may be all that
 * differs. */
static bool same_bytes(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Adds and sets. *ret_surplus counts the real servers that are only in have. */
static int plan_changes(const struct ipvs_view *want, const struct ipvs_view *have,
			size_t *ret_surplus, ipvs_op_vec *ops)
{
	size_t i = 0, j = 0, n_have = have ? have->n : 0, surplus = 0;
	int r = 0;

	while (r == 0 && i < want->n) {
		const struct ipvs_dest *w = ipvs_view_dest(want, i);
		const struct ipvs_dest *h = j < n_have ? ipvs_view_dest(have, j) : NULL;
		bool same = h && same_bytes(w, h);
		int c = same ? 0 : h ? ipvs_dest_key_compare(&w->key, &h->key) : -1;
		uint64_t changed = c == 0 && !same ? field_diff(&ipvs_dest_table, w, h) : 0;

		if (c < 0)
			r = add_op(ops, IPVS_ADD, want->service, w, 0);
		else if (changed)
			r = add_op(ops, IPVS_SET, want->service, w, changed);
		surplus += c > 0;
		i += c <= 0;
		j += c >= 0;
	}
	*ret_surplus = surplus + n_have - j;
	return r;
}

/* Deletes the real servers that are only in have. */
static int plan_deletions(const struct ipvs_view *want, const struct ipvs_view *have,
			  ipvs_op_vec *ops)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (r == 0 && j < have->n) {
		const struct ipvs_dest *w = i < want->n ? ipvs_view_dest(want, i) : NULL;
		const struct ipvs_dest *h = ipvs_view_dest(have, j);
		int c = w ? ipvs_dest_key_compare(&w->key, &h->key) : 1;

		if (c > 0)
			r = add_op(ops, IPVS_DELETE, want->service, h, 0);
		i += c <= 0;
		j += c >= 0;
	}
	return r;
}

/* The SET that ends the staging of a service: of one that was only just added, or one that was left
 * so by a try that came to nothing. */
static int set_service(const struct ipvs_view *want, const struct ipvs_view *have, uint64_t changed,
		       ipvs_op_vec *ops)
{
	int r = add_op(ops, IPVS_SET, want->service, NULL, changed);

	if (r == 0)
		ops->items[ops->n - 1].staged = !have || streq(have->service->scheduler, "none");
	return r;
}

int ipvs_plan_service(const struct ipvs_view *want, const struct ipvs_view *have, ipvs_op_vec *ret)
{
	uint64_t changed = 0;
	size_t surplus = 0;
	int r = 0;

	if (!want)
		return add_op(ret, IPVS_DELETE, have->service, NULL, 0);
	if (have)
		changed = field_diff(&ipvs_service_table, want->service, have->service);
	else
		r = add_op(ret, IPVS_ADD, want->service, NULL, 0);
	if (r == 0)
		r = plan_changes(want, have, &surplus, ret);
	/* A new service was created without a scheduler; this gives it the real one. */
	if (r == 0 && (!have || changed))
		r = set_service(want, have, changed, ret);
	if (r == 0 && surplus)
		r = plan_deletions(want, have, ret);
	return r;
}

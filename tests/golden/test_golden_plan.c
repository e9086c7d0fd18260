/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan/CASE/{desired,observed}.json give the operations of plan/CASE/plan.txt. */
#include "field.h"
#include "golden.h"
#include "ipvs_fields.h"
#include "ipvs_plan.h"
#include "test.h"

static const char *const verbs[2][3] = {
	{ [IPVS_ADD] = "NEW_SERVICE", [IPVS_SET] = "SET_SERVICE", [IPVS_DELETE] = "DEL_SERVICE" },
	{ [IPVS_ADD] = "NEW_DEST", [IPVS_SET] = "SET_DEST", [IPVS_DELETE] = "DEL_DEST" },
};

static void append_change(void *arg, const char *name)
{
	buf_printf(arg, " %s", name);
}

static void append_op(struct buf *out, const struct ipvs_op *op)
{
	char service[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX];

	buf_printf(out, "%s %s", verbs[op->dest != NULL][op->verb],
		   ipvs_service_key_format(&op->service->key, service));
	if (op->dest)
		buf_printf(out, " %s", ipvs_dest_key_format(&op->dest->key, dest));
	if (op->staged)
		buf_add_str(out, " staged");
	if (op->changed)
		buf_add_str(out, ":");
	field_each_changed(op->dest ? &ipvs_dest_table : &ipvs_service_table, op->changed,
			   append_change, out);
	buf_add_str(out, "\n");
}

/* Plans the services of `a` against those of `b`, or only removes what is not in a. */
static void plan(const struct desired *a, const struct desired *b, bool removals, struct buf *out)
{
	const struct desired *walked = removals ? b : a;

	vec_foreach(p, &walked->services) {
		const struct ipvs_service_key *key = &(*p)->spec.key;
		const struct service *want = desired_find(a, key), *have = desired_find(b, key);
		struct ipvs_view w = { 0 }, h = { 0 };
		ipvs_op_vec ops = { 0 };

		if (want)
			w = service_view(want);
		if (have)
			h = service_view(have);
		if (removals && want)
			continue;
		CHECK(ipvs_plan_service(want ? &w : NULL, have ? &h : NULL, &ops) == 0);
		vec_foreach(op, &ops)
			append_op(out, op);
		vec_done(&ops);
	}
}

static struct desired *state(const char *name, const char *file)
{
	struct desired *d;
	char path[256];
	json_t *json;

	(void)snprintf(path, sizeof(path), "plan/%s/%s.json", name, file);
	json = golden_json(path);
	CHECK(json);
	d = golden_state(json);
	json_decref(json);
	CHECK(d);
	return d;
}

static void check_case(const char *name)
{
	_cleanup_(desired_unrefp) struct desired *want = NULL, *have = NULL;
	_cleanup_(buf_done) struct buf out = { 0 };
	char path[256];

	printf("# case %s\n", name);
	want = state(name, "desired");
	have = state(name, "observed");
	buf_add_str(&out, "");
	plan(want, have, false, &out);
	plan(want, have, true, &out);
	(void)snprintf(path, sizeof(path), "plan/%s/plan.txt", name);
	CHECK(golden_same(path, out.data));
}

TEST(plans_are_as_recorded)
{
	CHECK(golden_each("plan", "", check_case) > 0);
}

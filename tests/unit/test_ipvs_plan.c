/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of ipvs/ipvs_plan.c over random pairs: the plan arrives, in a legal order, and stops.
 */
#include "ipvs_plan.h"

#include <errno.h>

#include "buf.h"
#include "ipvs_fields.h"
#include "random_ipvs.h"
#include "test.h"
#include "util.h"

#define PAIRS 100000

/* One service as it is or should be. */
struct side {
	bool present;
	struct ipvs_service service;
	struct ipvs_dest dests[RANDOM_DEST_KEYS];
	size_t n;
};

static struct ipvs_view view(const struct side *s)
{
	return (struct ipvs_view){ &s->service, s->dests, s->n, sizeof(s->dests[0]) };
}

static void random_side(const struct ipvs_service_key *key, struct side *s)
{
	s->n = 0;
	s->present = !random_one_in(5);
	random_service(key, &s->service);
	for (unsigned i = 0; s->present && i < RANDOM_DEST_KEYS; i++)
		if (random_one_in(2))
			random_dest(&s->service, i, &s->dests[s->n++]);
}

/* A kernel of one service: does what an operation says, or fails the test when it cannot. */
static void simulate(struct side *s, const struct ipvs_op *op)
{
	size_t at = 0;
	bool found;

	CHECK_INT(s->present, op->dest || op->verb != IPVS_ADD);
	if (!op->dest) {
		s->present = op->verb != IPVS_DELETE;
		s->n = s->present ? s->n : 0;
		s->service = *op->service;
		if (op->staged && op->verb == IPVS_ADD)
			ipvs_service_stage(&s->service, true);
		return;
	}
	while (at < s->n && ipvs_dest_key_compare(&s->dests[at].key, &op->dest->key) < 0)
		at++;
	found = at < s->n && ipvs_dest_key_compare(&s->dests[at].key, &op->dest->key) == 0;
	CHECK_INT(found, op->verb != IPVS_ADD);
	if (op->verb == IPVS_ADD) {
		CHECK(s->n < RANDOM_DEST_KEYS);
		memmove(s->dests + at + 1, s->dests + at, (s->n++ - at) * sizeof(s->dests[0]));
	} else if (op->verb == IPVS_DELETE) {
		memmove(s->dests + at, s->dests + at + 1, (--s->n - at) * sizeof(s->dests[0]));
		return;
	}
	s->dests[at] = *op->dest;
}

static bool same(const struct side *a, const struct side *b)
{
	if (a->present != b->present)
		return false;
	if (!a->present)
		return true;
	if (field_diff(&ipvs_service_table, &a->service, &b->service) || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (ipvs_dest_key_compare(&a->dests[i].key, &b->dests[i].key) ||
		    field_diff(&ipvs_dest_table, &a->dests[i], &b->dests[i]))
			return false;
	return true;
}

static void plan(const struct side *want, const struct side *have, ipvs_op_vec *ops)
{
	const struct ipvs_view w = view(want), h = view(have);

	ops->n = 0;
	if (want->present || have->present)
		CHECK_INT(ipvs_plan_service(want->present ? &w : NULL, have->present ? &h : NULL,
					    ops),
			  0);
}

/* Stages of one service's plan; they never go back. */
static int stage(const struct ipvs_op *op)
{
	if (op->dest)
		return op->verb == IPVS_DELETE ? 3 : 1;
	return op->verb == IPVS_ADD ? 0 : op->verb == IPVS_SET ? 2 : 4;
}

static void check_order(const struct side *want, const struct side *have, const ipvs_op_vec *ops)
{
	CHECK(ops->n <= want->n + have->n + 2);
	for (size_t i = 0; i < ops->n; i++) {
		const struct ipvs_op *op = &ops->items[i];

		CHECK(i == 0 || stage(op) >= stage(&ops->items[i - 1]));
		CHECK_INT(op->staged,
			  !op->dest && want->present &&
				  (!have->present || streq(have->service.scheduler, "none")));
		CHECK(op->verb != IPVS_SET || op->changed || !have->present);
	}
	if (want->present && !have->present) { /* created empty, filled, then switched on */
		CHECK_INT(ops->n, want->n + 2);
		CHECK(ops->items[0].staged);
		CHECK(!ops->items[ops->n - 1].dest && ops->items[ops->n - 1].verb == IPVS_SET);
	}
	if (!want->present && have->present)
		CHECK_INT(ops->n, 1);
}

TEST(a_plan_arrives_in_a_legal_order)
{
	ipvs_op_vec ops = { 0 };

	for (int round = 0; round < PAIRS; round++) {
		struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));
		struct side want, have, now;

		random_side(&key, &want);
		random_side(&key, &have);
		plan(&want, &have, &ops);
		check_order(&want, &have, &ops);
		now = have;
		vec_foreach(op, &ops)
			simulate(&now, op);
		CHECK(same(&now, &want));
		plan(&want, &now, &ops);
		CHECK_INT(ops.n, 0);
	}
	vec_done(&ops);
}

TEST(a_plan_for_what_is_so_is_empty)
{
	ipvs_op_vec ops = { 0 };

	for (int round = 0; round < 10000; round++) {
		struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));
		struct side s;

		random_side(&key, &s);
		plan(&s, &s, &ops);
		CHECK_INT(ops.n, 0);
	}
	vec_done(&ops);
}

TEST(a_plan_broken_off_anywhere_is_continued_by_the_next)
{
	ipvs_op_vec ops = { 0 };

	for (int round = 0; round < 20000; round++) {
		struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));
		struct side want, now;
		int plans = 0;

		random_side(&key, &want);
		random_side(&key, &now);
		for (plan(&want, &now, &ops); ops.n; plan(&want, &now, &ops)) {
			struct side before = now;
			size_t stop = 1 + random_below((uint32_t)ops.n);

			check_order(&want, &now, &ops);

			for (size_t i = 0; i < stop; i++)
				simulate(&before, &ops.items[i]);
			now = before;
			CHECK(++plans < 2 * RANDOM_DEST_KEYS + 4);
		}
		CHECK(same(&now, &want));
	}
	vec_done(&ops);
}

static void append_name(void *arg, const char *name)
{
	buf_printf(arg, "%s;", name);
}

TEST(operations_name_what_changed)
{
	_cleanup_(buf_done) struct buf names = { 0 };
	struct ipvs_service_key key = random_service_key(0);
	struct side want = { .present = true }, have;
	ipvs_op_vec ops = { 0 };

	random_service(&key, &want.service);
	random_dest(&want.service, 0, &want.dests[0]);
	want.n = 1;
	have = want;
	want.dests[0].weight++;
	want.service.one_packet = !want.service.one_packet;
	plan(&want, &have, &ops);
	CHECK_INT(ops.n, 2);
	CHECK(ops.items[0].dest == &want.dests[0] && ops.items[0].service == &want.service);
	field_each_changed(&ipvs_dest_table, ops.items[0].changed, append_name, &names);
	field_each_changed(&ipvs_service_table, ops.items[1].changed, append_name, &names);
	CHECK_STR(names.data, "weight;onePacket;");
	vec_done(&ops);
}

TEST(the_two_sides_may_have_different_strides)
{
	struct ipvs_service_key key = random_service_key(0);
	struct side want = { .present = true };
	struct ipvs_observed_dest observed[RANDOM_DEST_KEYS];
	struct ipvs_view w, h;
	ipvs_op_vec ops = { 0 };

	random_service(&key, &want.service);
	for (unsigned i = 0; i < RANDOM_DEST_KEYS; i++) {
		random_dest(&want.service, i, &want.dests[want.n++]);
		observed[i] = (struct ipvs_observed_dest){ want.dests[i], { 1, 2, 3 } };
	}
	w = view(&want);
	h = (struct ipvs_view){ &want.service, observed, want.n, sizeof(observed[0]) };
	CHECK_INT(ipvs_plan_service(&w, &h, &ops), 0);
	CHECK_INT(ops.n, 0);
	vec_done(&ops);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists collected over a provider of the test's own, whose pieces come in any order. */
#include "ipvs_listing.h"

#include <errno.h>
#include <string.h>

#include "random_ipvs.h"
#include "test.h"
#include "util.h"

#define MANY 3000

/* Lists `n` services, numbered from 0, in an order of its own, `piece` at a time. */
struct shuffled {
	struct ipvs_kernel base;
	unsigned order[2 * MANY];
	unsigned n, piece, fail_after; /* pieces until an error; 0: none */
	unsigned open;
};

struct ipvs_list {
	unsigned at, pieces;
};

static struct shuffled *shuffled_of(struct ipvs_kernel *k)
{
	return (struct shuffled *)k;
}

static int shuffled_open(struct ipvs_kernel *k, bool counted, struct ipvs_list **ret)
{
	CHECK(!counted);
	*ret = calloc(1, sizeof(**ret));
	CHECK(*ret);
	shuffled_of(k)->open++;
	return 0;
}

static int shuffled_next(struct ipvs_kernel *k, struct ipvs_list *list, ipvs_listed_vec *ret)
{
	const struct shuffled *s = shuffled_of(k);

	if (s->fail_after && ++list->pieces == s->fail_after)
		return -EIO;
	for (unsigned i = 0; i < s->piece && list->at < s->n; i++) {
		struct ipvs_listed l = { .service.key = {
						 .port = 80,
						 .protocol = IPPROTO_TCP,
						 .address.family = AF_INET,
					 } };
		unsigned number = s->order[list->at++];

		l.service.key.address.bytes[2] = (uint8_t)(number >> 8);
		l.service.key.address.bytes[3] = (uint8_t)number;
		CHECK(vec_push(ret, l) == 0);
	}
	return list->at < s->n;
}

static void shuffled_close(struct ipvs_kernel *k, struct ipvs_list *list)
{
	shuffled_of(k)->open -= list != NULL;
	free(list);
}

static int shuffled_refuses(struct ipvs_kernel *k, bool counted, struct ipvs_list **ret)
{
	(void)k;
	(void)counted;
	(void)ret;
	return -EPERM;
}

static const struct ipvs_kernel_ops shuffled_ops = {
	.list_open = shuffled_open,
	.list_next = shuffled_next,
	.list_close = shuffled_close,
};

static const struct ipvs_kernel_ops refusing_ops = {
	.list_open = shuffled_refuses,
	.list_close = shuffled_close,
};

/* n services in random order and, one time in `doubles`, a second time (0: never). */
static void shuffle(struct shuffled *s, unsigned n, unsigned doubles)
{
	s->base.ops = &shuffled_ops;
	s->n = 0;
	s->fail_after = 0;
	for (unsigned i = 0; i < n; i++) {
		s->order[s->n++] = i;
		if (doubles && random_one_in(doubles))
			s->order[s->n++] = i;
	}
	for (unsigned i = s->n; i > 1; i--) {
		unsigned j = random_below(i), swap = s->order[i - 1];

		s->order[i - 1] = s->order[j];
		s->order[j] = swap;
	}
}

static void check_complete(const ipvs_service_vec *v, unsigned n)
{
	CHECK_INT(v->n, n);
	for (unsigned i = 0; i < n; i++)
		CHECK_INT(v->items[i].key.address.bytes[2] << 8 | v->items[i].key.address.bytes[3],
			  i);
}

TEST(any_order_and_any_pieces_come_sorted_without_doubles)
{
	static const unsigned sizes[] = { 0, 1, 2, 3, 89, 90, 91, 180, 1000, MANY };
	static const unsigned pieces[] = { 1, 2, 7, 90, 5000 };
	static struct shuffled s;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (size_t j = 0; j < ARRAY_SIZE(pieces); j++) {
			ipvs_service_vec all = { 0 };

			shuffle(&s, sizes[i], (unsigned)j);
			s.piece = pieces[j];
			CHECK_INT(ipvs_kernel_list(&s.base, &all), 0);
			check_complete(&all, sizes[i]);
			CHECK_INT(s.open, 0);
			vec_done(&all);
		}
}

TEST(what_is_in_order_stays_so)
{
	static struct shuffled s;
	ipvs_service_vec all = { 0 };

	shuffle(&s, 500, 0);
	for (unsigned i = 0; i < 500; i++)
		s.order[i] = i;
	s.piece = 90;
	CHECK_INT(ipvs_kernel_list(&s.base, &all), 0);
	check_complete(&all, 500);
	CHECK_INT(ipvs_kernel_list(&s.base, &all), 0); /* in place of what is there */
	check_complete(&all, 500);
	vec_done(&all);
}

TEST(each_step_is_one_piece)
{
	static struct shuffled s;
	struct ipvs_listing l = { 0 };

	shuffle(&s, 250, 0);
	s.piece = 100;
	CHECK_INT(ipvs_listing_begin(&l, &s.base), 0);
	CHECK_INT(ipvs_listing_step(&l), 1);
	CHECK_INT(l.services.n, 100);
	CHECK_INT(ipvs_listing_step(&l), 1);
	CHECK_INT(l.services.n, 200);
	CHECK(l.list);
	CHECK_INT(ipvs_listing_step(&l), 0);
	CHECK(!l.list);
	CHECK_INT(s.open, 0);
	check_complete(&l.services, 250);
	ipvs_listing_done(&l);
}

TEST(an_error_leaves_the_result_alone_and_the_list_closed)
{
	static struct shuffled s;
	ipvs_service_vec all = { 0 };
	struct ipvs_listing l = { 0 };

	shuffle(&s, 250, 0);
	s.piece = 100;
	s.fail_after = 2;
	CHECK_INT(ipvs_kernel_list(&s.base, &all), -EIO);
	CHECK(!all.items);
	CHECK_INT(s.open, 0);
	CHECK_INT(ipvs_listing_begin(&l, &s.base), 0);
	CHECK_INT(ipvs_listing_step(&l), 1);
	CHECK_INT(s.open, 1);
	ipvs_listing_done(&l); /* given up half way */
	CHECK_INT(s.open, 0);
	s.base.ops = &refusing_ops;
	CHECK_INT(ipvs_kernel_list(&s.base, &all), -EPERM);
	CHECK(!all.items);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of ownership: what somebody else made is never touched, unless a client says adopt. */
#include "core_world.h"

#define A    "tcp:192.0.2.1:80"
#define B    "tcp:192.0.2.2:80"
#define ONE  "{\"realServers\":{\"10.0.0.1:80\":{}}}"
#define MANY "{\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.2:80\":{},\"10.0.0.3:80\":{}}}"

static const struct change_by adopter = {
	.actor = "test", .request_id = "1", .action = "TEST", .adopt = true
};

static void foreign_service(struct ipvs_kernel *inner)
{
	CHECK_INT(other_hand(inner, IPVS_ADD, A, NULL), 0);
	CHECK_INT(other_hand(inner, IPVS_ADD, A, "10.0.0.1:80"), 0);
}

/* Still as foreign_service() left it. */
static bool untouched(const struct world *w)
{
	const struct ipvs_service_key key = service_key(A);
	struct ipvs_kernel *inner = w->kernel.inner;
	ipvs_observed_dest_vec dests = { 0 };
	struct ipvs_service s;
	bool same;

	same = inner->ops->get(inner, &key, &s) == 0 && streq(s.scheduler, "lc") &&
	       inner->ops->dests(inner, &key, &dests) == 0 && dests.n == 1 &&
	       dests.items[0].dest.weight == 77;
	vec_done(&dests);
	return same;
}

TEST(writing_a_foreign_service_is_refused)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	world_start(&w, ":memory:");
	foreign_service(w.kernel.inner);
	world_run(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->foreign, 1);
	CHECK_INT(write_service(&w, &nobody, A, ONE, DECODE_PUT, NULL, &e), -EEXIST);
	CHECK_STR(e.code, "foreign_exists");
	CHECK(!change_pending(w.change));
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK(untouched(&w));
	CHECK_INT(w.kernel.ops.n, 0);
}

TEST(adopting_edits_in_place)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	const struct ipvs_service_key key = service_key(A);

	world_start(&w, ":memory:");
	foreign_service(w.kernel.inner);
	world_run(&w);
	CHECK_INT(write_service(&w, &adopter, A, ONE, DECODE_PUT, NULL, &e), 0);
	world_run(&w);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(desired_claim(change_published(w.change), &key)->class, CLAIM_ADOPTED);
	vec_foreach(op, &w.kernel.ops)
		CHECK_INT(op->verb, IPVS_SET);
	delete_service(&w, A); /* ours now */
	world_run(&w);
	CHECK(!kernel_has(&w, A));
	CHECK_INT(change_published(w.change)->claims.n, 0);
}

TEST(a_service_that_somebody_else_makes_first_is_left_alone)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key key = service_key(A);

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, MANY);
	put_service(&w, B, ONE);
	w.kernel.before_apply = foreign_service;
	world_run(&w);
	CHECK(untouched(&w));
	CHECK_INT(ops_of(&w, A), 1); /* the creation; no real server followed */
	CHECK_INT(w.kernel.ops.items[0].result, -EEXIST);
	CHECK(kernel_has(&w, B));
	CHECK_INT(status_of(&w, A)->reason, STATUS_FOREIGN_EXISTS);
	CHECK_INT(desired_claim(change_published(w.change), &key)->class, CLAIM_FOREIGN);
	put_service(&w, B, MANY);
	world_pass(&w, 3 * WORLD_RESYNC);
	CHECK(untouched(&w));
	CHECK_INT(ops_of(&w, A), 1);
}

TEST(a_foreign_service_that_looks_like_ours_stays_foreign)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A,
		    "{\"scheduler\":\"lc\",\"realServers\":{\"10.0.0.1:80\":{\"weight\":77}}}");
	w.kernel.before_apply = foreign_service;
	world_run(&w);
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(status_of(&w, A)->reason, STATUS_FOREIGN_EXISTS);
	CHECK_INT(change_published(w.change)->claims.n, 1);
}

TEST(the_claim_ends_when_the_foreign_service_goes)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, MANY);
	w.kernel.before_apply = foreign_service;
	world_run(&w);
	CHECK_INT(change_published(w.change)->claims.n, 1);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
	world_resync(&w);
	CHECK_INT(change_published(w.change)->claims.n, 0);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
}

TEST(a_claimed_service_can_be_adopted)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, MANY);
	w.kernel.before_apply = foreign_service;
	world_run(&w);
	/* The same body changes nothing; another one is refused. */
	CHECK_INT(write_service(&w, &nobody, A, MANY, DECODE_PUT, NULL, &e), 0);
	CHECK_INT(write_service(&w, &nobody, A, "{\"scheduler\": \"sed\"}", DECODE_PUT, NULL, &e),
		  -EEXIST);
	err_done(&e);
	CHECK_INT(write_service(&w, &adopter, A, MANY, DECODE_PUT, NULL, &e), 0);
	world_run(&w);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
}

TEST(deleting_a_claimed_service_leaves_the_foreign_one)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, MANY);
	w.kernel.before_apply = foreign_service;
	world_run(&w);
	delete_service(&w, A);
	world_run(&w);
	CHECK(untouched(&w));
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	CHECK_INT(change_published(w.change)->claims.n, 0);
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK(untouched(&w));
}

TEST(a_service_put_and_deleted_in_one_turn_leaves_no_tombstone)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, ONE);
	delete_service(&w, A);
	world_run(&w);
	foreign_service(w.kernel.inner); /* somebody makes it afterwards */
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	CHECK(untouched(&w));
}

TEST(a_creation_that_failed_does_not_own_what_comes_later)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	ipvs_fake_fail(w.kernel.inner, 0, -ENOMEM);
	put_service(&w, A, ONE);
	world_run(&w);
	CHECK_INT(status_of(&w, A)->reason, STATUS_KERNEL_REFUSED);
	foreign_service(w.kernel.inner);
	world_pass(&w, 3 * WORLD_RESYNC);
	CHECK(untouched(&w));
	CHECK_INT(status_of(&w, A)->reason, STATUS_FOREIGN_EXISTS);
}

TEST(a_claim_that_could_not_be_stored_still_holds)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, MANY);
	commit(&w);
	w.kernel.before_apply = foreign_service;
	(void)reconcile_run(w.reconcile, w.now);
	CHECK(change_pending(w.change));
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=1", NULL, NULL, NULL) == SQLITE_OK);
	CHECK_INT(change_commit(w.change, &e), -EIO);
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=0", NULL, NULL, NULL) == SQLITE_OK);
	CHECK_INT(change_published(w.change)->claims.n, 0);
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK(untouched(&w));
	CHECK_INT(change_published(w.change)->claims.n, 1);
}

TEST(a_claim_whose_end_could_not_be_stored_ends_later)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, MANY);
	w.kernel.before_apply = foreign_service;
	world_run(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
	(void)reconcile_request_pass(w.reconcile);
	(void)reconcile_run(w.reconcile, w.now);
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=1", NULL, NULL, NULL) == SQLITE_OK);
	CHECK_INT(change_commit(w.change, &e), -EIO);
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=0", NULL, NULL, NULL) == SQLITE_OK);
	CHECK_INT(change_published(w.change)->claims.n, 1);
	world_resync(&w);
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
	CHECK_INT(change_published(w.change)->claims.n, 0);
}

TEST(a_deletion_whose_end_could_not_be_stored_spares_what_comes_later)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, MANY);
	world_run(&w);
	delete_service(&w, A);
	CHECK_INT(change_commit(w.change, &e), 0);
	(void)reconcile_run(w.reconcile, w.now);
	CHECK_INT(kernel_count(&w), 0);
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=1", NULL, NULL, NULL) == SQLITE_OK);
	CHECK_INT(change_commit(w.change, &e), -EIO);
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=0", NULL, NULL, NULL) == SQLITE_OK);
	CHECK_INT(change_published(w.change)->tombstones.n, 1);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, NULL), 0);
	world_resync(&w);
	CHECK_INT(kernel_count(&w), 1);
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	world_resync(&w);
	CHECK_INT(kernel_count(&w), 1);
	CHECK_INT(reconcile_stats(w.reconcile)->foreign, 1);
}

TEST(foreign_services_are_counted_and_never_written)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	foreign_service(w.kernel.inner);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, "fwm:9", NULL), 0);
	put_service(&w, B, ONE);
	world_run(&w);
	delete_service(&w, B);
	world_run(&w);
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK_INT(reconcile_stats(w.reconcile)->foreign, 2);
	CHECK(untouched(&w) && kernel_has(&w, "fwm:9"));
	CHECK_INT(kernel_count(&w), 2);
	CHECK_INT(ops_of(&w, A) + ops_of(&w, "fwm:9"), 0);
}

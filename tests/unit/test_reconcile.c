/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the reconciler over the fake kernel: order, ownership, drift, restarts. */
#include "core_world.h"

#define A   "tcp:192.0.2.1:80"
#define B   "tcp:192.0.2.2:80"
#define ONE "{\"realServers\":{\"10.0.0.1:80\":{}}}"
#define TWO "{\"scheduler\":\"rr\",\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.2:80\":{}}}"

TEST(a_new_service_is_staged_filled_and_switched_on)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct noted_op *ops;

	world_start(&w, ":memory:");
	world_run(&w);
	put_service(&w, A, TWO);
	world_run(&w);
	ops = w.kernel.ops.items;
	CHECK_INT(w.kernel.ops.n, 4);
	CHECK(ops[0].verb == IPVS_ADD && !ops[0].dest && ops[0].staged);
	CHECK(ops[1].verb == IPVS_ADD && ops[1].dest);
	CHECK(ops[2].verb == IPVS_ADD && ops[2].dest);
	CHECK(ops[3].verb == IPVS_SET && !ops[3].dest);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
	CHECK_INT(status_of(&w, A)->generation, 1);
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(a_write_sends_only_its_difference)
{
	_cleanup_(world_done) struct world w = { 0 };
	size_t before;

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	put_service(&w, B, TWO);
	world_run(&w);
	before = w.kernel.ops.n;
	put_service(&w, B,
		    "{\"scheduler\":\"rr\",\"realServers\":{\"10.0.0.1:80\":{\"weight\":9},"
		    "\"10.0.0.2:80\":{}}}");
	world_run(&w);
	CHECK_INT(w.kernel.ops.n, before + 1);
	CHECK(w.kernel.ops.items[before].verb == IPVS_SET && w.kernel.ops.items[before].dest);
}

/* The kernel waits in each until no packet uses the old one. */
TEST(one_scheduler_is_changed_in_a_slice)
{
	_cleanup_(world_done) struct world w = { 0 };
	size_t before;

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	put_service(&w, B, TWO);
	world_run(&w);
	before = w.kernel.ops.n;
	put_service(&w, A, "{\"scheduler\":\"lc\",\"realServers\":{\"10.0.0.2:80\":{}}}");
	put_service(&w, B, "{\"scheduler\":\"lc\"}");
	commit(&w);
	CHECK_INT(reconcile_run(w.reconcile, w.now), w.now);
	CHECK_INT(w.kernel.ops.n, before + 2);
	CHECK(w.kernel.ops.items[before].verb == IPVS_DELETE);
	CHECK(w.kernel.ops.items[before + 1].verb == IPVS_SET &&
	      !w.kernel.ops.items[before + 1].dest);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK(!kernel_equals(&w, change_published(w.change)->services.items[1]));
	world_run(&w);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[1]));
}

/* Ten thousand entries are not made in one go, and nobody takes them for tried meanwhile. */
TEST(a_large_commit_is_followed_piece_by_piece)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key last = service_key("tcp:192.0.2.251:80");
	char id[32];

	world_start(&w, ":memory:");
	world_run(&w);
	for (unsigned i = 0; i < 500; i++) {
		(void)snprintf(id, sizeof(id), "tcp:192.0.%u.%u:80", 1 + i / 250, 2 + i % 250);
		put_service(&w, id, ONE);
	}
	commit(&w);
	CHECK(!status_find(reconcile_status(w.reconcile), &last));
	CHECK(!reconcile_tried(w.reconcile, &last));
	CHECK(!reconcile_idle(w.reconcile));
	world_run(&w);
	CHECK_INT(kernel_count(&w), 500);
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(a_pass_over_what_is_so_writes_nothing)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct reconcile_stats *stats;
	uint64_t writes, passes;

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	put_service(&w, B,
		    "{\"persistence\":{\"prefixLength\":24},\"schedulerFlags\":[\"flag-3\"]}");
	put_service(&w, "udp:[2001:db8::1]:53",
		    "{\"scheduler\":\"sh\",\"schedulerFlags\":[\"sh-port\"],\"onePacket\":true,"
		    "\"realServers\":{\"[2001:db8::5]:53\":{\"forward\":\"tun\",\"tunnel\":"
		    "{\"type\":\"gue\",\"port\":6080,\"checksum\":\"remote\"}}}}");
	world_run(&w);
	stats = reconcile_stats(w.reconcile);
	writes = bent_writes(&w.kernel.base);
	passes = stats->passes;
	world_pass(&w, 5 * WORLD_RESYNC);
	CHECK(stats->passes >= passes + 4);
	CHECK_INT(bent_writes(&w.kernel.base), writes);
	CHECK_INT(stats->drift_found, 0);
}

TEST(a_requested_pass_starts_after_the_request)
{
	_cleanup_(world_done) struct world w = { 0 };
	uint64_t number;
	unsigned lists;

	world_start(&w, ":memory:");
	world_run(&w);
	lists = w.kernel.lists;
	number = reconcile_request_pass(w.reconcile);
	CHECK(reconcile_stats(w.reconcile)->passes < number);
	world_run(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->passes, number);
	CHECK_INT(w.kernel.lists, lists + 1);
}

TEST(additions_of_all_services_come_before_removals)
{
	_cleanup_(world_done) struct world w = { 0 };
	size_t before, last_add = 0, first_delete = SIZE_MAX;

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	world_run(&w);
	before = w.kernel.ops.n;
	delete_service(&w, A);
	put_service(&w, B, TWO);
	world_run(&w);
	for (size_t i = before; i < w.kernel.ops.n; i++) {
		const struct noted_op *op = &w.kernel.ops.items[i];

		if (op->verb == IPVS_DELETE && i < first_delete)
			first_delete = i;
		if (op->verb == IPVS_ADD)
			last_add = i;
	}
	CHECK(last_add < first_delete && first_delete < SIZE_MAX);
	CHECK(!kernel_has(&w, A) && kernel_has(&w, B));
}

TEST(a_removal_ends_with_its_tombstone)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key key = service_key(A);

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	world_run(&w);
	delete_service(&w, A);
	commit(&w);
	CHECK(desired_has_tombstone(change_published(w.change), &key));
	world_run(&w);
	CHECK(!kernel_has(&w, A));
	CHECK(!desired_has_tombstone(change_published(w.change), &key));
	CHECK(!status_of(&w, A));
}

TEST(a_removal_of_what_is_gone_already_ends_too)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	world_run(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
	delete_service(&w, A);
	world_run(&w);
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(a_tombstone_survives_a_restart)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", file[64];
	_cleanup_(world_done) struct world w = { 0 };

	CHECK(mkdtemp(dir));
	world_start(&w, dir);
	put_service(&w, A, ONE);
	put_service(&w, B, ONE);
	world_run(&w);
	delete_service(&w, A);
	commit(&w); /* stored, and then the lights go out */
	world_stop(&w);
	CHECK(kernel_has(&w, A));
	world_start(&w, dir);
	CHECK_INT(change_published(w.change)->tombstones.n, 1);
	world_run(&w);
	CHECK(!kernel_has(&w, A) && kernel_has(&w, B));
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	world_stop(&w);
	(void)snprintf(file, sizeof(file), "%s/lvsd.db", dir);
	CHECK(unlink(file) == 0 && rmdir(dir) == 0);
}

TEST(delete_and_put_again_before_the_kernel_was_asked)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	world_run(&w);
	delete_service(&w, A);
	commit(&w);
	put_service(&w, A, TWO);
	commit(&w);
	world_run(&w);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(change_published(w.change)->claims.n, 0);
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
}

/* Drift ---------------------------------------------------------------------------------------- */

TEST(drift_is_counted_once_and_repaired)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct reconcile_stats *stats;

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	put_service(&w, B, TWO);
	world_run(&w);
	stats = reconcile_stats(w.reconcile);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_SET, A, "10.0.0.1:80"), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, "10.0.0.2:80"), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, "10.0.0.3:80"), 0);
	world_resync(&w);
	CHECK_INT(stats->drift_found, 1);
	CHECK_INT(stats->drift_repaired, 1);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, B, NULL), 0);
	world_resync(&w);
	CHECK_INT(stats->drift_found, 2);
	CHECK_INT(stats->drift_repaired, 2);
	vec_foreach(s, &change_published(w.change)->services)
		CHECK(kernel_equals(&w, *s));
	world_resync(&w);
	CHECK_INT(stats->drift_found, 2);
}

static void remove_first(struct ipvs_kernel *inner)
{
	CHECK_INT(other_hand(inner, IPVS_DELETE, A, "10.0.0.1:80"), 0);
}

TEST(drift_that_goes_on_during_the_repair_is_one_drift)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	world_run(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_SET, A, "10.0.0.1:80"), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, "10.0.0.2:80"), 0);
	w.kernel.before_apply = remove_first;
	world_resync(&w);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 1);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_repaired, 1);
}

TEST(what_is_found_at_the_start_is_no_drift)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", file[64];
	_cleanup_(world_done) struct world w = { 0 };

	CHECK(mkdtemp(dir));
	world_start(&w, dir);
	put_service(&w, A, TWO);
	world_run(&w);
	world_stop(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, "10.0.0.2:80"), 0);
	world_start(&w, dir);
	world_run(&w);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
	world_stop(&w);
	(void)snprintf(file, sizeof(file), "%s/lvsd.db", dir);
	CHECK(unlink(file) == 0 && rmdir(dir) == 0);
}

TEST(a_real_server_removed_from_a_vanished_service_brings_the_service_back)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key key = service_key(A);
	const struct ipvs_dest_key dest = dest_key("10.0.0.2:80");
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	world_run(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
	CHECK_INT(change_delete_real_server(w.change, &nobody, &key, &dest, &result, &e), 0);
	world_run(&w); /* and not only the next full pass */
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
}

TEST(a_change_of_what_others_removed_looks_again)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	world_run(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, "10.0.0.1:80"), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, "10.0.0.3:80"), 0);
	put_service(&w, A, "{\"realServers\":{\"10.0.0.1:80\":{\"weight\":9},\"10.0.0.3:80\":{}}}");
	world_run(&w);
	CHECK(kernel_equals(&w, change_published(w.change)->services.items[0]));
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
	CHECK_INT(status_of(&w, A)->attempts, 0);
}

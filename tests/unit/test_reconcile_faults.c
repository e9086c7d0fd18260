/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the reconciler in bad weather: refusals, broken transport, torn dumps, random states. */
#include "core_world.h"

#include "desired_json.h"

#define A	"tcp:192.0.2.1:80"
#define B	"tcp:192.0.2.2:80"
#define TWO	"{\"scheduler\":\"rr\",\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.2:80\":{}}}"
#define FOREIGN "tcp:198.51.100.1:80"

static bool all_equal(const struct world *w)
{
	vec_foreach(s, &change_published(w->change)->services)
		if (!kernel_equals(w, *s))
			return false;
	return true;
}

/* Refusals ------------------------------------------------------------------------------------- */

/* Makes A, turns it into B and an edited A: creations, sets and deletions of both kinds. */
static void scenario(struct world *w)
{
	put_service(w, A, TWO);
	put_service(w, "fwm:1", TWO);
	world_run(w);
	put_service(w, A,
		    "{\"scheduler\":\"lc\",\"realServers\":{\"10.0.0.2:80\":{\"weight\":4},"
		    "\"10.0.0.3:80\":{}}}");
	put_service(w, B, TWO);
	delete_service(w, "fwm:1");
	world_run(w);
}

TEST(any_single_refusal_is_overcome)
{
	static const int errors[] = { -EPERM, -ENOENT, -ESRCH, -EINVAL, -ERANGE, -ENOMEM, -EBUSY };

	for (unsigned after = 0; after < 16; after++)
		for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
			_cleanup_(world_done) struct world w = { 0 };

			world_start(&w, ":memory:");
			world_run(&w);
			CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, FOREIGN, NULL), 0);
			ipvs_fake_fail(w.kernel.inner, after, errors[i]);
			scenario(&w);
			world_pass(&w, 200000);
			printf("# operation %u, %s\n", after, strerrorname_np(-errors[i]));
			CHECK(all_equal(&w) && kernel_has(&w, FOREIGN));
			CHECK_INT(kernel_count(&w), 3);
			CHECK_INT(change_published(w.change)->tombstones.n, 0);
			CHECK_INT(change_published(w.change)->claims.n, 0);
			CHECK(reconcile_in_sync(w.reconcile));
			CHECK_INT(reconcile_stats(w.reconcile)->failing, 0);
			/* "It is gone" when it is not is found out as drift. */
			CHECK(errors[i] == -ENOENT || errors[i] == -ESRCH ||
			      reconcile_stats(w.reconcile)->drift_found == 0);
		}
}

TEST(a_refusal_skips_only_its_own_service)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	world_run(&w);
	ipvs_fake_fail(w.kernel.inner, 0, -EINVAL); /* the creation of A */
	put_service(&w, A, TWO);
	put_service(&w, B, TWO);
	world_run(&w);
	CHECK(!kernel_has(&w, A) && kernel_has(&w, B));
	CHECK_INT(ops_of(&w, A), 1); /* no real server without its service */
	CHECK_INT(status_of(&w, A)->reason, STATUS_KERNEL_REFUSED);
	CHECK_INT(status_of(&w, A)->error, -EINVAL);
	CHECK(strstr(status_of(&w, A)->message, "NEW_SERVICE " A ": EINVAL"));
	CHECK_INT(status_of(&w, B)->reason, STATUS_IN_SYNC);
	CHECK_INT(reconcile_stats(w.reconcile)->failing, 1);
	CHECK(!reconcile_in_sync(w.reconcile));
}

TEST(a_missing_scheduler_is_named_and_tried_again)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, "{\"scheduler\":\"twos\",\"realServers\":{\"10.0.0.1:80\":{}}}");
	world_run(&w); /* the fake kernel has no such module */
	CHECK_INT(status_of(&w, A)->reason, STATUS_SCHEDULER_MISSING);
	CHECK(status_of(&w, A)->retry_at > w.now);
	put_service(&w, A, TWO);
	world_run(&w);
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
	CHECK_INT(reconcile_stats(w.reconcile)->failing, 0);
}

TEST(back_off_grows_to_a_bound)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t last = 0, wait = 0;
	unsigned attempts = 0;

	world_start(&w, ":memory:");
	put_service(&w, A, "{\"scheduler\":\"twos\"}");
	world_run(&w);
	for (int i = 0; i < 10; i++) {
		const struct tracked *t = status_of(&w, A);

		CHECK(t->attempts > attempts);
		attempts = t->attempts;
		last = wait;
		wait = t->retry_at - w.now;
		/* ± 20 % of 1 s, 2 s, 4 s … 60 s */
		CHECK(wait >= 800 && wait <= 72000);
		CHECK(i > 5 || wait > last);
		CHECK(i < 7 || wait >= 48000);
		w.now = t->retry_at - 1;
		world_run(&w);
		CHECK_INT(t->attempts, attempts);
		w.now++;
		world_run(&w);
	}
}

TEST(a_write_ends_the_back_off)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, "{\"scheduler\":\"twos\"}");
	world_run(&w);
	world_pass(&w, 60000);
	CHECK(status_of(&w, A)->attempts > 3);
	put_service(&w, A, "{\"scheduler\":\"twos\",\"realServers\":{\"10.0.0.1:80\":{}}}");
	world_run(&w);
	CHECK_INT(status_of(&w, A)->attempts, 1);
	delete_service(&w, A);
	world_run(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->failing, 0);
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(a_requested_pass_tries_what_waits_for_its_retry)
{
	_cleanup_(world_done) struct world w = { 0 };
	unsigned attempts;

	world_start(&w, ":memory:");
	put_service(&w, A, "{\"scheduler\":\"twos\"}");
	world_run(&w);
	world_pass(&w, 60000); /* the next try is far away */
	attempts = status_of(&w, A)->attempts;
	world_resync(&w);
	CHECK_INT(status_of(&w, A)->attempts, attempts + 1);
	CHECK_INT(reconcile_stats(w.reconcile)->failing, 1);
	CHECK(status_of(&w, A)->retry_at > w.now + 10000); /* the back-off goes on */
}

/* Transport ------------------------------------------------------------------------------------ */

TEST(a_requested_pass_tries_a_kernel_that_could_not_be_talked_to)
{
	_cleanup_(world_done) struct world w = { .kernel.list_error = -ENOENT };
	uint64_t pass;

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	world_run(&w);
	world_pass(&w, 60000); /* the next try is seconds away */
	CHECK_INT(reconcile_stats(w.reconcile)->kernel_error, -ENOENT);
	w.kernel.list_error = 0;
	pass = reconcile_request_pass(w.reconcile);
	world_run(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->kernel_error, 0);
	CHECK(reconcile_stats(w.reconcile)->passes >= pass);
	CHECK(all_equal(&w));
}

TEST(a_kernel_without_IPVS_is_in_sync_while_no_service_is_declared)
{
	_cleanup_(world_done) struct world w = { .kernel.list_error = -ENOENT };

	world_start(&w, ":memory:");
	CHECK(!reconcile_in_sync(w.reconcile)); /* nobody has asked the kernel yet */
	world_run(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->kernel_error, -ENOENT);
	CHECK(!reconcile_needs_kernel(w.reconcile));
	CHECK(reconcile_in_sync(w.reconcile));
	put_service(&w, A, TWO);
	world_run(&w);
	CHECK(reconcile_needs_kernel(w.reconcile));
	CHECK(!reconcile_in_sync(w.reconcile));
	delete_service(&w, A); /* what is to be removed needs it too */
	world_run(&w);
	CHECK(reconcile_needs_kernel(w.reconcile));
	w.kernel.list_error = 0;
	world_pass(&w, 13000);
	CHECK(reconcile_needs_kernel(w.reconcile));
	CHECK(reconcile_in_sync(w.reconcile));
	/* One that may have services and does not tell: nobody knows. */
	w.kernel.list_error = -EPERM;
	world_resync(&w);
	CHECK(reconcile_needs_kernel(w.reconcile));
	CHECK(!reconcile_in_sync(w.reconcile));
}

TEST(each_way_of_not_being_talked_to_is_overcome_and_told)
{
	static const struct {
		int error;
		const char *says;
	} ways[] = {
		{ -ENOENT, "the kernel module ip_vs is missing" },
		{ -EPERM, "CAP_NET_ADMIN is missing" },
		{ -ENOBUFS, "found no room" },
		{ -ENOMEM, "out of memory" },
		{ -EBUSY, "still busy" },
		{ -ETIMEDOUT, "did not answer" },
		{ -EIO, "Input/output error" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		_cleanup_(world_done) struct world w = { 0 };
		const struct reconcile_stats *stats;

		world_start(&w, ":memory:");
		stats = reconcile_stats(w.reconcile);
		put_service(&w, A, TWO);
		world_run(&w);
		w.kernel.list_error = w.kernel.apply_error = ways[i].error;
		put_service(&w, B, TWO);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
		world_resync(&w);
		CHECK_INT(stats->kernel_error, ways[i].error);
		CHECK(strstr(status_kernel_cause(stats->kernel_error), ways[i].says));
		CHECK_INT(status_of(&w, B)->reason, STATUS_KERNEL_NOT_READY);
		CHECK_STR(status_of(&w, B)->message, status_kernel_cause(stats->kernel_error));
		w.kernel.list_error = w.kernel.apply_error = 0;
		world_pass(&w, 13000);
		CHECK_INT(stats->kernel_error, 0);
		CHECK(all_equal(&w) && reconcile_in_sync(w.reconcile));
		CHECK_INT(stats->failures, 0);
		CHECK_INT(change_published(w.change)->claims.n, 0);
	}
}

/* In the first moment after half of the operations of a repair were executed: each operation that
 * reaches the kernel may be the last one, and the way out is the same. */
TEST(trouble_at_any_operation_of_a_repair_is_overcome)
{
	static const int errors[] = { -EBUSY, -ENOMEM, -ENOBUFS, -EINTR };

	for (unsigned after = 0; after < 12; after++) {
		_cleanup_(world_done) struct world w = { 0 };

		world_start(&w, ":memory:");
		put_service(&w, A, TWO);
		put_service(&w, B, TWO);
		world_run(&w);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, NULL), 0);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, B, "10.0.0.1:80"), 0);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, B, "10.0.0.3:80"), 0);
		ipvs_fake_fail(w.kernel.inner, after, errors[after % ARRAY_SIZE(errors)]);
		world_resync(&w);
		world_pass(&w, 3000);
		CHECK(all_equal(&w) && reconcile_in_sync(w.reconcile));
		CHECK_INT(change_published(w.change)->claims.n, 0);
		CHECK_INT(reconcile_stats(w.reconcile)->drift_found,
			  reconcile_stats(w.reconcile)->drift_repaired);
	}
}

TEST(a_kernel_that_cannot_be_talked_to_is_tried_again)
{
	static const int errors[] = { -ENOENT, -EPERM };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		_cleanup_(world_done) struct world w = { .kernel.list_error = errors[i] };
		const struct reconcile_stats *stats;
		unsigned lists;

		world_start(&w, ":memory:");
		stats = reconcile_stats(w.reconcile);
		put_service(&w, A, TWO);
		w.kernel.apply_error = errors[i];
		world_run(&w);
		CHECK_INT(stats->kernel_error, errors[i]);
		CHECK_INT(status_of(&w, A)->reason, STATUS_KERNEL_NOT_READY);
		CHECK(!reconcile_in_sync(w.reconcile));
		lists = w.kernel.lists;
		world_pass(&w, 120000);
		CHECK(w.kernel.lists - lists < 60); /* not in a hot loop */
		CHECK_INT(stats->failures, 0);
		w.kernel.list_error = w.kernel.apply_error = 0;
		world_pass(&w, 13000);
		CHECK_INT(stats->kernel_error, 0);
		CHECK(all_equal(&w) && reconcile_in_sync(w.reconcile));
	}
}

TEST(a_transport_that_breaks_midway_is_overcome)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	world_run(&w);
	w.kernel.apply_error = -ENOBUFS; /* half of the operations are executed */
	put_service(&w, A, "{\"realServers\":{\"10.0.0.3:80\":{},\"10.0.0.4:80\":{}}}");
	put_service(&w, "udp:192.0.2.7:53", "{\"realServers\":{\"10.0.0.3:53\":{}}}");
	world_run(&w);
	CHECK_INT(reconcile_stats(w.reconcile)->kernel_error, -ENOBUFS);
	w.kernel.apply_error = 0;
	world_pass(&w, 20000);
	CHECK(all_equal(&w));
	CHECK_INT(change_published(w.change)->claims.n, 0);
}

TEST(a_full_pass_that_breaks_midway_begins_again)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	world_run(&w);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, "10.0.0.1:80"), 0);
	w.kernel.list_error = -EIO;
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK_INT(reconcile_stats(w.reconcile)->kernel_error, -EIO);
	w.kernel.list_error = 0;
	world_pass(&w, 13000);
	CHECK(all_equal(&w));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 1);
}

/* Torn dumps ----------------------------------------------------------------------------------- */

TEST(torn_dumps_delete_nothing_and_are_no_drift)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, FOREIGN, NULL), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, FOREIGN, "10.0.0.9:80"), 0);
	put_service(&w, A, TWO);
	put_service(&w, B, TWO);
	put_service(&w, "udp:192.0.2.7:53", "{\"realServers\":{\"10.0.0.3:53\":{}}}");
	world_run(&w);
	w.kernel.tear = 3;
	w.kernel.ops.n = 0;
	for (int i = 0; i < 300; i++) {
		world_resync(&w);
		world_pass(&w, 1000);
	}
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 0);
	vec_foreach(op, &w.kernel.ops)
		CHECK(op->verb == IPVS_ADD && op->result == -EEXIST);
	CHECK(all_equal(&w) && kernel_has(&w, FOREIGN));
	CHECK_INT(change_published(w.change)->claims.n, 0);
	w.kernel.tear = 0;
	world_pass(&w, 100000);
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(true_drift_is_found_in_torn_dumps_too)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, TWO);
	world_run(&w);
	w.kernel.tear = 4;
	CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, "10.0.0.1:80"), 0);
	world_pass(&w, 10 * WORLD_RESYNC);
	CHECK(all_equal(&w));
	CHECK_INT(reconcile_stats(w.reconcile)->drift_found, 1);
	CHECK_INT(reconcile_stats(w.reconcile)->drift_repaired, 1);
}

/* Random states -------------------------------------------------------------------------------- */

/* Random services straight into the kernel; foreign ones have the keys from `from` to `to`. */
static void fill_kernel(struct ipvs_kernel *inner, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		struct ipvs_service_key key = random_service_key(i);
		struct ipvs_service s;
		struct ipvs_dest d;
		struct ipvs_op op = { .verb = IPVS_ADD, .service = &s };
		int result;

		if (random_one_in(3))
			continue;
		random_service(&key, &s);
		op.dest = NULL;
		CHECK(inner->ops->apply(inner, &op, 1, &result) == 0);
		op.dest = &d;
		for (unsigned j = 0; j < RANDOM_DEST_KEYS; j++) {
			random_dest(&s, j, &d);
			if (random_one_in(2))
				CHECK(inner->ops->apply(inner, &op, 1, &result) == 0);
		}
	}
}

static struct service *random_desired(unsigned i)
{
	struct ipvs_service_key key = random_service_key(i);
	struct service *s = service_new(&key);

	CHECK(s);
	random_service(&key, &s->spec);
	for (unsigned j = 0; j < RANDOM_DEST_KEYS; j++) {
		struct real_server rs = { 0 };

		random_dest(&s->spec, j, &rs.dest);
		if (random_one_in(2))
			CHECK(vec_push(&s->real_servers, rs) == 0);
	}
	return s;
}

/* Replaces, makes or deletes a random service; the half of keys below RANDOM_SERVICE_KEYS / 2. */
static void random_write(struct world *w)
{
	unsigned i = random_below(RANDOM_SERVICE_KEYS / 2);
	struct ipvs_service_key key = random_service_key(i);
	_cleanup_(service_unrefp) struct service *s = random_desired(i);
	_cleanup_(buf_done) struct buf out = { 0 };
	char id[IPVS_SERVICE_ID_MAX];
	struct json_writer writer;

	(void)ipvs_service_key_format(&key, id);
	json_write_init(&writer, &out);
	service_encode(s, &writer);
	if (!desired_find(change_current(w->change), &key) || !random_one_in(3))
		put_service(w, id, out.data);
	else
		delete_service(w, id);
}

/* A text of all that the kernel has under the foreign keys. */
static char *foreign_text(const struct world *w)
{
	struct ipvs_kernel *inner = w->kernel.inner;
	struct buf out = { 0 };
	struct json_writer writer;

	json_write_init(&writer, &out);
	json_write_begin_array(&writer);
	for (unsigned i = RANDOM_SERVICE_KEYS / 2; i < RANDOM_SERVICE_KEYS; i++) {
		struct ipvs_service_key key = random_service_key(i);
		struct service *s = service_new(&key);
		ipvs_observed_dest_vec dests = { 0 };

		if (inner->ops->get(inner, &key, &s->spec) == 0) {
			CHECK(inner->ops->dests(inner, &key, &dests) == 0);
			vec_foreach(d, &dests)
				CHECK(vec_push(&s->real_servers,
					       ((struct real_server){ .dest = d->dest })) == 0);
			service_encode(s, &writer);
		}
		service_unref(s);
		vec_done(&dests);
	}
	json_write_end_array(&writer);
	return buf_take(&out);
}

/* One life of a daemon on a kernel that was in any state, with faults on the way. */
static void random_life(struct world *w, unsigned tear)
{
	_cleanup_(freep) char *before = NULL, *after = NULL;
	size_t services = 0;

	world_start(w, ":memory:");
	fill_kernel(w->kernel.inner, RANDOM_SERVICE_KEYS / 2, RANDOM_SERVICE_KEYS);
	before = foreign_text(w);
	w->kernel.tear = tear;
	for (int i = 0; i < 40; i++) {
		random_write(w);
		if (random_one_in(4))
			ipvs_fake_fail(w->kernel.inner, random_below(6), -ENOMEM);
		w->kernel.apply_error = random_one_in(6) ? -ENOBUFS : 0;
		w->kernel.list_error = random_one_in(6) ? -EIO : 0;
		if (random_one_in(2))
			world_run(w);
		else
			world_pass(w, random_below(40000));
	}
	w->kernel.apply_error = w->kernel.list_error = 0;
	w->kernel.tear = 0;
	world_pass(w, 300000);
	after = foreign_text(w);
	CHECK_STR(after, before);
	CHECK(all_equal(w) && reconcile_in_sync(w->reconcile));
	CHECK_INT(change_published(w->change)->claims.n, 0);
	CHECK_INT(change_published(w->change)->tombstones.n, 0);
	for (unsigned i = 0; i < RANDOM_SERVICE_KEYS / 2; i++) {
		struct ipvs_service_key key = random_service_key(i);
		struct ipvs_service s;

		services += w->kernel.inner->ops->get(w->kernel.inner, &key, &s) == 0;
	}
	CHECK_INT(services, change_published(w->change)->services.n);
}

TEST(random_lives_converge_and_spare_what_is_foreign)
{
	for (int life = 0; life < 150; life++) {
		_cleanup_(world_done) struct world w = { 0 };

		random_life(&w, 0);
	}
}

TEST(random_lives_with_torn_dumps_converge_too)
{
	for (int life = 0; life < 100; life++) {
		_cleanup_(world_done) struct world w = { 0 };

		random_life(&w, 4);
	}
}

/* The kernel holds something else under the desired keys when the daemon starts: edits in place. */
TEST(any_kernel_state_becomes_the_stored_one)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", file[64];

	CHECK(mkdtemp(dir));
	for (int round = 0; round < 40; round++) {
		_cleanup_(world_done) struct world w = { 0 };

		world_start(&w, dir);
		CHECK(round == 0 || change_published(w.change)->services.n > 0);
		for (int i = 0; round == 0 && i < 40; i++)
			random_write(&w);
		commit(&w);
		world_stop(&w);
		fill_kernel(w.kernel.inner, 0, RANDOM_SERVICE_KEYS / 2);
		world_start(&w, dir);
		reconcile_allow_mass_delete(w.reconcile); /* the guard has tests of its own */
		world_pass(&w, 5000);
		CHECK(all_equal(&w) && reconcile_in_sync(w.reconcile));
	}
	(void)snprintf(file, sizeof(file), "%s/lvsd.db", dir);
	CHECK(unlink(file) == 0 && rmdir(dir) == 0);
}

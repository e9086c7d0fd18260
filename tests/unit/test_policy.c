/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the policy: guards against mass deletion, what happens to foreign services, rehearsals.
 */
#include "core_world.h"

#include "policy.h"

#define A	"tcp:192.0.2.1:80"
#define FOREIGN "tcp:198.51.100.1:80"

static struct change_by allowing(void)
{
	struct change_by by = nobody;

	by.allow_mass_delete = true;
	return by;
}

static int write_policy(struct world *w, const char *text, enum decode_mode mode,
			struct change_result *ret)
{
	_cleanup_(err_done) struct err e = { 0 };
	json_t *json = json_loads(text, 0, NULL);
	int r = change_write_policy(w->change, &nobody, json, mode, ret, &e);

	json_decref(json);
	return r;
}

/* {"services": {n services, each with m real servers}} */
static char *document(int n, int m)
{
	struct buf b = { 0 };

	buf_add_str(&b, "{\"services\":{");
	for (int i = 0; i < n; i++) {
		buf_printf(&b, "%s\"tcp:192.0.2.%d:80\":{\"realServers\":{", i ? "," : "", i + 1);
		for (int j = 0; j < m; j++)
			buf_printf(&b, "%s\"10.0.%d.1:80\":{}", j ? "," : "", j);
		buf_add_str(&b, "}}");
	}
	buf_add_str(&b, "}}");
	return buf_take(&b);
}

/* Writes a document over one of 24 services with 2 real servers each: 0, or the refusal. */
static int replace_by(const struct change_by *by, int n, int m)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(freep) char *before = document(24, 2), *after = document(n, m);
	_cleanup_(err_done) struct err e = { 0 };
	int r;

	world_start(&w, ":memory:");
	CHECK_INT(write_config(&w, &nobody, before, NULL, &e), 0);
	world_run(&w);
	r = write_config(&w, by, after, NULL, &e);
	CHECK(r == 0 || streq(e.code, "mass_delete_refused"));
	CHECK_INT(change_current(w.change)->services.n, r == 0 ? n : 24);
	CHECK_INT(change_current(w.change)->n_real_servers, r == 0 ? n * m : 48);
	return r;
}

TEST(a_document_that_takes_away_too_much_needs_a_word)
{
	const struct change_by by = allowing();

	CHECK_INT(replace_by(&nobody, 12, 2), 0);	/* half of the services */
	CHECK_INT(replace_by(&nobody, 11, 2), -EEXIST); /* 13 of 24 */
	CHECK_INT(replace_by(&nobody, 24, 1), 0);	/* half of the real servers */
	CHECK_INT(replace_by(&nobody, 20, 1), -EEXIST); /* 28 of 48 */
	CHECK_INT(replace_by(&nobody, 0, 0), -EEXIST);
	CHECK_INT(replace_by(&by, 11, 2), 0);
	CHECK_INT(replace_by(&by, 0, 0), 0);
}

TEST(ten_removals_are_never_a_mass_but_all_services_are)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(freep) char *ten = document(10, 1), *one = document(1, 1);
	_cleanup_(err_done) struct err e = { 0 };

	world_start(&w, ":memory:");
	CHECK_INT(write_config(&w, &nobody, ten, NULL, &e), 0);
	CHECK_INT(write_config(&w, &nobody, one, NULL, &e), 0);
	CHECK_INT(write_config(&w, &nobody, "{\"services\":{}}", NULL, &e), -EEXIST);
	delete_service(&w, A); /* one object is exempt */
	CHECK_INT(change_current(w.change)->services.n, 0);
}

TEST(real_servers_are_counted_through_every_write)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	const struct ipvs_service_key key = service_key(A);
	const struct ipvs_dest_key one = dest_key("10.0.0.1:80"), two = dest_key("10.0.0.2:80");
	struct change_result result;
	json_t *json = json_object();

	world_start(&w, ":memory:");
	put_service(&w, A, "{\"realServers\":{\"10.0.0.1:80\":{}}}");
	CHECK_INT(change_current(w.change)->n_real_servers, 1);
	CHECK_INT(change_write_real_server(w.change, &nobody, &key, &two, json, DECODE_PUT, &result,
					   &e),
		  0);
	CHECK_INT(change_current(w.change)->n_real_servers, 2);
	CHECK_INT(change_delete_real_server(w.change, &nobody, &key, &one, &result, &e), 0);
	CHECK_INT(change_current(w.change)->n_real_servers, 1);
	commit(&w);
	CHECK_INT(change_published(w.change)->n_real_servers, 1);
	delete_service(&w, A);
	CHECK_INT(change_current(w.change)->n_real_servers, 0);
	json_decref(json);
}

TEST(the_policy_is_written_patched_and_stored)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", file[64];
	_cleanup_(world_done) struct world w = { 0 };
	struct change_result result;

	CHECK(mkdtemp(dir));
	world_start(&w, dir);
	CHECK_INT(change_current(w.change)->policy.max_delete_percent, 50);
	CHECK_INT(write_policy(&w, "{}", DECODE_PUT, &result), 0);
	CHECK(!result.changed);
	CHECK_INT(write_policy(&w, "{\"foreign\":\"ignore\",\"maxDeletePercent\":7}", DECODE_PUT,
			       &result),
		  0);
	CHECK(result.changed);
	CHECK_INT(write_policy(&w, "{\"resyncSeconds\":5}", DECODE_PATCH, &result), 0);
	CHECK_INT(write_policy(&w, "{\"maxDeletePercent\":101}", DECODE_PATCH, &result), -EINVAL);
	commit(&w);
	world_stop(&w);
	world_start(&w, dir);
	CHECK_INT(change_published(w.change)->policy.foreign, POLICY_FOREIGN_IGNORE);
	CHECK_INT(change_published(w.change)->policy.max_delete_percent, 7);
	CHECK_INT(change_published(w.change)->policy.resync_seconds, 5);
	CHECK_INT(change_published(w.change)->policy_revision, result.revision);
	world_stop(&w);
	(void)snprintf(file, sizeof(file), "%s/lvsd.db", dir);
	CHECK(unlink(file) == 0 && rmdir(dir) == 0);
}

TEST(the_policys_defaults_are_those_of_its_schema)
{
	struct policy p;

	policy_init(&p);
	for (size_t i = 0; i < policy_table.n; i++) {
		const struct field *f = &policy_table.rows[i];

		CHECK_INT(field_load(f, &p), f->fallback);
	}
}

TEST(foreign_services_are_removed_only_when_the_policy_says_so)
{
	static const char *const policies[] = { "{}", "{\"foreign\":\"ignore\"}",
						"{\"foreign\":\"prune\"}" };

	for (int i = 0; i < 3; i++) {
		_cleanup_(world_done) struct world w = { 0 };
		struct change_result result;

		world_start(&w, ":memory:");
		CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, FOREIGN, NULL), 0);
		put_service(&w, A, "{}");
		CHECK_INT(write_policy(&w, policies[i], DECODE_PUT, &result), 0);
		world_run(&w);
		world_pass(&w, 3 * WORLD_RESYNC);
		CHECK_INT(kernel_has(&w, FOREIGN), i < 2);
		CHECK_INT(reconcile_stats(w.reconcile)->foreign, i == 0);
		CHECK(kernel_has(&w, A));
		CHECK_INT(change_published(w.change)->tombstones.n, 0);
	}
}

/* Starts on a state whose service has one of the `n` real servers that the kernel has. */
static void start_with_surplus(struct world *w, const char *dir, int n)
{
	world_start(w, dir);
	put_service(w, A, "{\"realServers\":{\"10.0.0.1:80\":{}}}");
	world_run(w);
	world_stop(w);
	for (int i = 2; i <= n; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "10.0.0.%d:80", i);
		CHECK_INT(other_hand(w->kernel.inner, IPVS_ADD, A, id), 0);
	}
	world_start(w, dir);
	world_run(w);
}

static size_t real_servers_of_a(const struct world *w)
{
	const struct ipvs_service_key key = service_key(A);
	ipvs_observed_dest_vec dests = { 0 };
	size_t n;

	CHECK_INT(w->kernel.inner->ops->dests(w->kernel.inner, &key, &dests), 0);
	n = dests.n;
	vec_done(&dests);
	return n;
}

TEST(the_first_pass_holds_a_mass_of_removals)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", file[64];

	CHECK(mkdtemp(dir));
	for (int n = 5; n <= 20; n += 15) {
		_cleanup_(world_done) struct world w = { 0 };

		start_with_surplus(&w, dir, n);
		world_pass(&w, 2 * WORLD_RESYNC);
		CHECK_INT(real_servers_of_a(&w), n == 20 ? 20 : 1);
		CHECK_INT(reconcile_stats(w.reconcile)->held, n == 20 ? 19 : 0);
		CHECK_INT(reconcile_in_sync(w.reconcile), n != 20);
		reconcile_allow_mass_delete(w.reconcile);
		world_resync(&w);
		CHECK_INT(real_servers_of_a(&w), 1);
		CHECK_INT(reconcile_stats(w.reconcile)->held, 0);
		CHECK(reconcile_in_sync(w.reconcile));
		world_stop(&w);
	}
	(void)snprintf(file, sizeof(file), "%s/lvsd.db", dir);
	CHECK(unlink(file) == 0 && rmdir(dir) == 0);
}

/* A health checker writes weights everywhere: that must not empty a pool that is held. */
TEST(a_write_to_a_held_service_removes_nothing)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", file[64];
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key key = service_key(A);

	CHECK(mkdtemp(dir));
	start_with_surplus(&w, dir, 20);
	put_service(&w, A,
		    "{\"scheduler\":\"rr\",\"realServers\":{\"10.0.0.1:80\":{\"weight\":7}}}");
	world_run(&w);
	CHECK_INT(real_servers_of_a(&w), 20);
	CHECK_INT(status_find(reconcile_status(w.reconcile), &key)->reason,
		  STATUS_MASS_DELETE_HELD);
	world_pass(&w, 3 * WORLD_RESYNC);
	CHECK_INT(real_servers_of_a(&w), 20);
	CHECK(!reconcile_in_sync(w.reconcile));
	world_stop(&w);
	(void)snprintf(file, sizeof(file), "%s/lvsd.db", dir);
	CHECK(unlink(file) == 0 && rmdir(dir) == 0);
}

/* Once held, a part that comes right does not release the rest. */
TEST(a_hold_lasts_until_the_word_or_until_nothing_is_left)
{
	char dir[] = "/tmp/lvsd-test-XXXXXX", file[64];
	_cleanup_(world_done) struct world w = { 0 };

	CHECK(mkdtemp(dir));
	start_with_surplus(&w, dir, 20);
	for (int i = 5; i <= 20; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "10.0.0.%d:80", i);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, id), 0);
	}
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK_INT(real_servers_of_a(&w), 4);
	CHECK_INT(reconcile_stats(w.reconcile)->held, 3);
	for (int i = 2; i <= 4; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "10.0.0.%d:80", i);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_DELETE, A, id), 0);
	}
	world_pass(&w, 2 * WORLD_RESYNC);
	CHECK(reconcile_in_sync(w.reconcile));
	world_stop(&w);
	(void)snprintf(file, sizeof(file), "%s/lvsd.db", dir);
	CHECK(unlink(file) == 0 && rmdir(dir) == 0);
}

TEST(a_mass_of_foreign_services_is_pruned_only_at_the_word)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct change_result result;

	world_start(&w, ":memory:");
	for (int i = 1; i <= 30; i++) {
		char id[40];

		(void)snprintf(id, sizeof(id), "tcp:198.51.100.%d:80", i);
		CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, id, NULL), 0);
	}
	put_service(&w, A, "{}");
	CHECK_INT(write_policy(&w, "{\"foreign\":\"prune\"}", DECODE_PUT, &result), 0);
	world_run(&w);
	world_pass(&w, 3 * WORLD_RESYNC);
	CHECK_INT(kernel_count(&w), 31);
	CHECK_INT(reconcile_stats(w.reconcile)->held, 30);
	CHECK(!reconcile_in_sync(w.reconcile));
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	reconcile_allow_mass_delete(w.reconcile);
	world_resync(&w);
	CHECK_INT(kernel_count(&w), 1);
	world_resync(&w);
	CHECK(reconcile_in_sync(w.reconcile));
}

TEST(a_rehearsal_leaves_no_trace)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(desired_unrefp) struct desired *would = NULL;
	_cleanup_(err_done) struct err e = { 0 };
	const struct desired *before;

	world_start(&w, ":memory:");
	put_service(&w, A, "{}");
	before = change_current(w.change);
	CHECK_INT(change_rehearse_begin(w.change, &e), 0);
	put_service(&w, A, "{\"scheduler\":\"rr\"}");
	put_service(&w, FOREIGN, "{}");
	would = change_rehearse_end(w.change);
	CHECK_INT(would->services.n, 2);
	CHECK_STR(would->services.items[0]->spec.scheduler, "rr");
	CHECK(change_current(w.change) == before);
	CHECK_STR(before->services.items[0]->spec.scheduler, "wlc");
	world_run(&w);
	CHECK_INT(kernel_count(&w), 1);
	CHECK_INT(change_published(w.change)->revision, would->revision - 2);
}

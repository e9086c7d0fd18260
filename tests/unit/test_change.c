/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/change.c: writes of single objects, owners, revisions, commits. */
#include "core_world.h"

#include <sys/stat.h>

#define A    "tcp:192.0.2.1:80"
#define B    "tcp:192.0.2.2:80"
#define ONE  "{\"realServers\":{\"10.0.0.1:80\":{}}}"
#define MINE "{\"metadata\":{\"owner\":\"me\"},\"realServers\":{\"10.0.0.1:80\":{}}}"

static struct change_by by_owner(const char *owner, bool force)
{
	struct change_by by = nobody;

	by.owner = owner;
	by.force = force;
	return by;
}

static uint64_t revision(const struct world *w)
{
	return change_current(w->change)->revision;
}

static const struct service *current(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	return desired_find(change_current(w->change), &key);
}

static int write_real_server(struct world *w, const struct change_by *by, const char *id,
			     const char *dest, const char *text, enum decode_mode mode,
			     struct change_result *ret, struct err *e)
{
	const struct ipvs_service_key key = service_key(id);
	const struct ipvs_dest_key dkey = dest_key(dest);
	json_t *json = json_loads(text, 0, NULL);
	int r = change_write_real_server(w->change, by, &key, &dkey, json, mode, ret, e);

	json_decref(json);
	return r;
}

static int set_weight(struct world *w, const char *id, const char *dest, uint32_t weight,
		      struct change_result *ret)
{
	const struct ipvs_service_key key = service_key(id);
	const struct ipvs_dest_key dkey = dest_key(dest);
	_cleanup_(err_done) struct err e = { 0 };

	return change_weight(w->change, &nobody, &key, &dkey, weight, ret, &e);
}

static int drop_real_server(struct world *w, const struct change_by *by, const char *id,
			    const char *dest)
{
	const struct ipvs_service_key key = service_key(id);
	const struct ipvs_dest_key dkey = dest_key(dest);
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;

	return change_delete_real_server(w->change, by, &key, &dkey, &result, &e);
}

/* Revisions ------------------------------------------------------------------------------------ */

TEST(each_change_is_one_revision_and_a_repetition_none)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result first, again;
	uint64_t start;

	world_start(&w, ":memory:");
	start = revision(&w);
	CHECK(start > 1700000000000); /* a new store begins at the clock */
	CHECK_INT(write_service(&w, &nobody, A, ONE, DECODE_PUT, &first, &e), 0);
	CHECK(first.changed && first.created && first.revision == start + 1);
	CHECK_INT(write_service(&w, &nobody, A, ONE, DECODE_PUT, &again, &e), 0);
	CHECK(!again.changed && !again.created && again.revision == first.revision);
	world_run(&w);
	CHECK_INT(write_service(&w, &nobody, A, ONE, DECODE_PUT, &again, &e), 0);
	CHECK(!again.changed && again.revision == first.revision);
	CHECK(!change_pending(w.change));
	CHECK_INT(write_service(&w, &nobody, A, "{\"scheduler\":\"rr\"}", DECODE_PATCH, &again, &e),
		  0);
	CHECK(again.changed && !again.created && again.revision == start + 2);
	CHECK_INT(current(&w, A)->meta.generation, 2);
	CHECK(current(&w, A)->meta.created <= current(&w, A)->meta.updated);
}

TEST(a_real_server_keeps_its_revision_when_another_changes)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct change_result result;
	const struct service *s;
	uint64_t first;

	world_start(&w, ":memory:");
	put_service(&w, A, "{\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.2:80\":{}}}");
	first = revision(&w);
	CHECK_INT(set_weight(&w, A, "10.0.0.2:80", 7, &result), 0);
	CHECK(result.changed && result.revision == first + 1);
	s = current(&w, A);
	CHECK_INT(s->real_servers.items[0].revision, first);
	CHECK_INT(s->real_servers.items[1].revision, first + 1);
	CHECK_INT(s->meta.revision, first + 1);
	CHECK_INT(set_weight(&w, A, "10.0.0.2:80", 7, &result), 0);
	CHECK(!result.changed && result.revision == first + 1);
	CHECK_INT(set_weight(&w, A, "10.0.0.9:80", 7, &result), -ENOENT);
	CHECK_INT(set_weight(&w, B, "10.0.0.2:80", 7, &result), -ENOENT);
}

TEST(real_servers_are_made_changed_and_removed)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	CHECK_INT(write_real_server(&w, &nobody, A, "10.0.0.2:80", "{\"weight\":5}", DECODE_PUT,
				    &result, &e),
		  0);
	CHECK(result.created && result.changed);
	CHECK_INT(write_real_server(&w, &nobody, A, "10.0.0.2:80", "{\"upperThreshold\":5}",
				    DECODE_PATCH, &result, &e),
		  0);
	CHECK(!result.created && result.changed);
	CHECK_INT(current(&w, A)->real_servers.items[1].dest.weight, 5);
	CHECK_INT(write_real_server(&w, &nobody, A, "10.0.0.2:80", "{}", DECODE_PATCH, &result, &e),
		  0);
	CHECK(!result.changed);
	CHECK_INT(write_real_server(&w, &nobody, A, "10.0.0.3:80", "{}", DECODE_PATCH, &result, &e),
		  -ENOENT);
	CHECK_STR(e.code, "not_found");
	CHECK_INT(drop_real_server(&w, &nobody, A, "10.0.0.2:80"), 0);
	CHECK_INT(drop_real_server(&w, &nobody, A, "10.0.0.2:80"), -ENOENT);
	CHECK_INT(current(&w, A)->real_servers.n, 1);
	world_run(&w);
	CHECK(kernel_equals(&w, current(&w, A)));
}

TEST(a_second_spelling_of_a_server_on_a_mark_is_refused)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;

	world_start(&w, ":memory:");
	put_service(&w, "fwm:1", ONE);
	CHECK_INT(write_real_server(&w, &nobody, "fwm:1", "10.0.0.1:81", "{}", DECODE_PUT, &result,
				    &e),
		  -EINVAL);
	CHECK_STR(e.code, "validation_failed");
	CHECK_STR(e.items[0].code, "duplicate_real_server");
	err_done(&e);
	CHECK_INT(write_real_server(&w, &nobody, "fwm:1", "10.0.0.1:81", "{\"forward\":\"nat\"}",
				    DECODE_PUT, &result, &e),
		  0);
}

TEST(what_is_absent_is_not_found)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key key = service_key(A);
	_cleanup_(err_done) struct err e = { 0 }, f = { 0 };
	struct change_result result;

	world_start(&w, ":memory:");
	CHECK_INT(write_service(&w, &nobody, A, "{}", DECODE_PATCH, &result, &e), -ENOENT);
	CHECK_STR(e.code, "not_found");
	CHECK_INT(change_delete_service(w.change, &nobody, &key, &result, &f), -ENOENT);
	CHECK_STR(f.code, "not_found");
	CHECK(!change_pending(w.change));
}

TEST(a_refused_write_changes_nothing)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	uint64_t before;

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	world_run(&w);
	before = revision(&w);
	CHECK_INT(write_service(&w, &nobody, A, "{\"scheduler\":\"x\",\"onePacket\":true}",
				DECODE_PUT, NULL, &e),
		  -EINVAL);
	CHECK_STR(e.code, "validation_failed");
	CHECK_INT(e.n_items, 2);
	CHECK(!change_pending(w.change));
	CHECK_INT(revision(&w), before);
}

/* Owners --------------------------------------------------------------------------------------- */

TEST(another_owners_object_is_refused_unless_forced)
{
	const struct change_by you = by_owner("you", false), force = by_owner("you", true);
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key key = service_key(A);
	static const char *const texts[] = { "{}", "{\"metadata\":{\"owner\":\"you\"}}",
					     "{\"metadata\":{\"owner\":null}}" };
	struct change_result result;

	world_start(&w, ":memory:");
	put_service(&w, A, MINE);
	for (int i = 0; i < 12; i++) {
		_cleanup_(err_done) struct err e = { 0 };
		enum decode_mode mode = i & 1 ? DECODE_PATCH : DECODE_PUT;

		printf("# %s %s\n", texts[i / 2 % 3], mode == DECODE_PATCH ? "PATCH" : "PUT");
		CHECK_INT(write_service(&w, i < 6 ? &you : &nobody, A, texts[i / 2 % 3], mode, NULL,
					&e),
			  -EPERM);
		CHECK_STR(e.code, "owner_conflict");
	}
	for (int i = 0; i < 2; i++) {
		_cleanup_(err_done) struct err e = { 0 }, f = { 0 };

		CHECK_INT(write_real_server(&w, i ? &you : &nobody, A, "10.0.0.1:80",
					    "{\"weight\":3}", DECODE_PUT, &result, &e),
			  -EPERM);
		CHECK_INT(change_delete_service(w.change, i ? &you : &nobody, &key, &result, &f),
			  -EPERM);
		CHECK_INT(drop_real_server(&w, i ? &you : &nobody, A, "10.0.0.1:80"), -EPERM);
	}
	CHECK_STR(current(&w, A)->meta.owner, "me");
	CHECK_INT(set_weight(&w, A, "10.0.0.1:80", 4, &result), 0); /* exempt */
	CHECK_INT(drop_real_server(&w, &force, A, "10.0.0.1:80"), 0);
}

TEST(the_owner_may_write)
{
	const struct change_by me = by_owner("me", false);
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;

	world_start(&w, ":memory:");
	put_service(&w, A, MINE);
	CHECK_INT(write_service(&w, &nobody, A, MINE, DECODE_PUT, &result, &e), 0);
	CHECK_INT(write_service(&w, &me, A, "{\"scheduler\":\"rr\"}", DECODE_PUT, &result, &e), 0);
	CHECK_STR(current(&w, A)->meta.owner, "me"); /* ?owner= is the default of the body's */
	CHECK_INT(write_service(&w, &me, A, "{\"scheduler\":\"lc\"}", DECODE_PATCH, &result, &e),
		  0);
	CHECK_INT(write_service(&w, &nobody, A,
				"{\"metadata\":{\"owner\":\"me\"},\"scheduler\":\"sh\"}",
				DECODE_PATCH, &result, &e),
		  0);
	CHECK_INT(write_service(&w, &me, A, "{\"metadata\":{\"owner\":null}}", DECODE_PATCH,
				&result, &e),
		  0);
	CHECK_STR(current(&w, A)->meta.owner, NULL);
	CHECK_INT(write_service(&w, &me, A, "{\"scheduler\":\"rr\"}", DECODE_PATCH, &result, &e),
		  0);
	CHECK_STR(current(&w, A)->meta.owner, NULL); /* a patch takes nothing over by the way */
	CHECK_INT(write_service(&w, &me, A, "{}", DECODE_PUT, &result, &e), 0);
	CHECK_STR(current(&w, A)->meta.owner, "me");
}

/* Commits -------------------------------------------------------------------------------------- */

static int64_t count(struct world *w, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int64_t n = -1;

	CHECK(sqlite3_prepare_v2(w->store->db, sql, -1, &q, NULL) == SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

TEST(the_writes_of_a_turn_are_one_commit)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct change_result result;
	uint64_t before;

	world_start(&w, ":memory:");
	before = revision(&w);
	put_service(&w, A, ONE);
	put_service(&w, B, ONE);
	CHECK_INT(set_weight(&w, A, "10.0.0.1:80", 5, &result), 0);
	delete_service(&w, B);
	CHECK_INT(change_published(w.change)->services.n, 0); /* nothing outside has changed */
	CHECK_INT(w.kernel.ops.n, 0);
	commit(&w);
	CHECK(!change_pending(w.change));
	CHECK_INT(change_published(w.change)->services.n, 1);
	CHECK_INT(change_published(w.change)->revision, before + 4);
	CHECK_INT(count(&w, "SELECT count(*) FROM history"), 4);
	CHECK_INT(count(&w, "SELECT count(*) FROM service"), 1);
	CHECK_INT(count(&w, "SELECT revision FROM real_server"), (int64_t)before + 3);
	world_run(&w);
	CHECK(kernel_equals(&w, current(&w, A)));
}

TEST(a_candidate_shares_what_it_does_not_touch)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct service *a, *b;

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	put_service(&w, B, ONE);
	commit(&w);
	a = current(&w, A);
	b = current(&w, B);
	put_service(&w, B, "{\"scheduler\":\"rr\"}");
	commit(&w);
	CHECK(current(&w, A) == a && current(&w, B) != b);
}

TEST(a_failed_commit_leaves_all_as_it_was)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	const struct desired *before;
	uint64_t last;

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	world_run(&w);
	before = change_published(w.change);
	last = revision(&w);
	w.kernel.ops.n = 0;
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=1", NULL, NULL, NULL) == SQLITE_OK);
	put_service(&w, A, "{\"scheduler\":\"rr\"}");
	put_service(&w, B, ONE);
	CHECK_INT(change_commit(w.change, &e), -EIO);
	CHECK_STR(e.code, "storage_failed");
	CHECK(!change_pending(w.change) && change_published(w.change) == before);
	CHECK_INT(revision(&w), last);
	(void)reconcile_run(w.reconcile, w.now);
	CHECK_INT(w.kernel.ops.n, 0);
	CHECK(sqlite3_exec(w.store->db, "PRAGMA query_only=0", NULL, NULL, NULL) == SQLITE_OK);
	put_service(&w, B, ONE);
	world_run(&w);
	CHECK_INT(revision(&w), last + 1);
	CHECK(kernel_equals(&w, current(&w, B)));
	CHECK_INT(count(&w, "SELECT count(*) FROM history"), 2);
}

TEST(put_and_delete_in_any_order_within_a_turn)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, ONE);
	world_run(&w);
	delete_service(&w, A);
	put_service(&w, A, "{\"scheduler\":\"rr\"}");
	put_service(&w, B, ONE);
	delete_service(&w, B);
	put_service(&w, B, "{\"scheduler\":\"lc\"}");
	world_run(&w);
	CHECK(kernel_equals(&w, current(&w, A)) && kernel_equals(&w, current(&w, B)));
	CHECK_INT(count(&w, "SELECT count(*) FROM service"), 2);
	CHECK_INT(count(&w, "SELECT count(*) FROM real_server"), 0);
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	CHECK_INT(current(&w, A)->meta.generation, 1);
}

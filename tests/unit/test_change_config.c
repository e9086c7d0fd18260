/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/change_config.c: the whole configuration as one document. */
#include "core_world.h"

#define A "tcp:192.0.2.1:80"
#define B "tcp:192.0.2.2:80"
#define C "udp:[2001:db8::1]:53"

static const char both[] = "{\"services\":{\"" A "\":{\"realServers\":{\"10.0.0.1:80\":{}}},"
			   "\"" B "\":{\"realServers\":{\"10.0.0.2:80\":{}}}}}";

static const struct service *current(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	return desired_find(change_current(w->change), &key);
}

static size_t services(const struct world *w)
{
	return change_current(w->change)->services.n;
}

static void must_write(struct world *w, const struct change_by *by, const char *text)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct change_by allowed = *by;
	int r;

	allowed.allow_mass_delete = true;
	r = write_config(w, &allowed, text, NULL, &e);
	if (r < 0)
		printf("# %s: %s\n", e.code, e.n_items ? e.items[0].detail : e.detail);
	CHECK_INT(r, 0);
}

#define CHECK_REFUSED(w, by, text, error, want_code, want_items)                                   \
	do {                                                                                       \
		_cleanup_(err_done) struct err e_ = { 0 };                                         \
		_cleanup_(buf_done) struct buf got_ = { 0 };                                       \
		uint64_t revision_ = change_current((w)->change)->revision;                        \
		const struct desired *before_ = change_current((w)->change);                       \
		CHECK_INT(write_config(w, by, text, NULL, &e_), error);                            \
		CHECK_STR(e_.code, want_code);                                                     \
		buf_add_str(&got_, "");                                                            \
		for (size_t i_ = 0; i_ < e_.n_items; i_++)                                         \
			buf_printf(&got_, "%s %s;", e_.items[i_].code, e_.items[i_].pointer);      \
		CHECK_STR(got_.data, want_items);                                                  \
		CHECK(change_current((w)->change) == before_);                                     \
		CHECK_INT(change_current((w)->change)->revision, revision_);                       \
	} while (0)

TEST(a_document_is_one_revision_and_a_repetition_none)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result first, again;

	world_start(&w, ":memory:");
	CHECK_INT(write_config(&w, &nobody, both, &first, &e), 0);
	CHECK(first.changed);
	CHECK_INT(current(&w, A)->meta.revision, first.revision);
	CHECK_INT(current(&w, B)->meta.revision, first.revision);
	CHECK_INT(change_current(w.change)->revision, first.revision);
	CHECK_INT(write_config(&w, &nobody, both, &again, &e), 0);
	CHECK(!again.changed && again.revision == first.revision);
	world_run(&w);
	CHECK_INT(write_config(&w, &nobody, both, &again, &e), 0);
	CHECK(!again.changed && !change_pending(w.change));
	CHECK(kernel_equals(&w, current(&w, A)) && kernel_equals(&w, current(&w, B)));
}

TEST(a_part_that_is_absent_is_kept)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_write(&w, &nobody, both);
	must_write(&w, &nobody, "{}");
	must_write(&w, &nobody, "{\"vips\":{},\"policy\":null}");
	CHECK_INT(services(&w), 2);
}

TEST(a_part_that_is_empty_or_null_is_emptied)
{
	static const char *const texts[] = { "{\"services\":{}}", "{\"services\":null}",
					     "{\"services\":{\"" A "\":null}}" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(world_done) struct world w = { 0 };

		world_start(&w, ":memory:");
		must_write(&w, &nobody, both);
		world_run(&w);
		must_write(&w, &nobody, texts[i]);
		CHECK_INT(services(&w), 0);
		world_run(&w);
		CHECK_INT(kernel_count(&w), 0);
	}
}

TEST(absent_services_go_and_absent_real_servers_stay)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct service *before;

	world_start(&w, ":memory:");
	must_write(&w, &nobody, both);
	before = current(&w, A);
	must_write(&w, &nobody, "{\"services\":{\"" A "\":{}}}");
	CHECK_INT(services(&w), 1);
	CHECK(current(&w, A) == before); /* not even copied */
	must_write(&w, &nobody, "{\"services\":{\"" A "\":{\"realServers\":{}}}}");
	CHECK_INT(current(&w, A)->real_servers.n, 0);
}

TEST(any_spelling_of_an_id_is_the_same_service)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_write(&w, &nobody, "{\"services\":{\"" C "\":{}}}");
	must_write(&w, &nobody, "{\"services\":{\"UDP:2001:DB8::1:53\":{\"scheduler\":\"rr\"}}}");
	CHECK_INT(services(&w), 1);
	CHECK_INT(current(&w, C)->meta.generation, 2);
}

TEST(one_id_in_two_spellings_is_refused)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	CHECK_REFUSED(&w, &nobody,
		      "{\"services\":{\"" C "\":{},\"UDP:2001:DB8::1:53\":{\"scheduler\":\"rr\"}}}",
		      -EINVAL, "validation_failed", "duplicate_id /services/" C ";");
	CHECK_REFUSED(&w, &nobody, "{\"services\":{\"" A "\":{},\"" A "\":{}}}", -EINVAL,
		      "validation_failed", "duplicate_id /services/" A ";");
	CHECK_REFUSED(&w, &nobody, "{\"services\":{\"" A "\":null,\"TCP:192.0.2.1:80\":{}}}",
		      -EINVAL, "validation_failed", "duplicate_id /services/" A ";");
}

TEST(all_faults_of_all_services_come_at_once)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_write(&w, &nobody, both);
	CHECK_REFUSED(&w, &nobody,
		      "{\"services\":{\"" A
		      "\":{\"scheduler\":\"x\",\"realServers\":{\"10.0.0.1:81\":"
		      "{\"weight\":-1}}},\"nonsense\":{},\"" B "\":[],\"tcp:127.0.0.1:80\":{}},"
		      "\"marks\":{\"1\":{}},\"other\":1}",
		      -EINVAL, "validation_failed",
		      "out_of_range /services/" A "/realServers/10.0.0.1:81/weight;"
		      "unknown_scheduler /services/" A "/scheduler;"
		      "port_mapping_unsupported /services/" A "/realServers/10.0.0.1:81;"
		      "invalid_id /services/nonsense;wrong_type /services/" B ";"
		      "invalid_id /services/tcp:127.0.0.1:80;not_supported /marks;"
		      "unknown_member /other;");
	CHECK_INT(services(&w), 2);
}

TEST(bad_json_anywhere_changes_nothing)
{
	static const char *const texts[] = {
		"",
		"[",
		"{\"services\":{\"" A "\":{}}",
		"{\"services\":{\"" A "\":{}}}x",
		"{\"services\":{\"" A "\":{}},\"services\":{}}",
		"{\"services\":{\"" A "\":{\"scheduler\":\"rr\",\"scheduler\":\"rr\"}}}",
		"{\"services\":{\"" A "\":{}},\"vips\":}",
	};
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_write(&w, &nobody, both);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		printf("# %s\n", texts[i]);
		CHECK_REFUSED(&w, &nobody, texts[i], -EINVAL, "invalid_json", "");
	}
	CHECK_REFUSED(&w, &nobody, "[]", -EINVAL, "validation_failed", "wrong_type ;");
	CHECK_REFUSED(&w, &nobody, "null", -EINVAL, "validation_failed", "wrong_type ;");
	CHECK_REFUSED(&w, &nobody, "{\"services\":5}", -EINVAL, "validation_failed",
		      "wrong_type /services;");
}

/* Owners --------------------------------------------------------------------------------------- */

static void three_owners(struct world *w)
{
	must_write(w, &nobody,
		   "{\"services\":{\"" A "\":{\"metadata\":{\"owner\":\"me\"}},\"" B
		   "\":{\"metadata\":{\"owner\":\"you\"}},\"" C "\":{}}}");
	CHECK_INT(services(w), 3);
}

TEST(only_the_writers_own_services_are_removed)
{
	const struct change_by me = { .owner = "me", .actor = "", .request_id = "", .action = "" };
	struct change_by force = me;

	for (int i = 0; i < 3; i++) {
		_cleanup_(world_done) struct world w = { 0 };

		world_start(&w, ":memory:");
		three_owners(&w);
		force.force = true;
		must_write(&w, i == 0 ? &me : i == 1 ? &nobody : &force, "{\"services\":{}}");
		CHECK_INT(current(&w, A) != NULL, i == 1);
		CHECK_INT(current(&w, B) != NULL, i != 2);
		CHECK_INT(current(&w, C) != NULL, i == 0);
	}
}

TEST(a_service_of_another_owner_refuses_the_document)
{
	const struct change_by me = { .owner = "me", .actor = "", .request_id = "", .action = "" };
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	three_owners(&w);
	CHECK_REFUSED(&w, &me, "{\"services\":{\"" A "\":{\"scheduler\":\"rr\"},\"" B "\":{}}}",
		      -EPERM, "owner_conflict", "");
	CHECK_STR(current(&w, A)->spec.scheduler, "wlc");
}

TEST(what_is_new_gets_the_writers_owner)
{
	const struct change_by me = { .owner = "me", .actor = "", .request_id = "", .action = "" };
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_write(&w, &me, both);
	CHECK_STR(current(&w, A)->meta.owner, "me");
}

/* Conflicts ------------------------------------------------------------------------------------ */

TEST(a_foreign_service_refuses_the_document_unless_adopted)
{
	struct change_by adopter = nobody;
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, B, NULL), 0);
	world_run(&w);
	CHECK_REFUSED(&w, &nobody, both, -EEXIST, "foreign_exists", "");
	CHECK_INT(services(&w), 0);
	adopter.adopt = true;
	must_write(&w, &adopter, both);
	world_run(&w);
	CHECK(kernel_equals(&w, current(&w, A)) && kernel_equals(&w, current(&w, B)));
	CHECK_INT(change_published(w.change)->claims.n, 1);
}

TEST(faults_go_before_conflicts)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, NULL), 0);
	world_run(&w);
	CHECK_REFUSED(&w, &nobody, "{\"services\":{\"" A "\":{},\"" B "\":{\"scheduler\":\"x\"}}}",
		      -EINVAL, "validation_failed", "unknown_scheduler /services/" B "/scheduler;");
}

TEST(a_document_builds_on_the_writes_of_its_turn)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, C, "{}");
	must_write(&w, &nobody, both);
	CHECK_INT(services(&w), 2);
	world_run(&w);
	CHECK(!kernel_has(&w, C));
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
}

/* A document that is read in steps, and the reconciler has news meanwhile: a deletion is confirmed,
 * and somebody else turns out to have made a service. */
TEST(news_between_the_steps_are_kept)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	const struct ipvs_service_key a = service_key(A), b = service_key(B);
	static const char text[] = "{\"services\":{\"" A "\":{\"realServers\":{}},\"" B "\":{},"
				   "\"fwm:9\":{}},\"policy\":{\"resyncSeconds\":77}}";
	struct config_write *write;
	struct change_result result;
	int r;

	world_start(&w, ":memory:");
	put_service(&w, A, "{}");
	put_service(&w, B, "{}");
	put_service(&w, "fwm:8", "{}");
	world_run(&w);
	delete_service(&w, "fwm:8");
	commit(&w);
	CHECK_INT(change_published(w.change)->tombstones.n, 1);
	CHECK_INT(
		change_config_begin(w.change, &nobody, DECODE_PUT, text, strlen(text), &write, &e),
		0);
	CHECK_INT(change_config_step(write, &e), 1);
	change_deleted(w.change, &change_published(w.change)->tombstones.items[0]);
	change_foreign(w.change, &b, true);
	commit(&w);
	do
		r = change_config_step(write, &e);
	while (r > 0);
	CHECK_INT(r, 0);
	CHECK_INT(change_config_finish(write, &result, &e), 0);
	change_config_free(write);
	CHECK(result.changed);
	commit(&w);
	CHECK_INT(change_published(w.change)->tombstones.n, 0);
	CHECK(desired_claim(change_published(w.change), &b));
	CHECK(!desired_claim(change_published(w.change), &a));
	CHECK_INT(change_published(w.change)->services.n, 3);
	CHECK_INT(change_published(w.change)->policy.resync_seconds, 77);
}

TEST(a_big_document_is_written_and_found_unchanged)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	_cleanup_(buf_done) struct buf text = { 0 };
	struct change_result result;

	buf_add_str(&text, "{\"services\":{");
	for (int i = 0; i < 2000; i++)
		buf_printf(&text,
			   "%s\"tcp:10.1.%d.%d:80\":{\"realServers\":{\"10.0.0.1:80\":{},"
			   "\"10.0.0.2:80\":{\"weight\":2}}}",
			   i ? "," : "", i / 200, 1 + i % 200);
	buf_add_str(&text, "}}");
	world_start(&w, ":memory:");
	CHECK_INT(write_config(&w, &nobody, text.data, &result, &e), 0);
	world_run(&w);
	CHECK_INT(kernel_count(&w), 2000);
	CHECK_INT(bent_writes(&w.kernel.base), 2000 * 4);
	CHECK_INT(write_config(&w, &nobody, text.data, &result, &e), 0);
	CHECK(!result.changed);
}

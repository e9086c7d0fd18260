/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/change_import.c: what a merge and a replacement make of the state, and faults by
 * the number of their line. */
#include "core_world.h"

#define A	"tcp:192.0.2.1:80"
#define B	"udp:192.0.2.2:53"
#define LINE_A	"-A -t 192.0.2.1:80 -s rr\n"
#define LINE_A1 "-a -t 192.0.2.1:80 -r 10.0.0.1 -w 1\n"
#define LINE_A2 "-a -t 192.0.2.1:80 -r 10.0.0.2 -w 2\n"
#define LINE_B	"-A -u 192.0.2.2:53 -s rr\n"

static const struct change_by anna = {
	.owner = "anna", .actor = "test", .request_id = "2", .action = "TEST"
};

static int import(struct world *w, const struct change_by *by, enum decode_mode mode,
		  const char *text, struct change_result *ret, struct err *e)
{
	struct config_write *write = NULL;
	struct change_result unused;
	size_t read = 0;
	int r;

	CHECK_INT(change_import_begin(w->change, by, mode, text, strlen(text), NULL, &write, e), 0);
	do {
		r = change_config_step(write, e);
		CHECK(change_config_read(write) >= read);
		read = change_config_read(write);
	} while (r > 0);
	if (r == 0)
		r = change_config_finish(write, ret ? ret : &unused, e);
	change_config_free(write);
	return r;
}

static void must_import(struct world *w, enum decode_mode mode, const char *text,
			struct change_result *ret)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct change_by by = nobody;
	int r;

	by.allow_mass_delete = true;
	r = import(w, &by, mode, text, ret, &e);
	if (r < 0)
		printf("# %s: %s\n", e.code, e.n_items ? e.items[0].detail : e.detail);
	CHECK_INT(r, 0);
}

static const struct service *current(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	return desired_find(change_current(w->change), &key);
}

/* The real servers of a service: "10.0.0.1:80=1 10.0.0.2:80=2 ". */
static void check_dests(const struct world *w, const char *id, const char *want)
{
	_cleanup_(buf_done) struct buf got = { 0 };
	const struct service *s = current(w, id);
	char text[IPVS_DEST_ID_MAX];

	CHECK(s);
	buf_add_str(&got, "");
	vec_foreach(rs, &s->real_servers)
		buf_printf(&got, "%s=%u ", ipvs_dest_key_format(&rs->dest.key, text),
			   rs->dest.weight);
	CHECK_STR(got.data, want);
}

static void check_refused(struct world *w, enum decode_mode mode, const char *text,
			  const char *items)
{
	_cleanup_(err_done) struct err e = { 0 };
	_cleanup_(buf_done) struct buf got = { 0 };
	const struct desired *before = change_current(w->change);

	CHECK_INT(import(w, &nobody, mode, text, NULL, &e), -EINVAL);
	CHECK_STR(e.code, "validation_failed");
	for (size_t i = 0; i < e.n_items; i++)
		buf_printf(&got, "%s %s;", e.items[i].code, e.items[i].pointer);
	CHECK_STR(got.data, items);
	CHECK(change_current(w->change) == before);
}

TEST(a_text_is_one_revision_and_a_repetition_none)
{
	static const char text[] = LINE_A LINE_A1 "# note\n\n" LINE_B LINE_A2;
	struct change_result first, again;

	for (int put = 0; put < 2; put++) {
		_cleanup_(world_done) struct world w = { 0 };
		enum decode_mode mode = put ? DECODE_PUT : DECODE_PATCH;

		world_start(&w, ":memory:");
		must_import(&w, mode, text, &first);
		CHECK(first.changed);
		check_dests(&w, A, "10.0.0.1:80=1 10.0.0.2:80=2 ");
		CHECK_INT(current(&w, B)->meta.revision, first.revision);
		must_import(&w, mode, text, &again);
		CHECK(!again.changed && again.revision == first.revision);
		world_run(&w);
		CHECK(kernel_equals(&w, current(&w, A)) && kernel_equals(&w, current(&w, B)));
	}
}

TEST(a_merge_adds_and_edits_what_is_named)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_import(&w, DECODE_PATCH, LINE_A LINE_A1 LINE_A2 LINE_B, NULL);
	must_import(&w, DECODE_PATCH,
		    "-A -t 192.0.2.1:80 -s lc\n"
		    "-a -t 192.0.2.1:80 -r 10.0.0.2 -w 7\n"
		    "-a -t 192.0.2.1:80 -r 10.0.0.3 -w 3\n",
		    NULL);
	CHECK_STR(current(&w, A)->spec.scheduler, "lc");
	check_dests(&w, A, "10.0.0.1:80=1 10.0.0.2:80=7 10.0.0.3:80=3 ");
	CHECK(current(&w, B));
	/* Without -A the service stays what it is. */
	must_import(&w, DECODE_PATCH, "-a -t 192.0.2.1:80 -r 10.0.0.0 -w 0", NULL);
	CHECK_STR(current(&w, A)->spec.scheduler, "lc");
	check_dests(&w, A, "10.0.0.0:80=0 10.0.0.1:80=1 10.0.0.2:80=7 10.0.0.3:80=3 ");
}

TEST(a_replacement_is_all_that_the_writer_has)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	world_start(&w, ":memory:");
	CHECK_INT(import(&w, &anna, DECODE_PUT, "-A -f 7\n", NULL, &e), 0);
	CHECK_STR(current(&w, "fwm:7")->meta.owner, "anna");
	must_import(&w, DECODE_PUT, LINE_A LINE_A1 LINE_A2 LINE_B, NULL);
	must_import(&w, DECODE_PUT, LINE_A LINE_A2, NULL);
	check_dests(&w, A, "10.0.0.2:80=2 ");
	CHECK(!current(&w, B));
	CHECK(current(&w, "fwm:7"));
	must_import(&w, DECODE_PUT, "# nothing\n", NULL);
	CHECK(!current(&w, A));
	CHECK(current(&w, "fwm:7"));
}

TEST(the_guard_and_owners_are_heeded)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct err e = { 0 };

	world_start(&w, ":memory:");
	must_import(&w, DECODE_PUT, LINE_A, NULL);
	CHECK_INT(import(&w, &nobody, DECODE_PUT, "\n", NULL, &e), -EEXIST);
	CHECK_STR(e.code, "mass_delete_refused");
	err_done(&e);
	must_import(&w, DECODE_PUT, "-A -f 8\n", NULL);
	CHECK_INT(import(&w, &anna, DECODE_PATCH, LINE_A, NULL, &e), 0);
	CHECK_INT(import(&w, &nobody, DECODE_PATCH, "-A -t 192.0.2.1:80 -s lc", NULL, &e), -EPERM);
	CHECK_STR(e.code, "owner_conflict");
	err_done(&e);
}

TEST(owner_and_labels_stay)
{
	for (int put = 0; put < 2; put++) {
		_cleanup_(world_done) struct world w = { 0 };

		world_start(&w, ":memory:");
		put_service(&w, A, "{\"metadata\":{\"labels\":{\"app\":\"web\"}}}");
		must_import(&w, put ? DECODE_PUT : DECODE_PATCH, LINE_A LINE_A1, NULL);
		CHECK_INT(current(&w, A)->meta.labels_len, sizeof("app\0web"));
	}
}

TEST(foreign_services_are_a_conflict_or_adopted)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct change_by adopting = nobody;
	struct err e = { 0 };

	world_start(&w, ":memory:");
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, NULL), 0);
	CHECK_INT(import(&w, &nobody, DECODE_PATCH, LINE_B LINE_A, NULL, &e), -EEXIST);
	CHECK_STR(e.code, "foreign_exists");
	err_done(&e);
	CHECK(!current(&w, B));
	adopting.adopt = true;
	CHECK_INT(import(&w, &adopting, DECODE_PATCH, LINE_B LINE_A, NULL, &e), 0);
	world_run(&w);
	CHECK(kernel_equals(&w, current(&w, A)));
}

TEST(faults_are_named_by_their_lines)
{
	static const struct {
		const char *text, *items;
	} cases[] = {
		{ "foo", "invalid_line /lines/1;" },
		{ "\n#\n" LINE_A "foo\nbar", "invalid_line /lines/4;invalid_line /lines/5;" },
		{ LINE_A1, "unknown_service /lines/1;" },
		{ LINE_A1 LINE_A, "unknown_service /lines/1;" },
		{ LINE_A LINE_B LINE_A, "duplicate_id /lines/3;" },
		{ LINE_A LINE_A1 LINE_B LINE_A1, "duplicate_id /lines/4;" },
		{ LINE_A LINE_A1 "-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 1\n" LINE_A1,
		  "duplicate_id /lines/3;duplicate_id /lines/4;" },
		{ "-A -t 192.0.2.1:80 -s xx\n" LINE_A1, "unknown_scheduler /lines/1/scheduler;" },
		{ "-A -t 192.0.2.1:80 -p x\n" LINE_A1, "out_of_range /lines/1;" },
		{ "-A -t 192.0.2.1:0\n", "persistence_required /lines/1/persistence;" },
		{ "-A -t 192.0.2.1:80 -o\n", "one_packet_needs_udp /lines/1/onePacket;" },
		{ LINE_A "-a -t 192.0.2.1:80 -r 10.0.0.1 -y 2\n",
		  "threshold_order /lines/2/lowerThreshold;" },
		{ LINE_A "-a -t 192.0.2.1:80 -r [2001:db8::1]\n",
		  "address_family_mismatch /lines/2;" },
		{ LINE_A "-a -t 192.0.2.1:80 -r 10.0.0.1 -i --tun-type gue\n",
		  "tunnel_port_required /lines/2/tunnel/port;" },
		{ "-A -f 7\n-a -f 7 -r 10.0.0.1:81\n-a -f 7 -r 10.0.0.1:80\n",
		  "duplicate_real_server /lines/3;" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(world_done) struct world w = { 0 };

		world_start(&w, ":memory:");
		check_refused(&w, DECODE_PUT, cases[i].text, cases[i].items);
		check_refused(&w, DECODE_PATCH, cases[i].text, cases[i].items);
	}
}

TEST(a_merge_sees_what_is_declared)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_import(&w, DECODE_PUT, LINE_A "-A -f 7\n-a -f 7 -r 10.0.0.1:80\n", NULL);
	check_refused(&w, DECODE_PATCH, "-a -f 7 -r 10.0.0.1:81\n",
		      "duplicate_real_server /lines/1;");
	check_refused(&w, DECODE_PATCH, LINE_A1 LINE_A, "invalid_line /lines/2;");
	check_refused(&w, DECODE_PUT, LINE_A1, "unknown_service /lines/1;");
}

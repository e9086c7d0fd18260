/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/desired_json.c: PUT and PATCH of services, the map of real servers, metadata. */
#include "desired_json.h"

#include <errno.h>

#include "random_ipvs.h"
#include "test.h"

static struct ipvs_service_key key_of(const char *id)
{
	struct ipvs_service_key k;
	const char *why = "";

	CHECK_INT(ipvs_service_key_parse(id, strlen(id), &k, &why), 0);
	return k;
}

/* Decodes text onto current; NULL (with the faults in e) when it is refused. */
static struct service *decode(const char *id, const struct service *current, enum decode_mode mode,
			      const char *text, struct err *e)
{
	const struct ipvs_service_key key = key_of(id);
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	struct service *s = NULL;
	int r;

	if (!json)
		printf("# %s\n", error.text);
	CHECK(json);
	r = service_decode(json, &key, current, mode, NULL, &s, e);
	json_decref(json);
	CHECK(r == 0 || (r == -EINVAL && err_has_items(e) && !s));
	return s;
}

static struct service *decoded(const char *id, const struct service *current, enum decode_mode mode,
			       const char *text)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct service *s = decode(id, current, mode, text, &e);

	for (size_t i = 0; i < e.n_items; i++)
		printf("# %s: %s\n", e.items[i].pointer, e.items[i].detail);
	CHECK(s);
	return s;
}

/* The service as JSON text, for comparison. */
static char *text_of(const struct service *s)
{
	struct buf out = { 0 };
	struct json_writer w;

	json_write_init(&w, &out);
	service_encode(s, &w);
	return buf_take(&out);
}

#define CHECK_FAULTS(id, current, mode, text, want)                                                \
	do {                                                                                       \
		_cleanup_(err_done) struct err e_ = { 0 };                                         \
		_cleanup_(buf_done) struct buf got_ = { 0 };                                       \
		_cleanup_(service_unrefp) struct service *s_ =                                     \
			decode(id, current, mode, text, &e_);                                      \
		CHECK(!s_);                                                                        \
		for (size_t i_ = 0; i_ < e_.n_items; i_++)                                         \
			buf_printf(&got_, "%s %s;", e_.items[i_].code, e_.items[i_].pointer);      \
		CHECK_STR(got_.data, want);                                                        \
	} while (0)

#define T "tcp:192.0.2.1:80"
#define THREE                                                                                         \
	"{\"scheduler\":\"rr\",\"metadata\":{\"owner\":\"me\",\"labels\":{\"b\":\"2\",\"a\":\"1\"}}," \
	"\"realServers\":{\"10.0.0.3:80\":{\"weight\":3},\"10.0.0.1:80\":{\"weight\":1},"             \
	"\"10.0.0.2:80\":{\"weight\":2}}}"

TEST(put_starts_from_the_defaults)
{
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);
	_cleanup_(service_unrefp) struct service *b = NULL;

	a->row = 4;
	a->meta.revision = 9;
	b = decoded(T, a, DECODE_PUT, "{}");
	CHECK_STR(b->spec.scheduler, "wlc");
	CHECK(!b->meta.owner && b->meta.labels_len == 0);
	CHECK_INT(b->row, 4);
	CHECK_INT(b->meta.revision, 9);
}

TEST(put_keeps_real_servers_that_are_not_given_and_empties_given_ones)
{
	static const char *const empty[] = { "{\"realServers\":{}}", "{\"realServers\":null}" };
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);
	_cleanup_(service_unrefp) struct service *kept = decoded(T, a, DECODE_PUT, "{}");

	CHECK_INT(kept->real_servers.n, 3);
	CHECK_INT(kept->real_servers.items[2].dest.weight, 3);
	for (int i = 0; i < 4; i++) {
		_cleanup_(service_unrefp) struct service *b =
			decoded(T, a, i & 1 ? DECODE_PUT : DECODE_PATCH, empty[i / 2]);

		/* A patch with an empty object changes nothing (RFC 7396). */
		CHECK_INT(b->real_servers.n, i == 0 ? 3 : 0);
	}
}

TEST(put_replaces_the_map)
{
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);
	_cleanup_(service_unrefp) struct service *b =
		decoded(T, a, DECODE_PUT,
			"{\"realServers\":{\"10.0.0.2:80\":{},\"10.0.0.4:80\":{},"
			"\"10.0.0.1:80\":null}}");

	CHECK_INT(b->real_servers.n, 2);
	CHECK_INT(b->real_servers.items[0].dest.weight, 1); /* the default, not the 2 of before */
	CHECK_INT(a->real_servers.n, 3);
}

TEST(patch_adds_changes_and_removes_entries)
{
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);
	_cleanup_(service_unrefp) struct service *b = decoded(
		T, a, DECODE_PATCH,
		"{\"realServers\":{\"10.0.0.1:80\":null,\"10.0.0.2:80\":{\"upperThreshold\":7},"
		"\"10.0.0.4:80\":{},\"10.0.0.9:80\":null}}");

	CHECK_STR(b->spec.scheduler, "rr");
	CHECK_STR(b->meta.owner, "me");
	CHECK_INT(b->real_servers.n, 3);
	CHECK_INT(b->real_servers.items[0].dest.weight, 2);
	CHECK_INT(b->real_servers.items[0].dest.upper_threshold, 7);
	CHECK_INT(b->real_servers.items[1].dest.weight, 3);
	CHECK_INT(b->real_servers.items[2].dest.key.address.bytes[3], 4);
}

TEST(patch_of_nothing_is_the_same)
{
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);
	_cleanup_(service_unrefp) struct service *b = decoded(T, a, DECODE_PATCH, "{}");
	_cleanup_(service_unrefp) struct service *c = decoded(
		T, a, DECODE_PATCH, "{\"metadata\":{},\"realServers\":{\"10.0.0.1:80\":{}}}");

	CHECK(service_same(a, b) && service_same(a, c));
}

TEST(null_is_the_default_in_a_patch_too)
{
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);
	_cleanup_(service_unrefp) struct service *b =
		decoded(T, a, DECODE_PATCH,
			"{\"scheduler\":null,\"metadata\":null,"
			"\"realServers\":{\"10.0.0.2:80\":{\"weight\":null}}}");

	CHECK_STR(b->spec.scheduler, "wlc");
	CHECK(!b->meta.owner && !b->meta.labels);
	CHECK_INT(b->real_servers.items[1].dest.weight, 1);
}

TEST(read_only_members_are_ignored)
{
	_cleanup_(service_unrefp) struct service *a = decoded(
		T, NULL, DECODE_PUT,
		"{\"id\":\"x\",\"status\":{\"a\":[1]},\"metadata\":{\"revision\":5,\"generation\":1,"
		"\"createdAt\":\"x\",\"updatedAt\":0},\"realServers\":{\"10.0.0.1:80\":{\"id\":1,"
		"\"status\":null,\"metadata\":{\"revision\":4}}}}");

	CHECK_INT(a->meta.revision, 0);
	CHECK_INT(a->real_servers.n, 1);
}

TEST(every_spelling_of_a_real_server_is_one)
{
	_cleanup_(service_unrefp) struct service *a =
		decoded("tcp:[2001:db8::1]:80", NULL, DECODE_PUT,
			"{\"realServers\":{\"[2001:db8::5]:80\":{\"weight\":5}}}");
	_cleanup_(service_unrefp) struct service *b =
		decoded("tcp:[2001:db8::1]:80", a, DECODE_PATCH,
			"{\"realServers\":{\"2001:DB8:0::5:80\":{\"upperThreshold\":5}}}");

	CHECK_INT(b->real_servers.n, 1);
	CHECK_INT(b->real_servers.items[0].dest.weight, 5);
	CHECK_INT(b->real_servers.items[0].dest.upper_threshold, 5);
}

TEST(one_id_in_two_spellings_is_refused)
{
	CHECK_FAULTS("tcp:[2001:db8::1]:80", NULL, DECODE_PUT,
		     "{\"realServers\":{\"[2001:db8::5]:80\":{},\"2001:DB8::5:80\":{}}}",
		     "duplicate_id /realServers/2001:DB8::5:80;");
	CHECK_FAULTS("tcp:[2001:db8::1]:80", NULL, DECODE_PATCH,
		     "{\"realServers\":{\"[2001:db8::5]:80\":null,\"2001:DB8::5:80\":{}}}",
		     "duplicate_id /realServers/2001:DB8::5:80;");
}

TEST(faults_point_to_what_the_client_wrote)
{
	CHECK_FAULTS("tcp:[2001:db8::1]:80", NULL, DECODE_PUT,
		     "{\"realServers\":{\"2001:DB8::5:80\":{\"lowerThreshold\":3},"
		     "\"2001:DB8::6:80\":{\"forward\":\"x\",\"tunnel\":{\"type\":\"gre\"}}}}",
		     "unknown_value /realServers/2001:DB8::6:80/forward;"
		     "threshold_order /realServers/2001:DB8::5:80/lowerThreshold;");
}

TEST(all_faults_of_a_service_come_at_once)
{
	CHECK_FAULTS(T, NULL, DECODE_PUT,
		     "{\"scheduler\":\"x\",\"onePacket\":true,\"weights\":1,"
		     "\"metadata\":{\"owner\":5,\"x\":1,\"labels\":{\"k\":1}},"
		     "\"realServers\":{\"localhost:80\":{},\"10.0.0.1:81\":{},\"10.0.0.2:80\":5}}",
		     "unknown_member /weights;wrong_type /metadata/owner;"
		     "wrong_type /metadata/labels/k;unknown_member /metadata/x;"
		     "invalid_id /realServers/localhost:80;wrong_type /realServers/10.0.0.2:80;"
		     "unknown_scheduler /scheduler;one_packet_needs_udp /onePacket;"
		     "port_mapping_unsupported /realServers/10.0.0.1:81;");
}

TEST(wrong_types_of_the_whole_parts)
{
	CHECK_FAULTS(T, NULL, DECODE_PUT, "[]", "wrong_type ;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, "{\"realServers\":[]}", "wrong_type /realServers;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, "{\"metadata\":5}", "wrong_type /metadata;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, "{\"metadata\":{\"labels\":[]}}",
		     "wrong_type /metadata/labels;");
}

TEST(marks_refuse_the_same_server_twice)
{
	CHECK_FAULTS("fwm:1", NULL, DECODE_PUT,
		     "{\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.1:81\":{\"forward\":\"nat\"},"
		     "\"10.0.0.1:82\":{\"forward\":\"tun\"}}}",
		     "duplicate_real_server /realServers/10.0.0.1:82;");
	service_unref(decoded("fwm:1", NULL, DECODE_PUT,
			      "{\"realServers\":{\"10.0.0.1:80\":{\"forward\":\"nat\"},"
			      "\"10.0.0.1:81\":{\"forward\":\"nat\"},\"10.0.0.1:0\":{}}}"));
}

/* Labels --------------------------------------------------------------------------------------- */

TEST(labels_are_packed_sorted)
{
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);

	CHECK_INT(a->meta.labels_len, 8);
	CHECK(memcmp(a->meta.labels, "a\0001\0b\0002\0", 8) == 0);
}

TEST(labels_are_patched_one_by_one)
{
	_cleanup_(service_unrefp) struct service *a = decoded(T, NULL, DECODE_PUT, THREE);
	_cleanup_(service_unrefp) struct service *b = decoded(
		T, a, DECODE_PATCH,
		"{\"metadata\":{\"labels\":{\"a\":null,\"c\":\"\",\"b\":\"9\",\"z\":null}}}");
	_cleanup_(service_unrefp) struct service *c =
		decoded(T, a, DECODE_PATCH, "{\"metadata\":{\"labels\":null}}");

	CHECK_INT(b->meta.labels_len, 7);
	CHECK(memcmp(b->meta.labels, "b\0009\0c\0\0", 7) == 0);
	CHECK_STR(b->meta.owner, "me");
	CHECK(c->meta.labels_len == 0 && c->meta.owner);
}

/* {"metadata": {"labels": {"0": value, …}}} with n labels of `len` bytes. */
static char *many_labels(int n, int len)
{
	struct buf b = { 0 };

	buf_add_str(&b, "{\"metadata\":{\"labels\":{");
	for (int i = 0; i < n; i++)
		buf_printf(&b, "%s\"%d\":\"%0*d\"", i ? "," : "", i, len, i);
	buf_add_str(&b, "}}}");
	return buf_take(&b);
}

TEST(labels_have_limits)
{
	_cleanup_(freep) char *most = many_labels(64, 10), *more = many_labels(65, 10);
	_cleanup_(freep) char *long_value = many_labels(1, 257), *bytes = many_labels(17, 256);

	service_unref(decoded(T, NULL, DECODE_PUT, most));
	CHECK_FAULTS(T, NULL, DECODE_PUT, more, "out_of_range /metadata/labels;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, bytes, "out_of_range /metadata/labels;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, long_value, "wrong_type /metadata/labels/0;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, "{\"metadata\":{\"labels\":{\"\":\"x\"}}}",
		     "out_of_range /metadata/labels/;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, "{\"metadata\":{\"labels\":{\"a\":\"\\u0007\"}}}",
		     "wrong_type /metadata/labels/a;");
}

TEST(a_flood_of_labels_is_refused_without_sorting_it_out)
{
	_cleanup_(freep) char *flood = many_labels(80000, 1); /* a body of the largest size */

	CHECK_FAULTS(T, NULL, DECODE_PUT, flood, "out_of_range /metadata/labels;");
}

TEST(owners_have_limits)
{
	_cleanup_(buf_done) struct buf text = { 0 };

	buf_printf(&text, "{\"metadata\":{\"owner\":\"%0*d\"}}", OWNER_MAX, 0);
	service_unref(decoded(T, NULL, DECODE_PUT, text.data));
	buf_clear(&text);
	buf_printf(&text, "{\"metadata\":{\"owner\":\"%0*d\"}}", OWNER_MAX + 1, 0);
	CHECK_FAULTS(T, NULL, DECODE_PUT, text.data, "wrong_type /metadata/owner;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, "{\"metadata\":{\"owner\":\"\"}}",
		     "wrong_type /metadata/owner;");
	CHECK_FAULTS(T, NULL, DECODE_PUT, "{\"metadata\":{\"owner\":\"a\\nb\"}}",
		     "wrong_type /metadata/owner;");
}

/* Whole services ------------------------------------------------------------------------------- */

TEST(random_services_decode_to_what_was_encoded)
{
	for (int round = 0; round < 3000; round++) {
		struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));
		_cleanup_(service_unrefp) struct service *a = service_new(&key), *b = NULL,
							 *c = NULL;
		_cleanup_(freep) char *first = NULL, *again = NULL;
		char id[IPVS_SERVICE_ID_MAX];

		random_service(&key, &a->spec);
		for (unsigned i = 0; i < RANDOM_DEST_KEYS; i++) {
			struct real_server rs = { 0 };

			random_dest(&a->spec, i, &rs.dest);
			if (random_below(2))
				CHECK_INT(vec_push(&a->real_servers, rs), 0);
		}
		if (random_below(2))
			a->meta.owner = strdup("o\"wner");
		first = text_of(a);
		b = decoded(ipvs_service_key_format(&key, id), NULL, DECODE_PUT, first);
		again = text_of(b);
		CHECK_STR(again, first);
		CHECK(service_same(a, b));
		c = decoded(id, b, DECODE_PUT, first);
		CHECK(service_same(b, c));
	}
}

TEST(a_single_real_server_is_patched_from_the_present_one)
{
	const struct ipvs_service_key key = key_of(T);
	struct ipvs_dest_key dkey = { .port = 80, .address = { AF_INET, { 10, 0, 0, 1 } } };
	_cleanup_(err_done) struct err e = { 0 };
	json_t *json = json_loads("{\"upperThreshold\":4}", 0, NULL);
	struct ipvs_dest current, got;
	struct ipvs_service s;

	ipvs_service_init(&key, &s);
	ipvs_dest_init(&dkey, &current);
	current.weight = 9;
	CHECK_INT(real_server_decode(json, &s, &dkey, &current, DECODE_PATCH, NULL, &got, &e), 0);
	CHECK(got.weight == 9 && got.upper_threshold == 4);
	CHECK_INT(real_server_decode(json, &s, &dkey, &current, DECODE_PUT, NULL, &got, &e), 0);
	CHECK(got.weight == 1 && got.upper_threshold == 4);
	json_decref(json);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/declared.c and declared_json.c: sorted sharing vectors, the view for the planner,
 * PUT and PATCH of each kind, and what is refused with which pointer. */
#include "declared_json.h"

#include <errno.h>

#include "desired.h"
#include "test.h"

static struct declared_key key_of(enum declared_kind kind, const char *id)
{
	struct declared_key key;
	const char *why = "";

	CHECK_INT(declared_key_parse(kind, id, &key, &why), 0);
	return key;
}

static struct declared *decode(enum declared_kind kind, const char *id,
			       const struct declared *current, enum decode_mode mode,
			       const char *text, struct err *e)
{
	const struct declared_key key = key_of(kind, id);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	struct declared *o = NULL;
	int r;

	CHECK(json);
	r = declared_decode(json, &key, current, mode, NULL, &o, e);
	json_decref(json);
	CHECK(r == 0 ? o != NULL : r == -EINVAL && err_has_items(e) && !o);
	return o;
}

static struct declared *decoded(enum declared_kind kind, const char *id,
				const struct declared *current, enum decode_mode mode,
				const char *text)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct declared *o = decode(kind, id, current, mode, text, &e);

	for (size_t i = 0; i < e.n_items; i++)
		printf("# %s: %s\n", e.items[i].pointer, e.items[i].detail);
	CHECK(o);
	return o;
}

static void check_text(const struct declared *o, const char *want)
{
	struct buf out = { 0 };
	struct json_writer w;

	json_write_init(&w, &out);
	declared_encode(o, &w);
	CHECK_STR(out.data, want);
	buf_done(&out);
}

/* JSON ----------------------------------------------------------------------------------------- */

TEST(every_kind_shows_every_member)
{
	static const struct {
		enum declared_kind kind;
		const char *id, *body, *want;
	} cases[] = {
		{ DECLARED_VIP, "192.0.2.10", "{\"interface\":\"eth0\"}",
		  "{\"interface\":\"eth0\",\"prefixLength\":32,\"label\":null,\"announce\":{"
		  "\"count\":3,\"intervalMilliseconds\":200,\"repeatSeconds\":0},\"metadata\":{"
		  "\"owner\":null,\"labels\":{}}}" },
		{ DECLARED_VIP, "2001:DB8::10",
		  "{\"interface\":\"lo\",\"announce\":{\"count\":0},\"metadata\":{\"owner\":\"a\"},"
		  "\"id\":\"x\",\"status\":{}}",
		  "{\"interface\":\"lo\",\"prefixLength\":128,\"label\":null,\"announce\":{"
		  "\"count\":0,\"intervalMilliseconds\":200,\"repeatSeconds\":0},\"metadata\":{"
		  "\"owner\":\"a\",\"labels\":{}}}" },
		{ DECLARED_REAL_SERVER, "",
		  "{\"mode\":\"tun\",\"vips\":{\"192.0.2.10\":{},\"192.0.2.9\":{}},"
		  "\"tunnel\":{\"type\":\"gue\",\"port\":5555}}",
		  "{\"mode\":\"tun\",\"interface\":null,\"tunnel\":{\"type\":\"gue\",\"port\":5555,"
		  "\"checksum\":\"none\"},\"vips\":{\"192.0.2.9\":{},\"192.0.2.10\":{}},"
		  "\"metadata\":{\"owner\":null,\"labels\":{}}}" },
		{ DECLARED_DIRECTOR, "", "{\"ipv4Forwarding\":true,\"ipvs\":{\"conntrack\":1}}",
		  "{\"ipv4Forwarding\":true,\"ipv6Forwarding\":null,\"sendRedirects\":null,"
		  "\"timeouts\":{\"tcpSeconds\":null,\"tcpFinSeconds\":null,\"udpSeconds\":null},"
		  "\"ipvs\":{\"conntrack\":\"1\"},\"metadata\":{\"owner\":null,\"labels\":{}}}" },
		{ DECLARED_SYSCTL, "net.ipv4.conf.eth0/100.arp_ignore", "{\"value\":1}",
		  "{\"value\":\"1\",\"metadata\":{\"owner\":null,\"labels\":{}}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct declared *o =
			decoded(cases[i].kind, cases[i].id, NULL, DECODE_PUT, cases[i].body);
		struct declared *again =
			decoded(cases[i].kind, cases[i].id, o, DECODE_PUT, cases[i].want);

		check_text(o, cases[i].want);
		CHECK(declared_same(o, again)); /* what is shown may be sent back */
		declared_unref(o);
		declared_unref(again);
	}
}

TEST(what_is_wrong_is_named_by_its_pointer)
{
	static const struct {
		enum declared_kind kind;
		const char *id, *body, *pointer, *code;
	} cases[] = {
		{ DECLARED_VIP, "192.0.2.1", "{}", "/interface", "required" },
		{ DECLARED_VIP, "192.0.2.1", "[]", "", "wrong_type" },
		{ DECLARED_VIP, "192.0.2.1", "{\"interface\":\"a/b\"}", "/interface",
		  "invalid_interface" },
		{ DECLARED_VIP, "192.0.2.1", "{\"interface\":\"..\"}", "/interface",
		  "invalid_interface" },
		{ DECLARED_VIP, "192.0.2.1", "{\"interface\":\"sixteen-bytes-16\"}", "/interface",
		  "too_long" },
		{ DECLARED_VIP, "192.0.2.1", "{\"interface\":\"a b\"}", "/interface",
		  "invalid_interface" },
		{ DECLARED_VIP, "192.0.2.1", "{\"interface\":\"lo\",\"prefixLength\":24}",
		  "/prefixLength", "out_of_range" },
		{ DECLARED_VIP, "192.0.2.1", "{\"interface\":\"lo\",\"prefixLength\":128}",
		  "/prefixLength", "out_of_range" },
		{ DECLARED_VIP, "2001:db8::1", "{\"interface\":\"lo\",\"prefixLength\":32}",
		  "/prefixLength", "out_of_range" },
		{ DECLARED_VIP, "2001:db8::1", "{\"interface\":\"lo\",\"label\":\"x\"}", "/label",
		  "label_needs_ipv4" },
		{ DECLARED_VIP, "192.0.2.1", "{\"interface\":\"lo\",\"nonsense\":1}", "/nonsense",
		  "unknown_member" },
		{ DECLARED_REAL_SERVER, "", "{\"vips\":{\"127.0.0.1\":{}}}", "/vips/127.0.0.1",
		  "invalid_id" },
		{ DECLARED_REAL_SERVER, "", "{\"vips\":[]}", "/vips", "wrong_type" },
		{ DECLARED_REAL_SERVER, "", "{\"mode\":\"nat\"}", "/mode", "unknown_value" },
		{ DECLARED_REAL_SERVER, "", "{\"interface\":\"../x\"}", "/interface",
		  "invalid_interface" },
		{ DECLARED_DIRECTOR, "", "{\"timeouts\":{\"udpSeconds\":0}}",
		  "/timeouts/udpSeconds", "out_of_range" },
		{ DECLARED_DIRECTOR, "", "{\"timeouts\":{\"tcpSeconds\":2147484}}",
		  "/timeouts/tcpSeconds", "out_of_range" },
		{ DECLARED_DIRECTOR, "", "{\"ipvs\":{\"../x\":1}}", "/ipvs/..~1x",
		  "sysctl_not_allowed" },
		{ DECLARED_SYSCTL, "net.ipv4.ip_forward", "{}", "/value", "required" },
		{ DECLARED_SYSCTL, "net.ipv4.ip_forward", "{\"value\":2}", "/value",
		  "invalid_value" },
		{ DECLARED_SYSCTL, "net.ipv4.ip_forward", "{\"value\":true}", "/value",
		  "wrong_type" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(err_done) struct err e = { 0 };

		CHECK(!decode(cases[i].kind, cases[i].id, NULL, DECODE_PUT, cases[i].body, &e));
		printf("# %s: %s\n", e.items[0].pointer, e.items[0].detail);
		CHECK_INT(e.n_items, 1);
		CHECK_STR(e.items[0].pointer, cases[i].pointer);
		CHECK_STR(e.items[0].code, cases[i].code);
	}
}

TEST(ids_that_leave_the_list_are_refused)
{
	static const struct {
		enum declared_kind kind;
		const char *id;
	} cases[] = {
		{ DECLARED_SYSCTL, "net.ipv4.conf.../../../kernel.panic" },
		{ DECLARED_SYSCTL, "net.ipv4.conf...arp_ignore" },
		{ DECLARED_SYSCTL, "net.ipv4.conf./.arp_ignore" },
		{ DECLARED_SYSCTL, "kernel.panic" },
		{ DECLARED_SYSCTL, "net.ipv4.conf.sixteen-bytes-16.arp_ignore" },
		{ DECLARED_SYSCTL, "" },
		{ DECLARED_VIP, "192.0.2.1/32" },
		{ DECLARED_VIP, "fe80::1%eth0" },
		{ DECLARED_VIP, "224.0.0.1" },
		{ DECLARED_VIP, "0.0.0.0" },
		{ DECLARED_VIP, "255.255.255.255" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct declared_key key;
		const char *why = NULL;

		CHECK_INT(declared_key_parse(cases[i].kind, cases[i].id, &key, &why), -EINVAL);
		CHECK(why);
	}
}

TEST(put_keeps_a_map_that_is_not_given_and_patch_merges_it)
{
	struct declared *o = decoded(DECLARED_REAL_SERVER, "", NULL, DECODE_PUT,
				     "{\"interface\":\"eth0\",\"vips\":{\"192.0.2.1\":{}},"
				     "\"metadata\":{\"owner\":\"a\",\"labels\":{\"k\":\"v\"}}}");
	struct declared *put = decoded(DECLARED_REAL_SERVER, "", o, DECODE_PUT, "{}");
	struct declared *patched = decoded(DECLARED_REAL_SERVER, "", o, DECODE_PATCH,
					   "{\"vips\":{\"192.0.2.2\":{},\"192.0.2.3\":null}}");
	struct declared *emptied =
		decoded(DECLARED_REAL_SERVER, "", o, DECODE_PUT, "{\"vips\":null}");

	CHECK_INT(put->vips.n, 1);
	CHECK_STR(put->real_server.interface, "");
	CHECK(!put->meta.owner && !put->meta.labels);
	CHECK_INT(patched->vips.n, 2);
	CHECK_STR(patched->real_server.interface, "eth0");
	CHECK_STR(patched->meta.owner, "a");
	CHECK_INT(emptied->vips.n, 0);
	CHECK_INT(o->vips.n, 1); /* what was copied from stays as it is */
	declared_unref(o);
	declared_unref(put);
	declared_unref(patched);
	declared_unref(emptied);
}

/* Vectors -------------------------------------------------------------------------------------- */

static void put(declared_vec *v, enum declared_kind kind, const char *id)
{
	const struct declared_key key = key_of(kind, id);

	CHECK_INT(declared_put(v, declared_new(&key)), 0);
}

static int note(void *arg, struct declared *old, struct declared *now)
{
	const struct declared_key key = declared_key_of(old ? old : now);
	char text[DECLARED_TEXT_MAX];
	struct buf *out = arg;

	buf_add_str(out, !old ? "+" : !now ? "-" : "*");
	buf_add_str(out, declared_text(&key, text));
	buf_add_str(out, "\n");
	return 0;
}

TEST(objects_are_sorted_shared_and_told_apart)
{
	struct desired *a = desired_new(), *b;
	const struct declared_key vip = key_of(DECLARED_VIP, "192.0.2.9");
	const struct declared_key gone = key_of(DECLARED_SYSCTL, "net.ipv4.ip_forward");
	_cleanup_(buf_done) struct buf out = { 0 };

	put(&a->declared, DECLARED_SYSCTL, "net.ipv4.ip_forward");
	put(&a->declared, DECLARED_VIP, "192.0.2.10");
	put(&a->declared, DECLARED_VIP, "192.0.2.9");
	put(&a->declared, DECLARED_DIRECTOR, "");
	b = desired_copy(a);
	CHECK_INT(b->declared.n, 4);
	CHECK(b->declared.items[0] == a->declared.items[0]);
	CHECK(declared_find(&b->declared, &vip) == b->declared.items[0]);
	CHECK(declared_remove(&b->declared, &gone));
	CHECK(!declared_remove(&b->declared, &gone));
	put(&b->declared, DECLARED_REAL_SERVER, "");
	put(&b->declared, DECLARED_VIP, "192.0.2.9");
	CHECK_INT(declared_each_changed(&a->declared, &b->declared, note, &out), 0);
	CHECK_STR(out.data, "*vip 192.0.2.9\n+role real-server\n-sysctl net.ipv4.ip_forward\n");
	desired_unref(a);
	desired_unref(b);
}

TEST(the_view_leads_back_to_its_objects)
{
	declared_vec v = { 0 };
	_cleanup_(declared_view_done) struct declared_view view = { 0 };
	const struct netcfg_source last_vip = { NETCFG_OBJECT_VIP, 1, NULL };
	const struct netcfg_source sysctl = { NETCFG_OBJECT_SYSCTL, 1, NULL };
	const struct netcfg_source role = { NETCFG_OBJECT_DIRECTOR, 7, "ipvs" };

	put(&v, DECLARED_VIP, "192.0.2.1");
	put(&v, DECLARED_VIP, "2001:db8::1");
	put(&v, DECLARED_DIRECTOR, "");
	put(&v, DECLARED_SYSCTL, "net.ipv4.conf.all.arp_ignore");
	put(&v, DECLARED_SYSCTL, "net.ipv4.ip_forward");
	CHECK_INT(declared_view(&v, &view), 0);
	CHECK_INT(view.all.n_vips, 2);
	CHECK_INT(view.all.n_sysctls, 2);
	CHECK(view.all.director && !view.all.real_server);
	CHECK(&declared_of_source(&v, &last_vip)->vip == view.all.vips[1]);
	CHECK(&declared_of_source(&v, &sysctl)->sysctl == view.all.sysctls[1]);
	CHECK(&declared_of_source(&v, &role)->director == view.all.director);
	declared_vec_done(&v);
}

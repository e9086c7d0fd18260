/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps of the roles: netcfg_json.c. */
#include "netcfg_json.h"

#include <errno.h>

#include "test.h"
#include "util.h"

static const struct json_path top = { NULL, "map" };

static int decode_vips(const char *text, const netcfg_inaddr_vec *current, bool patch,
		       netcfg_inaddr_vec *ret, struct err *e)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	int r;

	CHECK(json);
	r = netcfg_vips_decode(json, current, patch, &top, ret, e);
	json_decref(json);
	return r;
}

static int decode_values(const char *text, const netcfg_sysctl_vec *current, bool patch,
			 netcfg_sysctl_vec *ret, struct err *e)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	int r;

	CHECK(json);
	r = netcfg_director_ipvs_decode(json, current, patch, &top, ret, e);
	json_decref(json);
	return r;
}

static void vips_are(const netcfg_inaddr_vec *vips, const char *text)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	struct json_writer w;

	json_write_init(&w, &out);
	netcfg_vips_encode(vips, &w);
	CHECK_STR(out.data, text);
}

static void values_are(const netcfg_sysctl_vec *values, const char *text)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	struct json_writer w;

	json_write_init(&w, &out);
	netcfg_director_ipvs_encode(values, &w);
	CHECK_STR(out.data, text);
}

TEST(vips_are_put_and_patched)
{
	_cleanup_(err_done) struct err e = { 0 };
	netcfg_inaddr_vec vips = { 0 }, next = { 0 };

	CHECK_INT(decode_vips("{\"2001:DB8::1\":{},\"192.0.2.2\":{},\"192.0.2.1\":{}}", NULL, false,
			      &vips, &e),
		  0);
	vips_are(&vips, "{\"192.0.2.1\":{},\"192.0.2.2\":{},\"2001:db8::1\":{}}");
	CHECK_INT(decode_vips("{\"192.0.2.2\":null,\"192.0.2.3\":{},\"[2001:db8::1]\":{}}", &vips,
			      true, &next, &e),
		  0);
	vips_are(&next, "{\"192.0.2.1\":{},\"192.0.2.3\":{},\"2001:db8::1\":{}}");
	CHECK_INT(decode_vips("{\"192.0.2.9\":null}", &vips, true, &next, &e), 0);
	vips_are(&next, "{\"192.0.2.1\":{},\"192.0.2.2\":{},\"2001:db8::1\":{}}");
	CHECK_INT(decode_vips("{\"192.0.2.3\":{}}", &vips, false, &next, &e), 0);
	vips_are(&next, "{\"192.0.2.3\":{}}");
	CHECK_INT(decode_vips("null", &vips, true, &next, &e), 0);
	vips_are(&next, "{}");
	CHECK_INT(decode_vips("{}", NULL, false, &vips, &e), 0);
	vips_are(&vips, "{}");
	vec_done(&vips);
	vec_done(&next);
}

/* In place: the present one is also the result. */
TEST(a_map_may_replace_itself)
{
	_cleanup_(err_done) struct err e = { 0 };
	netcfg_inaddr_vec vips = { 0 };

	CHECK_INT(decode_vips("{\"192.0.2.1\":{}}", NULL, false, &vips, &e), 0);
	CHECK_INT(decode_vips("{\"192.0.2.2\":{}}", &vips, true, &vips, &e), 0);
	vips_are(&vips, "{\"192.0.2.1\":{},\"192.0.2.2\":{}}");
	vec_done(&vips);
}

struct fault {
	const char *text, *pointer, *code;
	bool patch;
};

static void check_fault(const struct fault *f, int r, const struct err *e)
{
	printf("# %s\n", f->text);
	CHECK_INT(r, -EINVAL);
	CHECK_INT(e->n_items, 1);
	CHECK_STR(e->items[0].pointer, f->pointer);
	CHECK_STR(e->items[0].code, f->code);
}

TEST(faults_of_vips)
{
	static const struct fault faults[] = {
		{ "[]", "/map", "wrong_type", false },
		{ "{\"192.0.2.1\":1}", "/map/192.0.2.1", "wrong_type", true },
		{ "{\"192.0.2.1\":{\"x\":1}}", "/map/192.0.2.1/x", "unknown_member", false },
		{ "{\"127.0.0.1\":{}}", "/map/127.0.0.1", "invalid_id", false },
		{ "{\"a/b\":{}}", "/map/a~1b", "invalid_id", false },
		{ "{\"a\":null}", "/map/a", "invalid_id", true },
		{ "{\"2001:db8::1\":{},\"2001:db8:0::1\":{}}", "/map/2001:db8:0::1", "duplicate_id",
		  false },
		{ "{\"2001:db8::1\":{},\"[2001:db8::1]\":null}", "/map/[2001:db8::1]",
		  "duplicate_id", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		netcfg_inaddr_vec vips = { 0 };
		int r = decode_vips(faults[i].text, NULL, faults[i].patch, &vips, &e);

		check_fault(&faults[i], r, &e);
		CHECK(!vips.items);
	}
}

TEST(values_are_put_and_patched)
{
	_cleanup_(err_done) struct err e = { 0 };
	netcfg_sysctl_vec values = { 0 }, next = { 0 };

	CHECK_INT(decode_values("{\"sync_threshold\":\"3  50\",\"conntrack\":1}", NULL, false,
				&values, &e),
		  0);
	values_are(&values, "{\"conntrack\":\"1\",\"sync_threshold\":\"3 50\"}");
	CHECK_STR(values.items[0].name, "net.ipv4.vs.conntrack");
	CHECK_INT(decode_values("{\"conntrack\":null,\"later\":\"x\",\"est_nice\":-1}", &values,
				true, &next, &e),
		  0);
	values_are(&next, "{\"est_nice\":\"-1\",\"later\":\"x\",\"sync_threshold\":\"3 50\"}");
	CHECK_INT(decode_values("null", &values, false, &next, &e), 0);
	values_are(&next, "{}");
	vec_done(&values);
	vec_done(&next);
}

/* As a real server of a service is: in a replacement it is not there. */
TEST(null_in_a_map_is_nothing)
{
	_cleanup_(err_done) struct err e = { 0 };
	netcfg_inaddr_vec vips = { 0 }, before = { 0 };
	netcfg_sysctl_vec values = { 0 };

	CHECK_INT(decode_vips("{\"192.0.2.1\":{}}", NULL, false, &before, &e), 0);
	CHECK_INT(decode_vips("{\"192.0.2.1\":null,\"192.0.2.2\":{}}", &before, false, &vips, &e),
		  0);
	vips_are(&vips, "{\"192.0.2.2\":{}}");
	CHECK_INT(decode_values("{\"conntrack\":null,\"est_nice\":-1}", NULL, false, &values, &e),
		  0);
	values_are(&values, "{\"est_nice\":\"-1\"}");
	vec_done(&before);
	vec_done(&vips);
	vec_done(&values);
}

TEST(faults_of_values)
{
	static const struct fault faults[] = {
		{ "5", "/map", "wrong_type", false },
		{ "{\"conntrack\":true}", "/map/conntrack", "wrong_type", false },
		{ "{\"conntrack\":1.0}", "/map/conntrack", "wrong_type", false },
		{ "{\"conntrack\":2}", "/map/conntrack", "invalid_value", false },
		{ "{\"conntrack\":\"\"}", "/map/conntrack", "invalid_value", false },
		{ "{\"a.b\":1}", "/map/a.b", "sysctl_not_allowed", false },
		{ "{\"../ip_forward\":1}", "/map/..~1ip_forward", "sysctl_not_allowed", false },
		{ "{\"\":1}", "/map/", "sysctl_not_allowed", true },
		{ "{\"a_name_of_more_than_31_characters_\":1}",
		  "/map/a_name_of_more_than_31_characters_", "sysctl_not_allowed", false },
		{ "{\"later\":\"1234567890123456789012345678901234567890123456789012345678901234\"}",
		  "/map/later", "too_long", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		netcfg_sysctl_vec values = { 0 };
		int r = decode_values(faults[i].text, NULL, faults[i].patch, &values, &e);

		check_fault(&faults[i], r, &e);
		CHECK(!values.items);
	}
}

TEST(all_faults_come_at_once)
{
	_cleanup_(err_done) struct err e = { 0 };
	netcfg_inaddr_vec vips = { 0 };

	CHECK_INT(decode_vips("{\"x\":{},\"192.0.2.1\":[],\"::1\":5}", NULL, false, &vips, &e),
		  -EINVAL);
	CHECK_INT(e.n_items, 4);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink/CASE.json holds an operation, {op: add|stage|set|delete|key, services: {one}}; with a
 * real server in the service it is the real server's. netlink/CASE.hex has the attributes of the
 * request, as the kernel of a little-endian machine reads them.
 */
#include <errno.h>
#include <netlink/msg.h>

#include "field.h"
#include "golden.h"
#include "ipvs_fields.h"
#include "ipvs_nlattr.h"
#include "test.h"

static VEC(char *) seen; /* leaves that are not at their default in some case */

static void see(void *arg, const char *name)
{
	char *copy = NULL;

	CHECK(asprintf(&copy, "%s.%s", (const char *)arg, name) > 0);
	CHECK(vec_push(&seen, copy) == 0);
}

static void see_service(struct service *s)
{
	struct ipvs_service plain;
	struct ipvs_dest plain_dest;

	ipvs_service_init(&s->spec.key, &plain);
	field_each_changed(&ipvs_service_table, field_diff(&ipvs_service_table, &s->spec, &plain),
			   see, (char[]){ "service" });
	vec_foreach(rs, &s->real_servers) {
		ipvs_dest_init(&rs->dest.key, &plain_dest);
		field_each_changed(&ipvs_dest_table,
				   field_diff(&ipvs_dest_table, &rs->dest, &plain_dest), see,
				   (char[]){ "dest" });
	}
}

static void put_request(const char *verb, struct service *s, struct nl_msg *msg)
{
	struct ipvs_op op = { .service = &s->spec };

	if (streq(verb, "key")) {
		CHECK_INT(ipvs_nlattr_put_key(msg, &s->spec.key), 0);
		return;
	}
	CHECK(s->real_servers.n <= 1);
	if (s->real_servers.n)
		op.dest = &s->real_servers.items[0].dest;
	op.staged = op.silent = streq(verb, "stage");
	op.verb = streq(verb, "set") ? IPVS_SET : streq(verb, "delete") ? IPVS_DELETE : IPVS_ADD;
	CHECK(op.verb != IPVS_ADD || op.staged || streq(verb, "add"));
	if (op.verb != IPVS_DELETE)
		see_service(s);
	CHECK_INT(ipvs_nlattr_put_op(msg, &op), 0);
}

static void hex(struct nl_msg *msg, struct buf *out)
{
	const unsigned char *data = nlmsg_data(nlmsg_hdr(msg));
	int len = nlmsg_datalen(nlmsg_hdr(msg));

	for (int i = 0; i < len; i++)
		buf_printf(out, "%02x%s", data[i], i % 16 == 15 || i == len - 1 ? "\n" : " ");
}

static void check_case(const char *name)
{
	_cleanup_(desired_unrefp) struct desired *d = NULL;
	_cleanup_(buf_done) struct buf out = { 0 };
	struct nl_msg *msg = nlmsg_alloc_simple(1, 0);
	char path[256];
	json_t *json;

	printf("# case %s\n", name);
	(void)snprintf(path, sizeof(path), "netlink/%s.json", name);
	json = golden_json(path);
	CHECK(msg && json);
	d = golden_state(json);
	CHECK(d && d->services.n == 1);
	put_request(json_string_value(json_object_get(json, "op")), d->services.items[0], msg);
	hex(msg, &out);
	nlmsg_free(msg);
	json_decref(json);
	(void)snprintf(path, sizeof(path), "netlink/%s.hex", name);
	CHECK(golden_same(path, out.data));
}

TEST(requests_are_as_recorded)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return;
	CHECK(golden_each("netlink", ".json", check_case) > 0);
}

static void must_be_seen(void *arg, const char *name)
{
	bool found = false;
	char want[256];

	(void)snprintf(want, sizeof(want), "%s.%s", (const char *)arg, name);
	vec_foreach(s, &seen)
		found = found || streq(*s, want);
	printf("# %s\n", want);
	CHECK(found);
}

/* "One row and one golden case": a row without its case fails here. */
TEST(every_field_is_in_some_case)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return;
	field_each_changed(&ipvs_service_table, UINT64_MAX, must_be_seen, (char[]){ "service" });
	field_each_changed(&ipvs_dest_table, UINT64_MAX, must_be_seen, (char[]){ "dest" });
	vec_foreach(s, &seen)
		free(*s);
	vec_done(&seen);
}

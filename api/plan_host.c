/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations of plan_host.h. Looks at the host, changes nothing. */
#include "plan_host.h"

#include "netcfg_plan.h"

struct writing {
	struct json_writer *w;
	bool both; /* parts; in a plan the second follows the first */
	enum host_part part;
};

/* What is shown of a verb. */
static const struct shown {
	const char *op, *field; /* field: what differs, NULL: none */
	bool disruptive;
} verbs[] = {
	[NETCFG_SYSCTL_WRITE] = { "set", "value", false },
	[NETCFG_LINK_ADD] = { "add", NULL, false },
	[NETCFG_LINK_UP] = { "set", "up", false },
	[NETCFG_FOU_ADD] = { "add", NULL, false },
	[NETCFG_ADDRESS_ADD] = { "add", NULL, false },
	[NETCFG_ADDRESS_SET] = { "set", NULL, false },
	[NETCFG_SYNC_STOP] = { "delete", NULL, false },
	[NETCFG_SYNC_START] = { "add", NULL, false },
	[NETCFG_ADDRESS_DELETE] = { "delete", NULL, true },
	[NETCFG_FOU_DELETE] = { "delete", NULL, true },
	[NETCFG_LINK_DOWN] = { "set", "up", true },
	[NETCFG_LINK_DELETE] = { "delete", NULL, true },
};

static const char *reason(const struct netcfg_op *op)
{
	if (!op->wishes)
		return "Deleted"; /* nobody wants it any more */
	if (op->verb == NETCFG_SYNC_START && op->changed)
		return "Different"; /* it was stopped for that */
	return streq(verbs[op->verb].op, "add") ? "Missing" : "Different";
}

static void write_fields(const struct netcfg_op *op, struct json_writer *w)
{
	json_write_begin_array(w);
	if (verbs[op->verb].field)
		json_write_string(w, verbs[op->verb].field);
	if (op->verb == NETCFG_ADDRESS_SET && op->changed & NETCFG_CHANGED_LABEL)
		json_write_string(w, "label");
	if (op->verb == NETCFG_ADDRESS_SET && op->changed & NETCFG_CHANGED_LIFETIME)
		json_write_string(w, "lifetime");
	json_write_end_array(w);
}

static void write_op(void *arg, const struct netcfg_op *op)
{
	const struct writing *writing = arg;
	const struct netcfg_memo about = netcfg_op_about(op);
	char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];
	struct json_writer *w = writing->w;
	const char *kind = netcfg_memo_format(&about, id, value);

	if (!writing->both && op->removes != (writing->part == HOST_SECOND))
		return;
	json_write_begin_object(w);
	json_write_member_string(w, "op", verbs[op->verb].op);
	json_write_member_string(w, "kind", about.kind == NETCFG_MEMO_FOU ? "port" : kind);
	json_write_member_string(w, "id", id);
	json_write_key(w, "fields");
	write_fields(op, w);
	json_write_member_string(w, "reason", reason(op));
	json_write_member_bool(w, "disruptive", verbs[op->verb].disruptive);
	json_write_member_int(w, "activeConnectionsCut", 0);
	json_write_end_object(w);
}

int plan_host(struct api *api, const declared_vec *declared, enum host_part part,
	      struct json_writer *w)
{
	struct writing writing = { w, false, part };

	return api->host ? host_plan(api->host, declared, write_op, &writing) : 0;
}

void plan_host_one(struct api *api, const declared_vec *declared, struct buf *out)
{
	struct json_writer w;
	struct writing writing = { &w, true, HOST_FIRST };
	int r;

	json_write_init(&w, out);
	json_write_begin_object(&w);
	json_write_key(&w, "operations");
	json_write_begin_array(&w);
	r = api->host ? host_plan(api->host, declared, write_op, &writing) : 0;
	json_write_end_array(&w);
	json_write_member_int(&w, "activeConnectionsCut", 0);
	json_write_end_object(&w);
	if (r < 0) {
		buf_clear(out);
		buf_add_str(out, "null");
	}
}

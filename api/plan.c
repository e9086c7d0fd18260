/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations of plan.h. Reads the kernel, changes nothing. */
#include "plan.h"

#include <errno.h>

#include "field.h"
#include "ipvs_fields.h"

static void write_name(void *arg, const char *name)
{
	json_write_string(arg, name);
}

/*
 * The kernel reads tunnel options for every packet, so a change reaches open connections. The
 * method is copied into a connection when it is made (ip_vs_conn.c); but all connections share the
 * route that one of them has looked up, and that of the other methods does not do for direct
 * routing (ip_vs_xmit.c, __ip_vs_get_out_rt). All else reaches new connections only.
 */
static void note_reaching_open_ones(void *arg, const char *name)
{
	if (strncmp(name, "tunnel", 6) == 0 || streq(name, "forward"))
		*(bool *)arg = true;
}

static bool is_disruptive(const struct ipvs_op *op)
{
	bool reaches = false;

	if (op->verb == IPVS_SET && op->dest)
		field_each_changed(&ipvs_dest_table, op->changed, note_reaching_open_ones,
				   &reaches);
	return op->verb == IPVS_DELETE || reaches;
}

static const char *reason(const struct ipvs_op *op)
{
	switch (op->verb) {
	case IPVS_ADD:
		return "Missing";
	case IPVS_SET:
		return "Different";
	case IPVS_DELETE:
		break;
	}
	return op->dest ? "Surplus" : "Deleted";
}

/* Active connections of the real server that a deletion takes away, or of all of them. */
static uint64_t connections_of(const struct plan *plan, const struct ipvs_op *op)
{
	uint64_t n = 0;

	if (op->verb != IPVS_DELETE)
		return 0;
	vec_foreach(o, &plan->dests)
		if (!op->dest || ipvs_dest_key_compare(&o->dest.key, &op->dest->key) == 0)
			n += o->counts.active;
	return n;
}

static void write_op(struct plan *plan, const struct ipvs_op *op)
{
	static const char *const verbs[] = { "add", "set", "delete" };
	char id[IPVS_SERVICE_ID_MAX + IPVS_DEST_ID_MAX], dest[IPVS_DEST_ID_MAX];
	uint64_t cut = connections_of(plan, op);
	struct json_writer *w = plan->w;

	(void)ipvs_service_key_format(&op->service->key, id);
	if (op->dest) {
		size_t at = strlen(id);

		id[at] = '/';
		(void)ipvs_dest_key_format(&op->dest->key, dest);
		memcpy(id + at + 1, dest, strlen(dest) + 1);
	}
	json_write_begin_object(w);
	json_write_member_string(w, "op", verbs[op->verb]);
	json_write_member_string(w, "kind", op->dest ? "realServer" : "service");
	json_write_member_string(w, "id", id);
	json_write_key(w, "fields");
	json_write_begin_array(w);
	field_each_changed(op->dest ? &ipvs_dest_table : &ipvs_service_table, op->changed,
			   write_name, w);
	json_write_end_array(w);
	json_write_member_string(w, "reason", reason(op));
	json_write_member_bool(w, "disruptive", is_disruptive(op));
	json_write_member_int(w, "activeConnectionsCut", (int64_t)cut);
	json_write_end_object(w);
	plan->connections_cut += cut;
}

int plan_service(struct plan *plan, const struct service *want, const struct ipvs_service *have)
{
	struct ipvs_kernel *kernel = reconcile_kernel(plan->api->reconcile);
	struct ipvs_view wanted = { 0 }, found = { .service = have };
	int r;

	plan->dests.n = 0;
	if (have && (r = kernel->ops->dests(kernel, &have->key, &plan->dests)) < 0)
		return r;
	found.dests = plan->dests.items;
	found.n = plan->dests.n;
	found.stride = sizeof(*plan->dests.items);
	if (want)
		wanted = service_view(want);
	plan->ops.n = 0;
	if (ipvs_plan_service(want ? &wanted : NULL, have ? &found : NULL, &plan->ops) < 0)
		return -ENOMEM;
	vec_foreach(op, &plan->ops) {
		/* The step that gives a new service its scheduler is part of its creation. */
		if (!(op->verb == IPVS_SET && !op->dest && !have))
			write_op(plan, op);
	}
	return 0;
}

bool plan_is_ours(const struct desired *d, const struct ipvs_service_key *key)
{
	const struct claim *claim = desired_claim(d, key);

	if (desired_has_tombstone(d, key))
		return true;
	return desired_find(d, key) && !(claim && claim->class == CLAIM_FOREIGN);
}

/* The operations of the one service into the array. */
static int write_one(struct plan *plan, const struct ipvs_service_key *key)
{
	struct ipvs_kernel *kernel = reconcile_kernel(plan->api->reconcile);
	const struct service *want = desired_find(plan->desired, key);
	struct ipvs_service have;
	int r = kernel->ops->get(kernel, key, &have);

	if (r < 0 && r != -ESRCH)
		return r;
	if ((!want && r == -ESRCH) || !plan_is_ours(plan->desired, key))
		return 0;
	return plan_service(plan, want, r == 0 ? &have : NULL);
}

void plan_one(struct api *api, const struct desired *desired, const struct ipvs_service_key *key,
	      struct buf *out)
{
	struct json_writer w;
	struct plan plan = { .api = api, .desired = desired, .w = &w };
	int r;

	json_write_init(&w, out);
	json_write_begin_object(&w);
	json_write_key(&w, "operations");
	json_write_begin_array(&w);
	r = write_one(&plan, key);
	json_write_end_array(&w);
	json_write_member_int(&w, "activeConnectionsCut", (int64_t)plan.connections_cut);
	json_write_end_object(&w);
	plan_done(&plan);
	if (r < 0) {
		buf_clear(out);
		buf_add_str(out, "null");
	}
}

void plan_done(struct plan *plan)
{
	vec_done(&plan->dests);
	vec_done(&plan->ops);
}

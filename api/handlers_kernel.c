/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/state, the kernel as it is now, and /v1/reconcile. */
#include <errno.h>

#include "field_json.h"
#include "handlers.h"
#include "host.h"
#include "ipvs_fields.h"
#include "kernel_walk.h"
#include "state_host.h"
#include "write.h"

static void write_dest(const struct ipvs_observed_dest *o, bool managed, struct json_writer *w)
{
	json_write_begin_object(w);
	field_encode(&ipvs_dest_table, &o->dest, w);
	json_write_key(w, "status");
	json_write_begin_object(w);
	json_write_member_bool(w, "managed", managed);
	json_write_member_int(w, "activeConnections", o->counts.active);
	json_write_member_int(w, "inactiveConnections", o->counts.inactive);
	json_write_member_int(w, "persistentConnections", o->counts.persistent);
	json_write_end_object(w);
	json_write_end_object(w);
}

static int write_service(struct kernel_walk *walk, const struct ipvs_service *service)
{
	struct ipvs_kernel *kernel = reconcile_kernel(walk->plan.api->reconcile);
	bool managed = plan_is_ours(walk->desired, &service->key);
	char id[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX];
	struct json_writer *w = &walk->w;

	walk->plan.dests.n = 0;
	if (kernel->ops->dests(kernel, &service->key, &walk->plan.dests) < 0)
		return -EIO; /* breaks the answer off: better than an incomplete one */
	json_write_key(w, ipvs_service_key_format(&service->key, id));
	json_write_begin_object(w);
	field_encode(&ipvs_service_table, service, w);
	json_write_key(w, "realServers");
	json_write_begin_object(w);
	vec_foreach(o, &walk->plan.dests) {
		json_write_key(w, ipvs_dest_key_format(&o->dest.key, dest));
		write_dest(o, managed, w);
	}
	json_write_end_object(w);
	json_write_key(w, "status");
	json_write_begin_object(w);
	json_write_member_bool(w, "managed", managed);
	json_write_end_object(w);
	json_write_end_object(w);
	return 1;
}

static int state_next(struct kernel_walk *walk, struct buf *out)
{
	walk->w.out = out;
	if (!walk->begun) {
		walk->begun = true;
		json_write_begin_object(&walk->w);
		json_write_key(&walk->w, "services");
		json_write_begin_object(&walk->w);
		return 1;
	}
	if (walk->j < walk->listed.n)
		return write_service(walk, &walk->listed.items[walk->j++]);
	json_write_end_object(&walk->w);
	state_host(walk->plan.api, &walk->w);
	json_write_end_object(&walk->w);
	return 0;
}

bool handle_state(struct api *api, struct request *req, struct response *resp)
{
	return kernel_walk_start(api, req, resp, desired_ref(change_published(api->change)),
				 state_next, NULL, NULL);
}

bool handle_reconcile(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct write *w = write_begin(api, req, resp, WRITE_RECONCILE, &by);

	if (!w)
		return true;
	if (by.allow_mass_delete && req->role < ROLE_ADMIN) {
		struct err e = { 0 };

		(void)err_set(&e, 0, "forbidden", "allowMassDelete needs the role admin");
		return handle_problem(req, resp, &e);
	}
	if (w->dry_run)
		return kernel_walk_dry_run(api, req, resp,
					   desired_ref(change_published(api->change)));
	if (by.allow_mass_delete)
		reconcile_allow_mass_delete(api->reconcile);
	w->revision = change_published(api->change)->revision;
	w->pass = reconcile_request_pass(api->reconcile);
	if (api->host)
		host_kick(api->host);
	return write_park(req);
}

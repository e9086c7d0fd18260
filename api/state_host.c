/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's side of /v1/state. Looks at the host, changes nothing. */
#include "state_host.h"

#include "field_json.h"
#include "host.h"
#include "netcfg_fields.h"

static void write_managed(bool managed, struct json_writer *w)
{
	json_write_key(w, "status");
	json_write_begin_object(w);
	json_write_member_bool(w, "managed", managed);
	json_write_end_object(w);
}

static void write_vip(struct api *api, const struct netcfg_found *found,
		      const struct netcfg_address *a, struct json_writer *w)
{
	const struct netcfg_link *link = netcfg_found_link_at(found, a->index);
	char id[INADDR_TEXT_MAX];

	json_write_key(w, inaddr_format(&a->address, id));
	json_write_begin_object(w);
	json_write_member_string(w, "interface", link ? link->name : NULL);
	json_write_member_int(w, "prefixLength", a->prefix_length);
	json_write_member_string(w, "label", a->label[0] ? a->label : NULL);
	write_managed(!host_address_is_foreign(api->host, &a->address), w);
	json_write_end_object(w);
}

/* One that is in two places is shown once: a map has one place for it. */
static void write_vips(struct api *api, const struct netcfg_found *found, struct json_writer *w)
{
	const struct netcfg_address *last = NULL;

	vec_foreach(a, &found->addresses) {
		if (a->prefix_length != netcfg_full_prefix(&a->address) ||
		    inaddr_unfit(&a->address) ||
		    (last && inaddr_compare(&last->address, &a->address) == 0))
			continue;
		write_vip(api, found, a, w);
		last = a;
	}
}

/* Only what is wanted, or will be put back, was looked at. */
static void write_sysctls(const struct netcfg_found *found, struct json_writer *w)
{
	char name[NETCFG_SYSCTL_NAME_MAX];

	vec_foreach(v, &found->values) {
		if (!v->present || netcfg_sysctl_row(&v->key)->timeout)
			continue;
		json_write_key(w, netcfg_sysctl_format(&v->key, name));
		json_write_begin_object(w);
		json_write_member_string(w, "value", v->text);
		write_managed(true, w);
		json_write_end_object(w);
	}
}

/* A daemon of IPVS: null when none runs, or IPVS cannot be asked. */
static void write_syncs(struct api *api, struct json_writer *w)
{
	struct host_sync now[2] = { 0 };

	if (api->host)
		(void)host_syncs(api->host, now);
	for (size_t role = 0; role < ARRAY_SIZE(now); role++) {
		json_write_key(w, netcfg_sync_role_name((enum netcfg_sync_role)role));
		if (!now[role].running) {
			json_write_null(w);
			continue;
		}
		json_write_begin_object(w);
		field_encode(&netcfg_sync_table, &now[role].sync, w);
		write_managed(now[role].ours, w);
		json_write_end_object(w);
	}
}

void state_host(struct api *api, struct json_writer *w)
{
	const struct netcfg_found *found = api->host ? host_found(api->host) : NULL;

	json_write_key(w, "vips");
	json_write_begin_object(w);
	if (found)
		write_vips(api, found, w);
	json_write_end_object(w);
	json_write_key(w, "sysctls");
	json_write_begin_object(w);
	if (found)
		write_sysctls(found, w);
	json_write_end_object(w);
	json_write_key(w, "sync");
	json_write_begin_object(w);
	write_syncs(api, w);
	json_write_end_object(w);
}

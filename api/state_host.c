/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's side of /v1/state. Looks at the host, changes nothing. */
#include "state_host.h"

#include <string.h>

#include "declared_json.h"
#include "field_json.h"
#include "host.h"
#include "netcfg_fields.h"
#include "num.h"

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

/* Roles ---------------------------------------------------------------------------------------- */

static bool is_sysctl(const struct host_item *item, const char *name)
{
	return streq(item->kind, "sysctl") && streq(item->id, name);
}

/* Of a real server: those of its VIPs that are in place. */
static void find_vip(const struct host_item *item, struct declared *found)
{
	const char *slash = strchr(item->id, '/');
	struct inaddr address;

	if (streq(item->kind, "address") && streq(item->found, "present") && slash &&
	    inaddr_parse(item->id, (size_t)(slash - item->id), &address) == 0)
		(void)vec_push(&found->vips, address); /* there is room: it had them all */
}

static void find_timeout(const struct host_item *item, struct netcfg_director_role *role)
{
	uint64_t seconds;

	if (num_parse_u64(item->found, strlen(item->found), NETCFG_TIMEOUT_MAX, &seconds) < 0)
		return;
	if (streq(item->id, "timeouts.tcpSeconds"))
		role->tcp_timeout = (uint32_t)seconds;
	else if (streq(item->id, "timeouts.tcpFinSeconds"))
		role->tcp_fin_timeout = (uint32_t)seconds;
	else
		role->udp_timeout = (uint32_t)seconds;
}

static void find_switch(const struct host_item *item, struct netcfg_director_role *role)
{
	static const char redirects[] = ".send_redirects";
	const size_t len = strlen(item->id), end = sizeof(redirects) - 1;
	uint8_t is = streq(item->found, "0") ? NETCFG_OFF : NETCFG_ON;

	if (!item->found[0])
		return;
	if (is_sysctl(item, "net.ipv4.conf.all.forwarding"))
		role->ipv4_forwarding = is;
	else if (is_sysctl(item, "net.ipv6.conf.all.forwarding"))
		role->ipv6_forwarding = is;
	else if (len > end && streq(item->id + len - end, redirects) &&
		 role->send_redirects != NETCFG_ON) /* on any interface */
		role->send_redirects = is;
}

static void find_of_director(const struct host_item *item, const struct declared *o,
			     struct declared *found)
{
	if (streq(item->kind, "timeout")) {
		find_timeout(item, &found->director);
		return;
	}
	find_switch(item, &found->director);
	vec_foreach(s, &o->ipvs) {
		struct netcfg_sysctl has = *s;

		if (!item->found[0] || !is_sysctl(item, s->name))
			continue;
		memcpy(has.value, item->found, sizeof(has.value));
		(void)vec_push(&found->ipvs, has);
	}
}

/* The role as the host has it: what cannot be read off the host (mode, interface, tunnel) as it is
 * declared. NULL: out of memory. */
static struct declared *role_as_found(struct api *api, const struct declared *o)
{
	struct declared *found = declared_copy(o);
	host_item_vec items = { 0 };

	if (!found || host_items(api->host, o, &items) < 0) {
		vec_done(&items);
		declared_unref(found);
		return NULL;
	}
	found->vips.n = found->ipvs.n = 0;
	if (o->kind == DECLARED_DIRECTOR)
		netcfg_director_role_init(&found->director);
	vec_foreach(item, &items) {
		if (o->kind == DECLARED_DIRECTOR)
			find_of_director(item, o, found);
		else
			find_vip(item, found);
	}
	vec_done(&items);
	return found;
}

static void write_role(struct api *api, const char *name, enum declared_kind kind,
		       struct json_writer *w)
{
	const struct declared_key key = { .kind = (uint8_t)kind };
	const struct declared *o = declared_find(&change_published(api->change)->declared, &key);
	_cleanup_(declared_unrefp) struct declared *found =
		o && api->host ? role_as_found(api, o) : NULL;

	json_write_key(w, name);
	if (!found) {
		json_write_null(w);
		return;
	}
	json_write_begin_object(w);
	declared_encode_members(found, w);
	write_managed(true, w);
	json_write_end_object(w);
}

/* Variables ------------------------------------------------------------------------------------ */

/* What is wanted or will be put back; others were only looked at. */
static void write_sysctls(struct api *api, const struct netcfg_found *found, struct json_writer *w)
{
	char name[NETCFG_SYSCTL_NAME_MAX];

	vec_foreach(v, &found->values) {
		if (!v->present || netcfg_sysctl_row(&v->key)->timeout ||
		    !host_sysctl_is_ours(api->host, &v->key))
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

/* Those of IPVS connections, whether a role wants them or not; null when IPVS cannot be asked. */
static void write_timeouts(struct api *api, struct json_writer *w)
{
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);
	struct ipvs_timeouts t;

	json_write_key(w, "timeouts");
	if (kernel->ops->get_timeouts(kernel, &t) < 0) {
		json_write_null(w);
		return;
	}
	json_write_begin_object(w);
	json_write_member_int(w, "tcpSeconds", t.tcp);
	json_write_member_int(w, "tcpFinSeconds", t.tcp_fin);
	json_write_member_int(w, "udpSeconds", t.udp);
	json_write_end_object(w);
}

void state_host(struct api *api, struct json_writer *w)
{
	const struct netcfg_found *found = api->host ? host_found(api->host) : NULL;

	json_write_key(w, "vips");
	json_write_begin_object(w);
	if (found)
		write_vips(api, found, w);
	json_write_end_object(w);
	json_write_key(w, "roles");
	json_write_begin_object(w);
	write_role(api, "realServer", DECLARED_REAL_SERVER, w);
	write_role(api, "director", DECLARED_DIRECTOR, w);
	json_write_end_object(w);
	json_write_key(w, "sysctls");
	json_write_begin_object(w);
	if (found)
		write_sysctls(api, found, w);
	json_write_end_object(w);
	json_write_key(w, "sync");
	json_write_begin_object(w);
	write_syncs(api, w);
	json_write_end_object(w);
	write_timeouts(api, w);
}

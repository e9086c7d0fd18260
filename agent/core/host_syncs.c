/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sync daemons: the words of both sides (host_syncs.h), whose one is, and taking one over (host.h).
 */
#include "host_syncs.h"

#include <errno.h>
#include <string.h>

#include "host_private.h"

/* Between the sides ---------------------------------------------------------------------------- */

static struct netcfg_sync of_ipvs(const struct ipvs_daemon *d)
{
	struct netcfg_sync s = {
		.role = d->role == IPVS_DAEMON_MASTER ? NETCFG_SYNC_MASTER : NETCFG_SYNC_BACKUP,
		.ttl = d->ttl,
		.sync_id = d->sync_id > UINT16_MAX ? UINT16_MAX : (uint16_t)d->sync_id,
		.max_length = d->max_length,
		.port = d->port,
	};

	memcpy(s.interface, d->interface, sizeof(s.interface));
	(void)inaddr_format(&d->group, s.group);
	return s;
}

int host_syncs_read(struct ipvs_kernel *ipvs, netcfg_sync_vec *ret)
{
	ipvs_daemon_vec daemons = { 0 };
	int r = ipvs->ops->daemons(ipvs, &daemons);

	ret->n = 0;
	vec_foreach(d, &daemons)
		if (r == 0)
			r = vec_push(ret, of_ipvs(d));
	vec_done(&daemons);
	return r;
}

static enum ipvs_daemon_role role_of(const struct netcfg_sync *s)
{
	return s->role == NETCFG_SYNC_MASTER ? IPVS_DAEMON_MASTER : IPVS_DAEMON_BACKUP;
}

int host_syncs_apply(struct ipvs_kernel *ipvs, const struct netcfg_op *op)
{
	const struct netcfg_sync *s = &op->sync;
	struct ipvs_daemon d = {
		.role = (uint8_t)role_of(s),
		.ttl = s->ttl,
		.sync_id = s->sync_id,
		.max_length = s->max_length,
		.port = s->port,
	};

	if (op->verb == NETCFG_SYNC_STOP)
		return ipvs->ops->daemon_stop(ipvs, role_of(s));
	if (inaddr_parse(s->group, strlen(s->group), &d.group) < 0)
		return -EINVAL; /* validated */
	memcpy(d.interface, s->interface, sizeof(d.interface));
	return ipvs->ops->daemon_start(ipvs, &d);
}

_Static_assert(IPVS_INTERFACE_MAX == NETCFG_INTERFACE_MAX, "both are IFNAMSIZ");

/* Whose it is ---------------------------------------------------------------------------------- */

struct netcfg_memo host_about_sync(enum netcfg_sync_role role)
{
	return (struct netcfg_memo){ .kind = NETCFG_MEMO_SYNC, .role = (uint8_t)role };
}

static bool is_ours(const struct host *h, enum netcfg_sync_role role)
{
	const struct netcfg_memo about = host_about_sync(role);

	return netcfg_memory_find(&h->memory, &about) != NULL;
}

int host_syncs(const struct host *h, struct host_sync ret[2])
{
	netcfg_sync_vec found = { 0 };
	int r = h->kernel->ops->syncs ? h->kernel->ops->syncs(h->kernel, &found) : -ENOENT;

	ret[0] = ret[1] = (struct host_sync){ 0 };
	vec_foreach(s, &found)
		if (r == 0)
			ret[s->role] = (struct host_sync){ *s, true, is_ours(h, s->role) };
	vec_done(&found);
	return r;
}

bool host_sync_is_foreign(const struct host *h, enum netcfg_sync_role role)
{
	struct host_sync now[2];

	/* Where IPVS cannot be asked, the start will tell. */
	return !is_ours(h, role) && host_syncs(h, now) == 0 && now[role].running;
}

int host_adopt_sync(struct host *h, enum netcfg_sync_role role)
{
	struct netcfg_memo memo = host_about_sync(role);
	netcfg_memo_vec rows = { .items = &memo, .n = 1 };
	const struct netcfg_found *found = host_found(h);
	const struct netcfg_link *link;
	struct host_sync now[2];
	int r;

	if (is_ours(h, role))
		return 0;
	r = host_syncs(h, now);
	if (r < 0 || !now[role].running)
		return r < 0 ? r : -ENOENT;
	memo.class = NETCFG_OURS;
	link = found ? netcfg_found_link(found, now[role].sync.interface) : NULL;
	memo.index = link ? link->index : 0;
	r = host_memory_touch(h, &rows);
	if (r == 0)
		r = netcfg_memory_put(&h->memory, &memo);
	if (r == 0 && host_memory_flush(h) < 0) {
		netcfg_memory_drop(&h->memory, &memo);
		r = -EIO;
	}
	h->kicked = true;
	return r;
}

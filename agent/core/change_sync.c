/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writes have to know of sync daemons: those of others, and real servers of the other address
 * family, which the kernel does not take beside one. See change_private.h. */
#include <errno.h>

#include "change_private.h"

static bool is_sync(const struct declared *o)
{
	return o->kind == DECLARED_SYNC_MASTER || o->kind == DECLARED_SYNC_BACKUP;
}

int change_check_sync(const struct change *c, const struct declared *o, const struct declared *old,
		      const struct change_by *by, unsigned *ret_adopt, struct err *e)
{
	const struct declared_key key = declared_key_of(o);
	char text[DECLARED_TEXT_MAX];

	if (!is_sync(o) || !c->host ||
	    !host_sync_is_foreign(c->host, (enum netcfg_sync_role)o->sync.role))
		return 0;
	if (by->adopt) {
		*ret_adopt |= 1u << o->sync.role;
		return 0;
	}
	/* Declared and found later: nothing changes. */
	if (old && declared_same(old, o))
		return 0;
	return change_foreign_exists(declared_text(&key, text), e);
}

/* The real server of the other family; NULL: none. */
static const struct real_server *find_mixed(const struct service *s)
{
	vec_foreach(rs, &s->real_servers)
		if (rs->dest.key.address.family != s->spec.key.address.family)
			return rs;
	return NULL;
}

static bool has_sync(const struct desired *d)
{
	static const struct declared_key master = { .kind = DECLARED_SYNC_MASTER };
	static const struct declared_key backup = { .kind = DECLARED_SYNC_BACKUP };

	return declared_find(&d->declared, &master) || declared_find(&d->declared, &backup);
}

static int refuse_mixed(const struct service *s, const struct real_server *rs, struct err *e)
{
	char id[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX];

	return err_set(e, -EEXIST, "mixed_families_with_sync",
		       "real server %s of service %s is of the other address family: the kernel "
		       "takes no such beside a sync daemon",
		       ipvs_dest_key_format(&rs->dest.key, dest),
		       ipvs_service_key_format(&s->spec.key, id));
}

int change_check_mixed(const struct desired *d, const struct service *s, struct err *e)
{
	const struct real_server *rs = s ? find_mixed(s) : NULL;

	if (s && !rs)
		return 0;
	if (!has_sync(d))
		return 0;
	if (rs)
		return refuse_mixed(s, rs, e);
	vec_foreach(any, &d->services) {
		rs = find_mixed(*any);
		if (rs)
			return refuse_mixed(*any, rs, e);
	}
	return 0;
}

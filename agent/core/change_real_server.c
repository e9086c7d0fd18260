/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes of real servers and weights: each makes a changed copy of the service. See change.h. */
#include <errno.h>

#include "change_private.h"
#include "ipvs_validate.h"

/* The service of a sub-resource, and a copy of it to be changed. */
static int open_service(struct change *c, const struct ipvs_service_key *key,
			struct service **ret_old, struct service **ret_copy, struct err *e)
{
	struct service *old = desired_find(change_current(c), key), *copy;
	char id[IPVS_SERVICE_ID_MAX];

	(void)ipvs_service_key_format(key, id);
	if (!old)
		return err_set(e, -ENOENT, "not_found", "there is no service %s", id);
	if (change_is_foreign(c, change_current(c), key))
		return change_foreign_exists(id, e);
	copy = service_copy(old);
	if (!copy)
		return change_out_of_memory(e);
	*ret_old = old;
	*ret_copy = copy;
	return 0;
}

static int no_real_server(const struct ipvs_dest_key *key, struct err *e)
{
	char id[IPVS_DEST_ID_MAX];

	return err_set(e, -ENOENT, "not_found", "the service has no real server %s",
		       ipvs_dest_key_format(key, id));
}

/* Decodes the real server and refuses one that is another one of the service again. */
static int decode_real_server(const json_t *json, const struct service *s,
			      const struct ipvs_dest_key *key, enum decode_mode mode,
			      struct ipvs_dest *ret, struct err *e)
{
	const struct real_server *old = service_find(s, key);
	char id[IPVS_DEST_ID_MAX];

	if (mode == DECODE_PATCH && !old)
		return no_real_server(key, e);
	if (real_server_decode(json, &s->spec, key, old ? &old->dest : NULL, mode, NULL, ret, e) <
	    0)
		return change_invalid(e);
	vec_foreach(rs, &s->real_servers) {
		if (ipvs_dest_key_compare(&rs->dest.key, key) == 0 ||
		    !ipvs_dest_doubles(&rs->dest, ret))
			continue;
		err_add(e, "", "duplicate_real_server",
			"dr and tun do not rewrite the port, so this is %s again",
			ipvs_dest_key_format(&rs->dest.key, id));
		return change_invalid(e);
	}
	return 0;
}

int change_write_real_server(struct change *c, const struct change_by *by,
			     const struct ipvs_service_key *service,
			     const struct ipvs_dest_key *key, const json_t *json,
			     enum decode_mode mode, struct change_result *ret, struct err *e)
{
	_cleanup_(service_unrefp) struct service *s = NULL;
	struct service *old;
	struct real_server *rs, fresh = { 0 };
	char id[IPVS_SERVICE_ID_MAX];
	bool created;
	int r = open_service(c, service, &old, &s, e);

	if (r == 0)
		r = change_check_owner(&old->meta, by->owner, by,
				       ipvs_service_key_format(service, id), e);
	if (r == 0)
		r = decode_real_server(json, s, key, mode, &fresh.dest, e);
	if (r < 0)
		return r;
	rs = service_find(s, key);
	created = !rs;
	if (rs)
		rs->dest = fresh.dest;
	else if (vec_push(&s->real_servers, fresh) < 0)
		return change_out_of_memory(e);
	service_sort(s);
	if (service_same(old, s)) {
		*ret = (struct change_result){ .revision = service_find(old, key)->revision };
		return 0;
	}
	r = change_replace(c, by, old, TAKE_PTR(s), false, ret, e);
	if (r == 0)
		ret->created = created;
	return r;
}

int change_delete_real_server(struct change *c, const struct change_by *by,
			      const struct ipvs_service_key *service,
			      const struct ipvs_dest_key *key, struct change_result *ret,
			      struct err *e)
{
	_cleanup_(service_unrefp) struct service *s = NULL;
	struct service *old;
	struct real_server *rs;
	char id[IPVS_SERVICE_ID_MAX];
	size_t at;
	int r = open_service(c, service, &old, &s, e);

	if (r == 0)
		r = change_check_owner(&old->meta, by->owner, by,
				       ipvs_service_key_format(service, id), e);
	if (r < 0)
		return r;
	rs = service_find(s, key);
	if (!rs)
		return no_real_server(key, e);
	at = (size_t)(rs - s->real_servers.items);
	s->real_servers.n--;
	memmove(rs, rs + 1, (s->real_servers.n - at) * sizeof(*rs));
	return change_replace(c, by, old, TAKE_PTR(s), false, ret, e);
}

int change_weight(struct change *c, const struct change_by *by,
		  const struct ipvs_service_key *service, const struct ipvs_dest_key *key,
		  uint32_t weight, struct change_result *ret, struct err *e)
{
	_cleanup_(service_unrefp) struct service *s = NULL;
	struct service *old;
	struct real_server *rs;
	int r = open_service(c, service, &old, &s, e);

	if (r < 0)
		return r;
	rs = service_find(s, key);
	if (!rs)
		return no_real_server(key, e);
	if (rs->dest.weight == weight) {
		*ret = (struct change_result){ .revision = rs->revision };
		return 0;
	}
	rs->dest.weight = weight;
	r = change_replace(c, by, old, TAKE_PTR(s), false, ret, e);
	if (r == 0)
		ret->created = false;
	return r;
}

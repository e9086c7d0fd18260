/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON of declared_json.h: what is the same for all kinds, around what the table says of each.
 */
#include "declared_json.h"

#include <errno.h>

#include "field_json.h"
#include "netcfg_fields.h"
#include "netcfg_json.h"
#include "netcfg_validate.h"

static int validate_vip(struct declared *o, const struct json_path *path, struct err *e)
{
	return netcfg_vip_validate(&o->vip, path, e);
}

static int validate_real_server(struct declared *o, const struct json_path *path, struct err *e)
{
	int r = netcfg_real_server_role_validate(&o->real_server, path, e);

	netcfg_real_server_role_normalise(&o->real_server);
	return r;
}

static int decode_vips(const json_t *json, const struct declared *current, bool patch,
		       const struct json_path *path, struct declared *o, struct err *e)
{
	return netcfg_vips_decode(json, current ? &current->vips : NULL, patch, path, &o->vips, e);
}

static int decode_ipvs(const json_t *json, const struct declared *current, bool patch,
		       const struct json_path *path, struct declared *o, struct err *e)
{
	return netcfg_director_ipvs_decode(json, current ? &current->ipvs : NULL, patch, path,
					   &o->ipvs, e);
}

static void encode_vips(const struct declared *o, struct json_writer *w)
{
	netcfg_vips_encode(&o->vips, w);
}

static void encode_ipvs(const struct declared *o, struct json_writer *w)
{
	netcfg_director_ipvs_encode(&o->ipvs, w);
}

static int validate_sysctl(struct declared *o, const struct json_path *path, struct err *e)
{
	const struct json_path value = { path, "value" };

	return json_path_failed(&value, e) ? -EINVAL : netcfg_sysctl_validate(&o->sysctl, path, e);
}

static int validate_sync(struct declared *o, const struct json_path *path, struct err *e)
{
	return netcfg_sync_validate(&o->sync, path, e);
}

/* What differs between the kinds. */
static const struct kind {
	const struct field_table *table;
	size_t offset; /* of the table's struct */
	/* NULL: its members are all that there is to check. */
	int (*validate)(struct declared *o, const struct json_path *path, struct err *e);
	const char *map; /* the member that no row decodes; NULL: none */
	int (*decode_map)(const json_t *json, const struct declared *current, bool patch,
			  const struct json_path *path, struct declared *o, struct err *e);
	void (*encode_map)(const struct declared *o, struct json_writer *w);
} kinds[] = {
	[DECLARED_VIP] = { &netcfg_vip_table, offsetof(struct declared, vip), validate_vip },
	[DECLARED_REAL_SERVER] = { &netcfg_real_server_role_table,
				   offsetof(struct declared, real_server), validate_real_server,
				   "vips", decode_vips, encode_vips },
	[DECLARED_DIRECTOR] = { &netcfg_director_role_table, offsetof(struct declared, director),
				NULL, "ipvs", decode_ipvs, encode_ipvs },
	[DECLARED_SYSCTL] = { &netcfg_sysctl_table, offsetof(struct declared, sysctl),
			      validate_sysctl },
	[DECLARED_SYNC_MASTER] = { &netcfg_sync_table, offsetof(struct declared, sync),
				   validate_sync },
	[DECLARED_SYNC_BACKUP] = { &netcfg_sync_table, offsetof(struct declared, sync),
				   validate_sync },
};

static int out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
}

/* What the members of the body are decoded onto: the present object; with PUT only its map and the
 * server's part of its metadata, on defaults. */
static struct declared *start_from(const struct declared *defaults, const struct declared *current,
				   enum decode_mode mode)
{
	const struct kind *k = &kinds[defaults->kind];
	struct declared *o = declared_copy(current ? current : defaults);

	if (!o || !current || mode == DECODE_PATCH)
		return o;
	for (size_t i = 0; i < k->table->n; i++)
		field_copy(&k->table->rows[i], (char *)o + k->offset,
			   (const char *)defaults + k->offset);
	metadata_done(&o->meta);
	return o;
}

static int decode_members(const json_t *json, const struct declared *defaults,
			  const struct declared *current, enum decode_mode mode,
			  const struct json_path *path, struct declared *o, struct err *e)
{
	const struct kind *k = &kinds[defaults->kind];
	const struct json_path map_path = { path, k->map }, meta_path = { path, "metadata" };
	const json_t *map = k->map ? json_object_get(json, k->map) : NULL;
	const json_t *meta = json_object_get(json, "metadata");

	(void)field_decode(k->table, json, (const char *)defaults + k->offset,
			   (char *)o + k->offset, path, e);
	if (meta)
		metadata_decode(meta, &o->meta, mode, &meta_path, e);
	return map ? k->decode_map(map, current, mode == DECODE_PATCH, &map_path, o, e) : 0;
}

int declared_decode(const json_t *json, const struct declared_key *key,
		    const struct declared *current, enum decode_mode mode,
		    const struct json_path *path, struct declared **ret, struct err *e)
{
	_cleanup_(declared_unrefp) struct declared *defaults = declared_new(key);
	_cleanup_(declared_unrefp) struct declared *o =
		defaults ? start_from(defaults, current, mode) : NULL;
	size_t faults = e->n_items + e->n_dropped;

	if (!o)
		return out_of_memory(e);
	if (decode_members(json, defaults, current, mode, path, o, e) == -ENOMEM)
		return -ENOMEM;
	/* An array or a number has no members to judge. */
	if (json_is_object(json) && kinds[key->kind].validate)
		(void)kinds[key->kind].validate(o, path, e);
	if (e->n_items + e->n_dropped > faults)
		return -EINVAL;
	if (e->code)
		return -ENOMEM;
	*ret = TAKE_PTR(o);
	return 0;
}

void declared_encode_members(const struct declared *o, struct json_writer *w)
{
	const struct kind *k = &kinds[o->kind];

	field_encode(k->table, (const char *)o + k->offset, w);
	if (k->map) {
		json_write_key(w, k->map);
		k->encode_map(o, w);
	}
}

void declared_encode(const struct declared *o, struct json_writer *w)
{
	json_write_begin_object(w);
	declared_encode_members(o, w);
	json_write_key(w, "metadata");
	metadata_encode(&o->meta, false, w);
	json_write_end_object(w);
}

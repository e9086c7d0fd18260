/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a document that are of the host's side: vips, sysctls, roles. See
 * change_config_private.h; what single writes share is change_declared.c. */
#include <errno.h>

#include "change_config_private.h"

static int order_keys(const void *a, const void *b)
{
	return declared_key_compare(a, b);
}

static bool has_key(const declared_key_vec *keys, const struct declared_key *key)
{
	return keys->n && bsearch(key, keys->items, keys->n, sizeof(*key), order_keys);
}

int change_config_take_declared(struct config_write *w, struct declared *o,
				const struct declared *old, const char *acts_for, struct err *e)
{
	const struct declared_key key = declared_key_of(o);
	char text[DECLARED_TEXT_MAX];
	unsigned adopt_syncs = 0;
	/* A patch takes nothing over by the way, as with single objects. */
	int r = w->mode == DECODE_PUT || !old ? change_default_owner(&o->meta, &w->by, e) : 0;

	if (r == 0 && old &&
	    change_check_owner(&old->meta, acts_for, &w->by, declared_text(&key, text),
			       &w->conflict) < 0)
		change_config_refuse(w, -EPERM);
	if (r == 0 && change_check_sync(w->change, o, old, &w->by, &adopt_syncs, &w->conflict) < 0)
		change_config_refuse(w, -EEXIST);
	if (r < 0 || (!change_adopt_declared(w->change, o, &w->by, &w->adopt) && !adopt_syncs &&
		      old && declared_same(old, o))) {
		declared_unref(o);
		return r;
	}
	w->adopt_syncs |= adopt_syncs;
	change_stamp_metadata(&o->meta, old ? &old->meta : NULL, w->revision, w->now);
	w->changed = true;
	return declared_put(&w->after->declared, o) < 0 ? change_out_of_memory(e) : 0;
}

/* null in a patch: the object goes, if it is there. */
static void remove_named(struct config_write *w, const struct declared_key *key)
{
	const struct declared *old = declared_find(&w->before->declared, key);
	char text[DECLARED_TEXT_MAX];

	if (!old)
		return;
	if (change_check_owner(&old->meta, w->by.owner, &w->by, declared_text(key, text),
			       &w->conflict) < 0) {
		change_config_refuse(w, -EPERM);
		return;
	}
	w->changed = declared_remove(&w->after->declared, key) || w->changed;
}

static int write_object(struct config_write *w, const struct declared_key *key, const json_t *json,
			const struct json_path *path, struct err *e)
{
	const struct declared *old = declared_find(&w->before->declared, key);
	struct declared *o = NULL;
	int r;

	if (vec_push(json_is_null(json) ? &w->declared_absent : &w->declared, *key) < 0)
		return change_out_of_memory(e);
	if (json_is_null(json)) {
		if (w->mode == DECODE_PATCH)
			remove_named(w, key);
		return 0;
	}
	if (!json_is_object(json)) {
		json_path_err(path, e, "wrong_type", "must be an object");
		return 0;
	}
	r = change_decode_declared(w->change, json, key, old, old ? w->mode : DECODE_PUT, path, &o,
				   e);
	if (r == 0)
		r = change_config_take_declared(w, o, old, change_acts_for(&w->by, json), e);
	return r == -EINVAL ? 0 : r; /* collected; go on for the rest */
}

static int write_entry(struct config_write *w, enum declared_kind kind, const char *id,
		       const json_t *json, const struct json_path *path, struct err *e)
{
	struct declared_key key;
	const char *why = "";

	if (declared_key_parse(kind, id, &key, &why) == 0)
		return write_object(w, &key, json, path, e);
	json_path_err(path, e, kind == DECLARED_SYSCTL ? "sysctl_not_allowed" : "invalid_id", "%s",
		      why);
	return 0;
}

static int write_vip(struct config_write *w, const char *id, const json_t *json,
		     const struct json_path *path, struct err *e)
{
	return write_entry(w, DECLARED_VIP, id, json, path, e);
}

static int write_sysctl(struct config_write *w, const char *id, const json_t *json,
			const struct json_path *path, struct err *e)
{
	return write_entry(w, DECLARED_SYSCTL, id, json, path, e);
}

static int write_role(struct config_write *w, const char *id, const json_t *json,
		      const struct json_path *path, struct err *e)
{
	const struct declared_key real_server = { .kind = DECLARED_REAL_SERVER };
	const struct declared_key director = { .kind = DECLARED_DIRECTOR };

	if (streq(id, "realServer"))
		return write_object(w, &real_server, json, path, e);
	if (streq(id, "director"))
		return write_object(w, &director, json, path, e);
	json_path_err(path, e, "unknown_member", "there are the roles realServer and director");
	return 0;
}

static int write_sync(struct config_write *w, const char *id, const json_t *json,
		      const struct json_path *path, struct err *e)
{
	const struct declared_key master = { .kind = DECLARED_SYNC_MASTER };
	const struct declared_key backup = { .kind = DECLARED_SYNC_BACKUP };

	if (streq(id, "master"))
		return write_object(w, &master, json, path, e);
	if (streq(id, "backup"))
		return write_object(w, &backup, json, path, e);
	json_path_err(path, e, "unknown_member", "there are the sync daemons master and backup");
	return 0;
}

/* How the document names it. */
static const char *member_of(const struct declared_key *key, char buf[DECLARED_ID_MAX])
{
	return key->kind == DECLARED_REAL_SERVER ? "realServer" : declared_id(key, buf);
}

static void refuse_double_ids(struct config_write *w, const char *part, struct err *e)
{
	const struct json_path path = { NULL, part };
	char id[DECLARED_ID_MAX];

	vec_sort(&w->declared, order_keys);
	for (size_t i = 1; i < w->declared.n; i++) {
		const struct json_path here = { &path, member_of(&w->declared.items[i], id) };

		if (order_keys(&w->declared.items[i - 1], &w->declared.items[i]) == 0)
			json_path_err(&here, e, "duplicate_id",
				      "stands twice, in the same or another spelling");
	}
	vec_foreach(key, &w->declared_absent) {
		const struct json_path here = { &path, member_of(key, id) };

		if (has_key(&w->declared, key))
			json_path_err(&here, e, "duplicate_id",
				      "stands twice, once as null, in another spelling");
	}
}

/* Of a kind, what the document does not name goes, if it is the writer's. One of two stays unless
 * it, or the part, is said to be empty. */
static void remove_absent(struct config_write *w, enum declared_kind kind, bool emptied)
{
	bool single = kind != DECLARED_VIP && kind != DECLARED_SYSCTL;

	vec_foreach(item, &w->before->declared) {
		const struct declared_key key = declared_key_of(*item);

		if (key.kind != kind || has_key(&w->declared, &key) ||
		    !change_config_owns(w, &(*item)->meta) ||
		    (single && !emptied && !has_key(&w->declared_absent, &key)))
			continue;
		w->changed = declared_remove(&w->after->declared, &key) || w->changed;
	}
}

/* The next part begins: none of its objects has been named. */
static void forget(struct config_write *w)
{
	w->declared.n = w->declared_absent.n = 0;
}

static int end_vips(struct config_write *w, bool null, struct err *e)
{
	refuse_double_ids(w, "vips", e);
	if (w->mode == DECODE_PUT || null)
		remove_absent(w, DECLARED_VIP, true);
	forget(w);
	return 0;
}

static int end_sysctls(struct config_write *w, bool null, struct err *e)
{
	refuse_double_ids(w, "sysctls", e);
	if (w->mode == DECODE_PUT || null)
		remove_absent(w, DECLARED_SYSCTL, true);
	forget(w);
	return 0;
}

/* A part of two objects. */
static int end_two(struct config_write *w, const char *part, enum declared_kind first,
		   enum declared_kind second, bool null, struct err *e)
{
	bool emptied = null || (w->mode == DECODE_PUT && !w->declared.n && !w->declared_absent.n);

	refuse_double_ids(w, part, e);
	if (w->mode == DECODE_PUT || emptied) {
		vec_sort(&w->declared_absent, order_keys);
		remove_absent(w, first, emptied);
		remove_absent(w, second, emptied);
	}
	forget(w);
	return 0;
}

static int end_roles(struct config_write *w, bool null, struct err *e)
{
	return end_two(w, "roles", DECLARED_REAL_SERVER, DECLARED_DIRECTOR, null, e);
}

static int end_sync(struct config_write *w, bool null, struct err *e)
{
	return end_two(w, "sync", DECLARED_SYNC_MASTER, DECLARED_SYNC_BACKUP, null, e);
}

const struct config_map change_config_vips = { "vips", write_vip, end_vips };
const struct config_map change_config_sysctls = { "sysctls", write_sysctl, end_sysctls };
const struct config_map change_config_roles = { "roles", write_role, end_roles };
const struct config_map change_config_sync = { "sync", write_sync, end_sync };

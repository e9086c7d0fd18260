/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes of the whole configuration: the document is walked service by service, in as many steps as
 * it has, and either all of it becomes the candidate or nothing. See change.h. */
#include <assert.h>
#include <errno.h>

#include "change_config_private.h"
#include "timestamp.h"

#define SINGLE_LOOKS 16 /* a dump costs about as much as this many single requests */

_Static_assert(offsetof(struct ipvs_service, key) == 0, "searched by its key");

bool change_config_owns(const struct config_write *w, const struct metadata *meta)
{
	const char *mine = w->by.owner, *owner = meta->owner;

	return w->by.force || (!mine && !owner) || (mine && owner && streq(mine, owner));
}

void change_config_refuse(struct config_write *w, int error)
{
	if (!w->refused)
		w->refused = error;
}

static int order_keys(const void *a, const void *b)
{
	return ipvs_service_key_compare(a, b);
}

/* Whether somebody else has the service in the kernel. A document of many new services is checked
 * against one list; what that misses, as dumps can, fails at its creation with EEXIST. */
static bool is_foreign(struct config_write *w, const struct ipvs_service_key *key)
{
	struct ipvs_kernel *kernel = reconcile_kernel(w->change->reconcile);

	if (desired_find(w->before, key) || desired_has_tombstone(w->before, key) ||
	    w->looks++ < SINGLE_LOOKS)
		return change_is_foreign(w->change, w->before, key);
	if (!w->listed_all && ipvs_kernel_list(kernel, &w->listed) < 0)
		w->listed.n = 0; /* the kernel cannot tell; creating them will */
	w->listed_all = true;
	return w->listed.n && bsearch(key, w->listed.items, w->listed.n, sizeof(*w->listed.items),
				      order_keys); /* a service begins with its key */
}

/* Checks owner and kernel, then puts the decoded service into the new state. */
static int take_service(struct config_write *w, struct service *s, const struct service *old,
			const char *acts_for, struct err *e)
{
	const struct ipvs_service_key key = s->spec.key;
	char id[IPVS_SERVICE_ID_MAX];
	bool foreign;
	/* A patch takes nothing over by the way, as with single services. */
	int r = w->mode == DECODE_PUT || !old ? change_default_owner(&s->meta, &w->by, e) : 0;

	(void)ipvs_service_key_format(&key, id);
	if (r == 0 && old)
		r = change_check_owner(&old->meta, acts_for, &w->by, id, &w->conflict);
	foreign = r == 0 && is_foreign(w, &key);
	if (r < 0 || (old && !(foreign && w->by.adopt) && service_same(old, s))) {
		service_unref(s);
		return r;
	}
	if (foreign && !w->by.adopt) {
		service_unref(s);
		return change_foreign_exists(id, &w->conflict);
	}
	change_stamp(s, old, w->revision, w->now);
	w->changed = true;
	return change_put(w->after, s, foreign, e);
}

int change_config_take(struct config_write *w, struct service *s, const struct service *old,
		       const char *acts_for, struct err *e)
{
	int r = take_service(w, s, old, acts_for, e);

	if (r != -EEXIST && r != -EPERM)
		return r;
	change_config_refuse(w, r);
	return 0;
}

/* null in a patch: the service goes, if it is there. */
static int remove_named(struct config_write *w, const struct ipvs_service_key *key, struct err *e)
{
	const struct service *old = desired_find(w->before, key);
	char id[IPVS_SERVICE_ID_MAX];

	if (!old)
		return 0;
	if (change_check_owner(&old->meta, w->by.owner, &w->by, ipvs_service_key_format(key, id),
			       &w->conflict) < 0) {
		change_config_refuse(w, -EPERM);
		return 0;
	}
	w->changed = true;
	return change_remove(w->change, w->after, key, e);
}

static int write_service(struct config_write *w, const char *id, const json_t *json,
			 const struct json_path *path, struct err *e)
{
	struct ipvs_service_key key;
	const char *why = "";
	struct service *s;
	const struct service *old;
	int r;

	if (ipvs_service_key_parse(id, strlen(id), &key, &why) < 0) {
		json_path_err(path, e, "invalid_id", "%s", why);
		return 0;
	}
	if (vec_push(json_is_null(json) ? &w->absent : &w->given, key) < 0)
		return change_out_of_memory(e);
	if (json_is_null(json))
		return w->mode == DECODE_PATCH ? remove_named(w, &key, e) : 0;
	if (!json_is_object(json)) {
		json_path_err(path, e, "wrong_type", "must be an object");
		return 0;
	}
	old = desired_find(w->before, &key);
	r = change_decode_service(w->change, json, &key, old, old ? w->mode : DECODE_PUT, path, &s,
				  e);
	if (r == -EINVAL)
		return 0; /* collected; go on for the rest */
	return r < 0 ? r : change_config_take(w, s, old, change_acts_for(&w->by, json), e);
}

static bool is_given(const struct config_write *w, const struct ipvs_service_key *key)
{
	return w->given.n && bsearch(key, w->given.items, w->given.n, sizeof(*key), order_keys);
}

static void refuse_double_id(const struct ipvs_service_key *key, const char *why, struct err *e)
{
	const struct json_path path = { NULL, "services" };
	char id[IPVS_SERVICE_ID_MAX];
	const struct json_path here = { &path, ipvs_service_key_format(key, id) };

	json_path_err(&here, e, "duplicate_id", "%s", why);
}

static void refuse_double_ids(struct config_write *w, struct err *e)
{
	vec_sort(&w->given, order_keys);
	for (size_t i = 1; i < w->given.n; i++)
		if (order_keys(&w->given.items[i - 1], &w->given.items[i]) == 0)
			refuse_double_id(&w->given.items[i],
					 "stands twice, in the same or another spelling", e);
	vec_foreach(key, &w->absent)
		if (is_given(w, key))
			refuse_double_id(key, "stands twice, once as null, in another spelling", e);
}

int change_config_remove_absent(struct config_write *w, struct err *e)
{
	for (size_t i = 0; i < w->before->services.n; i++) {
		const struct service *s = w->before->services.items[i];

		if (!change_config_owns(w, &s->meta) || is_given(w, &s->spec.key))
			continue;
		w->changed = true;
		if (change_remove(w->change, w->after, &s->spec.key, e) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int end_services(struct config_write *w, bool null, struct err *e)
{
	refuse_double_ids(w, e);
	return w->mode == DECODE_PUT || null ? change_config_remove_absent(w, e) : 0;
}

static const struct config_map services = { "services", write_service, end_services };

/* The part policy; null and {} are the defaults. */
static int write_policy(struct config_write *w, struct err *e)
{
	const struct json_path path = { NULL, "policy" };
	struct policy policy, defaults;
	json_t *json;
	int r = json_stream_value(&w->in, &json, e);

	if (r < 0)
		return r;
	policy_init(&defaults);
	policy = w->mode == DECODE_PATCH && !json_is_null(json) ? w->before->policy : defaults;
	if (!json_is_null(json))
		(void)field_decode(&policy_table, json, &defaults, &policy, &path, e);
	json_decref(json);
	if (field_diff(&policy_table, &policy, &w->before->policy)) {
		w->after->policy = policy;
		w->after->policy_revision = w->revision;
		w->changed = true;
	}
	return 0;
}

/* A part that is not there yet: only emptiness is taken. */
static int skip_part(struct config_write *w, const char *name, bool known, struct err *e)
{
	const struct json_path path = { NULL, name };
	json_t *json;
	int r = json_stream_value(&w->in, &json, e);

	if (r < 0)
		return r;
	if (!known)
		json_path_err(&path, e, "unknown_member", "is not a part of the configuration");
	else if (!json_is_null(json) && !(json_is_object(json) && json_object_size(json) == 0))
		json_path_err(&path, e, "not_supported", "is not supported yet");
	json_decref(json);
	return 0;
}

/* The parts of a document that are maps of objects; besides them there is policy. */
static const struct config_map *const maps[] = {
	&services,	     &change_config_vips, &change_config_roles, &change_config_sysctls,
	&change_config_sync,
};

/* No objects of these in this version yet. */
static const char *const later[] = { "marks" };

/* Begins with a map: as an object it is read entry by entry, in steps of their own. */
static int enter_map(struct config_write *w, const struct config_map *map, struct err *e)
{
	const struct json_path path = { NULL, map->name };
	json_t *json = NULL;
	int r;

	if (json_stream_at_object(&w->in)) {
		w->map = map;
		return json_stream_enter(&w->in, e);
	}
	r = json_stream_value(&w->in, &json, e);
	if (r == 0 && !json_is_null(json))
		json_path_err(&path, e, "wrong_type", "must be an object keyed by id");
	json_decref(json);
	return r < 0 ? r : map->end(w, true, e);
}

/* Its next entry, or its end. */
static int step_map(struct config_write *w, struct err *e)
{
	const struct config_map *map = w->map;
	const struct json_path path = { NULL, map->name };
	struct json_path here = { &path, NULL };
	json_t *json = NULL;
	char *id;
	int r = json_stream_next(&w->in, &id, e);

	if (r < 0)
		return r;
	if (r == 0) {
		w->map = NULL;
		return map->end(w, false, e);
	}
	here.key = id;
	r = json_stream_value(&w->in, &json, e);
	if (r == 0) {
		r = map->entry(w, id, json, &here, e);
		json_decref(json);
	}
	free(id);
	return r;
}

/* The parts in the order of their bits in w->seen: maps, those to come, policy. */
static int walk_part(struct config_write *w, const char *name, struct err *e)
{
	const size_t n_maps = ARRAY_SIZE(maps), policy = n_maps + ARRAY_SIZE(later);
	size_t i = 0;

	while (i < n_maps && !streq(maps[i]->name, name))
		i++;
	while (i >= n_maps && i < policy && !streq(later[i - n_maps], name))
		i++;
	if (i == policy && !streq(name, "policy"))
		return skip_part(w, name, false, e);
	if (w->seen & 1u << i)
		return err_set(e, -EINVAL, "invalid_json", "the member %s stands twice", name);
	w->seen |= 1u << i;
	if (i < n_maps)
		return enter_map(w, maps[i], e);
	return i < policy ? skip_part(w, name, true, e) : write_policy(w, e);
}

/* Valid JSON of another type is a fault of the document, anything else one of its syntax. */
static int not_an_object(struct json_stream *in, struct err *e)
{
	json_t *json;
	int r = json_stream_value(in, &json, e);

	if (r < 0)
		return r;
	json_decref(json);
	json_path_err(NULL, e, "wrong_type", "must be an object");
	return json_stream_end(in, e);
}

static int step_parts(struct config_write *w, struct err *e)
{
	char *name;
	int r = json_stream_next(&w->in, &name, e);

	if (r <= 0)
		return r < 0 ? r : json_stream_end(&w->in, e);
	r = walk_part(w, name, e);
	free(name);
	return r < 0 ? r : 1;
}

int change_config_step(struct config_write *w, struct err *e)
{
	int r;

	if (w->source)
		return w->source->step(w, e);
	if (w->begun && !w->map)
		return step_parts(w, e);
	if (w->map) {
		r = step_map(w, e);
	} else if (!json_stream_at_object(&w->in)) {
		return not_an_object(&w->in, e);
	} else {
		w->begun = true;
		r = json_stream_enter(&w->in, e);
	}
	return r < 0 ? r : 1;
}

size_t change_config_read(const struct config_write *w)
{
	return w->source ? w->source->read(w) : w->in.at;
}

/* What the reconciler has found out since the first step: a tombstone that came back would make us
 * delete what somebody else has made since. */
static int take_news(struct config_write *w)
{
	const struct desired *now = change_current(w->change);
	int r = 0;

	assert(now->revision == w->before->revision); /* no other write came between */
	vec_foreach(key, &w->before->tombstones)
		if (!desired_has_tombstone(now, key))
			(void)desired_drop_tombstone(w->after, key);
	vec_foreach(claim, &w->before->claims) {
		const struct claim *kept = desired_claim(w->after, &claim->key);

		if (kept && kept->class == CLAIM_FOREIGN && !desired_claim(now, &claim->key))
			(void)desired_drop_claim(w->after, &claim->key);
	}
	vec_foreach(claim, &now->claims)
		if (r == 0 && !desired_claim(w->before, &claim->key) &&
		    !desired_claim(w->after, &claim->key) && desired_find(w->after, &claim->key))
			r = desired_set_claim(w->after, &claim->key, claim->class);
	return r;
}

/* Makes the finished state the candidate. */
static int adopt_state(struct config_write *w, struct change_result *ret, struct err *e)
{
	*ret = (struct change_result){ .revision = w->before->revision, .changed = w->changed };
	if (!w->changed)
		return 0;
	if (take_news(w) < 0)
		return change_out_of_memory(e);
	if (vec_reserve(&w->change->adopt, w->adopt.n) < 0)
		return change_out_of_memory(e);
	ret->revision = change_record(w->change, w->after, &w->by, e);
	if (!ret->revision)
		return -ENOMEM;
	vec_foreach(a, &w->adopt)
		(void)vec_push(&w->change->adopt, *a); /* reserved */
	w->change->adopt_syncs |= w->adopt_syncs;
	desired_unref(w->change->candidate);
	w->change->candidate = TAKE_PTR(w->after);
	return 0;
}

static struct config_write *new_write(struct change *c, const struct change_by *by,
				      enum decode_mode mode)
{
	struct config_write *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->change = c;
	w->by = *by;
	w->mode = mode;
	w->before = desired_ref(c->candidate ? c->candidate : c->published);
	w->after = desired_copy(w->before);
	if (!w->after) {
		change_config_free(w);
		return NULL;
	}
	w->revision = w->before->revision + 1;
	w->now = timestamp_now();
	return w;
}

int change_config_begin(struct change *c, const struct change_by *by, enum decode_mode mode,
			const char *text, size_t len, struct config_write **ret, struct err *e)
{
	struct config_write *w = new_write(c, by, mode);

	if (!w)
		return change_out_of_memory(e);
	json_stream_init(&w->in, text, len);
	*ret = w;
	return 0;
}

int change_config_begin_source(struct change *c, const struct change_by *by, enum decode_mode mode,
			       const struct config_source *source, void *state,
			       struct config_write **ret, struct err *e)
{
	struct config_write *w = new_write(c, by, mode);

	if (!w) {
		source->free(state);
		return change_out_of_memory(e);
	}
	w->source = source;
	w->state = state;
	*ret = w;
	return 0;
}

int change_config_finish(struct config_write *w, struct change_result *ret, struct err *e)
{
	int r = 0;

	if (err_has_items(e))
		return change_invalid(e);
	if (w->conflict.code)
		r = err_set(e, w->refused, w->conflict.code, "%s", w->conflict.detail);
	if (r == 0)
		r = change_check_conflicts(&w->before->declared, &w->after->declared, true, e);
	if (r == 0)
		r = change_check_mixed(w->after, NULL, e);
	if (r == 0)
		r = change_guard(w->before, w->after, &w->by, e);
	return r < 0 ? r : adopt_state(w, ret, e);
}

void change_config_free(struct config_write *w)
{
	if (!w)
		return;
	if (w->source)
		w->source->free(w->state);
	json_stream_done(&w->in);
	desired_unref(w->before);
	desired_unref(w->after);
	vec_done(&w->declared);
	vec_done(&w->declared_absent);
	vec_done(&w->adopt);
	vec_done(&w->given);
	vec_done(&w->absent);
	vec_done(&w->listed);
	err_done(&w->conflict);
	free(w);
}

int change_write_config(struct change *c, const struct change_by *by, enum decode_mode mode,
			const char *text, size_t len, struct change_result *ret, struct err *e)
{
	struct config_write *w = NULL;
	int r = change_config_begin(c, by, mode, text, len, &w, e);

	if (r < 0)
		return r;
	do
		r = change_config_step(w, e);
	while (r > 0);
	if (r == 0)
		r = change_config_finish(w, ret, e);
	change_config_free(w);
	return r;
}

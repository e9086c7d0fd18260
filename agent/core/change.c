/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes of single objects and the commit; whole documents are change_config.c. Called by the API's
 * handlers and by the reconciler's hooks. Knows nothing of HTTP.
 */
#include "change.h"

#include <errno.h>

#include "change_log.h"
#include "change_private.h"
#include "ipvs_fields.h"
#include "ipvs_validate.h"
#include "log.h"
#include "timestamp.h"

int change_new(struct store *store, struct desired *initial, struct change **ret)
{
	struct change *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->store = store;
	c->published = initial;
	*ret = c;
	return 0;
}

/* Drops the entries from position `from` on. */
static void drop_history(struct change *c, size_t from)
{
	for (size_t i = from; i < c->history.n; i++) {
		free(c->history.items[i].actor);
		free(c->history.items[i].request_id);
		free(c->history.items[i].action);
		free(c->history.items[i].peer);
	}
	if (c->history.n > from)
		c->history.n = from;
}

void change_free(struct change *c)
{
	if (!c)
		return;
	drop_history(c, 0);
	vec_done(&c->history);
	vec_done(&c->adopt);
	desired_unref(c->candidate);
	desired_unref(c->published);
	free(c);
}

void change_attach(struct change *c, struct reconcile *r)
{
	c->reconcile = r;
}

void change_attach_host(struct change *c, struct host *h)
{
	c->host = h;
}

struct desired *change_published(void *arg)
{
	return ((struct change *)arg)->published;
}

const struct desired *change_current(const struct change *c)
{
	return c->candidate ? c->candidate : c->published;
}

int change_out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
}

struct desired *change_candidate(struct change *c, struct err *e)
{
	if (!c->candidate)
		c->candidate = desired_copy(c->published);
	if (!c->candidate)
		(void)change_out_of_memory(e);
	return c->candidate;
}

uint64_t change_record(struct change *c, struct desired *d, const struct change_by *by,
		       struct err *e)
{
	struct history_entry h = {
		.revision = d->revision + 1,
		.time = timestamp_now(),
		.actor = strdup(by->actor),
		.request_id = strdup(by->request_id),
		.action = strdup(by->action),
		.peer = by->peer ? strdup(by->peer) : NULL,
	};

	if (!h.actor || !h.request_id || !h.action || vec_push(&c->history, h) < 0) {
		free(h.actor);
		free(h.request_id);
		free(h.action);
		free(h.peer);
		(void)change_out_of_memory(e);
		return 0;
	}
	return ++d->revision;
}

int change_invalid(struct err *e)
{
	return err_set(e, -EINVAL, "validation_failed", "%zu members are not right; see errors",
		       e->n_items + e->n_dropped);
}

const char *change_acts_for(const struct change_by *by, const json_t *body)
{
	/* Not of the decoded object: a patch that names no owner starts from the present one's. */
	return by->owner ? by->owner
			 : json_string_value(
				   json_object_get(json_object_get(body, "metadata"), "owner"));
}

int change_check_owner(const struct metadata *meta, const char *acts_for,
		       const struct change_by *by, const char *id, struct err *e)
{
	if (!meta || !meta->owner || by->force || (acts_for && streq(acts_for, meta->owner)))
		return 0;
	return err_set(e, -EPERM, "owner_conflict",
		       "%s belongs to '%s' and this write acts for %s%s%s", id, meta->owner,
		       acts_for ? "'" : "nobody", acts_for ? acts_for : "", acts_for ? "'" : "");
}

void change_stamp_metadata(struct metadata *meta, const struct metadata *old, uint64_t revision,
			   int64_t now)
{
	meta->revision = revision;
	meta->generation = old ? old->generation + 1 : 1;
	meta->created = old ? old->created : now;
	meta->updated = now;
}

void change_stamp(struct service *s, const struct service *old, uint64_t revision, int64_t now)
{
	size_t i = 0, n_old = old ? old->real_servers.n : 0;

	change_stamp_metadata(&s->meta, old ? &old->meta : NULL, revision, now);
	vec_foreach(rs, &s->real_servers) {
		const struct real_server *was;

		while (i < n_old && ipvs_dest_key_compare(&old->real_servers.items[i].dest.key,
							  &rs->dest.key) < 0)
			i++;
		was = i < n_old ? &old->real_servers.items[i] : NULL;
		if (was && ipvs_dest_same(&was->dest, &rs->dest)) {
			rs->revision = was->revision;
			i++; /* its next is most likely that of the next one */
		} else {
			rs->revision = revision;
		}
	}
}

int change_default_owner(struct metadata *meta, const struct change_by *by, struct err *e)
{
	if (meta->owner || !by->owner)
		return 0;
	meta->owner = strdup(by->owner);
	return meta->owner ? 0 : change_out_of_memory(e);
}

int change_put(struct desired *d, struct service *s, bool adopted, struct err *e)
{
	const struct ipvs_service_key key = s->spec.key;

	if (desired_put(d, s) < 0)
		return change_out_of_memory(e);
	(void)desired_drop_tombstone(d, &key);
	if (adopted && desired_set_claim(d, &key, CLAIM_ADOPTED) < 0)
		return change_out_of_memory(e);
	return 0;
}

int change_remove(struct change *c, struct desired *d, const struct ipvs_service_key *key,
		  struct err *e)
{
	const struct claim *claim = desired_claim(d, key);
	const struct tracked *t = status_find(reconcile_status(c->reconcile), key);
	/* A service of this very turn was never programmed: a tombstone would hit somebody else's
	 * that comes later. */
	bool ours =
		claim ? claim->class == CLAIM_ADOPTED
		      : desired_find(c->published, key) || desired_has_tombstone(c->published, key);

	if (!claim && t && t->reason == STATUS_FOREIGN_EXISTS)
		ours = false; /* the claim could not be stored yet */
	if (ours && desired_add_tombstone(d, key) < 0)
		return change_out_of_memory(e);
	(void)desired_drop_claim(d, key);
	(void)desired_remove(d, key);
	return 0;
}

int change_is_foreign(struct change *c, const struct desired *d, const struct ipvs_service_key *key)
{
	const struct claim *claim = desired_claim(d, key);

	if (claim) /* the foreign one may have gone since the last pass */
		return claim->class == CLAIM_FOREIGN && reconcile_is_gone(c->reconcile, key) != 1;
	if (desired_find(d, key) || desired_has_tombstone(d, key))
		return 0;
	return reconcile_is_foreign(c->reconcile, key) > 0;
}

int change_foreign_exists(const char *id, struct err *e)
{
	return err_set(e, -EEXIST, "foreign_exists",
		       "the kernel has %s, made by somebody else; adopt=true takes it over as it "
		       "is and edits it in place",
		       id);
}

struct removals {
	size_t services, real_servers;
};

static int count_removals(void *arg, struct service *old, struct service *now)
{
	struct removals *n = arg;

	if (!old)
		return 0;
	n->services += !now;
	vec_foreach(rs, &old->real_servers)
		n->real_servers += !now || !service_find(now, &rs->dest.key);
	return 0;
}

static bool too_many(size_t removed, size_t of, uint32_t percent)
{
	return removed > 10 && removed * 100 > of * percent;
}

int change_guard(const struct desired *from, const struct desired *to, const struct change_by *by,
		 struct err *e)
{
	struct removals n = { 0 };

	if (by->allow_mass_delete)
		return 0;
	(void)desired_each_changed(from, to, count_removals, &n);
	if (!(from->services.n && !to->services.n) &&
	    !too_many(n.services, from->services.n, from->policy.max_delete_percent) &&
	    !too_many(n.real_servers, from->n_real_servers, from->policy.max_delete_percent))
		return 0;
	return err_set(e, -EEXIST, "mass_delete_refused",
		       "this takes away %zu of %zu services and %zu of %zu real servers; "
		       "allowMassDelete=true does it all the same",
		       n.services, from->services.n, n.real_servers, from->n_real_servers);
}

int change_replace(struct change *c, const struct change_by *by, const struct service *old,
		   struct service *s, bool adopted, struct change_result *ret, struct err *e)
{
	struct desired *d;
	uint64_t revision;
	int r = change_check_mixed(change_current(c), s, e);

	if (r < 0) {
		service_unref(s);
		return r;
	}
	d = change_candidate(c, e);
	revision = d ? change_record(c, d, by, e) : 0;
	if (!revision) {
		service_unref(s);
		return -ENOMEM;
	}
	change_stamp(s, old, revision, timestamp_now());
	*ret = (struct change_result){ .revision = revision, .changed = true, .created = !old };
	return change_put(d, s, adopted, e);
}

void change_check_modules(struct change *c, const struct service *s, const struct service *old,
			  const struct json_path *path, struct err *e)
{
	const struct json_path scheduler = { path, "scheduler" };
	const struct json_path persistence = { path, "persistence" };
	const struct json_path engine = { &persistence, "engine" };
	struct ipvs_kernel *kernel = reconcile_kernel(c->reconcile);
	const char *name = s->spec.scheduler, *pe = s->spec.persistence_engine;

	if (!(old && streq(old->spec.scheduler, name)) &&
	    ipvs_kernel_has(kernel, "ip_vs_", name) == 0)
		json_path_err(&scheduler, e, "unknown_scheduler",
			      "this kernel has no scheduler '%s'", name);
	if (*pe && !(old && streq(old->spec.persistence_engine, pe)) &&
	    ipvs_kernel_has(kernel, "ip_vs_pe_", pe) == 0)
		json_path_err(&engine, e, "unknown_engine",
			      "this kernel has no persistence engine '%s'", pe);
}

int change_decode_service(struct change *c, const json_t *json, const struct ipvs_service_key *key,
			  const struct service *old, enum decode_mode mode,
			  const struct json_path *path, struct service **ret, struct err *e)
{
	struct service *s;
	size_t faults;
	int r = service_decode(json, key, old, mode, path, &s, e);

	if (r < 0)
		return r;
	faults = e->n_items + e->n_dropped;
	change_check_modules(c, s, old, path, e);
	if (e->n_items + e->n_dropped > faults) {
		service_unref(s);
		return -EINVAL;
	}
	*ret = s;
	return 0;
}

/* The guard for the real servers that one service loses. */
static int guard_service(const struct desired *d, const struct service *old,
			 const struct service *s, const struct change_by *by, struct err *e)
{
	size_t removed = 0;

	vec_foreach(rs, &old->real_servers)
		removed += !service_find(s, &rs->dest.key);
	if (by->allow_mass_delete ||
	    !too_many(removed, d->n_real_servers, d->policy.max_delete_percent))
		return 0;
	return err_set(e, -EEXIST, "mass_delete_refused",
		       "this takes away %zu of all %zu real servers; allowMassDelete=true does it "
		       "all the same",
		       removed, d->n_real_servers);
}

int change_write_service(struct change *c, const struct change_by *by,
			 const struct ipvs_service_key *key, const json_t *json,
			 enum decode_mode mode, struct change_result *ret, struct err *e)
{
	const struct desired *d = change_current(c);
	struct service *old = desired_find(d, key);
	_cleanup_(service_unrefp) struct service *s = NULL;
	char id[IPVS_SERVICE_ID_MAX];
	bool foreign;
	int r;

	(void)ipvs_service_key_format(key, id);
	if (mode == DECODE_PATCH && !old)
		return err_set(e, -ENOENT, "not_found", "there is no service %s", id);
	r = change_decode_service(c, json, key, old, mode, NULL, &s, e);
	if (r < 0)
		return r == -EINVAL ? change_invalid(e) : r;
	/* A patch takes nothing over by the way, and can give an object up. */
	r = mode == DECODE_PUT ? change_default_owner(&s->meta, by, e) : 0;
	if (r == 0 && old)
		r = change_check_owner(&old->meta, change_acts_for(by, json), by, id, e);
	if (r < 0)
		return r;
	foreign = change_is_foreign(c, d, key);
	if (old && !(foreign && by->adopt) && service_same(old, s)) {
		*ret = (struct change_result){ .revision = old->meta.revision };
		return 0;
	}
	if (foreign && !by->adopt)
		return change_foreign_exists(id, e);
	if (old && guard_service(d, old, s, by, e) < 0)
		return -EEXIST;
	return change_replace(c, by, old, TAKE_PTR(s), foreign, ret, e);
}

int change_write_policy(struct change *c, const struct change_by *by, const json_t *json,
			enum decode_mode mode, struct change_result *ret, struct err *e)
{
	const struct desired *now = change_current(c);
	struct policy policy, defaults;
	struct desired *d;

	policy_init(&defaults);
	policy = json && mode == DECODE_PATCH ? now->policy : defaults;
	if (json && field_decode(&policy_table, json, &defaults, &policy, NULL, e) < 0)
		return change_invalid(e);
	*ret = (struct change_result){ .revision = now->policy_revision };
	if (field_diff(&policy_table, &now->policy, &policy) == 0)
		return 0;
	d = change_candidate(c, e);
	ret->revision = d ? change_record(c, d, by, e) : 0;
	if (!ret->revision)
		return -ENOMEM;
	ret->changed = true;
	d->policy = policy;
	d->policy_revision = ret->revision;
	return 0;
}

int change_delete_service(struct change *c, const struct change_by *by,
			  const struct ipvs_service_key *key, struct change_result *ret,
			  struct err *e)
{
	const struct service *old = desired_find(change_current(c), key);
	char id[IPVS_SERVICE_ID_MAX];
	struct desired *d;
	uint64_t revision;
	int r;

	(void)ipvs_service_key_format(key, id);
	if (!old)
		return err_set(e, -ENOENT, "not_found", "there is no service %s", id);
	r = change_check_owner(&old->meta, by->owner, by, id, e);
	if (r < 0)
		return r;
	d = change_candidate(c, e);
	revision = d ? change_record(c, d, by, e) : 0;
	if (!revision)
		return -ENOMEM;
	*ret = (struct change_result){ .revision = revision, .changed = true };
	return change_remove(c, d, key, e);
}

/* The reconciler's news: kept in the next commit, without a revision. */
void change_deleted(void *arg, const struct ipvs_service_key *key)
{
	struct change *c = arg;
	struct desired *d = change_candidate(c, NULL);

	if (d)
		(void)desired_drop_tombstone(d, key);
}

void change_foreign(void *arg, const struct ipvs_service_key *key, bool exists)
{
	struct change *c = arg;
	struct desired *d = change_candidate(c, NULL);

	if (!d)
		return;
	if (!exists)
		(void)desired_drop_claim(d, key);
	else if (desired_find(d, key))
		(void)desired_set_claim(d, key, CLAIM_FOREIGN);
}

int change_rehearse_begin(struct change *c, struct err *e)
{
	struct desired *copy = desired_copy(change_current(c));

	if (!copy)
		return change_out_of_memory(e);
	c->rehearsing = true;
	c->aside = c->candidate;
	c->history_aside = c->history.n;
	c->adopt_aside = c->adopt.n;
	c->syncs_aside = c->adopt_syncs;
	c->candidate = copy;
	return 0;
}

struct desired *change_rehearse_end(struct change *c)
{
	struct desired *result = c->candidate;

	if (!c->rehearsing)
		return NULL; /* it could not begin */
	drop_history(c, c->history_aside);
	c->adopt.n = c->adopt_aside;
	c->adopt_syncs = c->syncs_aside;
	c->candidate = TAKE_PTR(c->aside);
	c->rehearsing = false;
	return result;
}

bool change_pending(const struct change *c)
{
	return c->candidate != NULL;
}

static void log_commit(const struct change *c)
{
	vec_foreach(h, &c->history)
		change_log_commit(h);
}

int64_t change_store_time(const struct change *c)
{
	return c->store_us;
}

uint64_t change_commits(const struct change *c)
{
	return c->commits;
}

int change_commit(struct change *c, struct err *e)
{
	_cleanup_(desired_unrefp) struct desired *to = TAKE_PTR(c->candidate);
	int64_t began;
	int r;

	if (!to)
		return 0;
	began = timestamp_elapsed_us();
	r = store_commit(c->store, c->published, to, c->history.items, c->history.n, e);
	c->store_us += timestamp_elapsed_us() - began;
	c->commits++;
	if (r == 0) {
		log_commit(c);
		c->former = c->published;
		c->published = TAKE_PTR(to);
		reconcile_follow(c->reconcile, c->former, c->published);
		change_kick_host(c);
		desired_unref(c->former);
		c->former = NULL;
	}
	drop_history(c, 0);
	c->adopt.n = 0;
	c->adopt_syncs = 0;
	return r;
}

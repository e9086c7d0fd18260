/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing to the store: the difference of two states as one transaction. See store.h. */
#include <errno.h>

#include "declared_json.h"
#include "desired_json.h"
#include "field.h"
#include "field_json.h"
#include "ipvs_fields.h"
#include "store_sql.h"

struct commit {
	struct store *store;
	struct buf text; /* scratch for JSON columns */
};

static int put_service_row(struct commit *c, const struct service *s)
{
	char id[IPVS_SERVICE_ID_MAX];
	struct json_writer w;

	buf_clear(&c->text);
	json_write_init(&w, &c->text);
	json_write_begin_object(&w);
	field_encode(&ipvs_service_table, &s->spec, &w);
	json_write_key(&w, "metadata");
	metadata_encode(&s->meta, false, &w);
	json_write_end_object(&w);
	if (c->text.failed)
		return -EIO;
	store_bind_int(c->store, STORE_SERVICE_PUT, 1, s->row);
	store_bind_text(c->store, STORE_SERVICE_PUT, 2, ipvs_service_key_format(&s->spec.key, id));
	store_bind_text(c->store, STORE_SERVICE_PUT, 3, c->text.data);
	store_bind_int(c->store, STORE_SERVICE_PUT, 4, (int64_t)s->meta.revision);
	store_bind_int(c->store, STORE_SERVICE_PUT, 5, (int64_t)s->meta.generation);
	store_bind_int(c->store, STORE_SERVICE_PUT, 6, s->meta.created);
	store_bind_int(c->store, STORE_SERVICE_PUT, 7, s->meta.updated);
	return store_run(c->store, STORE_SERVICE_PUT);
}

static int put_real_server(struct commit *c, const struct service *s, const struct real_server *rs)
{
	char id[IPVS_DEST_ID_MAX];
	struct json_writer w;

	buf_clear(&c->text);
	json_write_init(&w, &c->text);
	json_write_begin_object(&w);
	field_encode(&ipvs_dest_table, &rs->dest, &w);
	json_write_end_object(&w);
	if (c->text.failed)
		return -EIO;
	store_bind_int(c->store, STORE_DEST_PUT, 1, s->row);
	store_bind_text(c->store, STORE_DEST_PUT, 2, ipvs_dest_key_format(&rs->dest.key, id));
	store_bind_text(c->store, STORE_DEST_PUT, 3, c->text.data);
	store_bind_int(c->store, STORE_DEST_PUT, 4, (int64_t)rs->revision);
	return store_run(c->store, STORE_DEST_PUT);
}

static int delete_real_server(struct commit *c, int64_t row, const struct real_server *rs)
{
	char id[IPVS_DEST_ID_MAX];

	store_bind_int(c->store, STORE_DEST_DELETE, 1, row);
	store_bind_text(c->store, STORE_DEST_DELETE, 2, ipvs_dest_key_format(&rs->dest.key, id));
	return store_run(c->store, STORE_DEST_DELETE);
}

static int write_real_servers(struct commit *c, const struct service *old, const struct service *s)
{
	size_t i = 0, j = 0, n_old = old ? old->real_servers.n : 0;
	int r = 0;

	while (r == 0 && (i < s->real_servers.n || j < n_old)) {
		const struct real_server *a =
			i < s->real_servers.n ? &s->real_servers.items[i] : NULL;
		const struct real_server *b = j < n_old ? &old->real_servers.items[j] : NULL;
		int cmp = !a ? 1 : !b ? -1 : ipvs_dest_key_compare(&a->dest.key, &b->dest.key);

		if (cmp < 0)
			r = put_real_server(c, s, a);
		else if (cmp > 0)
			r = delete_real_server(c, s->row, b);
		else if (a->revision != b->revision)
			r = put_real_server(c, s, a);
		i += cmp <= 0;
		j += cmp >= 0;
	}
	return r;
}

static int delete_service(struct commit *c, const struct service *s)
{
	int r;

	store_bind_int(c->store, STORE_DESTS_DELETE, 1, s->row);
	r = store_run(c->store, STORE_DESTS_DELETE);
	store_bind_int(c->store, STORE_SERVICE_DELETE, 1, s->row);
	return r < 0 ? r : store_run(c->store, STORE_SERVICE_DELETE);
}

static int write_service(void *arg, struct service *old, struct service *now)
{
	struct commit *c = arg;
	int r = 0;

	if (old && (!now || now->row != old->row)) { /* removed, or removed and made anew */
		r = delete_service(c, old);
		old = NULL;
	}
	if (!now || r < 0)
		return r;
	if (!now->row)
		now->row = c->store->next_row++;
	r = put_service_row(c, now);
	return r < 0 ? r : write_real_servers(c, old, now);
}

static int write_key(struct commit *c, enum store_statement which,
		     const struct ipvs_service_key *key, const char *class)
{
	char id[IPVS_SERVICE_ID_MAX];

	store_bind_text(c->store, which, 1, ipvs_service_key_format(key, id));
	if (class)
		store_bind_text(c->store, which, 2, class);
	return store_run(c->store, which);
}

static int write_tombstones(struct commit *c, const struct desired *from, const struct desired *to)
{
	int r = 0;

	vec_foreach(key, &to->tombstones)
		if (r == 0 && !desired_has_tombstone(from, key))
			r = write_key(c, STORE_TOMBSTONE_PUT, key, NULL);
	vec_foreach(key, &from->tombstones)
		if (r == 0 && !desired_has_tombstone(to, key))
			r = write_key(c, STORE_TOMBSTONE_DELETE, key, NULL);
	return r;
}

static int write_claims(struct commit *c, const struct desired *from, const struct desired *to)
{
	int r = 0;

	vec_foreach(claim, &to->claims) {
		const struct claim *old = desired_claim(from, &claim->key);

		if (r == 0 && (!old || old->class != claim->class))
			r = write_key(c, STORE_OWNERSHIP_PUT, &claim->key,
				      store_claim_names[claim->class]);
	}
	vec_foreach(claim, &from->claims)
		if (r == 0 && !desired_claim(to, &claim->key))
			r = write_key(c, STORE_OWNERSHIP_DELETE, &claim->key, NULL);
	return r;
}

static int put_declared(struct commit *c, const struct declared *o, const char *kind,
			const char *id)
{
	struct json_writer w;

	buf_clear(&c->text);
	json_write_init(&w, &c->text);
	declared_encode(o, &w);
	if (c->text.failed)
		return -EIO;
	store_bind_text(c->store, STORE_DECLARED_PUT, 1, kind);
	store_bind_text(c->store, STORE_DECLARED_PUT, 2, id);
	store_bind_text(c->store, STORE_DECLARED_PUT, 3, c->text.data);
	store_bind_int(c->store, STORE_DECLARED_PUT, 4, (int64_t)o->meta.revision);
	store_bind_int(c->store, STORE_DECLARED_PUT, 5, (int64_t)o->meta.generation);
	store_bind_int(c->store, STORE_DECLARED_PUT, 6, o->meta.created);
	store_bind_int(c->store, STORE_DECLARED_PUT, 7, o->meta.updated);
	return store_run(c->store, STORE_DECLARED_PUT);
}

static int write_declared(void *arg, struct declared *old, struct declared *now)
{
	const struct declared_key key = declared_key_of(now ? now : old);
	const char *kind = declared_kind_name((enum declared_kind)key.kind);
	struct commit *c = arg;
	char id[DECLARED_ID_MAX];

	(void)declared_id(&key, id);
	if (now)
		return put_declared(c, now, kind, id);
	store_bind_text(c->store, STORE_DECLARED_DELETE, 1, kind);
	store_bind_text(c->store, STORE_DECLARED_DELETE, 2, id);
	return store_run(c->store, STORE_DECLARED_DELETE);
}

static int write_policy(struct commit *c, const struct desired *from, const struct desired *to)
{
	struct json_writer w;

	if (from->policy_revision == to->policy_revision)
		return 0;
	buf_clear(&c->text);
	json_write_init(&w, &c->text);
	json_write_begin_object(&w);
	field_encode(&policy_table, &to->policy, &w);
	json_write_end_object(&w);
	if (c->text.failed)
		return -EIO;
	store_bind_text(c->store, STORE_OBJECT_PUT, 1, "policy");
	store_bind_text(c->store, STORE_OBJECT_PUT, 2, c->text.data);
	store_bind_int(c->store, STORE_OBJECT_PUT, 3, (int64_t)to->policy_revision);
	return store_run(c->store, STORE_OBJECT_PUT);
}

static int write_history(struct commit *c, uint64_t revision, const struct history_entry *entries,
			 size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		store_bind_int(c->store, STORE_HISTORY_PUT, 1, (int64_t)entries[i].revision);
		store_bind_int(c->store, STORE_HISTORY_PUT, 2, entries[i].time);
		store_bind_text(c->store, STORE_HISTORY_PUT, 3, entries[i].actor);
		store_bind_text(c->store, STORE_HISTORY_PUT, 4, entries[i].request_id);
		store_bind_text(c->store, STORE_HISTORY_PUT, 5, entries[i].action);
		r = store_run(c->store, STORE_HISTORY_PUT);
	}
	/* One commit in 64 trims: the walk to the thousandth row costs more than the insert. */
	if (r == 0 && n && revision % 64 < n)
		r = store_run(c->store, STORE_HISTORY_TRIM);
	store_bind_text(c->store, STORE_SETTING_PUT, 1, "revision");
	store_bind_int(c->store, STORE_SETTING_PUT, 2, (int64_t)revision);
	return r < 0 ? r : store_run(c->store, STORE_SETTING_PUT);
}

int store_commit(struct store *s, const struct desired *from, const struct desired *to,
		 const struct history_entry *entries, size_t n, struct err *e)
{
	struct commit c = { .store = s };
	int r = store_run(s, STORE_BEGIN);

	if (r == 0)
		r = desired_each_changed(from, to, write_service, &c);
	if (r == 0)
		r = write_tombstones(&c, from, to);
	if (r == 0)
		r = write_claims(&c, from, to);
	if (r == 0)
		r = declared_each_changed(&from->declared, &to->declared, write_declared, &c);
	if (r == 0)
		r = write_policy(&c, from, to);
	if (r == 0)
		r = write_history(&c, to->revision, entries, n);
	if (r == 0)
		r = store_run(s, STORE_COMMIT);
	buf_done(&c.text);
	if (r == 0)
		return 0;
	return store_abandon(s, e);
}

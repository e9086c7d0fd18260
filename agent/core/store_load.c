/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the store: rows of texts as a state. Every row is decoded and validated as a client's
 * body is. See store.h. */
#include <errno.h>
#include <stdio.h>

#include "declared_json.h"
#include "desired_json.h"
#include "field_json.h"
#include "json_memo.h"
#include "ipvs_fields.h"
#include "ipvs_validate.h"
#include "store_sql.h"
#include "timestamp.h"

static int unreadable(struct err *e, const char *id, const struct err *why)
{
	return err_set(e, -EBADMSG, "state_unreadable", "stored object %s: %s%s%s", id,
		       why->n_items ? why->items[0].pointer : "", why->n_items ? " " : "",
		       why->n_items ? why->items[0].detail : why->detail);
}

static const char *column_text(sqlite3_stmt *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	return text ? text : "";
}

struct loading {
	struct desired *d;
	size_t at; /* services are in row order, and so are their real servers */
	VEC(struct real_server) real_servers; /* of the service at `at`, as far as they are read */
	struct json_memo *memo; /* of a real server's text it keeps the struct ipvs_dest */
};

static void loading_done(struct loading *l)
{
	json_memo_free(l->memo);
	vec_done(&l->real_servers);
	desired_unref(l->d);
}

/* Parses the JSON column of the present row: what stays valid until the next call, or NULL. */
static struct json_known *column_json(struct loading *l, sqlite3_stmt *q, int column,
				      struct err *why)
{
	json_error_t error;
	struct json_known *k = json_memo_parse(l->memo, column_text(q, column),
					       (size_t)sqlite3_column_bytes(q, column), &error);

	if (!k)
		(void)err_set(why, 0, "invalid_json", "%s", error.text);
	return k;
}

static int on_service(sqlite3_stmt *q, struct loading *l, struct err *e)
{
	_cleanup_(err_done) struct err why = { 0 };
	const char *id = column_text(q, 1), *reason = "";
	struct service *s = NULL;
	struct ipvs_service_key key;
	const struct json_known *k;

	if (ipvs_service_key_parse(id, strlen(id), &key, &reason) < 0)
		return err_set(e, -EBADMSG, "state_unreadable", "stored service '%s': %s", id,
			       reason);
	k = column_json(l, q, 2, &why);
	if (!k || service_decode(k->json, &key, NULL, DECODE_PUT, NULL, &s, &why) < 0)
		return unreadable(e, id, &why);
	s->row = sqlite3_column_int64(q, 0);
	s->meta.revision = (uint64_t)sqlite3_column_int64(q, 3);
	s->meta.generation = (uint64_t)sqlite3_column_int64(q, 4);
	s->meta.created = sqlite3_column_int64(q, 5);
	s->meta.updated = sqlite3_column_int64(q, 6);
	/* Appended, which is the order of rows; load_services() sorts in the end. */
	if (vec_push(&l->d->services, s) < 0) {
		service_unref(s);
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	}
	return 0;
}

/* What a text means as a real server of a service. As real_server_decode(). */
static int dest_of(struct json_known *k, const struct ipvs_service *service,
		   const struct ipvs_dest_key *key, struct ipvs_dest *ret, struct err *why)
{
	int r;

	if (k->meaning) { /* the same for each key */
		*ret = *(const struct ipvs_dest *)k->meaning;
		ret->key = *key;
		return ipvs_dest_validate(service, ret, NULL, why);
	}
	r = real_server_decode(k->json, service, key, NULL, DECODE_PUT, NULL, ret, why);
	if (r == 0 && (k->meaning = malloc(sizeof(*ret))))
		*(struct ipvs_dest *)k->meaning = *ret;
	return r;
}

static int load_real_server(sqlite3_stmt *q, struct loading *l, const struct service *s,
			    struct err *e)
{
	_cleanup_(err_done) struct err why = { 0 };
	const char *id = column_text(q, 1), *reason = "";
	struct real_server rs = { .revision = (uint64_t)sqlite3_column_int64(q, 3) };
	struct ipvs_dest_key key;
	struct json_known *k;

	if (ipvs_dest_key_parse(id, strlen(id), &key, &reason) < 0)
		return err_set(e, -EBADMSG, "state_unreadable", "stored real server '%s': %s", id,
			       reason);
	k = column_json(l, q, 2, &why);
	if (!k || dest_of(k, &s->spec, &key, &rs.dest, &why) < 0)
		return unreadable(e, id, &why);
	if (vec_push(&l->real_servers, rs) < 0)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	return 0;
}

/* Gives the real servers to their service, in an array of just that size. 0 or -ENOMEM. */
static int hand_over(struct loading *l)
{
	size_t n = l->real_servers.n;
	struct service *s;

	if (n == 0)
		return 0;
	s = l->d->services.items[l->at];
	s->real_servers.items = malloc(n * sizeof(*s->real_servers.items));
	if (!s->real_servers.items)
		return -ENOMEM;
	memcpy(s->real_servers.items, l->real_servers.items, n * sizeof(*s->real_servers.items));
	s->real_servers.n = s->real_servers.cap = n;
	l->real_servers.n = 0;
	return 0;
}

static int order_by_key(const void *a, const void *b)
{
	const struct service *x = *(struct service *const *)a, *y = *(struct service *const *)b;

	return ipvs_service_key_compare(&x->spec.key, &y->spec.key);
}

/* Runs a query and calls fn for each row. */
static int each_row(struct store *s, const char *text,
		    int (*fn)(sqlite3_stmt *q, struct loading *l, struct err *e), struct loading *l,
		    struct err *e)
{
	sqlite3_stmt *q = NULL;
	int step, r = 0;

	if (sqlite3_prepare_v2(s->db, text, -1, &q, NULL) != SQLITE_OK)
		return store_refused(s, e, "state");
	while ((step = sqlite3_step(q)) == SQLITE_ROW && r == 0)
		r = fn(q, l, e);
	if (r == 0 && step != SQLITE_DONE)
		r = store_refused(s, e, "state");
	sqlite3_finalize(q);
	return r;
}

static int on_real_server(sqlite3_stmt *q, struct loading *l, struct err *e)
{
	int64_t row = sqlite3_column_int64(q, 0);
	const struct desired *d = l->d;

	if (l->at < d->services.n && d->services.items[l->at]->row < row && hand_over(l) < 0)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	while (l->at < d->services.n && d->services.items[l->at]->row < row)
		l->at++;
	if (l->at == d->services.n || d->services.items[l->at]->row != row)
		return err_set(e, -EBADMSG, "state_unreadable",
			       "stored real server '%s' has no service", column_text(q, 1));
	return load_real_server(q, l, d->services.items[l->at], e);
}

static int on_tombstone(sqlite3_stmt *q, struct loading *l, struct err *e)
{
	const char *id = column_text(q, 0), *reason = "";
	struct ipvs_service_key key;

	if (ipvs_service_key_parse(id, strlen(id), &key, &reason) < 0)
		return err_set(e, -EBADMSG, "state_unreadable", "tombstone '%s': %s", id, reason);
	if (desired_add_tombstone(l->d, &key) < 0)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	return 0;
}

static int on_claim(sqlite3_stmt *q, struct loading *l, struct err *e)
{
	const char *id = column_text(q, 0), *class = column_text(q, 1), *reason = "";
	struct ipvs_service_key key;

	if (ipvs_service_key_parse(id, strlen(id), &key, &reason) < 0)
		return err_set(e, -EBADMSG, "state_unreadable", "claim '%s': %s", id, reason);
	for (size_t i = 0; i < ARRAY_SIZE(store_claim_names); i++)
		if (streq(store_claim_names[i], class))
			return desired_set_claim(l->d, &key, (enum claim_class)i) == 0
				       ? 0
				       : err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	return err_set(e, -EBADMSG, "state_unreadable", "claim '%s': unknown class '%s'", id,
		       class);
}

/* The key that a commit wrote as these two texts. 0 or -EBADMSG. */
static int declared_key_load(const char *kind, const char *id, struct declared_key *ret,
			     struct err *e)
{
	static const enum declared_kind kinds[] = { DECLARED_VIP,	  DECLARED_REAL_SERVER,
						    DECLARED_DIRECTOR,	  DECLARED_SYSCTL,
						    DECLARED_SYNC_MASTER, DECLARED_SYNC_BACKUP };
	const char *why = "this program writes nothing of that name";
	char text[DECLARED_ID_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (streq(declared_kind_name(kinds[i]), kind) &&
		    declared_key_parse(kinds[i], id, ret, &why) == 0 &&
		    streq(declared_id(ret, text), id))
			return 0;
	return err_set(e, -EBADMSG, "state_unreadable", "stored %s '%s': %s", kind, id, why);
}

static int on_declared(sqlite3_stmt *q, struct loading *l, struct err *e)
{
	_cleanup_(err_done) struct err why = { 0 };
	const char *id = column_text(q, 1);
	struct declared *o = NULL;
	struct declared_key key;
	const struct json_known *k;

	if (declared_key_load(column_text(q, 0), id, &key, e) < 0)
		return -EBADMSG;
	k = column_json(l, q, 2, &why);
	if (!k || declared_decode(k->json, &key, NULL, DECODE_PUT, NULL, &o, &why) < 0)
		return unreadable(e, id, &why);
	o->meta.revision = (uint64_t)sqlite3_column_int64(q, 3);
	o->meta.generation = (uint64_t)sqlite3_column_int64(q, 4);
	o->meta.created = sqlite3_column_int64(q, 5);
	o->meta.updated = sqlite3_column_int64(q, 6);
	if (declared_put(&l->d->declared, o) < 0)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	return 0;
}

static int on_policy(sqlite3_stmt *q, struct loading *l, struct err *e)
{
	_cleanup_(err_done) struct err why = { 0 };
	struct desired *d = l->d;
	struct policy defaults;
	const struct json_known *k = column_json(l, q, 0, &why);

	policy_init(&defaults);
	if (!k || field_decode(&policy_table, k->json, &defaults, &d->policy, NULL, &why) < 0)
		return unreadable(e, "policy", &why);
	d->policy_revision = (uint64_t)sqlite3_column_int64(q, 1);
	return 0;
}

static int load_services(struct store *s, struct loading *l, struct err *e)
{
	struct desired *d = l->d;
	int r = each_row(s,
			 "SELECT row, id, json, revision, generation, created, updated"
			 " FROM service ORDER BY row",
			 on_service, l, e);

	if (r == 0)
		r = each_row(s,
			     "SELECT service, id, json, revision FROM real_server ORDER BY service",
			     on_real_server, l, e);
	if (r == 0 && hand_over(l) < 0)
		r = err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	vec_sort(&d->services, order_by_key);
	d->n_real_servers = 0;
	for (size_t i = 0; i < d->services.n; i++) {
		service_sort(d->services.items[i]);
		d->n_real_servers += d->services.items[i]->real_servers.n;
	}
	for (size_t i = 1; i < d->services.n && r == 0; i++) {
		const struct ipvs_service_key *key = &d->services.items[i]->spec.key;
		char id[IPVS_SERVICE_ID_MAX];

		if (ipvs_service_key_compare(key, &d->services.items[i - 1]->spec.key) == 0)
			r = err_set(e, -EBADMSG, "state_unreadable",
				    "stored service '%s' stands twice, in two spellings",
				    ipvs_service_key_format(key, id));
	}
	return r;
}

int store_load(struct store *s, struct desired **ret, struct err *e)
{
	_cleanup_(loading_done) struct loading l = { .d = desired_new(), .memo = json_memo_new() };
	int64_t revision;
	int r;

	if (!l.d || !l.memo)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	/* A new store starts at the clock, so that no revision of a lost one comes again. */
	if (store_query_int(s, "SELECT value FROM setting WHERE name='revision'", timestamp_now(),
			    &revision) < 0)
		return store_refused(s, e, "state");
	l.d->revision = (uint64_t)revision;
	r = load_services(s, &l, e);
	if (r == 0)
		r = each_row(s, "SELECT id FROM tombstone WHERE kind='service'", on_tombstone, &l,
			     e);
	if (r == 0)
		r = each_row(s, "SELECT id, class FROM ownership WHERE kind='service'", on_claim,
			     &l, e);
	if (r == 0)
		r = each_row(s,
			     "SELECT kind, id, json, revision, generation, created, updated"
			     " FROM declared",
			     on_declared, &l, e);
	if (r == 0)
		r = each_row(s, "SELECT json, revision FROM object WHERE kind='policy'", on_policy,
			     &l, e);
	if (r == 0)
		*ret = TAKE_PTR(l.d);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core without HTTP and without a kernel: store, change and reconciler over the fake kernel,
 * driven by a clock of the test's own. Between the reconciler and the fake stands a provider that
 * can tear dumps and break, and that notes what it is asked to write.
 */
#pragma once

#include <errno.h>
#include <unistd.h>

#include "change.h"
#include "change_private.h"
#include "ipvs_fields.h"
#include "log.h"
#include "random_ipvs.h"
#include "store_sql.h"
#include "test.h"

struct noted_op {
	enum ipvs_verb verb;
	bool staged, dest;
	struct ipvs_service_key service;
	int result;
};

/* The provider between: starts with what every provider starts with. */
struct bent_kernel {
	struct ipvs_kernel base;
	struct ipvs_kernel *inner;
	unsigned tear;	   /* a dump leaves out one entry in `tear`; 0: none */
	bool blind;	   /* a list shows nothing */
	int list_error;	   /* negative errno of lists, get() and dests(); 0: fine */
	int apply_error;   /* of apply(), which then executed only half */
	unsigned lists;	   /* how often one was begun */
	unsigned gets;	   /* calls of get() */
	unsigned reads;	   /* calls of dests(), dests_expected() and stats() */
	unsigned applies;  /* calls of apply() */
	VEC(int) expected; /* what those of the latter were told */
	VEC(struct noted_op) ops;
	void (*before_apply)(struct ipvs_kernel *inner); /* somebody else is faster */
	void (*before_piece)(struct ipvs_kernel *inner); /* or writes while we list */
};

struct world {
	struct bent_kernel kernel;
	struct store *store;
	struct change *change;
	struct reconcile *reconcile;
	int64_t now;
};

static inline struct bent_kernel *bent_of(struct ipvs_kernel *k)
{
	return (struct bent_kernel *)k;
}

static inline int bent_info(struct ipvs_kernel *k, struct ipvs_info *ret)
{
	return bent_of(k)->inner->ops->info(bent_of(k)->inner, ret);
}

static inline int bent_list_open(struct ipvs_kernel *k, bool counted, struct ipvs_list **ret)
{
	struct bent_kernel *b = bent_of(k);

	b->lists++;
	return b->list_error ? b->list_error : b->inner->ops->list_open(b->inner, counted, ret);
}

static inline int bent_list_next(struct ipvs_kernel *k, struct ipvs_list *list,
				 ipvs_listed_vec *ret)
{
	struct bent_kernel *b = bent_of(k);
	size_t before = ret->n, kept = before;
	int r;

	if (b->list_error)
		return b->list_error;
	if (b->before_piece)
		b->before_piece(b->inner);
	r = b->inner->ops->list_next(b->inner, list, ret);
	for (size_t i = before; i < ret->n && !b->blind; i++)
		if (!b->tear || !random_one_in(b->tear))
			ret->items[kept++] = ret->items[i];
	ret->n = kept;
	return r;
}

static inline void bent_list_close(struct ipvs_kernel *k, struct ipvs_list *list)
{
	bent_of(k)->inner->ops->list_close(bent_of(k)->inner, list);
}

static inline int bent_get(struct ipvs_kernel *k, const struct ipvs_service_key *key,
			   struct ipvs_service *ret)
{
	struct bent_kernel *b = bent_of(k);

	b->gets++;
	return b->list_error ? b->list_error : b->inner->ops->get(b->inner, key, ret);
}

static inline int bent_dests(struct ipvs_kernel *k, const struct ipvs_service_key *key,
			     ipvs_observed_dest_vec *ret)
{
	struct bent_kernel *b = bent_of(k);
	size_t before = ret->n, kept = before;
	int r;

	b->reads++;
	if (b->list_error)
		return b->list_error;
	r = b->inner->ops->dests(b->inner, key, ret);
	for (size_t i = before; i < ret->n; i++)
		if (!b->tear || !random_one_in(b->tear))
			ret->items[kept++] = ret->items[i];
	ret->n = kept;
	return r;
}

static inline int bent_dests_expected(struct ipvs_kernel *k, const struct ipvs_service_key *key,
				      int expected, ipvs_observed_dest_vec *ret)
{
	CHECK(vec_push(&bent_of(k)->expected, expected) == 0);
	return bent_dests(k, key, ret);
}

static inline int bent_stats(struct ipvs_kernel *k, const struct ipvs_service_key *key,
			     struct ipvs_stats *ret_service, ipvs_dest_stats_vec *ret_dests)
{
	struct bent_kernel *b = bent_of(k);

	b->reads++;
	return b->list_error ? b->list_error
			     : b->inner->ops->stats(b->inner, key, ret_service, ret_dests);
}

static inline int bent_list_next_stats(struct ipvs_kernel *k, struct ipvs_list *list,
				       ipvs_service_stats_vec *ret)
{
	struct bent_kernel *b = bent_of(k);
	size_t before = ret->n, kept = before;
	int r;

	if (b->list_error)
		return b->list_error;
	r = b->inner->ops->list_next_stats(b->inner, list, ret);
	for (size_t i = before; i < ret->n && !b->blind; i++)
		if (!b->tear || !random_one_in(b->tear))
			ret->items[kept++] = ret->items[i];
	ret->n = kept;
	return r;
}

static inline int bent_zero(struct ipvs_kernel *k, const struct ipvs_service_key *keys, size_t n,
			    int *results)
{
	struct bent_kernel *b = bent_of(k);

	return b->apply_error ? b->apply_error : b->inner->ops->zero(b->inner, keys, n, results);
}

static inline int bent_apply(struct ipvs_kernel *k, const struct ipvs_op *ops, size_t n,
			     int *results)
{
	struct bent_kernel *b = bent_of(k);
	size_t run = b->apply_error ? n / 2 : n;
	int r;

	if (b->before_apply)
		b->before_apply(b->inner);
	b->before_apply = NULL;
	b->applies++;
	r = b->inner->ops->apply(b->inner, ops, run, results);
	for (size_t i = 0; i < run; i++) {
		const struct noted_op op = { ops[i].verb, ops[i].staged, ops[i].dest != NULL,
					     ops[i].service->key, results[i] };

		CHECK(vec_push(&b->ops, op) == 0);
	}
	return b->apply_error ? b->apply_error : r;
}

static inline uint64_t bent_writes(const struct ipvs_kernel *k)
{
	const struct bent_kernel *b = (const struct bent_kernel *)k;

	return b->inner->ops->writes(b->inner);
}

static inline void bent_free(struct ipvs_kernel *k)
{
	ipvs_kernel_free(bent_of(k)->inner);
	vec_done(&bent_of(k)->ops);
	vec_done(&bent_of(k)->expected);
}

static const struct ipvs_kernel_ops bent_ops = {
	.info = bent_info,
	.list_open = bent_list_open,
	.list_next = bent_list_next,
	.list_close = bent_list_close,
	.get = bent_get,
	.dests = bent_dests,
	.dests_expected = bent_dests_expected,
	.stats = bent_stats,
	.list_next_stats = bent_list_next_stats,
	.zero = bent_zero,
	.apply = bent_apply,
	.writes = bent_writes,
	.free = bent_free,
};

/* World ---------------------------------------------------------------------------------------- */

static const struct reconcile_hooks world_hooks = {
	.desired = change_published,
	.deleted = change_deleted,
	.foreign = change_foreign,
};

#define WORLD_RESYNC 30000

/* (Re)starts the daemon on the state in `directory`; the kernel stays as it is. */
static inline void world_start(struct world *w, const char *directory)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct desired *d = NULL;

	log_set_level((enum log_level)0); /* refusals by the dozen are the point of these tests */
	if (!w->kernel.inner) {
		w->kernel.base.ops = &bent_ops;
		CHECK(ipvs_fake_new(&w->kernel.inner) == 0);
	}
	CHECK_INT(store_open(directory, &w->store, &e), 0);
	CHECK_INT(store_load(w->store, &d, &e), 0);
	CHECK(change_new(w->store, d, &w->change) == 0);
	CHECK(reconcile_new(&w->kernel.base, &world_hooks, w->change, WORLD_RESYNC,
			    &w->reconcile) == 0);
	change_attach(w->change, w->reconcile);
}

static inline void world_stop(struct world *w)
{
	change_free(w->change);
	reconcile_free(w->reconcile);
	store_close(w->store);
	w->change = NULL;
	w->reconcile = NULL;
	w->store = NULL;
}

static inline void world_done(struct world *w)
{
	world_stop(w);
	if (w->kernel.inner)
		bent_free(&w->kernel.base);
	w->kernel.inner = NULL;
}

/* Runs turns as main does until the reconciler has nothing to do now. */
static inline void world_run(struct world *w)
{
	for (int turns = 0;; turns++) {
		_cleanup_(err_done) struct err e = { 0 };
		int64_t next;

		(void)change_commit(w->change, &e);
		next = reconcile_run(w->reconcile, w->now);
		(void)change_commit(w->change, &e);
		if (next > w->now)
			return;
		CHECK(turns < 1000);
	}
}

/* Lets time pass in steps of at most a second, at most `ms`. */
static inline void world_pass(struct world *w, int64_t ms)
{
	for (int64_t end = w->now + ms; w->now < end;) {
		w->now += end - w->now < 1000 ? end - w->now : 1000;
		world_run(w);
	}
}

/* A full pass now. */
static inline void world_resync(struct world *w)
{
	(void)reconcile_request_pass(w->reconcile);
	world_run(w);
}

/* Writes ----------------------------------------------------------------------------------------
 */

static const struct change_by nobody = { .actor = "test", .request_id = "1", .action = "TEST" };

static inline struct ipvs_service_key service_key(const char *id)
{
	struct ipvs_service_key k;
	const char *why = "";

	CHECK_INT(ipvs_service_key_parse(id, strlen(id), &k, &why), 0);
	return k;
}

static inline struct ipvs_dest_key dest_key(const char *id)
{
	struct ipvs_dest_key k;
	const char *why = "";

	CHECK_INT(ipvs_dest_key_parse(id, strlen(id), &k, &why), 0);
	return k;
}

static inline int write_service(struct world *w, const struct change_by *by, const char *id,
				const char *text, enum decode_mode mode, struct change_result *ret,
				struct err *e)
{
	const struct ipvs_service_key key = service_key(id);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct change_result unused = { 0 };
	int r;

	CHECK(json);
	r = change_write_service(w->change, by, &key, json, mode, ret ? ret : &unused, e);
	json_decref(json);
	return r;
}

/* PUT for nobody that must work. */
static inline void put_service(struct world *w, const char *id, const char *text)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = write_service(w, &nobody, id, text, DECODE_PUT, NULL, &e);

	if (r < 0)
		printf("# %s: %s\n", e.code, e.n_items ? e.items[0].detail : e.detail);
	CHECK_INT(r, 0);
}

static inline void delete_service(struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;

	CHECK_INT(change_delete_service(w->change, &nobody, &key, &result, &e), 0);
}

static inline int write_config(struct world *w, const struct change_by *by, const char *text,
			       struct change_result *ret, struct err *e)
{
	struct change_result unused = { 0 };

	return change_write_config(w->change, by, DECODE_PUT, text, strlen(text),
				   ret ? ret : &unused, e);
}

static inline void commit(struct world *w)
{
	_cleanup_(err_done) struct err e = { 0 };

	CHECK_INT(change_commit(w->change, &e), 0);
}

/* The kernel, by other hands ---------------------------------------------------------------------
 */

/* One operation on the kernel by somebody else; dest may be NULL. Returns the kernel's answer. */
static inline int other_hand(struct ipvs_kernel *inner, enum ipvs_verb verb, const char *service,
			     const char *dest)
{
	const struct ipvs_service_key key = service_key(service);
	struct ipvs_service s;
	struct ipvs_dest d;
	struct ipvs_op op = { .verb = verb, .service = &s };
	int result = 0;

	ipvs_service_init(&key, &s);
	memcpy(s.scheduler, "lc", 3);
	if (dest) {
		const struct ipvs_dest_key dkey = dest_key(dest);

		ipvs_dest_init(&dkey, &d);
		d.weight = 77;
		op.dest = &d;
	}
	CHECK_INT(inner->ops->apply(inner, &op, 1, &result), 0);
	return result;
}

/* How many operations that name this service reached the kernel so far. */
static inline size_t ops_of(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);
	size_t n = 0;

	vec_foreach(op, &w->kernel.ops)
		n += ipvs_service_key_compare(&op->service, &key) == 0;
	return n;
}

static inline bool kernel_has(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);
	struct ipvs_service s;

	return w->kernel.inner->ops->get(w->kernel.inner, &key, &s) == 0;
}

/* True when the kernel holds this service exactly as desired. */
static inline bool kernel_equals(const struct world *w, const struct service *s)
{
	struct ipvs_kernel *inner = w->kernel.inner;
	const struct ipvs_view want = service_view(s);
	ipvs_observed_dest_vec dests = { 0 };
	struct ipvs_service found;
	ipvs_op_vec ops = { 0 };
	bool same = false;

	if (inner->ops->get(inner, &s->spec.key, &found) == 0) {
		struct ipvs_view have = { .service = &found, .stride = sizeof(*dests.items) };

		CHECK(inner->ops->dests(inner, &s->spec.key, &dests) == 0);
		have.dests = dests.items;
		have.n = dests.n;
		CHECK(ipvs_plan_service(&want, &have, &ops) == 0);
		same = ops.n == 0;
	}
	vec_done(&dests);
	vec_done(&ops);
	return same;
}

static inline size_t kernel_count(const struct world *w)
{
	ipvs_service_vec all = { 0 };
	size_t n;

	CHECK(ipvs_kernel_list(w->kernel.inner, &all) == 0);
	n = all.n;
	vec_done(&all);
	return n;
}

static inline const struct tracked *status_of(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	return status_find(reconcile_status(w->reconcile), &key);
}

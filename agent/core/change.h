/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only writer of the desired state. A write is checked and applied to a candidate; all writes
 * of one turn of the loop share the candidate, and change_commit() makes them durable together,
 * publishes the result and kicks the reconciler. Until then nothing outside has changed.
 */
#pragma once

#include "declared_json.h"
#include "desired_json.h"
#include "host.h"
#include "ipvs_text.h"
#include "reconcile.h"
#include "store.h"

struct change;

/* On whose behalf a write is made. Strings are borrowed for the call. */
struct change_by {
	const char *owner; /* ?owner=; NULL: not given */
	const char *actor; /* who: the peer, or who it proved to be; for the history */
	const char *peer;  /* where from, for the log; NULL: unknown */
	const char *request_id;
	const char *action;	/* "PUT /v1/…", for the history */
	bool force;		/* override another owner */
	bool allow_mass_delete; /* override the guard of the policy */
	bool adopt;		/* take over a foreign service or VIP */
};

struct change_result {
	uint64_t revision; /* the object's (or document's) after the write */
	bool changed;	   /* false: it was so already, nothing will be stored */
	bool created;
};

/* store is borrowed; takes the reference on initial. 0 or -ENOMEM. The reconciler is attached by
 * change_attach() before the first write. */
int change_new(struct store *store, struct desired *initial, struct change **ret);
void change_free(struct change *c); /* NULL is fine */
DEFINE_FREEP(struct change, change_free)
void change_attach(struct change *c, struct reconcile *r);
/* NULL (as before the first call): there is nobody who looks after the host's side. Borrowed. */
void change_attach_host(struct change *c, struct host *h);

/* The hooks for reconcile_new(); its arg is the struct change. */
struct desired *change_published(void *c);
void change_deleted(void *c, const struct ipvs_service_key *key);
void change_foreign(void *c, const struct ipvs_service_key *key, bool exists);

/* The state that a write of this turn builds on: the candidate if there is one. */
const struct desired *change_current(const struct change *c);

/*
 * Creates, replaces or patches a service from its JSON. On success the candidate holds it. 0;
 * -EINVAL (validation_failed with items); -EEXIST (foreign_exists); -EPERM (owner_conflict);
 * -ENOENT (not_found: PATCH of what is absent); -ENOMEM.
 */
int change_write_service(struct change *c, const struct change_by *by,
			 const struct ipvs_service_key *key, const json_t *json,
			 enum decode_mode mode, struct change_result *ret, struct err *e);

/* 0; -ENOENT (not_found); -EPERM (owner_conflict); -ENOMEM. */
int change_delete_service(struct change *c, const struct change_by *by,
			  const struct ipvs_service_key *key, struct change_result *ret,
			  struct err *e);

/* As change_write_service() for one real server; -ENOENT also when the service is absent. */
int change_write_real_server(struct change *c, const struct change_by *by,
			     const struct ipvs_service_key *service,
			     const struct ipvs_dest_key *key, const json_t *json,
			     enum decode_mode mode, struct change_result *ret, struct err *e);
int change_delete_real_server(struct change *c, const struct change_by *by,
			      const struct ipvs_service_key *service,
			      const struct ipvs_dest_key *key, struct change_result *ret,
			      struct err *e);
/* Sets a weight, whoever the owner is. */
int change_weight(struct change *c, const struct change_by *by,
		  const struct ipvs_service_key *service, const struct ipvs_dest_key *key,
		  uint32_t weight, struct change_result *ret, struct err *e);

/*
 * As change_write_service() for an object of the host's side; -EEXIST: desired_conflict, with items
 * for its members that contradict other objects. An address that somebody else has set is no
 * error; by->adopt takes it over, right after the commit.
 */
int change_write_declared(struct change *c, const struct change_by *by,
			  const struct declared_key *key, const json_t *json, enum decode_mode mode,
			  struct change_result *ret, struct err *e);
int change_delete_declared(struct change *c, const struct change_by *by,
			   const struct declared_key *key, struct change_result *ret,
			   struct err *e);

/*
 * A write of the whole configuration, read step by step so that a huge document holds up nobody;
 * begin, step as long as it returns 1, finish, free (in any case). Text, length and the strings of
 * by are borrowed until the end, and e is the same all the time: the faults of the whole document
 * are collected in it. In between nothing else may be written; commits of what the reconciler found
 * out do no harm.
 *
 * PUT replaces by {services: {…}, vips: {…}, …}: a part or role that is absent is kept, null or {}
 * empties a part; within one what is absent is removed, if it has the writer's owner (or
 * by->force). PATCH is a merge patch: what the document does not name stays, null removes. Errors
 * as above, and invalid_json.
 */
struct config_write;
int change_config_begin(struct change *c, const struct change_by *by, enum decode_mode mode,
			const char *text, size_t len, struct config_write **ret, struct err *e);
/*
 * The same from the text of `ipvsadm -S` (ipvs_text.h): a merge (mode PATCH) adds and edits the
 * services and real servers that it names; otherwise (PUT) it is all services that the writer has.
 * Owner and labels, which the text does not have, stay. A fault's pointer is /lines/N, with the
 * member behind it where it is one of the API; names as of ipvs_text_parse().
 */
int change_import_begin(struct change *c, const struct change_by *by, enum decode_mode mode,
			const char *text, size_t len, const struct ipvs_text_names *names,
			struct config_write **ret, struct err *e);
/*
 * The same from the kernel: foreign objects become desired as they are, without any change of the
 * kernel. request: {services: [id], vips: [id], allServices: bool}, borrowed until the end. What is
 * not there, or cannot be declared as it is, is a fault.
 */
int change_adopt_begin(struct change *c, const struct change_by *by, const json_t *request,
		       struct config_write **ret, struct err *e);
/* Reads one service or part. 1: there is more; 0: that was all; or a negative errno. */
int change_config_step(struct config_write *w, struct err *e);
/* How many bytes of the text have been read. */
size_t change_config_read(const struct config_write *w);
/* Checks the whole; on success the candidate holds it. 0 or a negative errno. */
int change_config_finish(struct config_write *w, struct change_result *ret, struct err *e);
void change_config_free(struct config_write *w); /* NULL is fine */
DEFINE_FREEP(struct config_write, change_config_free)

/* All of it at once. */
int change_write_config(struct change *c, const struct change_by *by, enum decode_mode mode,
			const char *text, size_t len, struct change_result *ret, struct err *e);

/* Replaces or patches the policy; json NULL: back to the defaults. */
int change_write_policy(struct change *c, const struct change_by *by, const json_t *json,
			enum decode_mode mode, struct change_result *ret, struct err *e);

/*
 * Between these two, writes are only rehearsed: they see the present state and are checked as ever,
 * and change_rehearse_end() takes them back. It returns the state as it would be (the caller's
 * reference; NULL: nothing would change). 0 or -ENOMEM.
 */
int change_rehearse_begin(struct change *c, struct err *e);
struct desired *change_rehearse_end(struct change *c);

/* True when there is something to commit. */
bool change_pending(const struct change *c);

/*
 * Makes the candidate durable, publishes it and kicks the reconciler. 0 (also when nothing was
 * pending); -EIO with e set (storage_failed): the candidate is dropped, all is as before.
 */
int change_commit(struct change *c, struct err *e);

/* How long the store's transactions have taken since the start, in µs. */
int64_t change_store_time(const struct change *c);
/* How many transactions that were, failed ones too. */
uint64_t change_commits(const struct change *c);

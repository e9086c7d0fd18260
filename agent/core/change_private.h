/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of change.h share: change.c has the commit and services. */
#pragma once

#include "change.h"

struct change {
	struct store *store;
	struct reconcile *reconcile;
	struct host *host; /* NULL: none */
	struct desired *published;
	struct desired *former;		   /* what was published before, during a commit */
	struct desired *candidate;	   /* NULL: no write in this turn */
	VEC(struct history_entry) history; /* of the candidate's writes */
	netcfg_inaddr_vec adopt;	   /* VIPs to be taken over with the commit */
	unsigned adopt_syncs;		   /* sync daemons: a bit (1 << role) for each */
	bool rehearsing;
	struct desired *aside; /* the candidate during a rehearsal */
	size_t history_aside;  /* entries that are not the rehearsal's */
	size_t adopt_aside;    /* the same */
	unsigned syncs_aside;  /* the same */
	int64_t store_us;      /* what store transactions have taken since the start */
	uint64_t commits;      /* how many there were */
};

/* The candidate, made if needed. NULL: out of memory (e is set). */
struct desired *change_candidate(struct change *c, struct err *e);

/* Adds the write to the history and returns its revision; 0: out of memory. */
uint64_t change_record(struct change *c, struct desired *d, const struct change_by *by,
		       struct err *e);

int change_out_of_memory(struct err *e);

/*
 * Puts a changed copy of a service (its reference is taken) in place of `old` (NULL: it is new), as
 * one write with a revision of its own. 0, -EEXIST as of change_check_mixed(), or -ENOMEM.
 */
int change_replace(struct change *c, const struct change_by *by, const struct service *old,
		   struct service *s, bool adopted, struct change_result *ret, struct err *e);

/* The answer to faults in the body: code validation_failed. Returns -EINVAL. */
int change_invalid(struct err *e);

/* For whom a write acts: ?owner=, else metadata.owner of its body; NULL: nobody. */
const char *change_acts_for(const struct change_by *by, const json_t *body);

/* The guard of the policy: refuses (-EEXIST, mass_delete_refused) when `to` lacks all services of
 * `from`, or too large a share of its services or real servers. */
int change_guard(const struct desired *from, const struct desired *to, const struct change_by *by,
		 struct err *e);

/* Refuses to touch an object of another owner. meta NULL: there is none. acts_for: NULL: nobody. */
int change_check_owner(const struct metadata *meta, const char *acts_for,
		       const struct change_by *by, const char *id, struct err *e);

/* Stamps an object that a write made from `old` (NULL: new): revision, generation, times. */
void change_stamp_metadata(struct metadata *meta, const struct metadata *old, uint64_t revision,
			   int64_t now);

/* Stamps a service that a write made from `old` (NULL: new): revision, generation, times, and the
 * revision of each real server that differs. */
void change_stamp(struct service *s, const struct service *old, uint64_t revision, int64_t now);

/* service_decode(), and then whether the kernel has what the service asks for. */
int change_decode_service(struct change *c, const json_t *json, const struct ipvs_service_key *key,
			  const struct service *old, enum decode_mode mode,
			  const struct json_path *path, struct service **ret, struct err *e);

/* A scheduler or engine whose module this kernel does not have is refused, as far as that can be
 * known; one that is in use stays what it is. Adds items below path. */
void change_check_modules(struct change *c, const struct service *s, const struct service *old,
			  const struct json_path *path, struct err *e);

/* Applies ?owner= to an object that was decoded without an owner. 0 or -ENOMEM. */
int change_default_owner(struct metadata *meta, const struct change_by *by, struct err *e);

/* Puts a service that is new here into d, with its tombstone and claims set right. 0 or -ENOMEM. */
int change_put(struct desired *d, struct service *s, bool adopted, struct err *e);

/* Takes a service out of d and leaves a tombstone, unless it is somebody else's or was never
 * programmed. 0 or -ENOMEM. */
int change_remove(struct change *c, struct desired *d, const struct ipvs_service_key *key,
		  struct err *e);

/* Whether the kernel has this service although it is not ours: 1 or 0 (also when it cannot tell:
 * creating it will). */
int change_is_foreign(struct change *c, const struct desired *d,
		      const struct ipvs_service_key *key);

int change_foreign_exists(const char *id, struct err *e);

/* change_declared.c, also for documents: */

/* declared_decode(), and then whether its addresses can be VIPs of this host as it is. */
int change_decode_declared(struct change *c, const json_t *json, const struct declared_key *key,
			   const struct declared *old, enum decode_mode mode,
			   const struct json_path *path, struct declared **ret, struct err *e);

/* Adds to ret what of the object is to be adopted with the commit. True: there is something. */
bool change_adopt_declared(const struct change *c, const struct declared *o,
			   const struct change_by *by, netcfg_inaddr_vec *ret);

/*
 * Adds an item for every contradiction within `to`, which is free of them where it is as in `from`.
 * Pointers are into the document, or (whole = false) into the object that differs. -EEXIST
 * (desired_conflict) when there are some; -ENOMEM; 0.
 */
int change_check_conflicts(const declared_vec *from, const declared_vec *to, bool whole,
			   struct err *e);

/*
 * Whether somebody else's sync daemon stands in the way of one that is declared anew, or otherwise
 * than old (NULL: not yet): -EEXIST (foreign_exists) then; with by->adopt its bit is set in
 * *ret_adopt, as far as there is something to take over. 0 for all other objects.
 */
int change_check_sync(const struct change *c, const struct declared *o, const struct declared *old,
		      const struct change_by *by, unsigned *ret_adopt, struct err *e);

/* Real servers of the other address family and sync daemons exclude each other: -EEXIST
 * (mixed_families_with_sync) when the state has both; s: of this service; NULL: of any. */
int change_check_mixed(const struct desired *d, const struct service *s, struct err *e);

/* After a commit: takes over what is noted, and tells the host of what is declared now. */
void change_kick_host(struct change *c);

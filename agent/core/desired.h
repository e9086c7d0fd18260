/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The desired state: what clients declared. A service with its real servers is an immutable,
 * reference-counted object once it is part of a published state; a state is a sorted array of
 * pointers to them, so that a candidate shares all that a write does not touch. The host's side is
 * beside it, built in the same way: declared.h. Pure: no I/O.
 */
#pragma once

#include <stdbool.h>

#include "declared.h"
#include "ipvs_plan.h"
#include "metadata.h"
#include "policy.h"
#include "util.h"
#include "vec.h"

struct real_server {
	struct ipvs_dest dest; /* first: see struct ipvs_view */
	uint64_t revision;
};

struct service {
	unsigned refs;
	int64_t row; /* the store's; 0: not stored yet */
	struct ipvs_service spec;
	struct metadata meta;
	VEC(struct real_server) real_servers; /* sorted by key */
};

/* Exceptions from "what is desired is ours". */
enum claim_class {
	CLAIM_ADOPTED, /* was somebody else's before a client told us to take it */
	CLAIM_FOREIGN, /* desired, but somebody else made it first: left alone */
};

struct claim {
	struct ipvs_service_key key;
	enum claim_class class;
};

struct desired {
	unsigned refs;
	uint64_t revision; /* of the newest write */
	struct policy policy;
	uint64_t policy_revision;		 /* of the write that last changed it; 1: never */
	size_t n_real_servers;			 /* of all services together */
	VEC(struct service *) services;		 /* sorted by key */
	VEC(struct ipvs_service_key) tombstones; /* removed here, not yet confirmed gone; sorted */
	VEC(struct claim) claims;		 /* sorted by key */
	declared_vec declared;			 /* of the host's side */
};

/* A new service (one reference, the caller's) with defaults. NULL: out of memory. */
struct service *service_new(const struct ipvs_service_key *key);
/* A private copy that may be changed until it is published. NULL: out of memory. */
struct service *service_copy(const struct service *s);
struct service *service_ref(struct service *s);
void service_unref(struct service *s);
DEFINE_FREEP(struct service, service_unref)

/* The real server with this key, or NULL. */
struct real_server *service_find(const struct service *s, const struct ipvs_dest_key *key);

/* Sorts real servers by key. */
void service_sort(struct service *s);

/* True when a client would see no difference: specification, real servers, owner, labels. */
bool service_same(const struct service *a, const struct service *b);

/* The planner's view. */
struct ipvs_view service_view(const struct service *s);

/* An empty state. */
struct desired *desired_new(void);
/* A copy that shares the objects. */
struct desired *desired_copy(const struct desired *d);
struct desired *desired_ref(struct desired *d);
void desired_unref(struct desired *d);
DEFINE_FREEP(struct desired, desired_unref)

struct service *desired_find(const struct desired *d, const struct ipvs_service_key *key);

/* Position of the first service not below key. */
size_t desired_position(const struct desired *d, const struct ipvs_service_key *key);

/* Puts s in place of the service with its key, or in its place if there is none; takes the
 * caller's reference in any case. 0 or -ENOMEM. */
int desired_put(struct desired *d, struct service *s);

/* Takes the service out. Returns false when there was none. */
bool desired_remove(struct desired *d, const struct ipvs_service_key *key);

/* A walk over the services that differ between two states; begins with all zero but those. */
struct desired_changes {
	const struct desired *from, *to;
	size_t i, j;
};

/*
 * The next one, in key order: *old is NULL for a new one, *now is NULL for one that is gone. Shared
 * services are recognised by their pointer, whatever they hold. False at the end.
 */
bool desired_next_changed(struct desired_changes *c, struct service **old, struct service **now);

/* Calls fn for each of them. Stops at the first result that is not 0 and returns it. */
int desired_each_changed(const struct desired *from, const struct desired *to,
			 int (*fn)(void *arg, struct service *old, struct service *now), void *arg);

/* Whether there is anything to do on services: some are declared, or still to be removed. */
bool desired_has_services(const struct desired *d);

bool desired_has_tombstone(const struct desired *d, const struct ipvs_service_key *key);
int desired_add_tombstone(struct desired *d, const struct ipvs_service_key *key);
bool desired_drop_tombstone(struct desired *d, const struct ipvs_service_key *key);

/* The claim on a key, or NULL. */
const struct claim *desired_claim(const struct desired *d, const struct ipvs_service_key *key);
int desired_set_claim(struct desired *d, const struct ipvs_service_key *key,
		      enum claim_class class);
bool desired_drop_claim(struct desired *d, const struct ipvs_service_key *key);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the kernel equal to the desired state: targeted passes for what a write touched, full
 * passes on start, on a timer and on request, both in slices. Time comes in as an argument (loop
 * milliseconds), so that tests drive it with a clock of their own.
 */
#pragma once

#include "desired.h"
#include "status.h"

struct reconcile;

/* What the reconciler needs from the owner of the desired state. */
struct reconcile_hooks {
	/* The published state. */
	struct desired *(*desired)(void *arg);
	/* The service of a tombstone is gone from the kernel. */
	void (*deleted)(void *arg, const struct ipvs_service_key *key);
	/* Somebody else made a desired service first / has removed it again. */
	void (*foreign)(void *arg, const struct ipvs_service_key *key, bool exists);
	/* Milliseconds that may be used to bound a slice; NULL: no bound (tests). */
	int64_t (*clock)(void);
};

enum reconcile_object {
	RECONCILE_SERVICE,
	RECONCILE_REAL_SERVER,
	RECONCILE_OBJECTS,
};

struct reconcile_stats {
	uint64_t steps;	      /* whatever it did, failed attempts too: it moves */
	uint64_t passes;      /* full ones, ended */
	uint64_t drift_found; /* services that were not as they had been left */
	uint64_t drift_repaired;
	uint64_t failures;    /* operations that the kernel refused */
	size_t foreign;	      /* services of others, at the last full pass */
	size_t failing;	      /* services that wait for a retry */
	int64_t last_pass;    /* timestamp of its end; 0: none yet */
	int64_t last_pass_ms; /* its duration */
	size_t held;	      /* removals of real servers that the guard holds back */
	int64_t scheduler_us; /* what changes of a scheduler have taken */
	int64_t passes_ms;    /* all passes together */
	/* Operations that the kernel answered, by object, enum ipvs_verb, and whether they failed.
	 */
	uint64_t operations[RECONCILE_OBJECTS][IPVS_DELETE + 1][2];
	uint64_t transport_errors; /* times that it did not answer, or could not be asked */
	uint64_t
		connections; /* of the real servers of ours, templates too, at the last full pass */
	int kernel_error;    /* negative errno while IPVS cannot be talked to; 0: fine */
};

/* kernel and hooks are borrowed. resync_ms: pause between full passes; 0: the policy's.
 * 0 or -ENOMEM. */
int reconcile_new(struct ipvs_kernel *kernel, const struct reconcile_hooks *hooks, void *arg,
		  int64_t resync_ms, struct reconcile **ret);
void reconcile_free(struct reconcile *r); /* NULL is fine */
DEFINE_FREEP(struct reconcile, reconcile_free)

/* Changes the pause between full passes. */
void reconcile_set_resync(struct reconcile *r, int64_t resync_ms);

/* The pause between two full passes that holds now, in ms: what was set, else the policy's. */
int64_t reconcile_pause(const struct reconcile *r);

/*
 * The desired state has gone from one to the other: what differs is to be programmed. Of a large
 * change only the first part is taken note of at once, the rest by reconcile_run() before all else.
 */
void reconcile_follow(struct reconcile *r, struct desired *from, struct desired *to);

/* Asks for a full pass, and for another try of all that waits for one. Returns the pass's number:
 * it has ended when stats.passes has reached it. */
uint64_t reconcile_request_pass(struct reconcile *r);

/*
 * Somebody else is writing to this service, or to services that cannot be named: look at it, or at
 * all of them, a few milliseconds later. Nothing is known by a hint but where to look. Hints may
 * come at any rate: the looks get rarer, and the full passes find the rest.
 */
void reconcile_hint(struct reconcile *r, const struct ipvs_service_key *key, int64_t now);
void reconcile_hint_all(struct reconcile *r, int64_t now);

/* Lets passes remove what the guard holds back. */
void reconcile_allow_mass_delete(struct reconcile *r);

/*
 * Works for one slice (about 10 ms). Returns the loop time at which it wants to be called
 * again: now when there is more to do.
 */
int64_t reconcile_run(struct reconcile *r, int64_t now);

/* True when every touched service has been tried. */
bool reconcile_idle(const struct reconcile *r);

/* True when the key was tried since it was last touched. */
bool reconcile_tried(const struct reconcile *r, const struct ipvs_service_key *key);

/* 1 when the kernel holds a service with this key although it is neither desired nor a tombstone, 0
 * when it does not; negative errno when the kernel cannot tell. */
int reconcile_is_foreign(struct reconcile *r, const struct ipvs_service_key *key);

/* Whether what the kernel has with the key of a desired service is ours, as far as is known; false
 * before it was looked at, and while IPVS cannot be talked to. */
bool reconcile_is_ours(const struct reconcile *r, const struct ipvs_service_key *key);

/* 1 when the kernel does not have the service, 0 when it does; negative errno when it cannot tell.
 */
int reconcile_is_gone(struct reconcile *r, const struct ipvs_service_key *key);

const struct status *reconcile_status(const struct reconcile *r);
const struct reconcile_stats *reconcile_stats(const struct reconcile *r);
struct ipvs_kernel *reconcile_kernel(const struct reconcile *r);
/* False where the kernel has no IPVS, so no services, and none is declared or still to be removed:
 * a real server needs none. */
bool reconcile_needs_kernel(const struct reconcile *r);

/* True when the kernel can be talked to, a full pass has ended and nothing is pending or failing;
 * also where no kernel is needed. */
bool reconcile_in_sync(const struct reconcile *r);

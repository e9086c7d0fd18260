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

struct reconcile_stats {
	uint64_t passes;      /* full ones, ended */
	uint64_t drift_found; /* services that were not as they had been left */
	uint64_t drift_repaired;
	uint64_t failures;    /* operations that the kernel refused */
	size_t foreign;	      /* services of others, at the last full pass */
	size_t failing;	      /* services that wait for a retry */
	int64_t last_pass;    /* timestamp of its end; 0: none yet */
	int64_t last_pass_ms; /* its duration */
	size_t held;	      /* removals of real servers that the guard holds back */
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

/* A published write touched this service: program it in the next run. */
void reconcile_kick(struct reconcile *r, const struct ipvs_service_key *key);

/* The same for a service that was not desired before and that the kernel did not have when the
 * write was checked: finding one there now means that somebody else made it. */
void reconcile_kick_new(struct reconcile *r, const struct ipvs_service_key *key);

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

/* The tombstone of a service is no longer stored: what is remembered of the deletion can go. */
void reconcile_forget(struct reconcile *r, const struct ipvs_service_key *key);

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

/* 1 when the kernel does not have the service, 0 when it does; negative errno when it cannot tell.
 */
int reconcile_is_gone(struct reconcile *r, const struct ipvs_service_key *key);

const struct status *reconcile_status(const struct reconcile *r);
const struct reconcile_stats *reconcile_stats(const struct reconcile *r);
struct ipvs_kernel *reconcile_kernel(const struct reconcile *r);
/* True when the kernel can be talked to, a full pass has ended and nothing is pending or failing.
 */
bool reconcile_in_sync(const struct reconcile *r);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of each service in the kernel and how the last attempt to program it went. Pure:
 * reconcile writes it, the API reads it as conditions.
 */
#pragma once

#include "desired.h"

enum status_reason {
	STATUS_PENDING,		  /* not looked at yet */
	STATUS_IN_SYNC,		  /* the kernel equals the desired state */
	STATUS_KERNEL_REFUSED,	  /* an operation failed; see error */
	STATUS_SCHEDULER_MISSING, /* its module, or that of the persistence engine, cannot be had */
	STATUS_FOREIGN_EXISTS,	  /* somebody else's service has this key */
	STATUS_MASS_DELETE_HELD,  /* the first pass would remove too much at once */
	STATUS_KERNEL_NOT_READY,  /* IPVS cannot be talked to at all */
};

struct tracked {
	struct ipvs_service_key key;
	struct service *applied; /* what the kernel is known to hold; NULL: nothing. If `known` */
	bool known;
	bool queued;  /* waits for its targeted pass */
	bool suspect; /* a full pass saw a difference: what the second look finds is drift */
	bool absent;  /* a full pass found nothing at all in the kernel */
	bool prune;   /* somebody else's, to be removed as long as the policy says so */
	bool gone;    /* deleted here and in the kernel; its tombstone may still be stored */
	bool drifted; /* drift was reported and is not repaired yet */
	enum status_reason reason;
	int error;	     /* negative errno of the last failure; 0: none */
	char *message;	     /* for people: operation, errno, likely cause; NULL: none */
	uint64_t generation; /* the newest one that the kernel has held */
	unsigned attempts;   /* failed ones in a row */
	int64_t retry_at;    /* loop time in ms; 0: no retry due */
	int64_t transition;  /* timestamp of the last change between programmed and not */
};

struct status {
	VEC(struct tracked *) items; /* sorted by key */
};

/* The entry of a key, or NULL. */
struct tracked *status_find(const struct status *s, const struct ipvs_service_key *key);

/* The entry of a key, made if needed (reason PENDING). NULL: out of memory. */
struct tracked *status_get(struct status *s, const struct ipvs_service_key *key);

/* The same when keys are asked for in order: *near is where the last one was found, or 0. */
struct tracked *status_get_near(struct status *s, const struct ipvs_service_key *key, size_t *near);

void status_remove(struct status *s, const struct ipvs_service_key *key);
void status_done(struct status *s);

/* Takes note that the kernel is (applied may be NULL) or is not known to be as given. */
void status_know(struct tracked *t, struct service *applied);
void status_forget(struct tracked *t);

/* Sets reason, error and a copy of message (may be NULL), and the transition time when `programmed`
 * changes. */
void status_set(struct tracked *t, enum status_reason reason, int error, const char *message,
		int64_t timestamp);

/* "InSync", "KernelRefused" …, as conditions show it. */
const char *status_reason_name(enum status_reason reason);

/* Why IPVS cannot be talked to, as a clause: "the kernel module ip_vs is missing". */
const char *status_kernel_cause(int error);

/* "NEW_SERVICE tcp:192.0.2.1:80: ENOENT: …likely cause…" into buf, which is returned. */
char *status_explain(const struct ipvs_op *op, int error, char *buf, size_t size);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reconcile.c (scheduling), reconcile_jobs.c (targeted) and reconcile_full.c (full passes)
 * share. */
#pragma once

#include "log.h"
#include "reconcile.h"

typedef VEC(struct ipvs_service_key) key_vec;

struct key_queue {
	key_vec keys;
	size_t at; /* the first that has not been taken */
};

/* What the kernel's list says of one desired service. */
struct sighting {
	int n_dests;  /* as of struct ipvs_listed */
	bool listed;  /* it is there … */
	bool differs; /* … but not as desired, its real servers aside */
};

/* First the kernel's list is read, piece by piece; then each desired service is looked at. */
struct full_pass {
	bool active;
	struct desired *desired;   /* the snapshot that is walked */
	struct ipvs_list *list;	   /* of the kernel; NULL: read to its end */
	ipvs_listed_vec piece;	   /* scratch */
	VEC(struct sighting) seen; /* one for each service of desired */
	key_vec foreign;	   /* services of others; sorted when the list has been read */
	bool empty;		   /* nothing at all was listed */
	size_t listed;		   /* services in the kernel */
	size_t i;		   /* the next service of desired */
	size_t status_at;	   /* near its entry in the status table */
	size_t surplus, found;	   /* real servers of ours: not desired, and all together */
	uint64_t connections;	   /* of those real servers */
	int64_t began;
};

/* How often something is looked at on hints. All times are of the loop, in ms; 0: none. */
struct hint_pace {
	int64_t due;   /* the next look */
	int64_t again; /* a further one without a new hint */
	int64_t last;  /* the look before */
	int64_t since; /* when a look was forgiven last */
	unsigned looks, round;
};

struct hint {
	struct ipvs_service_key key;
	struct hint_pace pace;
};

struct hints {
	VEC(struct hint) items; /* services that were hinted at lately; few, in no order */
	struct hint_pace all;
};

struct reconcile {
	struct ipvs_kernel *kernel;
	struct {
		struct desired *from, *to; /* NULL: none */
		struct desired_changes left;
	} follow; /* the commit of which not all is queued yet */
	const struct reconcile_hooks *hooks;
	void *arg;
	struct status status;
	struct reconcile_stats stats;
	struct key_queue changes, removals;
	struct full_pass full;
	struct hints hints;
	ipvs_observed_dest_vec dests; /* scratch of the full pass */
	ipvs_op_vec ops;	      /* scratch */
	int64_t resync_ms;
	int64_t next_full;
	int64_t next_retry; /* the earliest retry_at; INT64_MAX: none */
	int64_t kernel_retry;
	unsigned kernel_attempts;
	uint64_t requested; /* the pass that was asked for last */
	uint32_t seed;
	int64_t timestamp;  /* of this slice; 0: not read yet */
	int64_t full_ended; /* loop time */
	bool waited;	    /* this slice has changed a scheduler, which takes as long as a slice */
	bool first_pass_done;
	bool prune_held; /* too many were to be pruned; it has been said */
	bool deferred;	 /* a job left removals out before that */
	bool may_prune;	 /* the operator's word for one pass of many removals */
	bool may_delete; /* the first pass's guard has been passed */
};

struct desired *reconcile_desired(const struct reconcile *r);

/* Queues what was hinted at and is due. Returns when it wants to be called again, INT64_MAX: not
 * before there is another hint. */
int64_t reconcile_hints_run(struct reconcile *r, int64_t now);

/* Takes note of at most so many changes of the commit that is followed. */
void reconcile_follow_step(struct reconcile *r, size_t most);
bool reconcile_follows(const struct reconcile *r);
void reconcile_follow_drop(struct reconcile *r);

/* Puts a key into the queue that it belongs to, once. */
void reconcile_queue(struct reconcile *r, struct tracked *t);

/* Takes keys of a queue, at most about 256 operations' worth, and programs them. 0, or the
 * transport's errno after reconcile_kernel_failed(). */
int reconcile_jobs(struct reconcile *r, struct key_queue *queue, int64_t now);

/* True for a desired service that somebody else made first. */
bool reconcile_leaves_alone(const struct reconcile *r, const struct tracked *t);

/* Begins a pass, or goes on with it by a piece of the list or one service. How much work that was
 * (reconcile.c, step()), or the transport's errno after reconcile_kernel_failed(). */
int reconcile_full_start(struct reconcile *r, int64_t now);
int reconcile_full_step(struct reconcile *r, int64_t now);
void reconcile_full_drop(struct reconcile *r);

/* timestamp_now() of this slice: the clock is read once at most, since that is a system call on
 * some machines. */
int64_t reconcile_timestamp(struct reconcile *r);

/* A call of the kernel succeeded. */
void reconcile_kernel_works(struct reconcile *r);

/* The kernel cannot be talked to: back off as a whole. */
void reconcile_kernel_failed(struct reconcile *r, int error, int64_t now);

/* Milliseconds to wait after `attempts` failures: 1 s doubling to 60 s, each ± 20 %, so that many
 * failing objects do not come back in one crowd. */
int64_t reconcile_backoff(struct reconcile *r, unsigned attempts);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the host reconciler share. */
#pragma once

#include "host.h"

#define HOST_REPAIRS 5	   /* of one item … */
#define HOST_WINDOW  60000 /* … within this time: somebody fights for it */

/* What was declared when a round began. */
struct host_snapshot {
	unsigned refs;
	declared_vec objects; /* one reference each; in the order of kinds: VIPs come first */
	struct declared_view view;
};

/* An item with a history: it failed, or was repaired lately. */
struct host_track {
	struct netcfg_memo about; /* kind and key only */
	int error;		  /* of the last attempt; 0: it went well */
	unsigned attempts;	  /* failed ones in a row */
	int64_t retry_at;	  /* not to be touched before; 0: may be */
	char *message;		  /* NULL: none */
	int64_t repaired[HOST_REPAIRS];
	unsigned repairs; /* all of them; the newest is at (repairs - 1) % HOST_REPAIRS */
	unsigned fights;  /* while contested: repairs since */
	bool contested;
	bool drifted; /* drift was reported and is not repaired yet */
	bool planned; /* the newest plan has an operation for it */
	bool removes; /* what failed was to undo it */
};

typedef VEC(struct host_track *) host_track_vec; /* sorted by about */

/* Since when the conditions of an object are as they are. */
struct host_moment {
	int64_t since[HOST_CONDITIONS]; /* timestamps */
	uint8_t bits;			/* as host_conditions() had them */
};

typedef VEC(struct host_moment) host_moment_vec;

enum host_phase {
	HOST_RESTING,
	HOST_APPLYING, /* a plan is under way */
};

/* What host_found() may refresh behind a const host. */
struct host_view {
	bool stale; /* news have come since the last look */
	bool filled;
	struct netcfg_found found;
	struct preflight_host preflight; /* of host_preflight() */
	int64_t preflight_until;	 /* loop time; 0: to be made anew */
};

struct host {
	struct netcfg_kernel *kernel;
	struct netcfg_announce *announce;
	const struct host_hooks *hooks;
	void *arg;
	int64_t resync_ms;

	struct host_snapshot *now_wanted; /* of the round */
	struct host_snapshot *tried;	  /* of the last round that came to its end; NULL: none */
	struct host_snapshot *noted;	  /* whose objects the moments are; NULL: none */
	host_moment_vec moments;
	bool unnoted; /* a condition may be another than noted */

	netcfg_memo_vec memory;
	netcfg_memo_vec interfaces; /* which ones the names in the memory are */
	netcfg_memo_vec dirty; /* rows that the store does not have as the memory has; may repeat */

	/* The newest look, and what it was compared with. */
	struct netcfg_wanted wanted;
	struct netcfg_found found;
	bool looked;
	bool current; /* it was compared with now_wanted, not with what was declared before */
	struct host_view *view;

	/* The plan under way. */
	enum host_phase phase;
	struct netcfg_plan plan;
	VEC(int) results; /* HOST_TO_DO, or the result */
	size_t at;	  /* the next operation */
	size_t finished;  /* results up to here are in the memory */
	size_t executed;
	bool hasty;	      /* a result must be durable at once */
	int64_t settles;      /* loop time before which nothing goes: IPv6 addresses have come */
	VEC(size_t) failed;   /* operations that others may depend on */
	netcfg_memo_vec done; /* what the round before has executed; sorted; class: the verb */

	host_track_vec tracks;
	VEC(struct netcfg_announcement) announced; /* sorted by address */

	bool kicked, again, noticed;
	int error;	    /* negative errno while looking or storing fails; 0: fine */
	int told;	    /* the one that was logged, until a round goes well */
	unsigned attempts;  /* failed ones in a row */
	unsigned disturbed; /* looks in a row that the kernel could not end */
	unsigned burst;	    /* rounds that had operations in a row */
	uint64_t steps;	    /* whatever it did: it moves */
	uint64_t rounds;    /* that came to an end, or failed */
	int64_t next_round; /* resync, retry, or news: the earliest; INT64_MAX: none */
	int64_t next_reread;
	size_t reread_at;
	unsigned credit; /* rounds that news may still ask for at once */
	int64_t credit_at;
	size_t off; /* wanted items that are not so, at the last look */
	uint32_t seed;
};

#define HOST_TO_DO 1

/* host_snapshot.c: what is declared, kept while a round needs it. */
int host_snapshot_new(const declared_vec *objects, struct host_snapshot **ret);
struct host_snapshot *host_snapshot_ref(struct host_snapshot *s);
void host_snapshot_unref(struct host_snapshot *s); /* NULL is fine */
bool host_snapshot_is(const struct host_snapshot *s, const declared_vec *objects);
/* The object with the key of o, or NULL. */
const struct declared *host_snapshot_find(const struct host_snapshot *s, const struct declared *o);
/* The VIP with this address, or NULL. */
const struct netcfg_vip *host_snapshot_vip(const struct host_snapshot *s,
					   const struct inaddr *address);

/* host_memory.c: rows of the memory on their way to the store. */
/* Takes note that these rows may differ from the store's. 0 or -ENOMEM. */
int host_memory_touch(struct host *h, const netcfg_memo_vec *rows);
/* Makes the store as the memory is. 0 or a negative errno: tried again with the next. */
int host_memory_flush(struct host *h);

/* Takes what the store had: the rows about interfaces are kept apart. 0 or -ENOMEM. */
int host_memory_take(struct host *h, netcfg_memo_vec *rows);

/*
 * What is remembered of interfaces that have another name since the last look, or since the store
 * was written, goes with them. Of one that went while nobody looked nothing is left to be put back:
 * whoever has its name now is another. 0 or -ENOMEM.
 */
int host_memory_follow(struct host *h, const struct netcfg_found *now);

/* Notes which of these interfaces the memory speaks of, for the next look and the next start. 0 or
 * -ENOMEM. */
int host_memory_note(struct host *h, const struct netcfg_found *found);

/* host_track.c: failures, back-off, drift, and who fights. */
struct host_track *host_track_find(const struct host *h, const struct netcfg_memo *about);
/* NULL: none, or out of memory (then nothing is remembered of it). */
struct host_track *host_track_get(struct host *h, const struct netcfg_memo *about);
int64_t host_backoff(struct host *h, unsigned attempts);
/* A plan has an operation for an item that was as it should be. */
void host_track_drift(struct host *h, const struct netcfg_op *op, int64_t now);
/* What became of an operation that was executed. */
void host_track_result(struct host *h, const struct netcfg_op *op, int result, int64_t now);
/* An operation was left out because of another. */
void host_track_blocked(struct host *h, const struct netcfg_op *op, const struct netcfg_op *by);
/* A new plan begins / has an operation for this. */
void host_track_unplan(struct host *h);
void host_track_plan(struct host *h, const struct netcfg_memo *about);
/* A plan was judged: what has no operation in it is as it should be. */
void host_track_settle(struct host *h, int64_t now);
/* The time of the next retry; INT64_MAX: none. */
int64_t host_track_next(const struct host *h);
/* All may be tried at once. */
void host_track_kick(struct host *h);
void host_track_done(struct host *h);

/* host_moments.c: compares conditions with those noted; after a round, and after it was called off.
 */
void host_moments_note(struct host *h);

/* host_round.c: one round. */
/* Looks and plans. 0, also when there is nothing to be done at all; or a negative errno: nothing
 * was applied. */
int host_round_start(struct host *h, int64_t now);
/* Applies until the part or the time (of the clock hook) is over. True when the part is. */
bool host_round_apply(struct host *h, enum host_part part, int64_t end, int64_t now);
/* Whether operations of the second part are left. */
bool host_round_has_second(const struct host *h);

/* Whether these have to wait, until h->settles. */
bool host_round_settles(const struct host *h, int64_t now);
/* Ends it: what is left of the plan is not done. 0 or the store's error. */
int host_round_end(struct host *h);
/* Where nothing is declared and nothing remembered. */
bool host_has_nothing(const struct host *h, const declared_vec *declared);

/* host_news.c: when news of the kernel ask for a round. */
void host_news_read(struct host *h, int64_t now);
/* Reads variables again whose changes the kernel may not tell. Returns the time of the next; or
 * INT64_MAX. */
int64_t host_news_reread(struct host *h, int64_t now);

/* host_announcing.c: which VIPs are announced. */
/* After each look. */
void host_announcing_follow(struct host *h, int64_t now);
/* An address was added a moment ago. */
void host_announcing_added(struct host *h, const struct inaddr *address, int64_t now);

/* host_view.c: what is wanted of an address or a variable, or NULL; items by their memo. */
const struct netcfg_wanted_address *host_wanted_address(const struct netcfg_wanted *w,
							const struct inaddr *address);
const struct netcfg_wanted_sysctl *host_wanted_sysctl(const struct netcfg_wanted *w,
						      const struct netcfg_sysctl_key *slot);
struct netcfg_memo host_about_sysctl(const struct netcfg_wanted_sysctl *want);
struct netcfg_memo host_about_link(const struct netcfg_wanted_link *want);
struct netcfg_memo host_about_fou(const struct netcfg_wanted_fou *want);
struct netcfg_memo host_about_address(const struct netcfg_wanted_address *want);
/* host_syncs.c */
struct netcfg_memo host_about_sync(enum netcfg_sync_role role);
/* How many wanted items are not as they should be. */
size_t host_count_off(const struct host *h);

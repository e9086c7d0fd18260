/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the host (VIPs, roles, variables) equal to what is declared: rounds of looking, planning
 * and applying (netcfg_plan.h), in two parts around the services of IPVS and in slices; on writes,
 * on news of the kernel, on a timer, and again after a refusal. Time comes in as an argument (loop
 * milliseconds), so that tests drive it with a clock of their own.
 */
#pragma once

#include "declared.h"
#include "netcfg_announce.h"
#include "netcfg_kernel.h"
#include "netcfg_plan.h"
#include "preflight.h"

struct host;

struct host_hooks {
	/* What is declared (published), borrowed until the next call that may publish. */
	const declared_vec *(*declared)(void *arg);
	/* Rows of the memory, to be durable when it returns 0; else a negative errno. */
	int (*remember)(void *arg, const netcfg_memo_vec *put, const netcfg_memo_vec *drop);
	/* Milliseconds that bound a slice; NULL: no bound (tests). */
	int64_t (*clock)(void);
};

/*
 * Kernel, announcements and hooks are borrowed; a may be NULL: nothing can be announced. memory
 * (sorted) is taken in any case. resync_ms: pause between looks that nothing asked for. 0 or
 * -ENOMEM.
 */
int host_new(struct netcfg_kernel *k, struct netcfg_announce *a, netcfg_memo_vec *memory,
	     const struct host_hooks *hooks, void *arg, int64_t resync_ms, struct host **ret);
void host_free(struct host *h); /* NULL is fine; the host stays as it is */
DEFINE_FREEP(struct host, host_free)

/* Changes the pause between looks. */
void host_set_resync(struct host *h, int64_t resync_ms);

/* What is declared has changed, or somebody wants a look at everything: a round begins in the next
 * run, and what waits for a retry is tried again. */
void host_kick(struct host *h);

/* The kernel's descriptor is readable: the next run takes the news. */
void host_notice(struct host *h);

enum host_part {
	HOST_FIRST,  /* before the services: variables, links, addresses that come */
	HOST_SECOND, /* after them: what goes, backwards */
};

/* Works for one slice (about 10 ms). Returns the loop time at which it wants to be called again:
 * now when there is more to do; INT64_MAX: never, before something else happens. */
int64_t host_run(struct host *h, enum host_part part, int64_t now);

/* True when all that was declared has been tried and looked at again. */
bool host_idle(const struct host *h);

/* Whether it moves. */
struct host_pulse {
	int64_t due;	 /* loop time of its next work; INT64_MAX: none before something happens */
	uint64_t steps;	 /* whatever it did, failed attempts too */
	uint64_t rounds; /* that came to an end, or failed */
	int64_t every;	 /* ms: the longest pause between two rounds; 0: nothing asks for any */
};
struct host_pulse host_pulse(const struct host *h, int64_t now);

/* True when everything wanted is so, nothing is left of what was wanted before, and the kernel and
 * the store could be talked to. */
bool host_in_sync(const struct host *h);

/* True when what the object with this key wanted could not be undone, or it is not known whether it
 * was. Of a role, and with NULL: of any object. */
bool host_is_left(const struct host *h, const struct declared_key *key);

/* One thing of the host that a declared object wants. */
struct host_item {
	const char *kind;	     /* "sysctl", "timeout", "link", "port", "address", "sync" */
	char id[NETCFG_MEMO_ID_MAX]; /* "net.ipv4.ip_forward", "192.0.2.1/32@lo" */
	char wanted[NETCFG_MEMO_VALUE_MAX];    /* "1"; "up"; "gue"; "present" */
	char found[NETCFG_MEMO_VALUE_MAX];     /* also "down", "absent", "other"; empty: unknown */
	char effective[NETCFG_MEMO_VALUE_MAX]; /* sysctl: with `all` combined; else as found */
	enum netcfg_state state;
	bool optional;	     /* nothing waits for it */
	int error;	     /* negative errno of the last attempt; 0: none failed */
	const char *message; /* borrowed until the next run; NULL: none */
};

typedef VEC(struct host_item) host_item_vec;

/* Appends the items of an object, as the newest look found them: none before the first round with
 * it. 0 or -ENOMEM. */
int host_items(const struct host *h, const struct declared *o, host_item_vec *ret);

/* The newest generation of the object that a round has tried; 0: none. */
uint64_t host_observed(const struct host *h, const struct declared *o);

/* Conditions of an object. */
enum host_condition {
	HOST_PROGRAMMED, /* its newest generation was tried, and every item is as wanted */
	HOST_PENDING,	 /* an item waits for what the host does not have */
	HOST_FOREIGN,	 /* an address of it is somebody else's, and used */
	HOST_CONTESTED,	 /* another program keeps changing an item back */
	HOST_CONDITIONS,
};

/* Those that are true now, as bits 1 << condition. */
uint8_t host_conditions(const struct host *h, const struct declared *o);

/* The timestamp since when a condition has been as it is now. */
int64_t host_condition_since(const struct host *h, const struct declared *o,
			     enum host_condition which, bool status);

/* How many of the objects that are. Their names go to buf: "vip 192.0.2.10, role director", and
 * "and 3 more" at the end where not all fit in. Cheap when there are none. */
size_t host_contested_names(const struct host *h, const declared_vec *declared, char *buf,
			    size_t size);

/*
 * Announces a VIP now, by its own interval. 0; -ENOENT: no such VIP is declared and in place;
 * -EOPNOTSUPP: nothing is announced on such an interface; -ENETDOWN: it does not run; -EPERM: no
 * packets can be sent (CAP_NET_RAW); -ENOMEM.
 */
int host_announce(struct host *h, const struct inaddr *address, int64_t now);

/* What became of its announcements. False: it is not announced. */
bool host_announce_status(const struct host *h, const struct inaddr *address,
			  struct netcfg_announce_status *ret);

/* The host as it is now: looks when news have come since the last look, at most once a turn. NULL:
 * it cannot be looked at. Borrowed until the next run. */
const struct netcfg_found *host_found(const struct host *h);

/* The same with what warnings depend on. The handful of variables that it has beside what was
 * declared is read anew after each look at the host, and when it is a second old. Borrowed until
 * the next run. */
const struct preflight_host *host_preflight(const struct host *h, int64_t now);

/* True when the host has this address and it is not ours. */
bool host_address_is_foreign(const struct host *h, const struct inaddr *address);

/* True when somebody else has set just this address there, which can become ours; not when it
 * brings a subnet with it. interface empty: anywhere. */
bool host_is_adoptable(const struct host *h, const struct inaddr *address, const char *interface);

/* True when this variable (a slot) is wanted here, or has a former value to go back to. */
bool host_sysctl_is_ours(const struct host *h, const struct netcfg_sysctl_key *key);

/*
 * Makes an address that somebody else has set ours, where a declared (published) object wants it:
 * it goes with its last wish. 0, also when it is ours already; -ENOENT: nothing declared wants it,
 * or it is not there; -EIO: could not be stored, nothing has changed; -ENOMEM.
 */
int host_adopt(struct host *h, const struct inaddr *address);

/* A sync daemon of IPVS as it runs now. */
struct host_sync {
	struct netcfg_sync sync;
	bool running;
	bool ours; /* started by lvsd, or adopted */
};

/* Both, by role. 0 or a negative errno: IPVS cannot be asked. */
int host_syncs(const struct host *h, struct host_sync ret[2]);

/* True when one runs that is not ours. */
bool host_sync_is_foreign(const struct host *h, enum netcfg_sync_role role);

/* Makes the one that runs ours: the next round makes it as it is declared (published) to be, if it
 * is not. 0, also when it is ours already; -ENOENT: none runs; -EIO: could not be stored, nothing
 * has changed; another negative errno. */
int host_adopt_sync(struct host *h, enum netcfg_sync_role role);

/*
 * Calls each for every operation of the round that would come if these objects were declared, in
 * its order. Looks at the host, changes nothing; what waits for a retry is among them, and what
 * needs a link that has to be made first is not. 0 or a negative errno.
 */
int host_plan(const struct host *h, const declared_vec *declared,
	      void (*each)(void *arg, const struct netcfg_op *op), void *arg);

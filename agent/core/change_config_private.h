/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What change_config.c (the document, services, policy) and change_config_declared.c (its parts of
 * the host's side) share. */
#pragma once

#include "change_private.h"
#include "json_stream.h"

typedef VEC(struct ipvs_service_key) key_vec;
typedef VEC(struct declared_key) declared_key_vec;

struct config_write;

/* A part that is a map of objects: entry() for each of them (null too), then end(); null: the whole
 * part is. 0 or a negative errno; what is refused or faulty is collected. */
struct config_map {
	const char *name;
	int (*entry)(struct config_write *w, const char *id, const json_t *json,
		     const struct json_path *path, struct err *e);
	int (*end)(struct config_write *w, bool null, struct err *e);
};

/* Where a write that is no JSON document takes its objects from. */
struct config_source {
	/* As change_config_step(). */
	int (*step)(struct config_write *w, struct err *e);
	/* As change_config_read(): work, measured in bytes of a document that would cost as much.
	 */
	size_t (*read)(const struct config_write *w);
	void (*free)(void *state);
};

struct config_write {
	const struct config_source *source; /* NULL: a document */
	void *state;			    /* the source's own */
	struct change *change;
	struct change_by by;
	struct json_stream in;
	bool begun;		      /* the document has been entered */
	const struct config_map *map; /* in this part; NULL: before one, or at the end */
	unsigned seen;		      /* parts, by their bit */
	struct desired *before;	      /* a reference */
	struct desired *after;	   /* built beside the candidate, which stays as it is on failure */
	key_vec given;		   /* the services of the document */
	key_vec absent;		   /* those that it says are not there: null */
	declared_key_vec declared; /* objects of the host's side, of the part that is being read */
	declared_key_vec declared_absent; /* null */
	netcfg_inaddr_vec adopt;	  /* VIPs to be taken over with the commit */
	unsigned adopt_syncs;		  /* sync daemons */
	uint64_t revision;		  /* of this write, if anything changes */
	int64_t now;
	enum decode_mode mode;
	bool changed;
	bool listed_all;
	unsigned looks;		 /* at single services in the kernel */
	ipvs_service_vec listed; /* all that the kernel has, once `listed_all` */
	struct err conflict;	 /* the first one; faults in the body go before it */
	int refused;		 /* its errno */
};

/* Whether what the document does not name goes with it: it is the writer's, or by.force. */
bool change_config_owns(const struct config_write *w, const struct metadata *meta);

/* A write that takes its objects from a source; change_config_free() frees its state, on failure
 * this does. 0 or -ENOMEM. */
int change_config_begin_source(struct change *c, const struct change_by *by, enum decode_mode mode,
			       const struct config_source *source, void *state,
			       struct config_write **ret, struct err *e);

/* Checks owner and kernel, then puts a complete service (its reference is taken) into the new
 * state. old: what is there; acts_for: for whom the write acts. What is refused is noted, and no
 * error. 0 or a negative errno. */
int change_config_take(struct config_write *w, struct service *s, const struct service *old,
		       const char *acts_for, struct err *e);

/* The same for an object of the host's side. */
int change_config_take_declared(struct config_write *w, struct declared *o,
				const struct declared *old, const char *acts_for, struct err *e);

/* What `given` (sorted) does not have goes, if it is the writer's. 0 or -ENOMEM. */
int change_config_remove_absent(struct config_write *w, struct err *e);

/* Keeps the errno of what is refused, the detail of which is in w->conflict; the walk goes on for
 * the rest. */
void change_config_refuse(struct config_write *w, int error);

/* The parts of the host's side. */
extern const struct config_map change_config_vips, change_config_sysctls, change_config_roles,
	change_config_sync;

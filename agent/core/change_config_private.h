/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What change_config.c (the document, services, policy) and change_config_declared.c (its parts of
 * the host's side) share. */
#pragma once

#include "change_private.h"
#include "json_stream.h"

typedef VEC(struct ipvs_service_key) key_vec;
typedef VEC(struct declared_key) declared_key_vec;

struct config_write {
	struct change *change;
	const struct change_by *by;
	const struct desired *before;
	struct desired *after;	   /* built beside the candidate, which stays as it is on failure */
	key_vec given;		   /* the services of the document */
	key_vec absent;		   /* those that it says are not there: null */
	declared_key_vec declared; /* objects of the host's side, of the part that is being read */
	declared_key_vec declared_absent; /* null */
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

/* Whether what the document does not name goes with it: it is the writer's, or by->force. */
bool change_config_owns(const struct config_write *w, const struct metadata *meta);

/* Keeps the errno of what is refused, the detail of which is in w->conflict; the walk goes on for
 * the rest. */
void change_config_refuse(struct config_write *w, int error);

/*
 * Walks a part that is a map: fn for each entry. 1 when the part is null (nothing was called; so it
 * is with another type, which is a fault in e), 0, or negative with e set.
 */
int change_config_walk(struct config_write *w, struct json_stream *in, const struct json_path *path,
		       int (*fn)(struct config_write *w, const char *id, const json_t *json,
				 const struct json_path *path, struct err *e),
		       struct err *e);

/* The parts vips, sysctls and roles. */
int change_config_vips(struct config_write *w, struct json_stream *in, struct err *e);
int change_config_sysctls(struct config_write *w, struct json_stream *in, struct err *e);
int change_config_roles(struct config_write *w, struct json_stream *in, struct err *e);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Declared objects of the host's side: a VIP, a sysctl, the role of real server, the role of
 * director, and the two sync daemons of IPVS. Each is an immutable, reference-counted object once
 * it is part of a published state, as services are. Pure.
 */
#pragma once

#include "metadata.h"
#include "netcfg_expand.h"
#include "netcfg_sysctl.h"
#include "util.h"

enum declared_kind { /* in the order of the state, and of /v1/config */
		     DECLARED_VIP,
		     DECLARED_REAL_SERVER,
		     DECLARED_DIRECTOR,
		     DECLARED_SYSCTL,
		     DECLARED_SYNC_MASTER,
		     DECLARED_SYNC_BACKUP,
};

struct declared {
	unsigned refs;
	uint8_t kind; /* enum declared_kind */
	struct metadata meta;
	union {
		struct netcfg_vip vip;
		struct netcfg_sysctl sysctl;
		struct netcfg_real_server_role real_server;
		struct netcfg_director_role director;
		struct netcfg_sync sync; /* SYNC_* */
	};
	netcfg_inaddr_vec vips; /* REAL_SERVER: sorted */
	netcfg_sysctl_vec ipvs; /* DIRECTOR: sorted, names in full */
};

typedef VEC(struct declared *) declared_vec; /* sorted by declared_compare(), no doubles */

/* What names an object among those of its kind. The roles and the sync daemons are one each: it is
 * not looked at. */
struct declared_key {
	uint8_t kind;			   /* enum declared_kind */
	struct inaddr address;		   /* VIP */
	char name[NETCFG_SYSCTL_NAME_MAX]; /* SYSCTL: canonical */
};

/* A new object (one reference, the caller's) with defaults. NULL: out of memory. */
struct declared *declared_new(const struct declared_key *key);
/* A private copy that may be changed until it is published. NULL: out of memory. */
struct declared *declared_copy(const struct declared *o);
struct declared *declared_ref(struct declared *o);
void declared_unref(struct declared *o); /* NULL is fine */
DEFINE_FREEP(struct declared, declared_unref)

/* Order by kind, then key. */
int declared_compare(const struct declared *a, const struct declared *b);
/* True when a client would see no difference. */
bool declared_same(const struct declared *a, const struct declared *b);

/* Longest id of one, with the NUL: a sysctl's name. */
#define DECLARED_ID_MAX NETCFG_SYSCTL_NAME_MAX

struct declared_key declared_key_of(const struct declared *o);
/* Order by kind, then id. */
int declared_key_compare(const struct declared_key *a, const struct declared_key *b);

/* "vip", "role", "sysctl", "sync": what the API calls its kind. */
const char *declared_kind_name(enum declared_kind kind);
/* The id within its kind: "192.0.2.10", "real-server", "director", a variable's name, "master",
 * "backup". Returns buf. */
char *declared_id(const struct declared_key *key, char buf[DECLARED_ID_MAX]);
/* For people: "vip 192.0.2.10", "role director". buf: kind, blank, id. Returns buf. */
#define DECLARED_TEXT_MAX (DECLARED_ID_MAX + 8)
char *declared_text(const struct declared_key *key, char buf[DECLARED_TEXT_MAX]);
/* The key of a VIP or sysctl by an id in any spelling; of the others (id is not looked at). 0, or
 * -EINVAL with a reason in *ret_why (static text). */
int declared_key_parse(enum declared_kind kind, const char *id, struct declared_key *ret,
		       const char **ret_why);

/* Position of the first object not below key; *ret_found (may be NULL): it is that one. */
size_t declared_position(const declared_vec *v, const struct declared_key *key, bool *ret_found);
struct declared *declared_find(const declared_vec *v, const struct declared_key *key); /* or NULL */
/* Puts o in place of the object with its key, or in its place if there is none; takes the caller's
 * reference in any case. 0 or -ENOMEM. */
int declared_put(declared_vec *v, struct declared *o);
/* Takes the object out. Returns false when there was none. */
bool declared_remove(declared_vec *v, const struct declared_key *key);
/* A copy that shares the objects, into an empty vector. 0, or -ENOMEM (it stays empty). */
int declared_vec_copy(const declared_vec *from, declared_vec *ret);
void declared_vec_done(declared_vec *v); /* frees and empties */

/* As desired_each_changed(), for two vectors of declared objects. */
int declared_each_changed(const declared_vec *from, const declared_vec *to,
			  int (*fn)(void *arg, struct declared *old, struct declared *now),
			  void *arg);

/* All objects of a vector as netcfg_expand() takes them. Borrows: the vector must stay. */
struct declared_view {
	struct netcfg_declared all;
	VEC(const struct netcfg_vip *) vips;
	VEC(const struct netcfg_sysctl *) sysctls;
};

/* Into a zeroed view. 0 or -ENOMEM. */
int declared_view(const declared_vec *v, struct declared_view *ret);
void declared_view_done(struct declared_view *view);
/* The object that a source of its expansion stands for. */
struct declared *declared_of_source(const declared_vec *v, const struct netcfg_source *s);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Declared objects of the host's side: a VIP, a sysctl, the role of real server, the role of
 * director. Each is an immutable, reference-counted object once it is part of a published state, as
 * services are. Pure.
 */
#pragma once

#include "metadata.h"
#include "netcfg_expand.h"
#include "util.h"

enum declared_kind { /* in the order of the state, and of /v1/config */
		     DECLARED_VIP,
		     DECLARED_REAL_SERVER,
		     DECLARED_DIRECTOR,
		     DECLARED_SYSCTL,
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
	};
	netcfg_inaddr_vec vips; /* REAL_SERVER: sorted */
	netcfg_sysctl_vec ipvs; /* DIRECTOR: sorted, names in full */
};

typedef VEC(struct declared *) declared_vec; /* sorted by declared_compare(), no doubles */

/* What names an object among those of its kind. The roles are one each: it is not looked at. */
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

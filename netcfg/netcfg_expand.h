/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what is declared to what the host should be: variables, links, ports and addresses, each
 * with the objects that want it. Pure.
 */
#pragma once

#include "netcfg_found.h"

/* All declared objects, borrowed. What is wanted refers to them by index: they must stay as long
 * as it. All are validated. */
struct netcfg_declared {
	const struct netcfg_vip *const *vips;
	size_t n_vips;
	const struct netcfg_sysctl *const *sysctls;
	size_t n_sysctls;
	const struct netcfg_real_server_role *real_server; /* NULL: this host has not that role */
	const struct inaddr *real_server_vips;
	size_t n_real_server_vips;
	const struct netcfg_director_role *director; /* NULL */
	const struct netcfg_sysctl *director_ipvs;   /* names in full: "net.ipv4.vs.conntrack" */
	size_t n_director_ipvs;
	const struct netcfg_sync *syncs[2]; /* by role; NULL */
};

enum netcfg_object {
	NETCFG_OBJECT_VIP,
	NETCFG_OBJECT_SYSCTL,
	NETCFG_OBJECT_REAL_SERVER,
	NETCFG_OBJECT_DIRECTOR,
	NETCFG_OBJECT_SYNC_MASTER, /* plus the role */
	NETCFG_OBJECT_SYNC_BACKUP,
};

/* Who wants something, and by which member. */
struct netcfg_source {
	uint8_t object; /* enum netcfg_object */
	uint32_t index; /* VIP, SYSCTL: into the declared array. Roles: entry of `vips`, `ipvs` */
	const char *member; /* "ipv4Forwarding", "vips", "ipvs"; NULL: the object as a whole */
};

/* A run of netcfg_wanted.sources; never empty. */
struct netcfg_wishes {
	uint32_t first, n;
};

struct netcfg_wanted_sysctl {
	struct netcfg_sysctl_key key; /* a slot */
	char value[NETCFG_SYSCTL_VALUE_MAX];
	struct netcfg_wishes wishes;
};

/* A tunnel device that must be there and up. */
struct netcfg_wanted_link {
	char name[NETCFG_INTERFACE_MAX];
	const char *kind; /* static: of IFLA_INFO_KIND */
	bool checksum;	  /* gre: takes packets with a checksum, and only them */
	bool optional;	  /* for directors of the other family; nothing waits for it */
	struct netcfg_wishes wishes;
};

struct netcfg_wanted_fou {
	struct netcfg_fou fou;
	struct netcfg_wishes wishes;
};

/* An address in one place. */
struct netcfg_wanted_address {
	char interface[NETCFG_INTERFACE_MAX];
	char label[NETCFG_INTERFACE_MAX];
	struct inaddr address;
	uint8_t prefix_length;
	struct netcfg_wishes wishes;
};

struct netcfg_wanted_sync {
	struct netcfg_sync sync;
	struct netcfg_wishes wishes;
};

struct netcfg_wanted {
	VEC(struct netcfg_wanted_sysctl) sysctls;    /* by netcfg_sysctl_compare() */
	VEC(struct netcfg_wanted_link) links;	     /* by name */
	VEC(struct netcfg_wanted_fou) fous;	     /* by family, port */
	VEC(struct netcfg_wanted_address) addresses; /* by address; each once */
	VEC(struct netcfg_wanted_sync) syncs;	     /* by role */
	VEC(struct netcfg_source) sources;
};

/* Two wishes that no single value or place serves. */
struct netcfg_conflict {
	struct netcfg_source first, second;
	char what[NETCFG_SYSCTL_NAME_MAX];	   /* the variable's name, or the address */
	char first_value[NETCFG_SYSCTL_VALUE_MAX]; /* or the interface */
	char second_value[NETCFG_SYSCTL_VALUE_MAX];
};

typedef VEC(struct netcfg_conflict) netcfg_conflict_vec;

/*
 * Works out what the declared objects want of a host with these links (they count for sendRedirects
 * only, which is of every interface). Whether there are conflicts does not depend on the links; of
 * two conflicting wishes the first is followed: a write that makes one is to be refused. 0, or
 * -ENOMEM with both results empty.
 */
int netcfg_expand(const struct netcfg_declared *d, const netcfg_link_vec *links,
		  struct netcfg_wanted *ret, netcfg_conflict_vec *ret_conflicts);

void netcfg_wanted_done(struct netcfg_wanted *w); /* frees and empties */

/* The JSON pointer of a source: in the document of /v1/config, or (whole = false) in the object's
 * own. Cut at size - 1 bytes; returns buf. */
char *netcfg_source_pointer(const struct netcfg_source *s, const struct netcfg_declared *d,
			    bool whole, char *buf, size_t size);

/* For people: "vip 192.0.2.10", "sysctl net.ipv4.ip_forward", "role director". Returns buf. */
char *netcfg_source_text(const struct netcfg_source *s, const struct netcfg_declared *d, char *buf,
			 size_t size);

/* Whether an object (index: of a VIP or sysctl) is among the wishes. */
bool netcfg_wants(const struct netcfg_wanted *w, const struct netcfg_wishes *wishes,
		  enum netcfg_object object, uint32_t index);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam to the kernel's IPVS: one operation type and one provider interface, implemented by
 * ipvs_netlink.c (the kernel) and ipvs_fake.c (memory). Both give the same errnos; the parity test
 * runs one scenario against both.
 */
#pragma once

#include "ipvs_model.h"

enum ipvs_verb {
	IPVS_ADD,
	IPVS_SET,
	IPVS_DELETE,
};

/*
 * One change of the kernel. The objects are borrowed and must outlive the call of apply().
 *   service operation: dest is NULL. ADD and SET send the whole object; DELETE the key.
 *   real server operation: service names the service, dest the real server.
 * staged: an ADD creates the service as ipvs_service_stage() says, so that it takes no connections
 * before its real servers are there; a SET ends that, and when it fails the service refuses
 * connections aloud. ADDs of one call come before all that needs the services.
 * silent: the provider's own, whatever the caller says (see ipvs_service_stage()).
 */
struct ipvs_op {
	enum ipvs_verb verb;
	bool staged;
	const struct ipvs_service *service;
	const struct ipvs_dest *dest;
	uint64_t changed; /* SET: field_diff() bits, for people; the kernel gets the whole object */
	bool silent;
};

struct ipvs_info {
	uint32_t version;		/* 0x010201 = 1.2.1 */
	uint32_t connection_table_size; /* buckets */
};

/* How long connections without packets are kept: seconds. */
struct ipvs_timeouts {
	uint32_t tcp, tcp_fin, udp;
};

#define IPVS_INTERFACE_MAX 16 /* IP_VS_IFNAME_MAXLEN: with the NUL */

/* The longest that every kernel takes: it counts in jiffies, 32 bits of them with a sign. */
#define IPVS_TIMEOUT_MAX 2147483

/* The two sync daemons of a network namespace. */
enum ipvs_daemon_role {
	IPVS_DAEMON_MASTER,
	IPVS_DAEMON_BACKUP,
};

/* A sync daemon: the master tells of connections by multicast, the backup listens. */
struct ipvs_daemon {
	struct inaddr group; /* multicast, of either family */
	uint32_t sync_id;    /* the kernel takes more than the 8 bits that travel */
	uint16_t max_length; /* bytes of a message; 0, to start one: as the kernel likes it */
	uint16_t port;	     /* host order */
	uint8_t role;	     /* enum ipvs_daemon_role */
	uint8_t ttl;
	char interface[IPVS_INTERFACE_MAX];
};

typedef VEC(struct ipvs_daemon) ipvs_daemon_vec; /* by role; two at most */

/* How many real servers a service is expected to have, if not a number. */
#define IPVS_DESTS_UNKNOWN (-1)
#define IPVS_DESTS_DUMP	   (-2) /* they include tunnels or such of the other family */

/* A service as a list gives it. */
struct ipvs_listed {
	struct ipvs_service service;
	int n_dests; /* IPVS_DESTS_UNKNOWN: not counted */
};

typedef VEC(struct ipvs_listed) ipvs_listed_vec;

/* What tells a provider's messages from those of others on netlink. */
struct ipvs_identity {
	uint16_t family; /* netlink's id of IPVS; 0: not known yet, and it can change */
	uint32_t port;	 /* in all requests of the provider */
};

struct ipvs_kernel;
struct ipvs_list;
struct ipvs_connection_walk;

struct ipvs_kernel_ops {
	/*
	 * Version and table size. 0; -ENOENT: the kernel has no IPVS and could not load it;
	 * -EPERM: no CAP_NET_ADMIN.
	 */
	int (*info)(struct ipvs_kernel *k, struct ipvs_info *ret);

	/*
	 * Lists all services of this network namespace piece by piece, so that others can work in
	 * between. open asks the kernel (counted: also how many real servers each has, where that
	 * is cheap); next appends a piece to ret, normalised; close ends it, whole or not (NULL is
	 * fine). Neither sorted nor a consistent snapshot: when others write meanwhile, an entry
	 * may come twice or be missing (ip_vs_ctl.c dumps by position without a consistency mark).
	 * open: 0 or a negative errno. next: 1 when there may be more, 0 at the end; a negative
	 * errno means that nothing of the list is to be used.
	 */
	int (*list_open)(struct ipvs_kernel *k, bool counted, struct ipvs_list **ret);
	int (*list_next)(struct ipvs_kernel *k, struct ipvs_list *list, ipvs_listed_vec *ret);
	void (*list_close)(struct ipvs_kernel *k, struct ipvs_list *list);

	/* One service by key: 0, or -ESRCH when the kernel does not have it, be it because its
	 * address family is switched off. Exact. */
	int (*get)(struct ipvs_kernel *k, const struct ipvs_service_key *key,
		   struct ipvs_service *ret);

	/*
	 * All real servers of a service, normalised, sorted by key, without doubles, appended to
	 * ret. An absent service is an empty list without an error. Those of an IPv4 service
	 * without tunnels are a snapshot; for others the same inconsistency as of a list applies.
	 */
	int (*dests)(struct ipvs_kernel *k, const struct ipvs_service_key *key,
		     ipvs_observed_dest_vec *ret);

	/*
	 * The same, cheaper, for a service that was listed a moment ago. expected: the list's
	 * n_dests, or IPVS_DESTS_DUMP when the caller knows better. An outdated number costs time;
	 * if it happens to be that of the IPv4 ones alone, those of the other family are missing.
	 */
	int (*dests_expected)(struct ipvs_kernel *k, const struct ipvs_service_key *key,
			      int expected, ipvs_observed_dest_vec *ret);

	/*
	 * Counters of a service, and counters and connections of its real servers: in place of what
	 * was in ret_dests, sorted by key, without doubles. The service's are not asked for when
	 * ret_service is NULL; then an absent service is an empty list without an error. 0; -ESRCH
	 * when the kernel does not have the service.
	 */
	int (*stats)(struct ipvs_kernel *k, const struct ipvs_service_key *key,
		     struct ipvs_stats *ret_service, ipvs_dest_stats_vec *ret_dests);

	/* As list_next(), but gives the counters of the services. A list is read by one of them. */
	int (*list_next_stats)(struct ipvs_kernel *k, struct ipvs_list *list,
			       ipvs_service_stats_vec *ret);

	/*
	 * Sets the counters of n services and of their real servers to zero; rates and connections
	 * stay. results and return value as of apply(). There is no call for all services, since
	 * the kernel's own (ip_vs_ctl.c, ip_vs_zero_all) takes those of others too.
	 */
	int (*zero)(struct ipvs_kernel *k, const struct ipvs_service_key *keys, size_t n,
		    int *results);

	/*
	 * Executes n operations in order. results[i] is 0 or a negative errno of operation i
	 * (ESRCH: no such service; ENOENT: no such real server, or scheduler or engine module
	 * missing; EEXIST; EINVAL; ERANGE; EPERM …). One that fails does not stop the rest.
	 * Returns 0 when all were executed, else a negative errno of the transport: then it is
	 * unknown which were.
	 */
	int (*apply)(struct ipvs_kernel *k, const struct ipvs_op *ops, size_t n, int *results);

	/*
	 * The timeouts of this network namespace. Setting: 0 leaves one as it is; -EINVAL, with
	 * nothing changed, for one that is too long. 0 or a negative errno as of info().
	 */
	int (*get_timeouts)(struct ipvs_kernel *k, struct ipvs_timeouts *ret);
	int (*set_timeouts)(struct ipvs_kernel *k, const struct ipvs_timeouts *timeouts);

	/*
	 * The sync daemons that run in this network namespace, in place of what was in ret. One
	 * whose interface has gone is still among them (ip_vs_sync.c does not watch interfaces). 0
	 * or a negative errno as of info().
	 */
	int (*daemons)(struct ipvs_kernel *k, ipvs_daemon_vec *ret);
	/*
	 * Starting: 0; -EEXIST: one of that role runs; -ENODEV: no such interface; -EINVAL: a group
	 * that is not multicast, or there are real servers of the other address family than their
	 * service's. Stopping: 0; -ESRCH: none runs. Both may take some milliseconds: the kernel
	 * starts or joins a thread.
	 */
	int (*daemon_start)(struct ipvs_kernel *k, const struct ipvs_daemon *daemon);
	int (*daemon_stop)(struct ipvs_kernel *k, enum ipvs_daemon_role role);

	/* Begins to read all connections of this network namespace (ipvs_connection_walk.h). 0 or a
	 * negative errno: -ENOENT without IPVS. */
	int (*connections)(struct ipvs_kernel *k, struct ipvs_connection_walk **ret);

	/*
	 * Whether the kernel has a module, as "ip_vs_wrr", loaded or to be loaded: 1, 0, or
	 * -ENODATA when that cannot be known beforehand. Loads nothing. May be NULL: unknown.
	 */
	int (*has_module)(struct ipvs_kernel *k, const char *name);

	/* Whether a module is in the kernel now, loaded or built in. May be NULL: unknown. */
	bool (*module_loaded)(struct ipvs_kernel *k, const char *name);

	/* How many write operations were handed to the kernel since the provider was made. */
	uint64_t (*writes)(const struct ipvs_kernel *k);

	/* Who the provider is on netlink. May be NULL: it is not there. */
	struct ipvs_identity (*identity)(const struct ipvs_kernel *k);

	void (*free)(struct ipvs_kernel *k);
};

/* Every provider's struct starts with this. */
struct ipvs_kernel {
	const struct ipvs_kernel_ops *ops;
};

/* The kernel by generic netlink and getsockopt(). Succeeds without the module too: it is
 * (re-)resolved, and with it loaded by the kernel, at each use until it is there. 0 or a negative
 * errno of the socket. */
int ipvs_netlink_new(struct ipvs_kernel **ret);

/* A kernel in memory, empty. 0 or -ENOMEM. */
int ipvs_fake_new(struct ipvs_kernel **ret);

/*
 * Fault injection for tests: the operation number `after` (0 = next) that apply() executes fails
 * with error (negative errno) and changes nothing. Only on a provider made by ipvs_fake_new().
 */
void ipvs_fake_fail(struct ipvs_kernel *k, unsigned after, int error);

/* What the fake shall have counted for a service (dest NULL; counts mean nothing then) or for one
 * of its real servers; nothing passes through it by itself. 0, -ESRCH or -ENOMEM. */
int ipvs_fake_count(struct ipvs_kernel *k, const struct ipvs_service_key *service,
		    const struct ipvs_dest_key *dest, const struct ipvs_stats *stats,
		    const struct ipvs_dest_counts *counts);
/* For tests, as above: the interface that a sync daemon would need is not there (-ENODEV). NULL:
 * all are. Borrowed. */
void ipvs_fake_without(struct ipvs_kernel *k, const char *interface);

/* Whether there is a scheduler (kind "ip_vs_") or persistence engine ("ip_vs_pe_") of this name, as
 * has_module(). */
int ipvs_kernel_has(struct ipvs_kernel *k, const char *kind, const char *name);

/* Whether it is in the kernel now, without having to be loaded first. */
bool ipvs_kernel_loaded(struct ipvs_kernel *k, const char *kind, const char *name);

/* Frees any provider; NULL is fine. */
void ipvs_kernel_free(struct ipvs_kernel *k);

/* A whole list in place of what was in ret, sorted by key, without doubles. Blocks until the kernel
 * has dumped all of it: ipvs_listing.h does not. 0 or a negative errno. */
int ipvs_kernel_list(struct ipvs_kernel *k, ipvs_service_vec *ret);

/* For providers: sorts the real servers from `from` on by key and drops the doubles that a dump has
 * when others add meanwhile. Quick when they are in order, or in the kernel's: newest first. */
void ipvs_kernel_sort_dests(ipvs_observed_dest_vec *v, size_t from);

/* The same of counters; in any order. */
void ipvs_kernel_sort_stats(ipvs_dest_stats_vec *v);

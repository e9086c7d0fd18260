/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam to the host's kernel: links, addresses, variables, and news of them. Implemented by
 * netcfg_rtnl*.c (rtnetlink, /proc/sys) and netcfg_fake.c (memory). Both give the same errnos; the
 * parity test runs one scenario against both.
 */
#pragma once

#include "netcfg_expand.h"
#include "netcfg_memory.h"

enum netcfg_verb {
	NETCFG_SYSCTL_WRITE,
	NETCFG_LINK_ADD, /* created down; by name and kind */
	NETCFG_LINK_UP,	 /* by index */
	NETCFG_FOU_ADD,
	NETCFG_ADDRESS_ADD, /* fails when it is there */
	NETCFG_ADDRESS_SET, /* lifetimes, and flags of IPv6, of one that is there */
	NETCFG_SYNC_STOP,   /* for good, or with wishes: before it is started anew */
	NETCFG_SYNC_START,
	NETCFG_ADDRESS_DELETE,
	NETCFG_FOU_DELETE,
	NETCFG_LINK_DOWN,
	NETCFG_LINK_DELETE,
};

/* What SET or a deletion followed by an addition puts right; for people. */
#define NETCFG_CHANGED_LABEL	1
#define NETCFG_CHANGED_LIFETIME 2 /* or flags of duplicate detection */

/* One change of the kernel. Each verb uses its own members; pointers are borrowed. */
struct netcfg_op {
	enum netcfg_verb verb;
	bool removes;	 /* belongs to the second part of a plan: after the services of IPVS */
	bool optional;	 /* LINK_*: its failure holds up nothing else */
	bool forgets;	 /* when it is done, its memo is of no use any more */
	bool checksum;	 /* LINK_ADD, gre: in mode `external`, for packets with checksums */
	uint8_t changed; /* ADDRESS_SET, replaced addresses: NETCFG_CHANGED_*; SYNC_START: in place
			  * of one that runs */
	int32_t index;	 /* LINK_UP, _DOWN, _DELETE, SYNC_START */
	struct netcfg_sync sync;	     /* SYNC_*: its role; START: all of it */
	struct netcfg_fou fou;		     /* FOU_* */
	struct netcfg_address address;	     /* ADDRESS_*: index, address, prefix, label */
	char name[NETCFG_INTERFACE_MAX];     /* LINK_*, ADDRESS_*; counts for LINK_ADD */
	const char *kind;		     /* LINK_ADD */
	const struct netcfg_sysctl_key *key; /* SYSCTL_WRITE */
	const char *value, *before;	     /* SYSCTL_WRITE; before: for people, or NULL */
	const struct netcfg_wishes *wishes;  /* who wants it; NULL: nobody any more */
};

typedef VEC(struct netcfg_op) netcfg_op_vec;

enum netcfg_change_kind {
	NETCFG_CHANGE_LINK,
	NETCFG_CHANGE_ADDRESS,
	NETCFG_CHANGE_SYSCTL,
};

/* A hint that something may have changed. */
struct netcfg_change {
	uint8_t kind; /* enum netcfg_change_kind */
	bool gone;    /* LINK, ADDRESS: it was removed */
	union {
		struct netcfg_link link; /* as it is now; compare with what was known */
		struct netcfg_address address;
		struct netcfg_sysctl_key key; /* a slot */
	};
};

struct netcfg_changes {
	VEC(struct netcfg_change) items;
	bool everything; /* hints were lost, or are too many: look at all */
};

struct netcfg_kernel;

struct netcfg_kernel_ops {
	/*
	 * All links with the variables of their own, addresses of both families, ports of the fou
	 * module; appended to ret, sorted. 0 or a negative errno; a dump that was disturbed is
	 * repeated a few times and is -EAGAIN in the end (for a while after many IPv6 addresses
	 * were added); then ret is as before. fous() is -ENOENT without the module, which the
	 * kernel does not load by itself.
	 */
	int (*links)(struct netcfg_kernel *k, netcfg_link_vec *ret);
	int (*addresses)(struct netcfg_kernel *k, netcfg_address_vec *ret);
	int (*fous)(struct netcfg_kernel *k, netcfg_fou_vec *ret);

	/* The sync daemons of IPVS. 0 or a negative errno: IPVS cannot be asked. May be NULL: the
	 * provider knows nothing of IPVS. */
	int (*syncs)(struct netcfg_kernel *k, netcfg_sync_vec *ret);

	/* The canonical value of a variable. 0; -ENOENT: there is none such (no interface, no
	 * module, other kernel); another negative errno. */
	int (*read)(struct netcfg_kernel *k, const struct netcfg_sysctl_key *key,
		    char ret[NETCFG_SYSCTL_VALUE_MAX]);

	/*
	 * Executes n operations in order. results[i] is 0 or a negative errno of operation i. One
	 * that fails does not stop the rest. Errnos: address EEXIST, EADDRNOTAVAIL (deletion of
	 * what is not there), ENODEV, EINVAL; link EEXIST, ENODEV, EOPNOTSUPP (kind unknown); fou
	 * EADDRINUSE, ENOENT; variable ENOENT, EINVAL, EPERM, EROFS; sync daemon EEXIST, ENODEV,
	 * EINVAL, ESRCH (not running). The call blocks: 80 us for an address were measured, and up
	 * to 300 us for the deletion of one of thousands of IPv6. Returns 0 when all were executed,
	 * else a negative errno of the transport: then it is unknown which were.
	 */
	int (*apply)(struct netcfg_kernel *k, const struct netcfg_op *ops, size_t n, int *results);

	/*
	 * Says which variables are of interest from now on. At most 256 directories are watched; of
	 * the rest, and of writes through another mount of /proc, only a look tells. Forwarding and
	 * rp_filter are told without it. 0 or a negative errno.
	 */
	int (*watch)(struct netcfg_kernel *k, const struct netcfg_sysctl_key *keys, size_t n);

	/* A descriptor that is readable when there is news; stays the provider's. */
	int (*events_fd)(const struct netcfg_kernel *k);
	/* Takes the news there is, without waiting; own changes are among it. 0 or a negative
	 * errno (-ENOMEM: ret->everything is set). */
	int (*events)(struct netcfg_kernel *k, struct netcfg_changes *ret);

	/* What the indices of interfaces are valid in, this network namespace of this boot, as
	 * text of less than NETCFG_IDENTITY_MAX bytes; where it cannot be told, one that does not
	 * come again. The provider's. */
	const char *(*identity)(const struct netcfg_kernel *k);

	/* How many write operations were handed to the kernel since the provider was made. */
	uint64_t (*writes)(const struct netcfg_kernel *k);

	void (*free)(struct netcfg_kernel *k);
};

/* Every provider's struct starts with this. */
struct netcfg_kernel {
	const struct netcfg_kernel_ops *ops;
};

/* The kernel of this network namespace. 0 or a negative errno of sockets or of /proc/sys. */
int netcfg_rtnl_new(struct netcfg_kernel **ret);

/* A kernel in memory with the links lo (index 1), eth0 and eth1 (both Ethernet, up), with their
 * loopback and 198.51.100.1/24, 2001:db8:ffff::1/64 (eth0), 203.0.113.1/24 (eth1) addresses, all
 * tunnel modules, and ip_vs. 0 or -ENOMEM. */
int netcfg_fake_new(struct netcfg_kernel **ret);

/* For tests, on a provider made by netcfg_fake_new(): what others do. Each makes events. */
/* Creates a link or changes one of this name (index 0: the next free one). 0 or -ENOMEM. */
int netcfg_fake_link(struct netcfg_kernel *k, const struct netcfg_link *link);
/* Removes a link with its addresses. */
void netcfg_fake_unlink(struct netcfg_kernel *k, const char *name);
/* Gives a link another name. */
void netcfg_fake_rename(struct netcfg_kernel *k, const char *from, const char *to);
/* Somebody adds, removes or writes. Result as of the operation. */
int netcfg_fake_do(struct netcfg_kernel *k, const struct netcfg_op *op);
/* Another boot, as far as the identity tells (static text). */
void netcfg_fake_identity(struct netcfg_kernel *k, const char *identity);
/* Whether the module ip_vs is loaded. */
void netcfg_fake_ipvs(struct netcfg_kernel *k, bool loaded);
/* The operation number `after` (0 = next) that apply() executes fails with error. */
void netcfg_fake_fail(struct netcfg_kernel *k, unsigned after, int error);
/* The next events() has lost some. */
void netcfg_fake_lose_events(struct netcfg_kernel *k);

/*
 * Looks at the host, step by step, since each needs the one before: links and addresses; then
 * netcfg_expand() with the links; then the fou ports and variables that are wanted or remembered
 * (but for those that are there and cannot be read). 0, or a negative errno with ret empty.
 * netcfg_look() is the first step, and with w (NULL: not known yet) all of them.
 */
int netcfg_look(struct netcfg_kernel *k, const struct netcfg_wanted *w,
		const netcfg_memo_vec *memory, struct netcfg_found *ret);
int netcfg_look_more(struct netcfg_kernel *k, const struct netcfg_wanted *w,
		     const netcfg_memo_vec *memory, struct netcfg_found *found);

/* Frees any provider; NULL is fine. */
void netcfg_kernel_free(struct netcfg_kernel *k);
void netcfg_changes_done(struct netcfg_changes *c);

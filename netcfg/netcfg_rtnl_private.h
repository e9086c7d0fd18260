/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the rtnetlink provider share. */
#pragma once

#include "netcfg_kernel.h"

struct nlsock;

/* Variables under /proc/sys ---------------------------------------------------------------------
 * All access goes through one descriptor of /proc/sys, with paths made by netcfg_sysctl_path(). */

struct netcfg_root {
	int fd;	    /* of /proc/sys */
	bool plain; /* the kernel (or valgrind) has no openat2() */
};

/* Opens /proc/sys. 0 or a negative errno; fd is -1 then. */
int netcfg_rtnl_root_open(struct netcfg_root *ret);
/* Opens the file or directory below the root; it may be no link and lead nowhere else. A
 * descriptor, or a negative errno (-ENOENT also for a missing directory on the way). */
int netcfg_rtnl_open(struct netcfg_root *root, const char *path, int flags);
int netcfg_rtnl_sysctl_read(struct netcfg_root *root, const struct netcfg_sysctl_key *key,
			    char ret[NETCFG_SYSCTL_VALUE_MAX]);
int netcfg_rtnl_sysctl_write(struct netcfg_root *root, const struct netcfg_sysctl_key *key,
			     const char *value);

/* Of this network namespace in this boot, as netcfg_kernel.h says. */
void netcfg_rtnl_identity(struct netcfg_root *root, char ret[NETCFG_IDENTITY_MAX]);

/* News ---------------------------------------------------------------------------------------- */

struct netcfg_watch;

/* root stays the caller's. 0 or a negative errno. */
int netcfg_watch_new(struct netcfg_root *root, struct netcfg_watch **ret);
void netcfg_watch_free(struct netcfg_watch *w); /* NULL is fine */
int netcfg_watch_keys(struct netcfg_watch *w, const struct netcfg_sysctl_key *keys, size_t n);
int netcfg_watch_fd(const struct netcfg_watch *w);
int netcfg_watch_read(struct netcfg_watch *w, struct netcfg_changes *ret);
/* What a message of a multicast group says; for the fuzzer too. index_name gives the name of an
 * interface or NULL. -ENOMEM. */
struct nlmsghdr;
int netcfg_watch_message(const struct nlmsghdr *h,
			 const char *(*index_name)(int32_t index, void *arg), void *arg,
			 struct netcfg_changes *ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side in the daemon: makes provider, announcements and reconciler of the host, has
 * their descriptors in the loop, gives the reconciler the desired state and the store. For main.
 */
#pragma once

#include "change.h"
#include "err.h"
#include "host.h"
#include "loop.h"
#include "store.h"

struct host_side;

/* fake: a host in memory. IPVS (its timeouts), store and change are borrowed; memory, as
 * store_memory_load() gave it, is empty once it was taken. Nothing is changed before the first
 * turn. 0 or a negative errno with e set. */
int host_side_new(bool fake, struct ipvs_kernel *ipvs, struct store *store, struct change *change,
		  netcfg_memo_vec *memory, struct host_side **ret, struct err *e);
void host_side_free(struct host_side *s); /* before loop_free(); NULL is fine */

/* News of the kernel wake this loop. 0 or a negative errno. */
int host_side_watch(struct host_side *s, struct loop *loop);

struct host *host_side_host(const struct host_side *s);

/* One part of a turn (host.h); resync_ms: pause between looks. Returns the loop time at which it
 * wants to be called again. */
int64_t host_side_run(struct host_side *s, enum host_part part, int64_t resync_ms, int64_t now);

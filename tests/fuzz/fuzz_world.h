/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Store, writes and reconciler over the kernel in memory, for targets that need all of them. */
#pragma once

#include "change.h"
#include "fuzz.h"
#include "log.h"

static const struct reconcile_hooks hooks = {
	.desired = change_published,
	.deleted = change_deleted,
	.foreign = change_foreign,
};

struct world {
	struct ipvs_kernel *kernel;
	struct store *store;
	struct change *change;
	struct reconcile *reconcile;
};

static inline void world_new(struct world *w)
{
	struct desired *d = NULL;
	struct err e = { 0 };

	log_set_level((enum log_level)0);
	MUST(ipvs_fake_new(&w->kernel) == 0 && store_open(":memory:", &w->store, &e) == 0);
	MUST(store_load(w->store, &d, &e) == 0 && change_new(w->store, d, &w->change) == 0);
	MUST(reconcile_new(w->kernel, &hooks, w->change, 30000, &w->reconcile) == 0);
	change_attach(w->change, w->reconcile);
}

static inline void world_free(struct world *w)
{
	change_free(w->change);
	reconcile_free(w->reconcile);
	store_close(w->store);
	ipvs_kernel_free(w->kernel);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All services of the kernel in order, collected piece by piece, so that neither reading nor
 * sorting them keeps the caller from other work for long. Over any provider; for who needs the
 * whole. The full pass does without (agent/core/reconcile_full.c).
 */
#pragma once

#include "ipvs_kernel.h"

struct ipvs_listing {
	struct ipvs_kernel *kernel;
	struct ipvs_list *list;	   /* NULL: not begun, or complete */
	ipvs_service_vec services; /* complete: sorted by key, without doubles */
	/* While it is not: runs of the services that are sorted each, longer ones first. */
	VEC(size_t) runs;
	ipvs_service_vec spare;
	ipvs_listed_vec piece;
};

/* Asks the kernel. *l is zero, and is to be given to ipvs_listing_done() in any case. 0 or a
 * negative errno. */
int ipvs_listing_begin(struct ipvs_listing *l, struct ipvs_kernel *kernel);

/* Reads a piece. 1: there is more; 0: l->services are all; or a negative errno: then they are not
 * to be used. */
int ipvs_listing_step(struct ipvs_listing *l);

/* Frees what is left. */
void ipvs_listing_done(struct ipvs_listing *l);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has counted for each service that is ours, read piece by piece for one answer:
 * one dump gives those of all services. For /v1/stats and /metrics.
 */
#pragma once

#include "api.h"

struct service_counted {
	struct ipvs_stats stats;
	bool there; /* the kernel holds the service for us */
};

struct service_counters {
	struct reconcile *reconcile;
	struct desired *desired; /* a reference: the services of the answer */
	struct ipvs_list *list;	 /* NULL: read to its end */
	ipvs_service_stats_vec piece;
	ipvs_dest_stats_vec dests;	     /* scratch */
	VEC(struct service_counted) counted; /* one for each service of desired */
	size_t at;			     /* the next one to be asked for by key */
};

/* Begins on the published state. *c is zero, and is to be given to service_counters_done() in any
 * case. 0 or a negative errno. */
int service_counters_begin(struct service_counters *c, struct api *api);

/* Reads on, for less than a millisecond. 1: there is more; 0: c->counted is complete; or a negative
 * errno. */
int service_counters_step(struct service_counters *c);

void service_counters_done(struct service_counters *c);

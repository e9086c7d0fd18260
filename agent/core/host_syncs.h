/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sync daemons of IPVS as items of the host: between the words of both sides. For the provider
 * of host_timeouts.h. */
#pragma once

#include "ipvs_kernel.h"
#include "netcfg_kernel.h"

/* Those that run, in place of what was in ret. 0 or a negative errno. */
int host_syncs_read(struct ipvs_kernel *ipvs, netcfg_sync_vec *ret);

/* SYNC_START or SYNC_STOP. 0 or a negative errno. */
int host_syncs_apply(struct ipvs_kernel *ipvs, const struct netcfg_op *op);

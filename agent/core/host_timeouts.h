/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timeouts of IPVS connections as variables of the host, and its sync daemons as items of it,
 * so that they are remembered, kept and put back as all others are: a provider before the host's
 * own, which asks IPVS for them and passes everything else on.
 */
#pragma once

#include "ipvs_kernel.h"
#include "netcfg_kernel.h"

/* Takes host (frees it when it fails, too); ipvs is borrowed and must outlive the result. While
 * IPVS does not answer, there are no such variables (-ENOENT), and it is not known whether there
 * are sync daemons. 0 or -ENOMEM. */
int host_timeouts_new(struct netcfg_kernel *host, struct ipvs_kernel *ipvs,
		      struct netcfg_kernel **ret);

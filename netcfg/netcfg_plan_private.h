/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the planner share. */
#pragma once

#include "netcfg_plan.h"

/* The memo about a wanted address, without a class. */
struct netcfg_memo netcfg_plan_memo(const struct netcfg_wanted_address *want);

/* NETCFG_CHANGED_* of an address that is ours. */
uint8_t netcfg_plan_changes(const struct netcfg_wanted_address *want,
			    const struct netcfg_address *have);

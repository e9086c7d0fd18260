/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy object: how careful lvsd is with what others made and with large removals. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "field.h"

/* What happens to services in the kernel that nobody declared here. */
enum policy_foreign {
	POLICY_FOREIGN_IGNORE, /* left alone, not counted */
	POLICY_FOREIGN_PRUNE,  /* removed */
	POLICY_FOREIGN_REPORT, /* left alone, counted and shown */
};

struct policy {
	uint32_t max_delete_percent; /* of the services, and of the real servers */
	uint32_t resync_seconds;     /* pause between full passes */
	uint8_t foreign;	     /* enum policy_foreign */
	bool require_if_match;
};

extern const struct field_table policy_table;

/* The defaults. */
void policy_init(struct policy *ret);

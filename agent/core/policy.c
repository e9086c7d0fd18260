/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members and defaults of the policy. Used by change, reconcile and the API. */
#include "policy.h"

#include "util.h"

static const struct field_name foreign_names[] = {
	{ "ignore", POLICY_FOREIGN_IGNORE, false },
	{ "prune", POLICY_FOREIGN_PRUNE, false },
	{ "report", POLICY_FOREIGN_REPORT, false },
};

static const struct field rows[] = {
	FIELD_ENUM(struct policy, foreign, "foreign", 0, FIELD_WIRE_NONE, foreign_names,
		   POLICY_FOREIGN_REPORT,
		   "What happens to services in the kernel that nobody declared here."),
	FIELD_UINT(
		struct policy, max_delete_percent, uint32_t, "maxDeletePercent", 0, FIELD_WIRE_NONE,
		0, 100, 50,
		"A write that takes away more than this share (and more than 10) of the services "
		"or of the real servers needs allowMassDelete=true."),
	FIELD_UINT(struct policy, resync_seconds, uint32_t, "resyncSeconds", 0, FIELD_WIRE_NONE, 1,
		   86400, 30, "Pause between two full passes; --resync wins."),
	FIELD_BOOL(struct policy, require_if_match, "requireIfMatch",
		   "Whether every write must carry If-Match or If-None-Match."),
};

static const char *const passthrough[] = { "id", "status", "metadata", NULL };

const struct field_table policy_table = {
	.name = "Policy",
	.rows = rows,
	.n = ARRAY_SIZE(rows),
	.passthrough = passthrough,
};

void policy_init(struct policy *ret)
{
	*ret = (struct policy){
		.max_delete_percent = 50,
		.resync_seconds = 30,
		.foreign = POLICY_FOREIGN_REPORT,
	};
}

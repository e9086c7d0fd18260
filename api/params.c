/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of params.h. Holds data only; a new parameter is a name in routes.c and a row here. */
#include "params.h"

#include "util.h"

static const char *const includes[] = { "stats", NULL };
static const char *const modes[] = { "merge", "replace", NULL };
static const char *const sources[] = { "desired", "kernel", NULL };
static const char *const protocols[] = { "tcp", "udp", "sctp", "fwm", "fwm6", NULL };

static const struct param params[] = {
	{ .name = "address",
	  .type = PARAM_STRING,
	  .max = 45,
	  .example = "192.0.2.1",
	  .doc = "Only services with this address, written without brackets." },
	{ .name = "adopt",
	  .type = PARAM_BOOL,
	  .doc = "Take over what the kernel has from somebody else, and edit it in place." },
	{ .name = "allowMassDelete",
	  .type = PARAM_BOOL,
	  .doc = "Do it even if it takes away all services or more than `policy.maxDeletePercent`." },
	{ .name = "client",
	  .type = PARAM_STRING,
	  .max = 64,
	  .example = "192.0.2.1",
	  .doc = "Only connections of this client: an address, or ADDRESS:PORT." },
	{ .name = "condition",
	  .type = PARAM_STRING,
	  .max = 64,
	  .pattern = "^[A-Za-z]+=(True|False)$",
	  .example = "Programmed=False",
	  .doc = "Only services with this condition: `Accepted`, `Degraded` or `Programmed`, then "
		 "`=True` or `=False`." },
	{ .name = "continue",
	  .operation = "listConnections",
	  .type = PARAM_STRING,
	  .max = 64,
	  .doc = "The value of `continue` that the page before gave: goes on with the same walk "
		 "through the table. It is good for one page." },
	{ .name = "continue",
	  .type = PARAM_STRING,
	  .max = 64,
	  .doc = "The value of `continue` that the page before gave: the next page of the same "
		 "revision." },
	{ .name = "dryRun",
	  .type = PARAM_BOOL,
	  .doc = "Make all checks and show what would be done, but store nothing." },
	{ .name = "force", .type = PARAM_BOOL, .doc = "Write even what belongs to another owner." },
	{ .name = "ignoreAbsent",
	  .type = PARAM_BOOL,
	  .doc = "Answer 204 instead of 404 when there is no such object." },
	{ .name = "include",
	  .type = PARAM_NAME,
	  .names = includes,
	  .doc = "Show the traffic counters of the kernel too." },
	{ .name = "label",
	  .type = PARAM_STRING,
	  .max = 400,
	  .pattern = "^[^=]+=",
	  .example = "app=web",
	  .doc = "Only objects with this label, as NAME=VALUE." },
	{ .name = "limit",
	  .type = PARAM_UINT,
	  .max = UINT32_MAX,
	  .fallback = 0,
	  .doc = "At most so many items; when there are more, the answer has `continue`. 0 is no "
		 "limit." },
	{ .name = "mode",
	  .type = PARAM_NAME,
	  .names = modes,
	  .doc = "`merge` (the default) adds and edits what the text names; with `replace` the text "
		 "is all services that the writer has." },
	{ .name = "names",
	  .type = PARAM_BOOL,
	  .doc = "Take names of hosts and ports, as /etc/hosts and /etc/services of the machine "
		 "have them." },
	{ .name = "owner",
	  .operation = "list",
	  .type = PARAM_STRING,
	  .max = 128,
	  .may_be_empty = true,
	  .example = "ci",
	  .doc = "Only objects of this owner; given without a value, only those of nobody." },
	{ .name = "owner",
	  .type = PARAM_STRING,
	  .max = 128,
	  .example = "ci",
	  .doc = "For whom the write acts; without it for `metadata.owner` of the body." },
	{ .name = "patch",
	  .type = PARAM_BOOL,
	  .doc = "The body is a merge patch of the present configuration." },
	{ .name = "port",
	  .type = PARAM_UINT,
	  .max = 65535,
	  .fallback = -1,
	  .doc = "Only services with this port." },
	{ .name = "protocol",
	  .type = PARAM_NAME,
	  .names = protocols,
	  .doc = "Only services of this protocol; `fwm` and `fwm6` are firewall marks." },
	{ .name = "realServer",
	  .operation = "listConnections", /* it also is one of paths */
	  .type = PARAM_STRING,
	  .max = 64,
	  .example = "10.0.0.5:8080",
	  .doc = "Only connections to this real server: ADDRESS:PORT, or an address." },
	{ .name = "service",
	  .operation = "listConnections", /* it also is one of paths */
	  .type = PARAM_STRING,
	  .max = 64,
	  .example = "tcp:192.0.2.1:80",
	  .doc = "Only connections to this service, by its id. Of a firewall mark: its templates, "
		 "since the kernel does not tell by which mark a connection came." },
	{ .name = "source",
	  .type = PARAM_NAME,
	  .names = sources,
	  .doc = "`desired` (the default): what was declared; `kernel`: what the kernel has now, also "
		 "of others." },
	{ .name = "state",
	  .type = PARAM_STRING,
	  .max = 15,
	  .example = "ESTABLISHED",
	  .doc = "Only connections in this state, as the kernel calls it." },
	{ .name = "verbose", .type = PARAM_BOOL, .doc = "Answer the conditions as JSON." },
	{ .name = "wait",
	  .type = PARAM_UINT,
	  .max = 60,
	  .fallback = 5,
	  .doc = "How many seconds to wait until the kernel holds the write, before a 202." },
};

const struct param *param_find(const char *name, const char *operation)
{
	for (size_t i = 0; i < ARRAY_SIZE(params); i++)
		if (streq(params[i].name, name) &&
		    (!params[i].operation ||
		     strncmp(params[i].operation, operation, strlen(params[i].operation)) == 0))
			return &params[i];
	return NULL;
}

const struct param *param_all(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(params);
	return params;
}

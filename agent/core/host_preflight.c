/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host as warnings need it: what host_found() has, and a few variables that nobody declared. */
#include "host_private.h"

/* So long what was read is good, unless the host was looked at anew. */
#define FRESH_MS 1000

static void read_values(const struct host *h, struct preflight_host *p)
{
	char text[NETCFG_SYSCTL_VALUE_MAX];

	for (unsigned v = 0; v < PREFLIGHT_VARIABLES; v++)
		preflight_host_value(
			p, (enum preflight_variable)v,
			h->kernel->ops->read(h->kernel, &p->keys[v], text) == 0 ? text : NULL);
}

const struct preflight_host *host_preflight(const struct host *h, int64_t now)
{
	struct host_view *view = h->view;
	struct preflight_host *p = &view->preflight;
	const struct netcfg_found *found = host_found(h); /* first: it may look */

	if (!found || now >= view->preflight_until || found != p->found) {
		(void)preflight_host_found(p, found);
		read_values(h, p);
		view->preflight_until = now + FRESH_MS;
	}
	return p;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of preflight share. */
#pragma once

#include "preflight.h"

/* Adds a warning. */
__attribute__((format(printf, 3, 4))) void preflight_warn(struct preflight_warnings *w,
							  enum preflight_code code,
							  const char *format, ...);

/* What applies to an interface, of its own value and that of `all`; false: not known. */
bool preflight_applies(const struct preflight_host *host, const struct netcfg_link *link,
		       enum preflight_variable v, int32_t *ret);

/* The interface whose subnet the address is in, by the longest prefix, or NULL. */
const struct netcfg_link *preflight_on_link(const struct preflight_host *host,
					    const struct inaddr *address);

/* Whether the address is in a subnet of a loopback interface: IPv4 takes all of it as its own. */
bool preflight_on_loopback(const struct preflight_host *host, const struct inaddr *address);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of the API, read page by page, so that long ones are neither waited for nor held. */
#pragma once

#include "ctl_http.h"

/*
 * Calls item() for each object of a list. query: filters, encoded, or NULL. Returns as
 * ctl_http_send() does; items of earlier pages have been shown when a later one fails.
 */
int ctl_list(struct ctl *ctl, const char *path, const char *query,
	     void (*item)(void *arg, const json_t *object), void *arg);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host as it is now, for /v1/state. */
#pragma once

#include "api.h"
#include "json_write.h"

/*
 * Writes the members `vips` (addresses with their full prefix length, those of others too), `roles`
 * (of those that are declared what the host has) and `sysctls` (variables that somebody wants
 * here); all empty when the host cannot be looked at.
 */
void state_host(struct api *api, struct json_writer *w);

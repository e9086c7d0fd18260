/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps of the roles to and from JSON, as the field tables cannot: `vips` (address -> {}) of a
 * real server, `ipvs` (name under net.ipv4.vs -> value) of a director.
 */
#pragma once

#include <jansson.h>

#include "err.h"
#include "json_path.h"
#include "json_write.h"
#include "netcfg_model.h"

/*
 * Decode a map, given as JSON object or null (empty), into ret, which is replaced. current (may be
 * NULL) is the present one: with `patch` (RFC 7396) entries that are not named stay and null takes
 * one out; without, null is a fault. Faults go to e at path and the entry as the client wrote it:
 * wrong_type, invalid_id, duplicate_id, unknown_member; sysctl_not_allowed, invalid_value. 0,
 * -EINVAL, or -ENOMEM; ret is untouched then.
 */
int netcfg_vips_decode(const json_t *json, const netcfg_inaddr_vec *current, bool patch,
		       const struct json_path *path, netcfg_inaddr_vec *ret, struct err *e);
int netcfg_director_ipvs_decode(const json_t *json, const netcfg_sysctl_vec *current, bool patch,
				const struct json_path *path, netcfg_sysctl_vec *ret,
				struct err *e);

/* Write a map as one JSON object; values are strings. */
void netcfg_vips_encode(const netcfg_inaddr_vec *vips, struct json_writer *w);
void netcfg_director_ipvs_encode(const netcfg_sysctl_vec *ipvs, struct json_writer *w);

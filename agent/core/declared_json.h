/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declared objects of the host's side to and from JSON: field tables, maps of the roles, metadata,
 * validation. Used by the API and the store. Pure. */
#pragma once

#include <jansson.h>

#include "declared.h"
#include "json_path.h"
#include "json_write.h"

/*
 * Decodes and validates an object. current (may be NULL) is the present one: PATCH starts from it,
 * and PUT keeps the map of a role (`vips`, `ipvs`) that is not given at all. The result is
 * normalised and new (one reference); the server's part of its metadata is copied from current. 0;
 * -EINVAL with items in e; -ENOMEM.
 */
int declared_decode(const json_t *json, const struct declared_key *key,
		    const struct declared *current, enum decode_mode mode,
		    const struct json_path *path, struct declared **ret, struct err *e);

/* Writes the desired members, into the JSON object that the caller has begun. */
void declared_encode_members(const struct declared *o, struct json_writer *w);

/* Writes one object in the shape of /v1/config: no id, no status, no server metadata. */
void declared_encode(const struct declared *o, struct json_writer *w);

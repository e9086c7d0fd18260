/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects to and from JSON by their field table; every fault is named by its JSON pointer. */
#pragma once

#include <jansson.h>

#include "err.h"
#include "field.h"
#include "json_path.h"
#include "json_write.h"

/*
 * Decodes the members of a JSON object onto obj. A member that is absent leaves obj as it is; null
 * copies the member from defaults. So PUT decodes onto a copy of the defaults, and a merge patch
 * (RFC 7396) onto a copy of the present object. All faults are added to e: wrong_type,
 * out_of_range, unknown_value, duplicate_item, too_long, unknown_member. Returns 0, or -EINVAL when
 * any was added (obj is then unspecified).
 */
int field_decode(const struct field_table *t, const json_t *json, const void *defaults, void *obj,
		 const struct json_path *path, struct err *e);

/* Writes every row of obj as a member of the JSON object that the caller has begun. */
void field_encode(const struct field_table *t, const void *obj, struct json_writer *w);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON Schema (2020-12, as OpenAPI 3.1 uses it) of an object from its field table. */
#pragma once

#include "field.h"
#include "json_write.h"

/* Writes "name": {schema} for every row, inside the "properties" object that the caller has begun.
 */
void field_schema_properties(const struct field_table *t, struct json_writer *w);

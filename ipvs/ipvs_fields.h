/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The field tables of service and real server: the file to edit when the kernel learns a field. */
#pragma once

#include "field.h"
#include "ipvs_model.h"

extern const struct field_table ipvs_service_table; /* over struct ipvs_service */
extern const struct field_table ipvs_dest_table;    /* over struct ipvs_dest */

/* True when two real servers are the same, key and all fields; quick for equal bytes, which is what
 * thousands of a large service are. */
bool ipvs_dest_same(const struct ipvs_dest *a, const struct ipvs_dest *b);

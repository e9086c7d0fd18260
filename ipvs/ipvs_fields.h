/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The field tables of service and real server: the file to edit when the kernel learns a field. */
#pragma once

#include "field.h"

extern const struct field_table ipvs_service_table; /* over struct ipvs_service */
extern const struct field_table ipvs_dest_table;    /* over struct ipvs_dest */

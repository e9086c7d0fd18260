/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The field tables of the host's objects: the file to edit when one gets a member. The maps of the
 * roles are no rows: netcfg_json.h. */
#pragma once

#include "field.h"

extern const struct field_table netcfg_vip_table;	       /* over struct netcfg_vip */
extern const struct field_table netcfg_real_server_role_table; /* struct netcfg_real_server_role */
extern const struct field_table netcfg_director_role_table;    /* struct netcfg_director_role */
extern const struct field_table netcfg_sync_table;	       /* over struct netcfg_sync */
extern const struct field_table netcfg_sysctl_table;	       /* over struct netcfg_sysctl */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may be asked of the kernel. Everything that it would refuse vaguely, or take silently
 * although it cannot work, is refused here with the member's JSON pointer. Pure.
 */
#pragma once

#include <stdbool.h>

#include "err.h"
#include "ipvs_model.h"
#include "json_path.h"

/* True for the names of schedulers that IPVS has ever had; the kernel is asked for no other, since
 * it would load a module of the name ip_vs_NAME. */
bool ipvs_scheduler_known(const char *name);

/* All of them, NULL-terminated. */
const char *const *ipvs_schedulers(void);

/*
 * Checks a service (not normalised yet: names of scheduler flags as given). Adds an item for each
 * fault to e; codes: unknown_scheduler, flag_needs_scheduler, one_packet_needs_udp,
 * persistence_required, out_of_range, unknown_engine, engine_needs_udp. 0, or -EINVAL.
 */
int ipvs_service_validate(const struct ipvs_service *s, const struct json_path *path,
			  struct err *e);

/*
 * Checks a real server of a service (not normalised yet); path is the real server's. Codes:
 * not_supported, unknown_value, port_required, port_mapping_unsupported, address_family_mismatch,
 * threshold_order, tunnel_needs_tun, tunnel_port_required, tunnel_port_needs_gue,
 * checksum_unsupported. 0, or -EINVAL.
 */
int ipvs_dest_validate(const struct ipvs_service *s, const struct ipvs_dest *d,
		       const struct json_path *path, struct err *e);

/*
 * True when two real servers of one service are the same server twice: dr and tun do not rewrite
 * the port, so another port is another key for the same thing.
 */
bool ipvs_dest_doubles(const struct ipvs_dest *a, const struct ipvs_dest *b);

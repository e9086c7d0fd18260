/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services and real servers of the desired state to and from JSON: the irregular parts around the
 * field tables (maps keyed by id, metadata). Used by the API and the store. */
#pragma once

#include <jansson.h>

#include "desired.h"
#include "field_json.h"

/*
 * Decodes and validates a service. current (may be NULL) is the present one: PATCH starts from it,
 * and PUT keeps its real servers when the member realServers is absent. The result is normalised,
 * sorted, and new (one reference); row and the server's part of its metadata are copied from
 * current. 0; -EINVAL with items in e; -ENOMEM.
 */
int service_decode(const json_t *json, const struct ipvs_service_key *key,
		   const struct service *current, enum decode_mode mode,
		   const struct json_path *path, struct service **ret, struct err *e);

/* The same for one real server of a service. */
int real_server_decode(const json_t *json, const struct ipvs_service *service,
		       const struct ipvs_dest_key *key, const struct ipvs_dest *current,
		       enum decode_mode mode, const struct json_path *path, struct ipvs_dest *ret,
		       struct err *e);

/* Writes a service as one object in the shape of /v1/config: no status, no server metadata. */
void service_encode(const struct service *s, struct json_writer *w);

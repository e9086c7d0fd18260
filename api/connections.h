/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/connections: filters, the JSON of one, and the walks that pages go on with. */
#pragma once

#include "api.h"
#include "ipvs_connection.h"
#include "json_write.h"

struct connections_end {
	struct ipvs_endpoint end;
	bool given, by_port;
};

struct connections_filter {
	struct ipvs_service_key service;
	bool by_service;
	struct connections_end client, real;
	const char *state; /* of the request; NULL: any */
};

/* Reads the filter's parameters. 0, or -EINVAL with e set (invalid_parameter). */
int connections_filter_parse(const struct request *req, struct connections_filter *ret,
			     struct err *e);
bool connections_filter_matches(const struct connections_filter *f,
				const struct ipvs_connection *c);

/* Writes one as a JSON object. d: where its service may be declared. */
void connections_write(const struct ipvs_connection *c, const struct desired *d,
		       struct json_writer *w);

/*
 * Keeps a walk for the next page, for a minute or until API_CONNECTION_LISTS newer ones are kept,
 * and gives the word that finds it; connections_take() gives it back, once. NULL: it is gone.
 */
uint64_t connections_keep(struct api *api, struct ipvs_connection_walk *walk);
struct ipvs_connection_walk *connections_take(struct api *api, uint64_t token);
/* Lets go of what was kept long enough; for every turn. */
void connections_expire(struct api *api);
void connections_done(struct api *api);

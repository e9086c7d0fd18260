/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on the host as the API shows them, beside those on services (plan.h). */
#pragma once

#include "api.h"
#include "host.h"
#include "json_write.h"

/*
 * Writes what the next round would do on the host if `declared` were published, as an array's
 * items: the part that comes before the services, or after them. 0, or a negative errno when the
 * host could not be looked at. Without anybody who looks after the host there is nothing.
 */
int plan_host(struct api *api, const declared_vec *declared, enum host_part part,
	      struct json_writer *w);

/* {operations: […], activeConnectionsCut: 0} of both parts as a complete object in out; null when
 * the host cannot be looked at. */
void plan_host_one(struct api *api, const declared_vec *declared, struct buf *out);

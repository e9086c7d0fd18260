/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects as the API shows them: desired members, metadata, status with conditions. */
#pragma once

#include "api.h"
#include "json_write.h"
#include "preflight.h"

/* What an object is shown with beside its own members; NULL: nothing. */
struct view_extra {
	const struct buf *plan; /* the JSON of a dry run: status.plan */
	bool stats;		/* ?include=stats */
};

/* Writes the member `plan` of a dry run; NULL: none. */
void view_plan(const struct buf *plan, struct json_writer *w);

/* Appends an id to a URL path, percent-encoded where need be. */
void view_add_encoded(struct buf *out, const char *id);

/* A service as one object, with its real servers and their connection counts. */
void view_service(struct api *api, const struct service *s, const struct view_extra *extra,
		  struct json_writer *w);

/* Writes the member `stats`. */
void view_stats(const struct ipvs_stats *s, struct json_writer *w);

/* One real server as one object. */
void view_real_server(struct api *api, const struct service *s, const struct real_server *rs,
		      const struct view_extra *extra, struct json_writer *w);

/* Writes the member `warnings`. */
void view_warnings(const struct preflight_warnings *warnings, struct json_writer *w);

/* Whether a condition ("Programmed", "Accepted", "Degraded") of a service is True; -EINVAL when
 * there is no such condition. */
int view_condition_of(struct api *api, const struct service *s, const char *type);

/* What is shown of a service (dest NULL) or real server that is deleted: id and status. s is the
 * service if it is still desired. */
void view_deleted(struct api *api, const struct ipvs_service_key *key,
		  const struct ipvs_dest_key *dest, const struct service *s, const struct buf *plan,
		  struct json_writer *w);

/* The policy of a state as one object. */
void view_policy(const struct desired *d, struct json_writer *w);

/* The real servers of a service as one array. */
void view_real_servers(struct api *api, const struct service *s, const struct view_extra *extra,
		       struct json_writer *w);

/* A condition as one object; message may be NULL. */
void view_condition(struct json_writer *w, const char *type, bool status, const char *reason,
		    const char *message, int64_t transition);

/* The conditions of a service that is desired, or (s NULL) still to be deleted: one array. */
void view_service_conditions(struct api *api, const struct service *s,
			     const struct ipvs_service_key *key, struct json_writer *w);

/* {revision, status: {pending: [{kind, id, conditions}]}}: what the kernel does not hold yet.
 * Returns how many are pending. */
size_t view_pending(struct api *api, uint64_t revision, struct json_writer *w);

/* Sets the ETag of a revision. */
void view_etag(struct response *resp, uint64_t revision);

/* {"weight": N}, with the plan of a dry run (may be NULL) as status.plan. */
void view_weight(const struct real_server *rs, const struct buf *plan, struct json_writer *w);

/* Sets a header to "/v1/services/ID[/real-servers/ID]" and the suffix, with brackets
 * percent-encoded; dest may be NULL. */
void view_location(struct response *resp, const char *header,
		   const struct ipvs_service_key *service, const struct ipvs_dest_key *dest,
		   const char *suffix);

/* Another spelling of an id is the same object: sets Content-Location when the ids of the request
 * are not the canonical ones. As view_location(). */
void view_content_location(const struct request *req, struct response *resp,
			   const struct ipvs_service_key *service, const struct ipvs_dest_key *dest,
			   const char *suffix);

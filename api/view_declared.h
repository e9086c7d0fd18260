/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of the host's side as the API shows them, and what became of them on the host. */
#pragma once

#include "view.h"

/* An object with metadata and status; plan: of a dry run, or NULL. */
void view_declared(struct api *api, const struct declared *o, const struct buf *plan,
		   struct json_writer *w);

/* What is shown of one that is deleted: id and status. */
void view_declared_deleted(struct api *api, const struct declared_key *key, const struct buf *plan,
			   struct json_writer *w);

/* Appends {kind, id, conditions} of each object of a state that is not on the host as it should be;
 * returns how many. */
size_t view_declared_pending(struct api *api, const struct desired *d, struct json_writer *w);

/* Sets a header to the object's URL. */
void view_declared_location(struct response *resp, const char *header,
			    const struct declared_key *key);

/* Another spelling of an id is the same object: sets Content-Location. */
void view_declared_content_location(const struct request *req, struct response *resp,
				    const struct declared_key *key);

/* What a client that waits for an object needs to know. */
enum view_progress {
	VIEW_WAITS, /* it has not been tried yet */
	VIEW_HELD,  /* the host is so; or the object is gone */
	VIEW_STUCK, /* it will not be before something changes */
};

/* Of an object as it is published; one that is not there was deleted. */
enum view_progress view_declared_progress(struct api *api, const struct declared_key *key);

/* Of all of them together: VIEW_STUCK where nobody looks after the host, or something could not be
 * undone. */
enum view_progress view_host_progress(struct api *api);

/* How many objects another program fights for, and their names: host_contested_names(). */
size_t view_host_contested(const struct api *api, char *buf, size_t size);

/* Whether the host is as declared. */
bool view_host_in_sync(const struct api *api);

/*
 * Announces a VIP now. 0, or negative with e set: not_found, not_announced, out_of_memory.
 */
int view_declared_announce(struct api *api, const struct declared_key *key, struct err *e);

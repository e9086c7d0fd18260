/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a whole configuration out of a request's body: JSON, the text of ipvsadm, or a list of what
 * is to be adopted. A large one is read in slices between the turns of the loop, so that reads and
 * the reconciler go on; other writes wait until it has been read, since it is checked against the
 * state as it was at its beginning.
 */
#pragma once

#include "write.h"

struct document;

/*
 * Begins to read the body of req for a write that has begun (WRITE_CONFIG, WRITE_PLAN). Ends at
 * once with an answer or a parked write, if the body is small; else it is api->document from now
 * on. For `return document_start(…)` in a handler.
 */
bool document_start(struct write *w, struct request *req, struct response *resp,
		    const struct change_by *by, enum decode_mode mode);

/* The same for the text of ipvsadm, as change_import_begin(). */
bool document_start_text(struct write *w, struct request *req, struct response *resp,
			 const struct change_by *by, enum decode_mode mode,
			 const struct ipvs_text_names *names);

/* The same for an adoption; takes the reference on the request. */
bool document_start_adopt(struct write *w, struct request *req, struct response *resp,
			  const struct change_by *by, json_t *request);

/* Goes on with api->document for a slice: as a resume hook. */
bool document_resume(struct write *w, struct request *req, struct response *resp);

void document_free(struct document *d); /* NULL is fine */

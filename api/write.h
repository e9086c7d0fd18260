/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A write from the handler to its answer: it is parked until the commit of its turn made it durable
 * and the kernel holds it, or until its time to wait is over.
 */
#pragma once

#include "api.h"

enum write_kind {
	WRITE_SERVICE,
	WRITE_REAL_SERVER,
	WRITE_WEIGHT,
	WRITE_DECLARED,
	WRITE_CONFIG,
	WRITE_PLAN, /* a document of which only the plan is wanted */
	WRITE_POLICY,
	WRITE_RECONCILE,
};

struct write {
	enum write_kind kind;
	bool deletes, created;
	bool dry_run, ignore_absent;
	uint64_t wait_seconds;	/* for the kernel */
	bool committed, failed; /* told by api_commit() */
	struct ipvs_service_key key;
	struct ipvs_dest_key dest;
	struct declared_key declared; /* WRITE_DECLARED */
	uint64_t revision;  /* WRITE_CONFIG, WRITE_RECONCILE: the document's after the write */
	uint64_t pass;	    /* WRITE_RECONCILE: the pass to wait for */
	struct write *next; /* in api->uncommitted */
	struct document *document; /* CONFIG, PLAN: the one that is being or was read */
	struct api *api;
	char action[256]; /* "PUT /v1/…", cut, for the history */
};

/* What the URL names: parses the ids of the request. 0, or -EINVAL with resp answered. */
int write_ids(struct request *req, struct response *resp, struct ipvs_service_key *ret_service,
	      struct ipvs_dest_key *ret_dest);

/* Parses the body as one JSON value. 0, or negative with resp answered. */
int write_body(struct request *req, struct response *resp, json_t **ret);

/* PATCH is a merge patch, all else replaces. */
enum decode_mode write_mode(const struct request *req);

/*
 * Begins a write: everything that can be wrong apart from the body is looked at here, before the
 * first change. Fills *ret_by with who writes and how (owner, force, adopt). The write belongs to
 * the request from here on. NULL: answered.
 */
struct write *write_begin(struct api *api, struct request *req, struct response *resp,
			  enum write_kind kind, struct change_by *ret_by);

/*
 * Checks If-Match and If-None-Match, which the policy may require, against the present revision of
 * the object; 0: there is none. 0, or -EINVAL/-ESTALE with resp answered.
 */
int write_preconditions(struct api *api, const struct request *req, struct response *resp,
			uint64_t revision);

/* Right before the change of a write, and right after it with its result r. The latter answers a
 * failure or a dry run (true), or parks the request (false): `return write_end(…)`. */
int write_start(struct write *w, struct err *e);
bool write_end(struct write *w, struct request *req, struct response *resp, int r, struct err *e);

/* Parks the request until its write is durable and in the kernel. Returns false, for `return
 * write_park(…)` in a handler. */
bool write_park(struct request *req);

/* httpd_hooks.resume and .done for parked writes. */
bool write_resume(struct api *api, struct request *req, struct response *resp, bool stopping);
/* The answer to what the daemon's end cut short before it was stored; true. */
bool write_stopping(struct request *req, struct response *resp);
void write_free(struct api *api, struct write *w);

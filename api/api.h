/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API as a whole: what its handlers work on, and the hooks that the HTTP server calls. main
 * makes it; handlers_*.c implement the routes of routes.c.
 */
#pragma once

#include "change.h"
#include "counters.h"
#include "httpd.h"
#include "metrics.h"
#include "reconcile.h"
#include "request_counts.h"
#include "router.h"
#include "turn_time.h"

struct write;

/* The daemon's own conditions, in the order in which they are shown. */
enum api_condition_type {
	API_KERNEL_READY,
	API_IN_SYNC,
	API_STATE_DURABLE,
	API_CONTESTED, /* True is bad */
	API_CONDITIONS,
};

struct api_condition {
	bool status;
	const char *reason; /* static */
	char message[240];
	int64_t transition; /* timestamp of the last change of status; 0: not looked at yet */
};

/* States that lists in pages go on with. */
#define API_SNAPSHOTS 16

struct api_snapshot {
	struct desired *desired; /* a reference */
	int64_t until;		 /* loop time in ms */
};

/* Lists of connections that are cut into pages (connections.h). */
#define API_CONNECTION_LISTS 4

struct api_connection_list {
	struct ipvs_connection_walk *walk; /* NULL: free */
	uint64_t token;
	int64_t until; /* loop time in ms */
};

struct api {
	struct change *change;
	struct reconcile *reconcile;
	struct host *host;   /* NULL: nobody looks after the host's side */
	const char *version; /* of the program */
	const char *openapi; /* the document to serve */
	const char
		*drift_notice;	/* how drift is noticed: "tap" or "interval"; main keeps it right */
	struct turn_time turns; /* main keeps it */
	struct counters *counters;		/* of real servers; NULL: nobody keeps them */
	const struct metrics_settings *metrics; /* NULL: defaults */
	int64_t started;			/* timestamp */
	request_counts_vec requests;
	unsigned scrapes;     /* answers of /metrics that are being sent */
	int64_t (*now)(void); /* loop time in ms */
	struct api_condition conditions[API_CONDITIONS];
	struct httpd_limits limits;
	struct api_snapshot snapshots[API_SNAPSHOTS];
	uint32_t connections_limit; /* more are not listed */
	struct api_connection_list connection_lists[API_CONNECTION_LISTS];
	uint64_t connection_token; /* the newest one */
	struct write *uncommitted; /* writes of this turn, see write.h */
	struct write *document;	   /* whose document is being read; other writes wait */
	bool storage_failed;	   /* the last commit failed */
};

extern const struct httpd_hooks api_hooks; /* their arg is the struct api */

/*
 * To be called once a turn, after httpd_run(): makes the writes of the turn durable and tells each
 * of them how it went; their answers come by httpd_resume() once the kernel holds them.
 */
void api_commit(struct api *api);

/* True while the loop must not sleep: a document is being read, or a write waits for its commit. */
bool api_busy(const struct api *api);

/* Frees what the API holds by itself. */
void api_done(struct api *api);

/* To be called at the end of a turn: takes note of the conditions, lets go of old lists. */
void api_tick(struct api *api);

const char *api_condition_name(enum api_condition_type type);

/* Its first half (handlers_agent.c). */
void api_note_conditions(struct api *api);

/* The route table (routes.c). */
extern const struct route api_routes[];
extern const size_t api_n_routes;

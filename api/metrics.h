/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics as text, in the two formats that Prometheus reads: its own (0.0.4) and OpenMetrics (1.0).
 * They differ in the names of counters: metadata have no _total in OpenMetrics. docs/METRICS.md
 * lists all metrics. metrics_agent.c and metrics_services.c know what there is to show.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "metadata.h"

struct api;
struct service;

#define METRICS_MAX_LABELS 8
#define METRICS_LABEL_MAX  (LABEL_KEY_MAX + 7) /* "label_…" with its NUL */

/* What the operator decides. */
struct metrics_settings {
	bool no_real_servers;				    /* no series of real servers */
	char labels[METRICS_MAX_LABELS][LABEL_KEY_MAX + 1]; /* keys of clients' labels to show */
	size_t n_labels;
};

enum metric_type {
	METRIC_COUNTER, /* samples end with _total */
	METRIC_GAUGE,
	METRIC_SUMMARY, /* of durations: _sum and _count */
};

struct metric {
	const char *name; /* without _total */
	enum metric_type type;
	const char *unit; /* the last word of the name; NULL: a number */
	const char *help;
};

struct metrics {
	struct buf *out;
	bool open;		     /* OpenMetrics */
	const struct metric *metric; /* the family that is being written */
};

/* The name of a metric's label for a key of clients' labels: label_ and the key, with _ for all
 * that names cannot have. */
char *metrics_label_name(const char *key, char buf[METRICS_LABEL_MAX]);

/* Begins a family: its metadata. All its samples follow. */
void metrics_begin(struct metrics *m, const struct metric *metric);

/* Adds a label to a set of labels in the making: ,name="value". */
void metrics_add_label(struct buf *labels, const char *name, const char *value);

/* Samples of the family. labels: as metrics_add_label() makes them, or NULL. Thousandths,
 * millionths: of the unit. A summary is its sum and its count. */
void metrics_uint(struct metrics *m, const struct buf *labels, uint64_t value);
void metrics_thousandths(struct metrics *m, const struct buf *labels, int64_t value);
void metrics_millionths(struct metrics *m, const struct buf *labels, int64_t value);
void metrics_summary(struct metrics *m, int64_t millionths, uint64_t count);

/* All families about the daemon (metrics_agent.c). */
void metrics_agent(struct api *api, struct metrics *m);

struct service_counters;

/* Where to go on; zero at the beginning. */
struct metrics_cursor {
	size_t family, service, real_server;
};

/* The families about services and real servers (metrics_services.c), as much as makes a good piece.
 * 1, or 0 at the end. */
int metrics_services(struct api *api, struct metrics *m, const struct service_counters *counters,
		     struct metrics_cursor *cursor);

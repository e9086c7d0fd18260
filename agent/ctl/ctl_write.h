/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One write, from its request to the lines that tell what became of it. */
#pragma once

#include <jansson.h>

#include "ctl_http.h"

struct ctl_write {
	const char *method, *path;
	const char *what;   /* the object, for messages */
	const json_t *body; /* NULL: text, or none */
	const char *text;   /* a body that is no JSON; of text_len bytes */
	size_t text_len;
	const char *query; /* beside what the options say; encoded; NULL: none */
};

/*
 * Sends it with the query that the options ask for, and says what happened. CTL_OK; CTL_DIFFERENT
 * when it is stored and the kernel does not hold it (yet), which has been said; CTL_FAILED.
 */
int ctl_write(struct ctl *ctl, const struct ctl_write *w);

/* Prints what a dry run or a plan would do. plan: {"operations", "activeConnectionsCut"}, or null
 * when the kernel could not be read. Returns how many operations there are. */
size_t ctl_print_plan(const json_t *plan);

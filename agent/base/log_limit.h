/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the log from floods: of each kind of record so many in ten seconds, the rest is counted.
 * Pure: time comes in as an argument. For log.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LOG_LIMIT_KINDS	    32 /* more than there are; those beyond are not limited */
#define LOG_LIMIT_WINDOW_MS 10000

struct log_limit {
	struct log_limit_kind {
		const char *id; /* as a pointer: ids are string constants */
		int64_t until;	/* the end of its window; 0: none is open */
		uint32_t written, suppressed;
	} kinds[LOG_LIMIT_KINDS];
};

/* Whether one more record of this kind may be written; else it is counted. most: in a window. */
bool log_limit_take(struct log_limit *l, const char *id, uint32_t most, int64_t now);

/* A kind whose window has ended and of which something was suppressed: its id, and how much. Closes
 * the window. False: there is none. */
bool log_limit_ended(struct log_limit *l, int64_t now, const char **ret_id,
		     uint32_t *ret_suppressed);

/* When the next such window ends; INT64_MAX: none. */
int64_t log_limit_next(const struct log_limit *l);

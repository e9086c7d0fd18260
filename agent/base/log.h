/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: to the journal with structured fields when stderr is the journal's stream, else to
 * stderr as one line. The level, and what was written lately, are the program's only global state.
 */
#pragma once

#include <stddef.h>

#include "util.h"

/* Values equal syslog's priorities. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* MESSAGE_IDs of the records that tools may look for; they never change. Each has a page in
 * packaging/systemd/lvsd.catalog and a row in docs/JOURNAL.md. */
#define LOG_ID_STARTED	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e01" /* the daemon serves */
#define LOG_ID_STOPPED	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e02" /* the daemon ends, the kernel stays */
#define LOG_ID_COMMIT	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e03" /* a write is durable */
#define LOG_ID_PASS	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e04" /* a full pass ended */
#define LOG_ID_DRIFT	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e05" /* the kernel was not as declared */
#define LOG_ID_REPAIR	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e06" /* drift was put right */
#define LOG_ID_REFUSAL	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e07" /* the kernel refused an operation */
#define LOG_ID_FOREIGN	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e08" /* ours, but made by somebody else */
#define LOG_ID_STORAGE	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e09" /* a write could not be stored */
#define LOG_ID_DENIED	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0a" /* no valid token or certificate */
#define LOG_ID_STUCK	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0b" /* the watchdog is not fed any more */
#define LOG_ID_RELOADED	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0c" /* settings or tokens read again */
#define LOG_ID_BAD_CONFIG "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0d" /* they are not taken over */
#define LOG_ID_NO_KERNEL  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0e" /* IPVS cannot be talked to */
#define LOG_ID_KERNEL	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e0f" /* it can be again */
#define LOG_ID_HELD	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e10" /* many removals wait for a word */
#define LOG_ID_CONTESTED  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e11" /* somebody keeps changing it back */
#define LOG_ID_SILENT	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e12" /* VIPs are not announced */
#define LOG_ID_SUPPRESSED "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e13" /* so many records were left out */
#define LOG_ID_FAILED	  "1e2f0dc1d9d24c6f8c2f6a4a5d0b7e14" /* the daemon cannot start */

struct log_field {
	const char *name;  /* journal field, as LVSD_SERVICE */
	const char *value; /* NULL: left out */
};

/* Sets the level from here on. */
void log_set_level(enum log_level level);
/* The level of a name ("error", "warning", "notice", "info", "debug"), or -EINVAL. */
int log_level_parse(const char *name);

void log_message(enum log_level level, const char *fmt, ...) _printf_(2, 3);

/*
 * A record with a MESSAGE_ID (may be NULL; a string constant) and fields. Of each kind 100 are
 * written in ten seconds, of LOG_ID_COMMIT 1000, of those at debug level all: the others are
 * counted, and log_flush() says how many they were.
 */
void log_record(enum log_level level, const char *id, const struct log_field *fields, size_t n,
		const char *fmt, ...) _printf_(5, 6);

/* Says what was left out until now (loop time, CLOCK_BOOTTIME in ms; INT64_MAX: all). Returns when
 * it wants to be called again, INT64_MAX: not before more is written. */
int64_t log_flush(int64_t now);

#define log_error(...)	 log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)	 log_message(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)	 log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)

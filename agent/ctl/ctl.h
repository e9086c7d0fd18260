/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of lvsctl share: the settings of one call, the connection to the daemon, and the
 * table of verbs. A verb parses its own words, makes requests (ctl_http.h) and prints.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ctl_http;

enum ctl_exit {
	CTL_OK = 0,
	CTL_DIFFERENT = 1, /* all went well, and something differs: of diff, plan, status and
			    * doctor; or a write is stored, and the kernel does not hold it (yet) */
	CTL_FAILED = 2,	   /* usage, or the daemon refused or cannot be reached; as diff has it */
};

enum ctl_output {
	CTL_TABLE,
	CTL_WIDE,
	CTL_JSON,
	CTL_NDJSON,
	CTL_IPVSADM,
};

/* Options that only some verbs have (struct ctl_verb). */
enum ctl_option {
	CTL_FILE = 1 << 0,
	CTL_PRUNE = 1 << 1,
	CTL_ADOPT = 1 << 2,
	CTL_MASS_DELETE = 1 << 3,
	CTL_LABEL = 1 << 4,
	CTL_OWNER = 1 << 5, /* owner, force */
	CTL_WAITS = 1 << 6, /* wait, dry run */
	CTL_NAMES = 1 << 7,
	CTL_RATE = 1 << 8,
	CTL_WRITES = CTL_OWNER | CTL_WAITS,
};

struct ctl_options {
	const char *socket; /* path; NULL: the first of the daemon's that may be opened */
	const char *url;    /* "https://host:port"; NULL: the socket */
	const char *token_file, *ca_file, *certificate, *key;
	const char *owner; /* the writer, or whose objects are shown; NULL: nobody, all */
	const char *wait;  /* seconds, for writes; NULL: the daemon's 5 */
	const char *file;  /* -f; "-" is stdin */
	const char *label; /* "k=v": whose objects are shown */
	enum ctl_output output;
	bool dry_run, force, show_curl, prune, adopt, mass_delete, names, rate;
	uint32_t given; /* a bit for each row of the table in ctl_options.c */
};

struct ctl {
	struct ctl_options options;
	struct ctl_http *http;
};

struct ctl_verb {
	const char *name;
	const char *arguments; /* for the help */
	const char *summary;
	unsigned options; /* of enum ctl_option: which of those it has */
	/* argv[0] is the verb. Returns an enum ctl_exit; what was wrong has been said on stderr. */
	int (*run)(struct ctl *ctl, int argc, char **argv);
};

extern const struct ctl_verb ctl_verbs[]; /* ends with a NULL name */

/* The verb, or NULL. */
const struct ctl_verb *ctl_verb_find(const char *name);

/*
 * Reads the options, before and after the verb, and puts what is left to the front of argv, with
 * the verb at argv[1]; *argc counts it. All that follows the verb ipvsadm is left to it. 0, or
 * -EINVAL when something was wrong, which has been said. *ret_help: only the help was asked for.
 */
int ctl_options_parse(int *argc, char **argv, struct ctl_options *ret, bool *ret_help);

/* True when the verb has all options that were given; else says which it has not. */
bool ctl_options_fit(const struct ctl_options *o, const struct ctl_verb *verb);

/* The help on stdout: all verbs and options; one verb and what it may have. */
void ctl_help(void);
void ctl_help_verb(const struct ctl_verb *verb);

/* Says on stderr how the verb is called. Returns CTL_FAILED. */
int ctl_usage(const char *verb);

/* "lvsctl: …" on stderr. Returns CTL_FAILED. */
int ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes /v1/state and /v1/config apart as they come, so that a document of tens of megabytes never
 * stands in memory: one service is parsed at a time. */
#pragma once

#include <jansson.h>

#include "buf.h"

struct ctl_members {
	/* Each member of the map services; NULL: they are skipped. Not 0, a negative errno, ends
	 * it. */
	int (*service)(void *arg, const char *id, const json_t *service);
	/* Each other member of the document; NULL: they are skipped. */
	int (*other)(void *arg, const char *name, const json_t *value);
	void *arg;
	int error; /* the first one */

	/* The scanner's own. */
	struct buf item;   /* one member: its key and what has come of its value */
	size_t depth;	   /* open brackets */
	bool begun;	   /* the first of them has come */
	bool in_services;  /* the members of the map are the items, and not the document's */
	bool in_text;	   /* between quotes */
	bool behind_slash; /* there: the next character is no end */
};

/* Takes a piece of the document. 0; a negative errno: of a callback, -EINVAL when this is no such
 * document, -ENOMEM. arg is a struct ctl_members (for struct ctl_request). */
int ctl_members_take(void *arg, const char *data, size_t len);

/* Frees what is left. 0 when the document was complete, else the first error, or -EINVAL. */
int ctl_members_end(struct ctl_members *m);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What went wrong, for a person: one code and sentence, and one item for each bad member. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

/* More items than this help nobody and would let a huge bad document make a huge answer. */
#define ERR_MAX_ITEMS 100

struct err_item {
	char *pointer;	  /* RFC 6901 JSON pointer into the request body */
	const char *code; /* stable snake_case, static storage */
	char *detail;
};

struct err {
	const char *code; /* stable snake_case, static storage; NULL: nothing set */
	char detail[512];
	struct err_item *items;
	size_t n_items;
	size_t n_dropped; /* items beyond ERR_MAX_ITEMS, only counted */
};

/* Sets code and detail (printf form; cut at 511 bytes). The first setting wins: the cause is
 * nearer to it than what its callers add. e may be NULL. Returns ret, for `return err_set(…)`. */
int err_set(struct err *e, int ret, const char *code, const char *fmt, ...) _printf_(4, 5);

/* Adds an item for the member at pointer. Out of memory, it is only counted. e may be NULL. */
void err_add(struct err *e, const char *pointer, const char *code, const char *fmt, ...)
	_printf_(4, 5);

/* True when items were added (or dropped). */
bool err_has_items(const struct err *e);

/* Frees what e holds and makes it empty; fit for _cleanup_(). */
void err_done(struct err *e);

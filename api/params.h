/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the query parameters of the routes mean, for the OpenAPI document. The handlers parse them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum param_type {
	PARAM_BOOL,
	PARAM_UINT,   /* 0 to max */
	PARAM_STRING, /* at most max characters */
	PARAM_NAME,   /* one of names */
};

struct param {
	const char *name;
	const char *operation; /* means this only where the name begins so; NULL: wherever no other
				* row fits */
	const char *doc;
	enum param_type type;
	uint64_t max;
	int64_t fallback;	  /* UINT: when absent; -1: nothing in particular */
	bool may_be_empty;	  /* STRING: an empty value means something */
	const char *pattern;	  /* STRING: or NULL */
	const char *example;	  /* STRING: or NULL */
	const char *const *names; /* NAME: NULL-terminated */
};

/* The row for a parameter of an operation, or NULL. */
const struct param *param_find(const char *name, const char *operation);

/* All rows. */
const struct param *param_all(size_t *ret_n);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* THE catalogue of error codes: what status, title and remedy each has. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct problem {
	const char *code;
	unsigned status;
	bool retryable; /* the same request may succeed later */
	const char *title;
	const char *remedy; /* what the client or operator can do */
};

#define PROBLEM_TYPE_MAX 64

/* Never NULL: an unknown code is internal_error. */
const struct problem *problem_find(const char *code);

/* All rows, for the documentation and the tests. */
const struct problem *problem_all(size_t *ret_n);

/* The `type` of a problem, a reference relative to the server: where the API itself explains the
 * code. Writes into text and returns it. */
const char *problem_type(const struct problem *p, char text[static PROBLEM_TYPE_MAX]);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The place of a member in a JSON document, and errors that name it by its JSON pointer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* Where we are in the request body: a chain on the callers' stacks. */
struct json_path {
	const struct json_path *up;
	const char *key; /* member name or array index */
};

/* Renders the RFC 6901 pointer, cut at size-1 bytes, and returns buf. NULL is the whole document.
 */
char *json_path_render(const struct json_path *path, char *buf, size_t size);

/* err_add() at path. */
void json_path_err(const struct json_path *path, struct err *e, const char *code, const char *fmt,
		   ...) _printf_(4, 5);

/* True when e has an item at path or below it, so that further checks of that member would only
 * repeat or mislead. */
bool json_path_failed(const struct json_path *path, const struct err *e);

/* True when e has an item at path itself: an object that is none, as against one with a member that
 * is at fault while the others can be checked. */
bool json_path_failed_itself(const struct json_path *path, const struct err *e);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON texts that were parsed lately, and what they mean. Documents and stored objects repeat
 * themselves: most real servers have the text of one of a few, and parsing is most of the work of
 * reading them. Bounded: a text takes the slot of another one.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

struct json_memo;

struct json_known {
	char *text; /* NULL: the slot is free */
	size_t len;
	json_t *json;  /* shared: not to be changed */
	void *meaning; /* what the user made of it, if anything; freed with the slot */
};

struct json_memo *json_memo_new(void); /* NULL: out of memory */
void json_memo_free(struct json_memo *m);

/* Parses a text of len bytes, any value; duplicate members are refused. The result is the memo's
 * and stays valid until the next call. NULL: *error says why. */
struct json_known *json_memo_parse(struct json_memo *m, const char *text, size_t len,
				   json_error_t *error);

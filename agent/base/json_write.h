/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streaming JSON writer: compact text into a buf, without a tree. Commas and escapes are its job;
 * calling begin, key, value and end in a valid order is the caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct json_writer {
	struct buf *out;
	uint64_t has_member; /* one bit per depth, 63 at most: does the container hold a member yet
			      */
	unsigned depth;
	bool after_key;
};

void json_write_init(struct json_writer *w, struct buf *out);

void json_write_begin_object(struct json_writer *w);
void json_write_end_object(struct json_writer *w);
void json_write_begin_array(struct json_writer *w);
void json_write_end_array(struct json_writer *w);

void json_write_key(struct json_writer *w, const char *key);
/* NULL is written as null. A byte that is not of a character in UTF-8 is written as the four
 * characters \xff, so that what the kernel says never makes invalid JSON; keys too. */
void json_write_string(struct json_writer *w, const char *s);
void json_write_int(struct json_writer *w, int64_t v);
void json_write_uint(struct json_writer *w, uint64_t v);
void json_write_bool(struct json_writer *w, bool v);
void json_write_null(struct json_writer *w);
/* text is a complete JSON value of len bytes. */
void json_write_raw(struct json_writer *w, const char *text, size_t len);

/* key and value in one call. */
void json_write_member_string(struct json_writer *w, const char *key, const char *s);
void json_write_member_int(struct json_writer *w, const char *key, int64_t v);
void json_write_member_bool(struct json_writer *w, const char *key, bool v);

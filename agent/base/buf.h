/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growable text buffer. Errors stick: append freely, look at `failed` once at the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

struct buf {
	char *data; /* always NUL-terminated when not NULL */
	size_t len, cap;
	bool failed; /* an allocation failed: the content is incomplete */
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_str(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) _printf_(2, 3);

/* Hands the text over (caller frees); NULL when it failed. The buffer is empty afterwards. */
char *buf_take(struct buf *b);

/* Empties the buffer but keeps its memory for re-use. */
void buf_clear(struct buf *b);
void buf_done(struct buf *b);

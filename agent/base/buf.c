/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The growable buffer of buf.h. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>

static bool grow(struct buf *b, size_t more)
{
	size_t want = b->cap ? b->cap : 256;
	char *data;

	if (b->failed || more > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
		return !(b->failed = true);
	while (want < b->len + more + 1)
		want *= 2;
	data = realloc(b->data, want);
	if (!data)
		return !(b->failed = true);
	b->data = data;
	b->cap = want;
	return true;
}

/* Room for `more` bytes and a NUL. */
static inline bool room(struct buf *b, size_t more)
{
	return (more < b->cap - b->len && !b->failed) || grow(b, more);
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!room(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

char *buf_take(struct buf *b)
{
	char *data;

	buf_add(b, "", 0);
	if (b->failed) {
		buf_done(b);
		return NULL;
	}
	data = b->data;
	*b = (struct buf){ 0 };
	return data;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

void buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

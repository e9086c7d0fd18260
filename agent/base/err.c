/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error object of err.h. Called by every layer; knows nothing of HTTP or JSON values. */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *e, int ret, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->code)
		return ret;
	e->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
	utf8_trim(e->detail);
	return ret;
}

void err_add(struct err *e, const char *pointer, const char *code, const char *fmt, ...)
{
	_cleanup_(freep) char *where = NULL, *detail = NULL;
	struct err_item *items;
	va_list ap;
	int r;

	if (!e)
		return;
	if (e->n_items >= ERR_MAX_ITEMS) {
		e->n_dropped++;
		return;
	}
	va_start(ap, fmt);
	r = vasprintf(&detail, fmt, ap);
	va_end(ap);
	if (r < 0)
		detail = NULL;
	where = strdup(pointer);
	items = reallocarray(e->items, e->n_items + 1, sizeof(*items));
	if (items)
		e->items = items;
	if (!items || !where || !detail) {
		e->n_dropped++;
		return;
	}
	e->items[e->n_items++] = (struct err_item){ .pointer = TAKE_PTR(where),
						    .code = code,
						    .detail = TAKE_PTR(detail) };
}

bool err_has_items(const struct err *e)
{
	return e->n_items > 0 || e->n_dropped > 0;
}

void err_done(struct err *e)
{
	for (size_t i = 0; i < e->n_items; i++) {
		free(e->items[i].pointer);
		free(e->items[i].detail);
	}
	free(e->items);
	*e = (struct err){ 0 };
}

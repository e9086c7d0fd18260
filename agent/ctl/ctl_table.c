/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables, see ctl_table.h. */
#include "ctl_table.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "ctl.h"
#include "util.h"

void ctl_table_begin(struct ctl_table *t, size_t columns)
{
	assert(columns > 0 && columns <= CTL_COLUMNS);
	t->columns = columns;
}

void ctl_table_cell(struct ctl_table *t, const char *fmt, ...)
{
	char *cell = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&cell, fmt, ap);
	va_end(ap);
	if (len < 0 || vec_push(&t->cells, cell) < 0)
		exit(ctl_fail("out of memory"));
	for (; *cell; cell++)
		if ((unsigned char)*cell < ' ' || *cell == 0x7f)
			*cell = '?'; /* a label must not move the cursor */
}

/* Columns of a terminal, for text in UTF-8: one for each character. */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void ctl_table_print(struct ctl_table *t, FILE *to)
{
	size_t widths[CTL_COLUMNS] = { 0 };

	for (size_t i = 0; i < t->cells.n; i++) {
		size_t width = width_of(t->cells.items[i]);

		if (width > widths[i % t->columns])
			widths[i % t->columns] = width;
	}
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t column = i % t->columns;
		size_t pad = widths[column] - width_of(t->cells.items[i]);

		(void)fputs(t->cells.items[i], to);
		if (column == t->columns - 1)
			(void)fputc('\n', to);
		else
			(void)fprintf(to, "%*s", (int)pad + 2, "");
		free(t->cells.items[i]);
	}
	vec_done(&t->cells);
}

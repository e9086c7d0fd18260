/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of text: columns as wide as their widest cell, two spaces between them. */
#pragma once

#include <stdio.h>

#include "vec.h"

#define CTL_COLUMNS 16

struct ctl_table {
	VEC(char *) cells; /* row by row; the first row is the head */
	size_t columns;
};

/* Adds a row of as many cells as the first one had (CTL_COLUMNS at most), printf-like one by one:
 * begin, then a cell for each column. Out of memory, the program ends. */
void ctl_table_begin(struct ctl_table *t, size_t columns);
void ctl_table_cell(struct ctl_table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints and empties it. Control characters of cells are printed as ?. */
void ctl_table_print(struct ctl_table *t, FILE *to);

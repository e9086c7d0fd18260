/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the small programs of the bench share: the clock, numbers, the middle of many. */
#pragma once

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* µs of CLOCK_MONOTONIC. */
static inline int64_t now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* A number of the command line, 1 to a billion; ends the program otherwise. */
static inline unsigned number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n == 0 || n > 1000000000)
		errx(2, "not a number from 1 to a billion: %s", text);
	return (unsigned)n;
}

static inline int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The middle of n times, which get sorted. */
static inline int64_t median(int64_t *times, size_t n)
{
	qsort(times, n, sizeof(*times), compare_times);
	return times[n / 2];
}

static inline int64_t *times_new(size_t n)
{
	int64_t *times = calloc(n, sizeof(*times));

	if (!times)
		err(1, "memory");
	return times;
}

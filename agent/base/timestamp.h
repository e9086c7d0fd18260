/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wall-clock times as milliseconds since 1970 and as RFC 3339 text in UTC; durations. */
#pragma once

#include <stdint.h>

#define TIMESTAMP_TEXT_MAX 32

/* Now by CLOCK_REALTIME. */
int64_t timestamp_now(void);

/* µs of CLOCK_BOOTTIME, the loop's clock: for how long something takes. */
int64_t timestamp_elapsed_us(void);

/* "2026-01-31T12:00:00.123Z" into buf, which is returned. */
char *timestamp_format(int64_t ms, char buf[TIMESTAMP_TEXT_MAX]);

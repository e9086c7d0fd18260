/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wall-clock times, see timestamp.h. */
#include "timestamp.h"

#include <stdio.h>
#include <time.h>

int64_t timestamp_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t timestamp_elapsed_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

char *timestamp_format(int64_t ms, char buf[TIMESTAMP_TEXT_MAX])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm = { 0 };
	char date[24];

	(void)gmtime_r(&seconds, &tm);
	if (strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		date[0] = '\0'; /* a year beyond 9999 */
	(void)snprintf(buf, TIMESTAMP_TEXT_MAX, "%s.%03dZ", date, (int)(ms % 1000));
	return buf;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For LD_PRELOAD: a disk whose fsync() takes 8 ms, where the real one is memory. */
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static int wait_for_disk(void)
{
	const struct timespec pause = { .tv_nsec = 8000000 };

	return nanosleep(&pause, NULL);
}

EXPORT int fsync(int fd)
{
	(void)fd;
	return wait_for_disk();
}

EXPORT int fdatasync(int fd)
{
	(void)fd;
	return wait_for_disk();
}

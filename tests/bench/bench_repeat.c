/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program again and again without a shell between, and prints the µs of the median run and
 * of the mean one: "MEDIAN MEAN". An argument "@" is the number of the run, counted from FIRST.
 *
 *   bench-repeat TIMES FIRST PROGRAM [ARGUMENTS…]
 */
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "bench_util.h"

extern char **environ;

static void run(char **argv)
{
	int status, r;
	pid_t pid;

	r = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (r != 0)
		errx(1, "%s: %s", argv[0], strerror(r));
	if (waitpid(pid, &status, 0) < 0)
		err(1, "wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "%s fails", argv[0]);
}

int main(int argc, char **argv)
{
	unsigned times, first;
	int64_t *took, began, sum = 0;
	char text[16];

	if (argc < 4)
		errx(2, "TIMES FIRST PROGRAM [ARGUMENTS...]");
	times = number(argv[1]);
	first = number(argv[2]);
	took = times_new(times);
	for (int i = 4; i < argc; i++)
		if (strcmp(argv[i], "@") == 0)
			argv[i] = text;
	for (unsigned k = 0; k < times; k++) {
		(void)snprintf(text, sizeof(text), "%u", first + k);
		began = now_us();
		run(argv + 3);
		took[k] = now_us() - began;
		sum += took[k];
	}
	printf("%" PRId64 " %" PRId64 "\n", median(took, times), sum / times);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which modules of IPVS the running kernel has, found without asking it to load one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Names as "ip_vs_rr"; what was found is kept. Zero-initialise. */
struct ipvs_modules {
	char *names;	 /* "ip_vs_rr\nip_vs_wrr\n…" of the installed, built-in and loaded ones */
	char *built_in;	 /* the same of the built-in ones */
	int64_t read_at; /* CLOCK_MONOTONIC seconds; 0: never */
	bool readable;	 /* the module directory could be read */
};

/*
 * 1: loaded, built in, or installed for the running kernel; 0: none of these; -ENODATA: the module
 * directory cannot be read (a container, a sandbox), so that only the kernel knows.
 */
int ipvs_modules_has(struct ipvs_modules *m, const char *name);

/* Whether it is in the kernel now, loaded or built in. */
bool ipvs_modules_loaded(struct ipvs_modules *m, const char *name);

void ipvs_modules_done(struct ipvs_modules *m);

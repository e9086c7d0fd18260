/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of the doctor share. Private to ctl_doctor*.c. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "ctl.h"

enum ctl_verdict {
	CTL_FINE,
	CTL_WARN,
	CTL_FAIL,
};

struct ctl_doctor {
	struct ctl *ctl;
	json_t *json; /* the findings, when they are wanted so; else NULL */
	int findings; /* that are not fine */
};

/* One finding, with what to do (printf-like) or NULL. */
void ctl_finding(struct ctl_doctor *d, enum ctl_verdict verdict, const char *what,
		 const char *remedy, ...) __attribute__((format(printf, 4, 5)));

/* The beginning of a file as text, "" when it cannot be read. Returns its length. */
size_t ctl_read_small(const char *path, char *ret, size_t size);

/* The process, its capabilities, the socket, ports and what the daemon says of itself. */
void ctl_doctor_daemon(struct ctl_doctor *d);

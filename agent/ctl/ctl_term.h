/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal: colours where they are wanted, and nothing that could move its cursor. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

enum ctl_colour {
	CTL_PLAIN,
	CTL_RED,
	CTL_GREEN,
	CTL_YELLOW,
	CTL_BOLD,
};

/* The escape sequence for it, or "" when stdout is no terminal, NO_COLOR is set to something
 * (no-color.org), or TERM is dumb. */
const char *ctl_term(enum ctl_colour colour);

/* Prints a text with ? for control characters: labels and messages come from others. */
void ctl_term_text(const char *text);

/* Whether a condition of the daemon is as it should be: of some kinds, True is the trouble. */
bool ctl_condition_good(const json_t *condition);

/* One line: type, status, reason, message; red when it is not good. */
void ctl_term_condition(const json_t *condition, int indent);

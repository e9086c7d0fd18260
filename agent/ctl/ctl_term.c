/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terminals, see ctl_term.h. */
#include "ctl_term.h"

#include <stdio.h>

#include "ctl_json.h"
#include "util.h"

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && !streq(term, "dumb");
}

const char *ctl_term(enum ctl_colour colour)
{
	static const char *const codes[] = {
		[CTL_PLAIN] = "\033[0m",   [CTL_RED] = "\033[31m", [CTL_GREEN] = "\033[32m",
		[CTL_YELLOW] = "\033[33m", [CTL_BOLD] = "\033[1m",
	};

	return wants_colour() ? codes[colour] : "";
}

void ctl_term_text(const char *text)
{
	for (; *text; text++)
		(void)fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, stdout);
}

bool ctl_condition_good(const json_t *condition)
{
	static const char *const troubles[] = { "Degraded", "Pending", "Foreign", "Contested" };
	const char *type = ctl_text(condition, "type");
	bool is_true = streq(ctl_text(condition, "status"), "True");

	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (streq(type, troubles[i]))
			return !is_true;
	return is_true;
}

void ctl_term_condition(const json_t *condition, int indent)
{
	const char *message = ctl_text(condition, "message");

	printf("%*s%-13s %s%-5s%s  %s%s", indent, "", ctl_text(condition, "type"),
	       ctl_term(ctl_condition_good(condition) ? CTL_GREEN : CTL_RED),
	       ctl_text(condition, "status"), ctl_term(CTL_PLAIN), ctl_text(condition, "reason"),
	       *message ? ": " : "");
	ctl_term_text(message);
	(void)fputc('\n', stdout);
}

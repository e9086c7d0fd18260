/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Problems as text, see ctl_problem.h. */
#include "ctl_problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "ctl_json.h"
#include "util.h"

int ctl_fail(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("lvsctl: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return CTL_FAILED;
}

/* What to do about a code, where lvsctl has words of its own for that. */
static const struct {
	const char *code, *advice;
} advices[] = {
	{ "foreign_exists", "use --adopt to take it over, or lvsctl adopt" },
	{ "mass_delete_refused", "use --allow-mass-delete if this is what you want" },
	{ "owner_conflict", "use --owner NAME to act for its owner, or --force" },
	{ "unauthorized", "use --token-file, or a client certificate" },
	{ "forbidden", "the admin socket may do this: run as root, or use --socket" },
	{ "kernel_not_ready", "lvsctl doctor says what is missing" },
	{ "too_many_requests", "try again in some seconds" },
};

void ctl_problem_say(const struct ctl_answer *a)
{
	const json_t *errors = json_object_get(a->json, "errors"), *item;
	const char *detail = ctl_text(a->json, "detail"), *code = ctl_text(a->json, "code");
	size_t i;

	if (!*code) {
		(void)ctl_fail("the server answered with status %ld, and not as lvsd does",
			       a->status);
		return;
	}
	(void)ctl_fail("%s", *detail ? detail : ctl_text(a->json, "title"));
	json_array_foreach(errors, i, item)
		(void)fprintf(stderr, "  %s%s: %s\n", ctl_text(item, "pointer"),
			      ctl_text(item, "parameter"), ctl_text(item, "detail"));
	for (i = 0; i < ARRAY_SIZE(advices); i++) {
		if (streq(advices[i].code, code)) {
			(void)fprintf(stderr, "  %s\n", advices[i].advice);
			return;
		}
	}
	(void)fprintf(stderr, "  lvsctl explain %s says what this means and what to do\n", code);
}

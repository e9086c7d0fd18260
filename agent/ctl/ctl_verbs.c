/* SPDX-License-Identifier: GPL-2.0-or-later */
/* THE table of verbs. A new verb is a row and a function (ctl_verbs.h). */
#include "ctl_verbs.h"

#include <stdio.h>

#include "util.h"

const struct ctl_verb ctl_verbs[] = {
	{ "get", "services|vips|sysctls|SERVICE|VIP [SERVICE's REAL-SERVER]",
	  "shows what is declared, and how it stands in the kernel", CTL_LABEL, ctl_get },
	{ "ipvsadm", "COMMAND OPTION…", "does as ipvsadm does, through lvsd (lvsctl ipvsadm -h)",
	  CTL_WRITES, ctl_ipvsadm },
	{ "version", "", "versions of lvsctl and of the daemon", 0, ctl_version },
	{ NULL, NULL, NULL, 0, NULL },
};

const struct ctl_verb *ctl_verb_find(const char *name)
{
	for (const struct ctl_verb *v = ctl_verbs; v->name; v++)
		if (streq(v->name, name))
			return v;
	return NULL;
}

int ctl_usage(const char *verb)
{
	const struct ctl_verb *v = ctl_verb_find(verb);

	(void)fprintf(stderr, "usage: lvsctl %s %s\n", verb, v ? v->arguments : "");
	return CTL_FAILED;
}

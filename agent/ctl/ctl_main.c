/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvsctl, the command line of lvsd: finds the verb and runs it. */
#include <stdio.h>

#include "ctl.h"
#include "ctl_http.h"
#include "util.h"

static int run(const struct ctl_verb *verb, struct ctl *ctl, int argc, char **argv)
{
	int status = CTL_FAILED;

	if (ctl_http_new(&ctl->options, &ctl->http) < 0)
		return CTL_FAILED;
	status = verb->run(ctl, argc, argv);
	ctl_http_free(ctl->http);
	if (fflush(stdout) != 0 || ferror(stdout))
		return ctl_fail("the output could not be written");
	return status;
}

/* Called as ipvsadm, by a link: all words are its. */
static bool is_ipvsadm(const char *program)
{
	const char *slash = strrchr(program, '/');

	return streq(slash ? slash + 1 : program, "ipvsadm");
}

int main(int argc, char **argv)
{
	struct ctl ctl = { 0 };
	const struct ctl_verb *verb;
	bool help;

	if (argc > 0 && is_ipvsadm(argv[0]))
		return run(ctl_verb_find("ipvsadm"), &ctl, argc, argv);
	if (ctl_options_parse(&argc, argv, &ctl.options, &help) < 0)
		return CTL_FAILED;
	if (argc < 2) {
		ctl_help();
		return help ? CTL_OK : CTL_FAILED;
	}
	verb = ctl_verb_find(argv[1]);
	if (verb && help) {
		ctl_help_verb(verb);
		return CTL_OK;
	}
	if (!verb)
		return ctl_fail("there is no verb %s; lvsctl --help names all", argv[1]);
	if (!ctl_options_fit(&ctl.options, verb))
		return CTL_FAILED;
	return run(verb, &ctl, argc - 1, argv + 1);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb ipvsadm, which is also what the program is when it is called by that name: runs one
 * call, or the lines of -R. */
#include <errno.h>
#include <stdio.h>

#include "ctl_ipvsadm.h"
#include "ctl_verbs.h"
#include "util.h"
#include "vec.h"

typedef VEC(char *) word_vec;

static int run(struct ctl *ctl, int argc, char **argv, bool restoring, bool *ret_ends);

/* The words of a line behind the program's name; ipvsadm as the first of them may be there. */
static int split(char *line, char *program, word_vec *words)
{
	char *save = NULL;

	words->n = 0;
	if (vec_push(words, program) < 0)
		return -ENOMEM;
	for (char *w = strtok_r(line, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save))
		if (!(words->n == 1 && streq(w, "ipvsadm")) && vec_push(words, w) < 0)
			return -ENOMEM;
	return vec_push(words, NULL);
}

/* Each line of stdin is a call; the last one's exit status is the restore's. */
static int restore(struct ctl *ctl, char *program, bool *ret_ends)
{
	_cleanup_(freep) char *line = NULL;
	word_vec words = { 0 };
	size_t size = 0;
	int status = 0;

	while (!*ret_ends && getline(&line, &size, stdin) >= 0) {
		if (split(line, program, &words) < 0) {
			status = ctl_fail("out of memory");
			break;
		}
		if (words.n > 2)
			status = run(ctl, (int)words.n - 1, words.items, true, ret_ends);
	}
	vec_done(&words);
	return status;
}

static int run(struct ctl *ctl, int argc, char **argv, bool restoring, bool *ret_ends)
{
	struct ipvsadm_call call;

	if (!ipvsadm_read(argc, argv, &call)) {
		*ret_ends = call.ends;
		return call.status;
	}
	if (call.command == IPVSADM_RESTORE && restoring) {
		*ret_ends = true; /* it would never end */
		return ipvsadm_try_help(&call), call.status;
	}
	if (call.command == IPVSADM_RESTORE)
		return restore(ctl, argv[0], ret_ends);
	if (call.command != IPVSADM_LIST && call.command != IPVSADM_SAVE)
		return ipvsadm_write(ctl, &call);
	return ipvsadm_has(&call, IPVSADM_CONNECTION) ? ipvsadm_list_connections(ctl, &call)
						      : ipvsadm_list(ctl, &call);
}

int ctl_ipvsadm(struct ctl *ctl, int argc, char **argv)
{
	static char list[] = "-L";
	char *alone[] = { argv[0], list, NULL };
	bool ends = false;

	if (argc == 1)
		return run(ctl, 2, alone, false, &ends);
	return run(ctl, argc, argv, false, &ends);
}

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

/* All lines of stdin. 0 or -ENOMEM. */
static int read_lines(word_vec *ret)
{
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) >= 0) {
		char *copy = strdup(line);

		if (!copy || vec_push(ret, copy) < 0) {
			free(copy);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Whether the lines do nothing but add; what they add. */
static bool only_adds(const word_vec *lines, char *program, struct ipvsadm_table *ret)
{
	word_vec words = { 0 };
	bool adds = true;

	for (size_t i = 0; i < lines->n && adds; i++) {
		_cleanup_(freep) char *line = strdup(lines->items[i]);
		struct ipvsadm_call call = { .quiet = true };

		adds = line && split(line, program, &words) == 0;
		if (adds && words.n > 2)
			adds = ipvsadm_read((int)words.n - 1, words.items, &call) &&
			       ipvsadm_restore_add(ret, &call);
	}
	vec_done(&words);
	return adds && ret->services.n;
}

/* Each line is a call; the last one's exit status is the restore's. */
static int run_lines(struct ctl *ctl, char *program, const word_vec *lines, bool *ret_ends)
{
	word_vec words = { 0 };
	int status = 0;

	for (size_t i = 0; i < lines->n && !*ret_ends; i++) {
		if (split(lines->items[i], program, &words) < 0) {
			status = ctl_fail("out of memory");
			break;
		}
		if (words.n > 2)
			status = run(ctl, (int)words.n - 1, words.items, true, ret_ends);
	}
	vec_done(&words);
	return status;
}

static int restore(struct ctl *ctl, char *program, bool *ret_ends)
{
	struct ipvsadm_table table = { 0 };
	word_vec lines = { 0 };
	int status = 0;

	if (read_lines(&lines) < 0)
		status = ctl_fail("out of memory");
	else if (!only_adds(&lines, program, &table) ||
		 !ipvsadm_restore_at_once(ctl, &table, &status))
		status = run_lines(ctl, program, &lines, ret_ends);
	ipvsadm_table_done(&table);
	vec_foreach(line, &lines)
		free(*line);
	vec_done(&lines);
	return status;
}

static int run(struct ctl *ctl, int argc, char **argv, bool restoring, bool *ret_ends)
{
	struct ipvsadm_call call = { 0 };

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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command line of lvsctl: THE option table, and the help that is made of it. */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

#include "ctl.h"
#include "util.h"

#define COMMON 0 /* all verbs have it */

struct option_row {
	const char *name, *value; /* value NULL: a switch */
	char letter;		  /* 0: none */
	size_t offset;		  /* of a const char * or a bool in struct ctl_options */
	unsigned option;	  /* enum ctl_option, or COMMON */
	const char *summary;
};

#define OPT(name, value, letter, member, option, summary)                                          \
	{                                                                                          \
		name, value, letter, offsetof(struct ctl_options, member), option, summary         \
	}

#define OUTPUT_ROW 0

static const struct option_row rows[] = {
	OPT("output", "FORMAT", 'o', output, COMMON,
	    "table (default), wide, json, ndjson or ipvsadm"),
	OPT("socket", "PATH", 's', socket, COMMON,
	    "the daemon's socket (default: /run/lvsd/admin.sock, or readonly.sock)"),
	OPT("url", "URL", 'u', url, COMMON, "https://HOST:PORT instead of the socket"),
	OPT("token-file", "FILE", 0, token_file, COMMON, "a file with the bearer token"),
	OPT("cacert", "FILE", 0, ca_file, COMMON, "who may have signed the server's certificate"),
	OPT("cert", "FILE", 0, certificate, COMMON, "the client's certificate; needs --key"),
	OPT("key", "FILE", 0, key, COMMON, "its key"),
	OPT("show-curl", NULL, 0, show_curl, COMMON,
	    "print the call as a line for curl instead of making it"),
	OPT("owner", "NAME", 0, owner, CTL_OWNER | CTL_LABEL,
	    "act for this owner; of lists: only his objects"),
	OPT("label", "NAME=VALUE", 'l', label, CTL_LABEL, "only objects with this label"),
	OPT("dry-run", NULL, 0, dry_run, CTL_WAITS, "all checks, and nothing is changed"),
	OPT("wait", "SECONDS", 0, wait, CTL_WAITS,
	    "how long to wait until the kernel holds it (default 5)"),
	OPT("force", NULL, 0, force, CTL_OWNER, "also objects of other owners"),
	OPT("file", "FILE", 'f', file, CTL_FILE, "a file; - is the standard input"),
	OPT("prune", NULL, 0, prune, CTL_PRUNE,
	    "what the file does not name goes, if it is the owner's"),
	OPT("adopt", NULL, 0, adopt, CTL_ADOPT, "take over what others have put into the kernel"),
	OPT("allow-mass-delete", NULL, 0, mass_delete, CTL_MASS_DELETE,
	    "do not stop at the policy's maxDeletePercent"),
	OPT("names", NULL, 0, names, CTL_NAMES,
	    "the text may have names of /etc/hosts and /etc/services"),
	OPT("rate", NULL, 0, rate, CTL_RATE, "rates by second instead of sums"),
};

static int parse_output(const char *word, enum ctl_output *ret)
{
	static const char *const names[] = {
		[CTL_TABLE] = "table",	 [CTL_WIDE] = "wide",	    [CTL_JSON] = "json",
		[CTL_NDJSON] = "ndjson", [CTL_IPVSADM] = "ipvsadm",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (streq(names[i], word)) {
			*ret = (enum ctl_output)i;
			return 0;
		}
	}
	(void)ctl_fail("--output %s: must be table, wide, json, ndjson or ipvsadm", word);
	return -EINVAL;
}

static int take(struct ctl_options *o, size_t row, const char *value)
{
	void *member = (char *)o + rows[row].offset;

	o->given |= UINT32_C(1) << row;
	if (row == OUTPUT_ROW)
		return parse_output(value, &o->output);
	if (rows[row].value)
		*(const char **)member = value;
	else
		*(bool *)member = true;
	return 0;
}

/* The row of what getopt_long() gave: a letter, or 256 and the row. */
static size_t row_of(int c)
{
	size_t i = 0;

	if (c >= 256)
		return (size_t)c - 256;
	while (i < ARRAY_SIZE(rows) - 1 && rows[i].letter != c)
		i++;
	return i;
}

/* Reads options, beginning at argv[1]: all of them, or (leading) those before the first word that
 * is none. Returns where the words begin, which are in their order, or -EINVAL. */
static int parse_some(int argc, char **argv, bool leading, struct ctl_options *o, bool *ret_help)
{
	struct option longs[ARRAY_SIZE(rows) + 2] = { 0 };
	char letters[2 * ARRAY_SIZE(rows) + 4] = "", *at = letters;
	int c;

	if (leading)
		*at++ = '+';
	*at++ = 'h';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		longs[i] =
			(struct option){ rows[i].name, rows[i].value ? 1 : 0, NULL, 256 + (int)i };
		if (!rows[i].letter)
			continue;
		*at++ = rows[i].letter;
		if (rows[i].value)
			*at++ = ':';
	}
	longs[ARRAY_SIZE(rows)] = (struct option){ "help", 0, NULL, 'h' };
	optind = 0; /* GNU: begin anew */
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?')
			return -EINVAL; /* it has said so */
		if (c == 'h')
			*ret_help = true;
		else if (take(o, row_of(c), optarg) < 0)
			return -EINVAL;
	}
	return optind;
}

static int check(const struct ctl_options *o)
{
	if (o->url && o->socket)
		return ctl_fail("--url and --socket exclude each other"), -EINVAL;
	if (!o->certificate != !o->key)
		return ctl_fail("--cert and --key go together"), -EINVAL;
	return 0;
}

int ctl_options_parse(int *argc, char **argv, struct ctl_options *ret, bool *ret_help)
{
	int at;

	*ret = (struct ctl_options){ 0 };
	*ret_help = false;
	at = parse_some(*argc, argv, true, ret, ret_help);
	if (at < 0)
		return at;
	*argc -= at - 1;
	memmove(argv + 1, argv + at, (size_t)*argc * sizeof(*argv)); /* and the NULL */
	if (*argc > 1 && !streq(argv[1], "ipvsadm")) {
		at = parse_some(*argc, argv, false, ret, ret_help);
		if (at < 0)
			return at;
		*argc -= at - 1;
		memmove(argv + 1, argv + at, (size_t)*argc * sizeof(*argv));
	}
	return check(ret);
}

bool ctl_options_fit(const struct ctl_options *o, const struct ctl_verb *verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool has = rows[i].option == COMMON || rows[i].option & verb->options;

		if (o->given & UINT32_C(1) << i && !has) {
			(void)ctl_fail("%s has no option --%s", verb->name, rows[i].name);
			return false;
		}
	}
	return true;
}

static void print_option(const struct option_row *r)
{
	printf("  %c%c%c --%s%s%s\n      %s\n", r->letter ? '-' : ' ', r->letter ? r->letter : ' ',
	       r->letter ? ',' : ' ', r->name, r->value ? " " : "", r->value ? r->value : "",
	       r->summary);
}

void ctl_help(void)
{
	puts("usage: lvsctl [OPTION…] VERB [WORD…]\n");
	for (const struct ctl_verb *v = ctl_verbs; v->name; v++)
		printf("  %s %s\n      %s\n", v->name, v->arguments, v->summary);
	puts("\noptions:");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		print_option(&rows[i]);
	puts("\nExit status: 0 done; 1 done, and something differs (diff, plan, status, doctor), or the\n"
	     "kernel does not hold it yet; 2 failed.\n"
	     "lvsctl(1) has examples.");
}

void ctl_help_verb(const struct ctl_verb *verb)
{
	printf("usage: lvsctl [OPTION…] %s %s\n  %s\n\noptions beside those of all verbs (lvsctl "
	       "--help):\n",
	       verb->name, verb->arguments, verb->summary);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].option & verb->options)
			print_option(&rows[i]);
	if (!verb->options)
		puts("  none");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parser of ipvs_text.h consists of: ipvs_text_options.c has words and options,
 * ipvs_text.c what they mean. Pure. */
#pragma once

#include <errno.h>
#include <string.h>

#include "ipvs_text.h"
#include "util.h"

enum option {
	OPT_ADD_SERVICE,
	OPT_ADD_SERVER,
	OPT_TCP,
	OPT_UDP,
	OPT_SCTP,
	OPT_MARK,
	OPT_IPV6,
	OPT_SCHEDULER,
	OPT_PERSISTENT,
	OPT_NETMASK,
	OPT_ENGINE,
	OPT_FLAGS,
	OPT_ONE_PACKET,
	OPT_SERVER,
	OPT_GATEWAYING,
	OPT_IPIP,
	OPT_MASQUERADING,
	OPT_WEIGHT,
	OPT_UPPER,
	OPT_LOWER,
	OPT_TUN_TYPE,
	OPT_TUN_PORT,
	OPT_TUN_NOCSUM,
	OPT_TUN_CSUM,
	OPT_TUN_REMCSUM,
	OPT_KNOWN, /* how many are taken */
	OPT_OTHER = OPT_KNOWN,
};

/* A piece of the line. */
struct word {
	const char *text; /* NULL: none */
	size_t len;
};

/* A line that is being parsed. */
struct line {
	const char *at, *end;
	const struct ipvs_text_names *names;
	const struct json_path *path;
	struct err *e;
	bool given[OPT_KNOWN];
	struct word values[OPT_KNOWN];
};

/* Words that are shown, in a bounded and printable form. */
#define SHOWN	"%.*s"
#define SHOW(w) (int)((w).len < 60 ? (w).len : 60), (w).text

#define ipvs_text_refuse(l, ...) (json_path_err((l)->path, (l)->e, __VA_ARGS__), -EINVAL)

/* What may stand between words. */
bool ipvs_text_is_blank(char c);

/* The next word of the line; text NULL: there is none. */
struct word ipvs_text_next_word(struct line *l);

bool ipvs_text_word_is(const struct word *w, const char *text);

/* Reads all options of the line, of which w is the first word. 0; -EINVAL: one that is unknown,
 * stands twice, lacks its value or does not go with the command. */
int ipvs_text_read_options(struct line *l, struct word w);

/* Which one of n options was given; *ret = n: none. -EINVAL: more than one. */
int ipvs_text_only_one(const struct line *l, const enum option *options, size_t n, size_t *ret);

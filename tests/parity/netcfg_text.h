/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on the host and what is found there as words: the language of netcfg.txt, and of the
 * golden requests. */
#pragma once

#include "buf.h"
#include "netcfg_kernel.h"

#define NETCFG_WORDS_MAX 8

struct netcfg_words {
	char *word[NETCFG_WORDS_MAX];
	size_t n;
};

/* An operation with what it borrows. */
struct netcfg_text_op {
	struct netcfg_op op;
	struct netcfg_sysctl_key key;
	char value[NETCFG_SYSCTL_VALUE_MAX], kind[NETCFG_KIND_MAX];
};

/* Splits at blanks, in place; false when there are too many words. */
bool netcfg_text_split(char *line, struct netcfg_words *w);

/*
 * Makes an operation: 1, 0 when the first word is none of an operation, -EINVAL. The interface's
 * name is in op.name, its index is the caller's to set. What is made must not move.
 */
int netcfg_text_parse(const struct netcfg_words *w, struct netcfg_text_op *ret);

/* "192.0.2.1/32@eth0". */
int netcfg_text_place(const char *text, struct netcfg_address *ret,
		      char name[NETCFG_INTERFACE_MAX]);

void netcfg_text_address(struct buf *b, const struct netcfg_address *a, const char *interface);

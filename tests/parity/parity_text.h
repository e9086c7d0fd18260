/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of the parity scenario: operations and objects to and from words (see the head of
 * scenario.txt). For parity.c only. */
#pragma once

#include "buf.h"
#include "ipvs_kernel.h"

#define PARITY_WORDS_MAX 24

/* The words of one line; they point into its text. */
struct parity_words {
	char *word[PARITY_WORDS_MAX];
	size_t n;
};

/* An operation with its objects. */
struct parity_op {
	char *line, *expected;
	enum ipvs_verb verb;
	bool staged, has_dest;
	struct ipvs_service service;
	struct ipvs_dest dest;
};

/* Splits at blanks, in place. False when there are too many words. */
bool parity_split(char *line, struct parity_words *w);

int parity_service_key(const char *text, struct ipvs_service_key *ret);

/* ADDRESS:PORT of any address, also those that the API refuses. */
int parity_dest_key(const char *text, struct ipvs_dest_key *ret);

/* Makes an operation from words: 1 when they are one, 0 when the verb is none of an operation,
 * -EINVAL. */
int parity_parse_op(const struct parity_words *w, struct parity_op *ret);

/* Append an object as the options that make it. */
void parity_print_service(struct buf *b, const struct ipvs_service *s);
void parity_print_dest(struct buf *b, const struct ipvs_dest *d);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bearer tokens: who they belong to and what role they give. A file of them has a line for each:
 * id, role, SHA-256 of the token in hexadecimal. Made by main's access.c, asked by httpd_auth.c.
 */
#pragma once

#include <stddef.h>

#include "request.h"
#include "util.h"

#define TOKENS_MAX	 256 /* each request is compared with all of them */
#define TOKEN_ID_MAX	 32  /* it goes into each row of the history */
#define TOKEN_SECRET_MAX 256 /* 32 random bytes are 43 or 64 characters */
#define TOKEN_HASH_SIZE	 32  /* SHA-256 */

struct token {
	char id[TOKEN_ID_MAX + 1]; /* letters, digits, '.', '_', '-' */
	enum role role;
	unsigned char hash[TOKEN_HASH_SIZE];
};

struct tokens;

/*
 * Parses the text of a tokens file, any bytes. Fields stand apart by blanks or tabs, "#" begins a
 * comment. No id and no hash may stand twice, and there has to be one token at least. 0; -EINVAL
 * with the line (from 1; 0: the file as a whole) and a static text that says what is wrong;
 * -ENOMEM.
 */
int tokens_parse(const char *text, size_t len, struct tokens **ret, size_t *ret_line,
		 const char **ret_why);

/* Whose secret it is, or NULL. The time it takes says nothing about the tokens there are. */
const struct token *tokens_find(const struct tokens *t, const char *secret);

/* The token in the value of an Authorization header, as text within it; NULL when the scheme is not
 * Bearer (RFC 6750, 2.1). */
const char *tokens_bearer(const char *authorization);

/* The i-th in the order of the file; NULL beyond the last. */
const struct token *tokens_at(const struct tokens *t, size_t i);

/* Frees t; NULL is fine. */
void tokens_free(struct tokens *t);
DEFINE_FREEP(struct tokens, tokens_free)

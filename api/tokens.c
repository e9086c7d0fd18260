/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tokens of tokens.h. The file holds hashes, so that who reads it cannot log in; plain SHA-256
 * is enough for them because tokens are made at random, not chosen. No I/O here, and no HTTP but
 * the form of one header.
 */
#include "tokens.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <strings.h>

#include "vec.h"

#define BLANKS " \t\r"

struct tokens {
	VEC(struct token) list;
};

/* What is left of one line. */
struct fields {
	const char *at, *end;
};

/* The next field of the line; its length, 0 at the end of the line. */
static size_t next_field(struct fields *f, const char **ret)
{
	while (f->at < f->end && strchr(BLANKS, *f->at))
		f->at++;
	*ret = f->at;
	while (f->at < f->end && !strchr(BLANKS, *f->at))
		f->at++;
	return (size_t)(f->at - *ret);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hash(const char *s, size_t len, unsigned char ret[TOKEN_HASH_SIZE])
{
	if (len != 2 * TOKEN_HASH_SIZE)
		return false;
	for (size_t i = 0; i < TOKEN_HASH_SIZE; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool parse_id(const char *s, size_t len, char ret[TOKEN_ID_MAX + 1])
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-";

	if (len > TOKEN_ID_MAX)
		return false;
	memcpy(ret, s, len);
	ret[len] = '\0';
	return strspn(ret, fit) == len;
}

/* NULL, or what is wrong with the line. */
static const char *parse_line(struct fields line, struct token *ret)
{
	const char *field;
	char role[16];
	size_t len;
	int r;

	len = next_field(&line, &field);
	if (!parse_id(field, len, ret->id))
		return "the id must be 1 to 32 of letters, digits, '.', '_' and '-'";
	len = next_field(&line, &field);
	memset(role, 0, sizeof(role));
	memcpy(role, field, len < sizeof(role) ? len : 0);
	r = role_parse(role);
	if (r < 0)
		return "the second field must be reader, operator or admin";
	ret->role = (enum role)r;
	len = next_field(&line, &field);
	if (!parse_hash(field, len, ret->hash))
		return "the third field must be the SHA-256 of the token, 64 hexadecimal digits";
	if (next_field(&line, &field) > 0)
		return "there is more than id, role and SHA-256";
	return NULL;
}

/* NULL, or why it cannot be one more of them. */
static const char *clash(const struct tokens *t, const struct token *token)
{
	vec_foreach(other, &t->list) {
		if (streq(other->id, token->id))
			return "this id stands above already";
		if (memcmp(other->hash, token->hash, sizeof(token->hash)) == 0)
			return "this SHA-256 stands above already, for another id";
	}
	if (t->list.n == TOKENS_MAX)
		return "there are more than 256 tokens";
	return NULL;
}

/* Takes one line in. 0; -EINVAL with the reason; -ENOMEM. */
static int take_line(struct tokens *t, struct fields line, const char **ret_why)
{
	const char *comment = memchr(line.at, '#', (size_t)(line.end - line.at));
	const char *why, *field;
	struct fields look;
	struct token token;

	if (memchr(line.at, '\0', (size_t)(line.end - line.at))) {
		*ret_why = "there is a NUL byte";
		return -EINVAL;
	}
	if (comment)
		line.end = comment;
	look = line;
	if (next_field(&look, &field) == 0)
		return 0;
	why = parse_line(line, &token);
	if (!why)
		why = clash(t, &token);
	if (why) {
		*ret_why = why;
		return -EINVAL;
	}
	return vec_push(&t->list, token);
}

int tokens_parse(const char *text, size_t len, struct tokens **ret, size_t *ret_line,
		 const char **ret_why)
{
	_cleanup_(tokens_freep) struct tokens *t = calloc(1, sizeof(*t));
	size_t line = 0, at = 0;

	if (!t)
		return -ENOMEM;
	while (at < len) {
		const char *stop = memchr(text + at, '\n', len - at);
		struct fields f = { text + at, stop ? stop : text + len };
		int r = take_line(t, f, ret_why);

		line++;
		if (r < 0) {
			*ret_line = line;
			return r;
		}
		at = (size_t)(f.end - text) + 1;
	}
	if (t->list.n == 0) {
		*ret_line = 0;
		*ret_why = "there is no token";
		return -EINVAL;
	}
	*ret = TAKE_PTR(t);
	return 0;
}

const struct token *tokens_find(const struct tokens *t, const char *secret)
{
	unsigned char hash[TOKEN_HASH_SIZE];
	const struct token *found = NULL;
	size_t len = strlen(secret);

	if (len == 0 || len > TOKEN_SECRET_MAX ||
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, secret, len, hash) < 0)
		return NULL;
	/* All of them, each in constant time: how far a guess came does not show. */
	vec_foreach(token, &t->list) {
		if (gnutls_memcmp(token->hash, hash, sizeof(hash)) == 0)
			found = token;
	}
	return found;
}

const char *tokens_bearer(const char *authorization)
{
	static const char scheme[] = "Bearer";
	size_t len = sizeof(scheme) - 1;

	if (strncasecmp(authorization, scheme, len) != 0)
		return NULL;
	authorization += len;
	if (*authorization != ' ' && *authorization != '\0')
		return NULL;
	return authorization + strspn(authorization, " ");
}

const struct token *tokens_at(const struct tokens *t, size_t i)
{
	return i < t->list.n ? &t->list.items[i] : NULL;
}

void tokens_free(struct tokens *t)
{
	if (!t)
		return;
	vec_done(&t->list);
	free(t);
}

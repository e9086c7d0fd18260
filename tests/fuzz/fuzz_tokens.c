/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a tokens file: what is taken has fit ids, each once, and lets nobody in without a
 * secret. The first line is also tried as an Authorization header. */
#include <string.h>

#include "fuzz.h"
#include "tokens.h"

static void try_header(const struct tokens *t, const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);
	char *header = strndup(text, end ? (size_t)(end - text) : size);
	const char *secret;

	MUST(header);
	secret = tokens_bearer(header);
	MUST(!secret || (secret >= header + 6 && secret <= header + strlen(header)));
	if (secret && t)
		(void)tokens_find(t, secret);
	free(header);
}

static void look_at(const struct tokens *t)
{
	size_t n = 0;

	for (const struct token *a; (a = tokens_at(t, n)); n++) {
		MUST(*a->id && strlen(a->id) <= TOKEN_ID_MAX);
		MUST(!strpbrk(a->id, " \t\r\n#/\"\\"));
		MUST(role_parse(role_name(a->role)) == (int)a->role);
		for (size_t i = 0; i < n; i++) {
			MUST(strcmp(a->id, tokens_at(t, i)->id) != 0);
			MUST(memcmp(a->hash, tokens_at(t, i)->hash, sizeof(a->hash)) != 0);
		}
	}
	MUST(n > 0 && n <= TOKENS_MAX);
	MUST(!tokens_find(t, ""));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct tokens *t = NULL;
	size_t line = 0;

	if (tokens_parse((const char *)data, size, &t, &line, &why) == 0)
		look_at(t);
	else
		MUST(why && !t && line <= size);
	if (size > 0)
		try_header(t, (const char *)data, size);
	tokens_free(t);
	return 0;
}

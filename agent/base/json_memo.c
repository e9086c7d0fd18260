/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of parsed texts of json_memo.h: one slot for each hash. */
#include "json_memo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 256

struct json_memo {
	struct json_known known[SLOTS];
};

struct json_memo *json_memo_new(void)
{
	return calloc(1, sizeof(struct json_memo));
}

static void forget(struct json_known *k)
{
	free(k->text);
	free(k->meaning);
	json_decref(k->json);
	*k = (struct json_known){ 0 };
}

void json_memo_free(struct json_memo *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		forget(&m->known[i]);
	free(m);
}

/* Multiplies by 2^64 divided by the golden ratio: Knuth, The Art of Computer Programming 6.4. */
static size_t slot_of(const char *text, size_t len)
{
	uint64_t hash = len, word;

	for (size_t i = 0; i < len; i += sizeof(word)) {
		word = 0;
		memcpy(&word, text + i, len - i < sizeof(word) ? len - i : sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 32;
	}
	return hash % SLOTS;
}

struct json_known *json_memo_parse(struct json_memo *m, const char *text, size_t len,
				   json_error_t *error)
{
	struct json_known *k = &m->known[slot_of(text, len)];

	if (k->text && k->len == len && memcmp(k->text, text, len) == 0)
		return k;
	forget(k);
	k->json = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, error);
	if (!k->json)
		return NULL;
	k->text = malloc(len + 1);
	if (k->text) /* else nothing is found here, and the next text takes the slot */
		memcpy(k->text, text, len);
	k->len = len;
	return k;
}

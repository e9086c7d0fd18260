/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A first byte for the key, then any text as an object of the host's side; what is taken is encoded
 * to a text that is taken for the same, by PUT and, on top of it, by PATCH. */
#include <string.h>

#include "declared_json.h"
#include "fuzz.h"

static const struct {
	enum declared_kind kind;
	const char *id;
} keys[] = {
	{ DECLARED_VIP, "192.0.2.1" },
	{ DECLARED_VIP, "2001:db8::1" },
	{ DECLARED_REAL_SERVER, "" },
	{ DECLARED_DIRECTOR, "" },
	{ DECLARED_SYSCTL, "net.ipv4.conf.eth0/1.arp_ignore" },
	{ DECLARED_SYSCTL, "net.ipv4.vs.sync_threshold" },
	{ DECLARED_SYNC_MASTER, "" },
	{ DECLARED_SYNC_BACKUP, "" },
};

static void decode_again(const struct declared *o, const struct declared_key *key,
			 enum decode_mode mode)
{
	struct declared *again = NULL;
	struct buf out = { 0 };
	struct err e = { 0 };
	struct json_writer w;
	json_t *json;

	json_write_init(&w, &out);
	declared_encode(o, &w);
	json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	MUST(json);
	MUST(declared_decode(json, key, mode == DECODE_PATCH ? o : NULL, mode, NULL, &again, &e) ==
	     0);
	MUST(declared_same(o, again));
	json_decref(json);
	declared_unref(again);
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct declared *o = NULL, *patched = NULL;
	struct declared_key key;
	struct err e = { 0 };
	const char *why;
	json_t *json;

	if (size == 0)
		return 0;
	MUST(declared_key_parse(keys[data[0] % ARRAY_SIZE(keys)].kind,
				keys[data[0] % ARRAY_SIZE(keys)].id, &key, &why) == 0);
	json = json_loadb((const char *)data + 1, size - 1, JSON_REJECT_DUPLICATES, NULL);
	if (!json)
		return 0;
	if (declared_decode(json, &key, NULL, DECODE_PUT, NULL, &o, &e) == 0) {
		decode_again(o, &key, DECODE_PUT);
		decode_again(o, &key, DECODE_PATCH);
		if (declared_decode(json, &key, o, DECODE_PATCH, NULL, &patched, &e) < 0)
			MUST(err_has_items(&e));
		declared_unref(patched);
	} else {
		MUST(err_has_items(&e));
	}
	declared_unref(o);
	json_decref(json);
	err_done(&e);
	return 0;
}

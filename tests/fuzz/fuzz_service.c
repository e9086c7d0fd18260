/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A first byte for key and mode, then any text as a service; what is taken is encoded to a text
 * that is taken for the same, by PUT and, on top of it, by PATCH. */
#include <string.h>

#include "desired_json.h"
#include "fuzz.h"

static const char *const ids[] = { "tcp:192.0.2.1:80", "udp:[2001:db8::1]:53", "fwm:7",
				   "tcp:192.0.2.1:0" };

static void decode_again(const struct service *s, const struct ipvs_service_key *key,
			 enum decode_mode mode)
{
	struct service *again = NULL;
	struct buf out = { 0 };
	struct err e = { 0 };
	struct json_writer w;
	json_t *json;

	json_write_init(&w, &out);
	service_encode(s, &w);
	json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	MUST(json);
	MUST(service_decode(json, key, mode == DECODE_PATCH ? s : NULL, mode, NULL, &again, &e) ==
	     0);
	MUST(service_same(s, again));
	json_decref(json);
	service_unref(again);
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct service *s = NULL, *patched = NULL;
	struct ipvs_service_key key;
	struct err e = { 0 };
	const char *id, *why;
	json_t *json;

	if (size == 0)
		return 0;
	id = ids[data[0] % 4];
	MUST(ipvs_service_key_parse(id, strlen(id), &key, &why) == 0);
	json = json_loadb((const char *)data + 1, size - 1, JSON_REJECT_DUPLICATES, NULL);
	if (!json)
		return 0;
	if (service_decode(json, &key, NULL, DECODE_PUT, NULL, &s, &e) == 0) {
		decode_again(s, &key, DECODE_PUT);
		decode_again(s, &key, DECODE_PATCH);
		if (service_decode(json, &key, s, DECODE_PATCH, NULL, &patched, &e) < 0)
			MUST(err_has_items(&e)); /* nulls remove what another member needs */
		service_unref(patched);
	} else {
		MUST(err_has_items(&e));
	}
	service_unref(s);
	json_decref(json);
	err_done(&e);
	return 0;
}

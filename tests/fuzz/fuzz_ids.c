/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as ids; what is taken has a canonical form that is taken for the same. */
#include <string.h>

#include "fuzz.h"
#include "ipvs_model.h"

static void try_service(const char *text, size_t size)
{
	struct ipvs_service_key key, again;
	char id[IPVS_SERVICE_ID_MAX];
	const char *why = NULL;

	if (ipvs_service_key_parse(text, size, &key, &why) < 0) {
		MUST(why);
		return;
	}
	(void)ipvs_service_key_format(&key, id);
	MUST(ipvs_service_key_parse(id, strlen(id), &again, &why) == 0);
	MUST(ipvs_service_key_compare(&key, &again) == 0);
}

static void try_dest(const char *text, size_t size)
{
	struct ipvs_dest_key key, again;
	char id[IPVS_DEST_ID_MAX];
	const char *why = NULL;

	if (ipvs_dest_key_parse(text, size, &key, &why) < 0) {
		MUST(why);
		return;
	}
	(void)ipvs_dest_key_format(&key, id);
	MUST(ipvs_dest_key_parse(id, strlen(id), &again, &why) == 0);
	MUST(ipvs_dest_key_compare(&key, &again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_service((const char *)data, size);
	try_dest((const char *)data, size);
	return 0;
}

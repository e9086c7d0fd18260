/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a line of the kernel's list of connections, with or without origin. */
#include <string.h>

#include "fuzz.h"
#include "ipvs_connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvs_connection c;

	for (int sync = 0; sync < 2; sync++) {
		if (ipvs_connection_parse((const char *)data, size, sync, &c) < 0)
			continue;
		MUST(strlen(c.protocol) > 0 && strlen(c.state) > 0);
		MUST(strlen(c.protocol) < sizeof(c.protocol) && strlen(c.state) < sizeof(c.state));
		MUST(strlen(c.engine) < sizeof(c.engine));
		MUST(c.client.address.family == c.virtual.address.family);
		MUST(ipvs_connection_same(&c, &c));
		MUST(!sync || (c.origin != IPVS_ORIGIN_UNKNOWN && !c.engine[0]));
		(void)ipvs_connection_is_template(&c);
		(void)ipvs_connection_mark(&c);
	}
	return 0;
}

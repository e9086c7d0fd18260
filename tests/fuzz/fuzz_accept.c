/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an Accept header: a weight comes out, and one range more that names nothing of ours
 * changes none. */
#include <stdlib.h>
#include <string.h>

#include "accept.h"
#include "fuzz.h"

static unsigned quality(const char *accept, bool *ret_named)
{
	return accept_quality(accept, "text", "plain", "0.0.4", ret_named);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char before[] = "image/png;q=0.1,";
	char *text = malloc(sizeof(before) + size);
	bool named, same;
	unsigned q;

	MUST(text);
	memcpy(text, before, sizeof(before) - 1);
	memcpy(text + sizeof(before) - 1, data, size);
	text[sizeof(before) - 1 + size] = '\0';
	q = quality(text + sizeof(before) - 1, &named);
	MUST(q <= ACCEPT_FULL);
	if (text[sizeof(before) - 1])
		MUST(quality(text, &same) == q && same == named);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a request target; what is taken has no empty or dot segments. */
#include <string.h>

#include "fuzz.h"
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct request r = { 0 };
	struct err e = { 0 };

	MUST(text);
	if (request_parse_target(&r, text, &e) == 0) {
		MUST(!e.code && r.n_segments <= REQUEST_MAX_SEGMENTS &&
		     r.n_query <= REQUEST_MAX_QUERY);
		for (size_t i = 0; i < r.n_segments; i++)
			MUST(*r.segments[i] && strcmp(r.segments[i], ".") != 0 &&
			     strcmp(r.segments[i], "..") != 0);
		for (size_t i = 0; i < r.n_query; i++)
			MUST(request_param(&r, r.query[i].name) == r.query[i].value);
	} else {
		MUST(e.code);
	}
	err_done(&e);
	request_done(&r);
	free(text);
	return 0;
}

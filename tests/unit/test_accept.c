/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of api/accept.c: weights, precision, versions, and what is no Accept header at all. */
#include "accept.h"

#include <stddef.h>
#include <stdio.h>

#include "test.h"
#include "util.h"

TEST(the_most_precise_range_decides)
{
	static const struct {
		const char *accept;
		unsigned text, open; /* thousandths */
		bool named;	     /* OpenMetrics */
	} cases[] = {
		{ NULL, 1000, 1000, false },
		{ "", 1000, 1000, false },
		{ "*/*", 1000, 1000, false },
		{ "text/plain", 1000, 0, false },
		{ "text/*;q=0.3", 300, 0, false },
		{ "TEXT/Plain ; Q=0.25", 250, 0, false },
		{ "application/openmetrics-text", 0, 1000, true },
		{ "application/openmetrics-text; version=1.0.0; charset=utf-8", 0, 1000, true },
		{ "application/openmetrics-text; version=\"1.0.0\"", 0, 1000, true },
		{ "application/openmetrics-text;version=0.0.1", 0, 0, false },
		{ "application/openmetrics-text;version=0.0.1,*/*;q=0.1", 100, 100, false },
		{ "text/plain;version=0.0.4;q=0.5,text/plain;version=1.0.0;q=0.9", 500, 0, false },
		{ "*/*, text/plain;q=0", 0, 1000, false },
		{ "text/plain;q=0, */*", 0, 1000, false },
		{ "text/html;q=0.9", 0, 0, false },
		{ "application/*;q=0.7", 0, 700, false },
		/* What Prometheus 2.42 and 3.0 send. */
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
		  "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  500, 1000, true },
		{ "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
		  "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
		  "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1",
		  200, 500, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool named, unused;

		printf("# %s\n", cases[i].accept ? cases[i].accept : "(none)");
		CHECK_INT(accept_quality(cases[i].accept, "text", "plain", "0.0.4", &unused),
			  cases[i].text);
		CHECK_INT(accept_quality(cases[i].accept, "application", "openmetrics-text",
					 "1.0.0", &named),
			  cases[i].open);
		CHECK_INT(named, cases[i].named);
	}
}

TEST(nonsense_is_passed_over)
{
	static const char *const cases[] = {
		",",
		";",
		"/",
		"text",
		"text/",
		"/plain",
		"*/plain",
		"text/plain;q=",
		"text/plain;q=2",
		"text/plain;q=0.1234",
		"text/plain;q=-1",
		"text/plain;q=1.001",
		"text/plain;q=x",
		"text/plain;q=00",
		"x\"text/plain",
		"\"",
		"\"\\",
		"text/plain;q=\"",
		"text /plain/x",
	};
	bool named;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		printf("# %s\n", cases[i]);
		CHECK_INT(accept_quality(cases[i], "text", "plain", "0.0.4", &named), 0);
		CHECK(!named);
	}
}

TEST(what_is_quoted_does_not_end_a_range)
{
	bool named;

	CHECK_INT(accept_quality("text/html;a=\",text/plain;\\\",\", text/plain;q=0.5", "text",
				 "plain", "0.0.4", &named),
		  500);
	CHECK(named);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of agent/base/log.c and log_limit.c, and of core/change_log.c: what comes out on stderr. */
#include "log.h"

#include <fcntl.h>
#include <stdlib.h>

#include "change_log.h"
#include "log_limit.h"
#include "test.h"

TEST(so_many_in_a_window_and_the_rest_is_counted)
{
	struct log_limit l = { 0 };
	const char *id = NULL;
	uint32_t n = 0;

	for (int i = 0; i < 5; i++)
		CHECK(log_limit_take(&l, "a", 5, 1000 + i));
	CHECK_INT(log_limit_next(&l), INT64_MAX); /* nothing to be said yet */
	for (int i = 0; i < 7; i++)
		CHECK(!log_limit_take(&l, "a", 5, 2000));
	CHECK(log_limit_take(&l, "b", 5, 2000)); /* kinds do not know of each other */
	CHECK_INT(log_limit_next(&l), 1000 + LOG_LIMIT_WINDOW_MS);
	CHECK(!log_limit_ended(&l, 999 + LOG_LIMIT_WINDOW_MS, &id, &n));
	CHECK(!log_limit_take(&l, "a", 5,
			      1500 + LOG_LIMIT_WINDOW_MS)); /* not said yet: it adds up */
	CHECK(log_limit_ended(&l, 1500 + LOG_LIMIT_WINDOW_MS, &id, &n));
	CHECK_STR(id, "a");
	CHECK_INT(n, 8);
	CHECK(!log_limit_ended(&l, INT64_MAX, &id, &n));
	CHECK(log_limit_take(&l, "a", 5, 1600 + LOG_LIMIT_WINDOW_MS));
}

TEST(a_window_without_a_flood_just_ends)
{
	struct log_limit l = { 0 };

	for (int64_t now = 0; now < 100000; now += LOG_LIMIT_WINDOW_MS / 5)
		CHECK(log_limit_take(&l, "a", 5, now));
	CHECK_INT(log_limit_next(&l), INT64_MAX);
}

TEST(more_kinds_than_it_knows_are_not_limited)
{
	struct log_limit l = { 0 };
	char ids[LOG_LIMIT_KINDS + 1][8];

	for (int i = 0; i < LOG_LIMIT_KINDS + 1; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "%d", i);
		CHECK(log_limit_take(&l, ids[i], 1, 0));
	}
	CHECK(!log_limit_take(&l, ids[0], 1, 0));
	CHECK(log_limit_take(&l, ids[LOG_LIMIT_KINDS], 1, 0));
}

/* Output --------------------------------------------------------------------------------------- */

static char output[65536];

/* What these lines write to stderr, into output. */
static void captured(void (*lines)(void))
{
	FILE *file = tmpfile();
	int old = dup(STDERR_FILENO);
	size_t n;

	CHECK(file && old >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	(void)unsetenv("JOURNAL_STREAM");
	log_set_level(LOG_LEVEL_INFO);
	lines();
	(void)dup2(old, STDERR_FILENO);
	close(old);
	rewind(file);
	n = fread(output, 1, sizeof(output) - 1, file);
	output[n] = '\0';
	(void)fclose(file);
}

static size_t count_lines(const char *with)
{
	size_t n = 0;

	for (const char *at = output; (at = strstr(at, with)); at++)
		n++;
	return n;
}

static void write_flood(void)
{
	for (int i = 0; i < 1000; i++)
		log_record(LOG_LEVEL_WARNING, LOG_ID_DRIFT, NULL, 0, "drift %d", i);
	log_record(LOG_LEVEL_NOTICE, LOG_ID_REPAIR, NULL, 0, "repair");
	(void)log_flush(INT64_MAX);
}

TEST(a_flood_is_a_hundred_lines_and_a_count)
{
	captured(write_flood);
	CHECK_INT(count_lines("lvsd: warning: drift "), 100);
	CHECK_INT(count_lines("lvsd: notice: repair\n"), 1);
	CHECK_INT(count_lines("lvsd: warning: 900 more records of drift suppressed "
			      "LVSD_SUPPRESSED=900 LVSD_SUPPRESSED_MESSAGE_ID=" LOG_ID_DRIFT "\n"),
		  1);
}

static void write_debug(void)
{
	log_set_level(LOG_LEVEL_DEBUG);
	for (int i = 0; i < 300; i++)
		log_debug("pass");
	log_set_level(LOG_LEVEL_ERROR);
	for (int i = 0; i < 300; i++) /* what is not written is not counted either */
		log_notice("notice");
	(void)log_flush(INT64_MAX);
}

TEST(what_somebody_asked_for_is_not_limited)
{
	captured(write_debug);
	CHECK_INT(count_lines("lvsd: debug: pass"), 300);
	CHECK_INT(count_lines("suppressed"), 0);
}

static void commit(const char *action)
{
	char words[128];
	struct history_entry h = {
		.revision = 412,
		.actor = (char[]){ "ci" },
		.request_id = (char[]){ "r1" },
		.action = words,
	};

	(void)snprintf(words, sizeof(words), "%s", action);
	change_log_commit(&h);
}

static void write_commits(void)
{
	commit("PUT /v1/services/tcp%3A192.0.2.1%3A80?wait=0");
	commit("PUT /v1/services/TCP:[2001:DB8::1]:443/real-servers/10.0.0.5:80/weight");
	commit("DELETE /v1/vips/192.0.2.7");
	commit("PUT /v1/config");
	commit("PUT /v1/services/nonsense%");
}

TEST(a_write_says_what_it_was_about)
{
	captured(write_commits);
	CHECK_INT(count_lines("PUT /v1/services/tcp%3A192.0.2.1%3A80?wait=0 LVSD_REVISION=412 "
			      "LVSD_SERVICE=tcp:192.0.2.1:80 LVSD_REQUEST_ID=r1 LVSD_ACTOR=ci\n"),
		  1);
	CHECK_INT(count_lines("/weight LVSD_REVISION=412 LVSD_SERVICE=tcp:[2001:db8::1]:443 "
			      "LVSD_REAL_SERVER=10.0.0.5:80 LVSD_REQUEST_ID=r1"),
		  1);
	CHECK_INT(count_lines("DELETE /v1/vips/192.0.2.7 LVSD_REVISION=412 LVSD_VIP=192.0.2.7 "
			      "LVSD_REQUEST_ID=r1"),
		  1);
	CHECK_INT(count_lines("PUT /v1/config LVSD_REVISION=412 LVSD_REQUEST_ID=r1"), 1);
	CHECK_INT(count_lines("nonsense% LVSD_REVISION=412 LVSD_REQUEST_ID=r1"), 1);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of log.h; the only user of sd-journal. */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <time.h>

#include "buf.h"
#include "log_limit.h"
#include "num.h"

#define MAX_FIELDS 16

/* In ten seconds. Writes are what happened here: they are left out only before the journal itself
 * would do so, which by default is at 10,000 records of a service in 30 s. */
#define MOST	     100
#define MOST_COMMITS 1000

static enum log_level max_level = LOG_LEVEL_INFO;
static struct log_limit limit;

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level)
{
	max_level = level;
}

int log_level_parse(const char *name)
{
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		if (streq(level_names[i], name))
			return i;
	return -EINVAL;
}

/* systemd sets JOURNAL_STREAM=DEVICE:INODE of the stream it connected (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM"), *colon = stream ? strchr(stream, ':') : NULL;
	uint64_t device, inode;
	struct stat st;

	return colon && num_parse_u64(stream, (size_t)(colon - stream), UINT64_MAX, &device) == 0 &&
	       num_parse_u64(colon + 1, strlen(colon + 1), UINT64_MAX, &inode) == 0 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

static void to_journal(enum log_level level, const char *id, const struct log_field *fields,
		       size_t n, const char *text)
{
	struct iovec iov[MAX_FIELDS + 3];
	struct buf parts[MAX_FIELDS + 3] = { 0 };
	int used = 0;

	buf_printf(&parts[used++], "MESSAGE=%s", text);
	buf_printf(&parts[used++], "PRIORITY=%d", (int)level);
	if (id)
		buf_printf(&parts[used++], "MESSAGE_ID=%s", id);
	for (size_t i = 0; i < n && i < MAX_FIELDS; i++)
		if (fields[i].value)
			buf_printf(&parts[used++], "%s=%s", fields[i].name, fields[i].value);
	for (int i = 0; i < used; i++)
		iov[i] = (struct iovec){ .iov_base = parts[i].data, .iov_len = parts[i].len };
	(void)sd_journal_sendv(iov, used);
	for (int i = 0; i < used; i++)
		buf_done(&parts[i]);
}

static void to_stderr(enum log_level level, const struct log_field *fields, size_t n,
		      const char *text)
{
	_cleanup_(buf_done) struct buf line = { 0 };

	buf_printf(&line, "lvsd: %s: %s", level_names[level], text);
	for (size_t i = 0; i < n; i++)
		if (fields[i].value)
			buf_printf(&line, " %s=%s", fields[i].name, fields[i].value);
	buf_add(&line, "\n", 1);
	/* One write for one line, so that lines of several processes do not mix. */
	if (!line.failed && write(STDERR_FILENO, line.data, line.len) < 0)
		return; /* nowhere left to say so */
}

static _printf_(5, 0) void emit(enum log_level level, const char *id,
				const struct log_field *fields, size_t n, const char *fmt,
				va_list ap)
{
	char text[1024];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	/* Text of clients and of the kernel must not forge further lines. */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20)
			*p = ' ';
	if (stderr_is_journal())
		to_journal(level, id, fields, n, text);
	else
		to_stderr(level, fields, n, text);
}

/* Of those records of which there may be many. */
static const char *kind_name(const char *id)
{
	static const struct {
		const char *id, *name;
	} kinds[] = {
		{ LOG_ID_COMMIT, "of writes" },
		{ LOG_ID_DRIFT, "of drift" },
		{ LOG_ID_REPAIR, "of repairs" },
		{ LOG_ID_REFUSAL, "of refusals" },
		{ LOG_ID_FOREIGN, "of foreign objects" },
		{ LOG_ID_CONTESTED, "of contested items" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (streq(kinds[i].id, id))
			return kinds[i].name;
	return "of one kind";
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool may_write(enum log_level level, const char *id)
{
	if (level > max_level)
		return false;
	if (level == LOG_LEVEL_DEBUG)
		return true;
	return log_limit_take(&limit, id ? id : "",
			      id && streq(id, LOG_ID_COMMIT) ? MOST_COMMITS : MOST, now_ms());
}

void log_message(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (!may_write(level, NULL))
		return;
	va_start(ap, fmt);
	emit(level, NULL, NULL, 0, fmt, ap);
	va_end(ap);
}

void log_record(enum log_level level, const char *id, const struct log_field *fields, size_t n,
		const char *fmt, ...)
{
	va_list ap;

	if (!may_write(level, id))
		return;
	va_start(ap, fmt);
	emit(level, id, fields, n, fmt, ap);
	va_end(ap);
}

static _printf_(3, 4) void write_suppressed(const struct log_field *fields, size_t n,
					    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(LOG_LEVEL_WARNING, LOG_ID_SUPPRESSED, fields, n, fmt, ap);
	va_end(ap);
}

int64_t log_flush(int64_t now)
{
	uint32_t count;
	const char *id;

	while (log_limit_ended(&limit, now, &id, &count)) {
		char number[16];
		const struct log_field fields[] = {
			{ "LVSD_SUPPRESSED", number },
			{ "LVSD_SUPPRESSED_MESSAGE_ID", *id ? id : NULL },
		};

		(void)snprintf(number, sizeof(number), "%" PRIu32, count);
		if (LOG_LEVEL_WARNING <= max_level)
			write_suppressed(fields, ARRAY_SIZE(fields),
					 "%" PRIu32 " more records %s suppressed", count,
					 *id ? kind_name(id) : "without a kind");
	}
	return log_limit_next(&limit);
}

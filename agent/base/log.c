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

#include "buf.h"
#include "num.h"

#define MAX_FIELDS 16

static enum log_level max_level = LOG_LEVEL_INFO;

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

void log_message(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	emit(level, NULL, NULL, 0, fmt, ap);
	va_end(ap);
}

void log_record(enum log_level level, const char *id, const struct log_field *fields, size_t n,
		const char *fmt, ...)
{
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	emit(level, id, fields, n, fmt, ap);
	va_end(ap);
}

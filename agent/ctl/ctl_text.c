/* SPDX-License-Identifier: GPL-2.0-or-later */
/* export and import: the text of ipvsadm -S, or the configuration as JSON. */
#include <errno.h>
#include <stdio.h>

#include "ctl_document.h"
#include "ctl_http.h"
#include "ctl_object.h"
#include "ctl_verbs.h"
#include "ctl_write.h"
#include "util.h"

#define LINE_MAX_BYTES 65536 /* the daemon's lines have some hundred */

/* What comes of the export, and which lines of it are wanted. */
struct filter {
	struct buf wanted; /* "-t 192.0.2.1:80 "; empty: all */
	bool mark4;	   /* and no -6 */
	struct buf line;   /* what has come of the last line */
	bool any;
};

/* How the text names a service: its option and key. */
static void wanted_of(struct filter *f, const char *id)
{
	static const struct {
		const char *protocol, *option;
	} options[] = {
		{ "tcp:", "-t " }, { "udp:", "-u " },  { "sctp:", "--sctp-service " },
		{ "fwm:", "-f " }, { "fwm6:", "-f " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		size_t len = strlen(options[i].protocol);

		if (strncmp(id, options[i].protocol, len) != 0)
			continue;
		buf_printf(&f->wanted, "%s%s ", options[i].option, id + len);
		if (streq(options[i].protocol, "fwm6:"))
			buf_add_str(&f->wanted, "-6 ");
		f->mark4 = streq(options[i].protocol, "fwm:");
	}
}

static void print_line(struct filter *f)
{
	const char *line = f->line.data, *after;

	if (f->line.len < 4 || strncmp(line + 3, f->wanted.data, f->wanted.len) != 0)
		return;
	after = line + 3 + f->wanted.len;
	if (f->mark4 && strncmp(after, "-6 ", 3) == 0)
		return;
	f->any = true;
	(void)fputs(line, stdout);
}

static int on_piece(void *arg, const char *data, size_t len)
{
	struct filter *f = arg;

	if (!f->wanted.len)
		return fwrite(data, 1, len, stdout) == len ? 0 : -EIO;
	for (size_t i = 0; i < len; i++) {
		buf_add(&f->line, data + i, 1);
		if (f->line.failed || f->line.len > LINE_MAX_BYTES)
			return -ENOMEM;
		if (data[i] != '\n')
			continue;
		print_line(f);
		buf_clear(&f->line);
	}
	return 0;
}

int ctl_export_text(struct ctl *ctl, const char *query, const char *service)
{
	struct filter f = { 0 };
	struct ctl_request r = {
		.method = "GET",
		.path = "/v1/export/ipvsadm",
		.query = query,
		.accept = "text/plain",
		.piece = on_piece,
		.arg = &f,
	};
	struct ctl_answer a;
	int result;

	if (service)
		wanted_of(&f, service);
	result = ctl_http_send(ctl->http, &r, &a);
	ctl_answer_done(&a);
	if (result == 0 && service && !f.any)
		result = ctl_fail("%s: there is no such service", service) ? -ENOENT : 0;
	buf_done(&f.wanted);
	buf_done(&f.line);
	return ctl_http_exit(result);
}

int ctl_export(struct ctl *ctl, int argc, char **argv)
{
	if (argc == 2 && streq(argv[1], "kernel"))
		return ctl_export_text(ctl, "source=kernel", NULL);
	if (argc != 1)
		return ctl_usage(argv[0]);
	if (ctl->options.output == CTL_JSON || ctl->options.output == CTL_NDJSON)
		return ctl_show(ctl, ctl_get, "config");
	return ctl_export_text(ctl, NULL, NULL);
}

int ctl_import(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_options *o = &ctl->options;
	_cleanup_(buf_done) struct buf text = { 0 };
	_cleanup_(buf_done) struct buf query = { 0 };
	struct ctl_write w = { .method = "POST", .path = "/v1/import/ipvsadm", .what = "import" };

	if (argc != 1 || !o->file)
		return ctl_usage(argv[0]);
	if (ctl_file_read(o->file, &text) < 0)
		return CTL_FAILED;
	ctl_query_add(&query, "mode", o->prune ? "replace" : "merge");
	if (o->names)
		ctl_query_add(&query, "names", "true");
	w.query = query.data;
	w.text = text.data ? text.data : "";
	w.text_len = text.len;
	return ctl_write(ctl, &w);
}

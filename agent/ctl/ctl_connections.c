/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connections and sync: the kernel's connection table, and the daemons that tell others of it. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_json.h"
#include "ctl_term.h"
#include "ctl_verbs.h"
#include "ctl_write.h"
#include "util.h"

#define LINE_MAX_BYTES 65536

struct lines {
	const struct ctl_options *o;
	struct buf line;
	size_t n;
};

/* The columns of ipvsadm -Lnc. */
static void print_row(const json_t *c)
{
	long long seconds = ctl_number(c, "expiresSeconds");
	const char *protocol = ctl_text(c, "protocol"), *virtual = ctl_text(c, "virtual");
	const char *state = ctl_text(c, "state");
	char mark[24], upper[8];
	size_t i;

	for (i = 0; protocol[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)protocol[i]);
	upper[i] = '\0';
	if (!*virtual) {
		(void)snprintf(mark, sizeof(mark), "fwm %lld", ctl_number(c, "mark"));
		virtual = mark;
	}
	printf("%-4s %02lld:%02lld  %-11s %-18s %-18s %s\n", *upper ? upper : "IP", seconds / 60,
	       seconds % 60, *state ? state : "NONE", ctl_text(c, "client"), virtual,
	       ctl_text(c, "realServer"));
}

static void take_line(struct lines *l)
{
	json_auto_t *c = json_loadb(l->line.data, l->line.len, 0, NULL);

	if (!json_is_object(c))
		return; /* an empty line: lvsd is still looking */
	switch (l->o->output) {
	case CTL_JSON:
		(void)fputs(l->n ? ",\n" : "{\"items\": [\n", stdout);
		(void)json_dumpf(c, stdout, JSON_COMPACT);
		break;
	case CTL_NDJSON:
		ctl_json_print(c, CTL_NDJSON);
		break;
	case CTL_TABLE:
	case CTL_WIDE:
	case CTL_IPVSADM:
		print_row(c);
		break;
	}
	l->n++;
}

static int on_piece(void *arg, const char *data, size_t len)
{
	struct lines *l = arg;

	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) + 1 : len;

		buf_add(&l->line, data, n);
		if (l->line.failed || l->line.len > LINE_MAX_BYTES)
			return -ENOMEM;
		data += n;
		len -= n;
		if (!end)
			continue;
		take_line(l);
		buf_clear(&l->line);
	}
	return 0;
}

int ctl_connections(struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(buf_done) struct buf query = { 0 };
	struct lines l = { .o = &ctl->options };
	bool json = l.o->output == CTL_JSON;
	struct ctl_request r = { .method = "GET",
				 .path = "/v1/connections",
				 .accept = "application/x-ndjson",
				 .piece = on_piece,
				 .arg = &l };
	struct ctl_answer a;
	int result;

	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals || equals == argv[i])
			return ctl_usage(argv[0]);
		*equals = '\0';
		ctl_query_add(&query, argv[i], equals + 1);
	}
	r.query = query.data;
	if (!json && l.o->output != CTL_NDJSON && !l.o->show_curl)
		puts("pro  expire state       source             virtual            destination");
	result = ctl_http_send(ctl->http, &r, &a);
	ctl_answer_done(&a);
	buf_done(&l.line);
	if (json && result == 0)
		puts(l.n ? "\n]}" : "{\"items\": []}");
	return ctl_http_exit(result);
}

/* INTERFACE [MEMBER=VALUE…] */
static int sync_on(struct ctl *ctl, const char *path, int argc, char **argv)
{
	json_auto_t *body = json_pack("{s:s}", "interface", argv[1]);
	struct ctl_write w = { .method = "PUT", .path = path, .what = argv[0], .body = body };

	if (!body)
		return ctl_fail("%s: is not UTF-8", argv[1]);
	for (int i = 2; i < argc; i++)
		if (ctl_json_assign(body, argv[i]) < 0)
			return CTL_FAILED;
	return ctl_write(ctl, &w);
}

/* master|backup [on INTERFACE [MEMBER=VALUE…]|off] */
int ctl_sync(struct ctl *ctl, int argc, char **argv)
{
	bool master = argc > 1 && streq(argv[1], "master");
	const char *path = master ? "/v1/sync/master" : "/v1/sync/backup";
	struct ctl_write off = { .method = "DELETE", .path = path };

	if (argc < 2 || (!master && !streq(argv[1], "backup")))
		return ctl_usage(argv[0]);
	if (argc == 2)
		return ctl_show(ctl, ctl_describe, argv[1]);
	if (argc >= 4 && streq(argv[2], "on")) {
		argv[2] = argv[1];
		return sync_on(ctl, path, argc - 2, argv + 2);
	}
	off.what = argv[1];
	return argc == 3 && streq(argv[2], "off") ? ctl_write(ctl, &off) : ctl_usage(argv[0]);
}

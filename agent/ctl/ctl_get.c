/* SPDX-License-Identifier: GPL-2.0-or-later */
/* get and describe: what is declared, and how it stands in the kernel. */
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_json.h"
#include "ctl_list.h"
#include "ctl_object.h"
#include "ctl_print.h"
#include "ctl_table.h"
#include "ctl_verbs.h"
#include "util.h"

/* What is shown of a list, and what has been shown of it so far. */
struct listing {
	const struct ctl_options *o;
	const struct collection *collection;
	struct ctl_table table; /* of lists that are short */
	bool headed;		/* what stands above the rows is there */
	size_t n;
};

/* What get takes beside ids. */
struct collection {
	const char *name, *path;
	bool list;   /* {"items": […]}, which has filters and pages */
	bool report; /* its text is that of describe */
	void (*head)(struct listing *l);
	void (*row)(struct listing *l, const json_t *object);
};

static void services_head(struct listing *l)
{
	ctl_print_services_head(l->o->output == CTL_WIDE);
}

static void service_row(struct listing *l, const json_t *object)
{
	ctl_print_service(object, l->o->output == CTL_WIDE);
}

static void cells(struct ctl_table *t, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ctl_table_cell(t, "%s", texts[i]);
}

static void vips_head(struct listing *l)
{
	static const char *const names[] = { "VIP",   "INTERFACE", "ANNOUNCED",
					     "STATE", "LABEL",	   "OWNER" };
	size_t n = l->o->output == CTL_WIDE ? 6 : 4;

	ctl_table_begin(&l->table, n);
	cells(&l->table, names, n);
}

static void vip_row(struct listing *l, const json_t *object)
{
	const json_t *announced = json_object_get(json_object_get(object, "status"), "announced");

	ctl_table_cell(&l->table, "%s", ctl_text(object, "id"));
	ctl_table_cell(&l->table, "%s", ctl_text(object, "interface"));
	if (json_is_object(announced))
		ctl_table_cell(&l->table, "%lld", ctl_number(announced, "announcements"));
	else
		ctl_table_cell(&l->table, "no");
	ctl_table_cell(&l->table, "%s", ctl_print_state(object));
	if (l->table.columns < 6)
		return;
	ctl_table_cell(&l->table, "%s", ctl_text(object, "label"));
	ctl_table_cell(&l->table, "%s", ctl_text(json_object_get(object, "metadata"), "owner"));
}

static void sysctls_head(struct listing *l)
{
	static const char *const names[] = { "SYSCTL", "VALUE", "STATE", "OWNER" };
	size_t n = l->o->output == CTL_WIDE ? 4 : 3;

	ctl_table_begin(&l->table, n);
	cells(&l->table, names, n);
}

static void sysctl_row(struct listing *l, const json_t *object)
{
	ctl_table_cell(&l->table, "%s", ctl_text(object, "id"));
	ctl_table_cell(&l->table, "%s", ctl_text(object, "value"));
	ctl_table_cell(&l->table, "%s", ctl_print_state(object));
	if (l->table.columns == 4)
		ctl_table_cell(&l->table, "%s",
			       ctl_text(json_object_get(object, "metadata"), "owner"));
}

static const struct collection collections[] = {
	{ "services", "/v1/services", true, false, services_head, service_row },
	{ "vips", "/v1/vips", true, false, vips_head, vip_row },
	{ "sysctls", "/v1/sysctls", true, false, sysctls_head, sysctl_row },
	{ "config", "/v1/config", false, false, NULL, NULL },
	{ "state", "/v1/state", false, false, NULL, NULL },
	{ "capabilities", "/v1/capabilities", false, true, NULL, NULL },
	{ "problems", "/v1/problems", false, true, NULL, NULL },
};

static const struct collection *collection_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(collections); i++)
		if (streq(collections[i].name, name))
			return &collections[i];
	return NULL;
}

/* Once: before the first row, or when the list was read and is empty. */
static void print_head(struct listing *l)
{
	if (!l->headed && (l->o->output == CTL_TABLE || l->o->output == CTL_WIDE))
		l->collection->head(l);
	l->headed = true;
}

static void list_item(void *arg, const json_t *object)
{
	struct listing *l = arg;

	print_head(l);
	switch (l->o->output) {
	case CTL_JSON:
		(void)fputs(l->n ? ",\n" : "{\"items\": [\n", stdout);
		(void)json_dumpf(object, stdout, JSON_COMPACT);
		break;
	case CTL_NDJSON:
		ctl_json_print(object, CTL_NDJSON);
		break;
	case CTL_TABLE:
	case CTL_WIDE:
	case CTL_IPVSADM:
		l->collection->row(l, object);
		break;
	}
	l->n++;
}

static int get_list(struct ctl *ctl, const struct collection *c, const char *query)
{
	struct listing l = { .o = &ctl->options, .collection = c };
	int r = ctl_list(ctl, c->path, query, list_item, &l);

	if (r == 0)
		print_head(&l);
	if (l.table.columns)
		ctl_table_print(&l.table, stdout);
	if (l.o->output == CTL_JSON && r == 0)
		puts(l.n ? "\n]}" : "{\"items\": []}");
	return ctl_http_exit(r);
}

static int to_stdout(void *arg, const char *data, size_t len)
{
	(void)arg;
	return fwrite(data, 1, len, stdout) == len ? 0 : -EIO;
}

/* A large document as the daemon sends it, piece by piece. */
static int get_raw(struct ctl *ctl, const char *path)
{
	struct ctl_request r = { .method = "GET", .path = path, .piece = to_stdout };
	struct ctl_answer a;
	int result = ctl_http_send(ctl->http, &r, &a);

	ctl_answer_done(&a);
	if (result == 0)
		(void)fputc('\n', stdout);
	return ctl_http_exit(result);
}

static int get_text(struct ctl *ctl, const char *path)
{
	struct ctl_request r = { .method = "GET", .path = path };
	struct ctl_answer a;
	int result = ctl_http_send(ctl->http, &r, &a);

	if (ctl->options.output == CTL_JSON || ctl->options.output == CTL_NDJSON)
		ctl_json_print(a.json, ctl->options.output);
	else
		ctl_json_describe(a.json);
	ctl_answer_done(&a);
	return ctl_http_exit(result);
}

/* The filters of a list: --owner, --label, and NAME=VALUE words. */
static int filters(const struct ctl_options *o, int argc, char **argv, struct buf *query)
{
	if (o->owner)
		ctl_query_add(query, "owner", o->owner);
	if (o->label)
		ctl_query_add(query, "label", o->label);
	for (int i = 0; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals || equals == argv[i])
			return -EINVAL;
		*equals = '\0';
		ctl_query_add(query, argv[i], equals + 1);
		*equals = '=';
	}
	return query->failed ? -ENOMEM : 0;
}

static int get_collection(struct ctl *ctl, const struct collection *c, int argc, char **argv)
{
	_cleanup_(buf_done) struct buf query = { 0 };
	const struct ctl_options *o = &ctl->options;

	if (filters(o, argc, argv, &query) < 0)
		return ctl_usage("get");
	if (o->output == CTL_IPVSADM) {
		if (c != collections || query.len)
			return ctl_fail("-o ipvsadm: shows all services, or one by its id");
		return ctl_export_text(ctl, NULL, NULL);
	}
	if (c->list)
		return get_list(ctl, c, query.data);
	if (query.len)
		return ctl_fail("%s has no filters", c->name);
	return c->report ? get_text(ctl, c->path) : get_raw(ctl, c->path);
}

static int show_object(struct ctl *ctl, const char *path, enum ctl_kind kind)
{
	struct ctl_request r = { .method = "GET", .path = path };
	enum ctl_output output = ctl->options.output;
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	int result = ctl_http_send(ctl->http, &r, &a);

	if (result < 0)
		return ctl_http_exit(result);
	if (output == CTL_JSON || output == CTL_NDJSON) {
		ctl_json_print(a.json, output);
	} else if (kind == CTL_SERVICE) {
		ctl_print_services_head(output == CTL_WIDE);
		ctl_print_service(a.json, output == CTL_WIDE);
	} else {
		ctl_json_describe(a.json);
	}
	return CTL_OK;
}

int ctl_get(struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	const struct collection *c = argc > 1 ? collection_find(argv[1]) : NULL;
	enum ctl_kind kind;

	if (c)
		return get_collection(ctl, c, argc - 2, argv + 2);
	if (ctl_object_words(&path, argc - 1, argv + 1) < 0)
		return ctl_usage(argv[0]);
	kind = argc == 3 ? CTL_REAL_SERVER : ctl_object_kind(argv[1]);
	if (ctl->options.owner || ctl->options.label)
		return ctl_fail("--owner and --label are for lists");
	if (ctl->options.output == CTL_IPVSADM) {
		if (kind != CTL_SERVICE)
			return ctl_fail("-o ipvsadm: %s is no service", argv[1]);
		return ctl_export_text(ctl, NULL, argv[1]);
	}
	return show_object(ctl, path.data, kind);
}

int ctl_describe(struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(buf_done) struct buf path = { 0 };

	if (ctl_object_words(&path, argc - 1, argv + 1) < 0)
		return ctl_usage(argv[0]);
	return get_text(ctl, path.data);
}

int ctl_show(struct ctl *ctl, int (*run)(struct ctl *ctl, int argc, char **argv), const char *what)
{
	char verb[] = "get";
	_cleanup_(freep) char *word = strdup(what);
	char *words[] = { verb, word, NULL };

	return word ? run(ctl, 2, words) : ctl_fail("out of memory");
}

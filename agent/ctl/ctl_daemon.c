/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status, reconcile, adopt, stats, explain and version. */
#include <stdio.h>

#include "ctl_json.h"
#include "ctl_list.h"
#include "ctl_object.h"
#include "ctl_print.h"
#include "ctl_term.h"
#include "ctl_verbs.h"
#include "ctl_write.h"
#include "util.h"

static int get(struct ctl *ctl, const char *path, struct ctl_answer *ret)
{
	const struct ctl_request r = { .method = "GET", .path = path };

	return ctl_http_send(ctl->http, &r, ret);
}

/* An answer as JSON, or as people read it. */
static void show(const struct ctl_options *o, const json_t *answer)
{
	if (o->output == CTL_JSON || o->output == CTL_NDJSON)
		ctl_json_print(answer, o->output);
	else
		ctl_json_describe(answer);
}

int ctl_version(struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	int result;

	if (argc != 1)
		return ctl_usage(argv[0]);
	if (!ctl->options.show_curl)
		printf("lvsctl %s\n", LVSD_VERSION);
	result = get(ctl, "/version", &a);
	if (result == 0)
		printf("lvsd %s\n", ctl_text(a.json, "version"));
	return ctl_http_exit(result);
}

static void print_status(const json_t *index)
{
	const json_t *status = json_object_get(index, "status"), *item;
	size_t i;

	printf("lvsd %s, revision %lld\n", ctl_text(index, "version"),
	       ctl_number(index, "revision"));
	json_array_foreach(json_object_get(status, "conditions"), i, item)
		ctl_term_condition(item, 0);
	printf("%lld passes, the last one %s; %lld services of others\n",
	       ctl_number(status, "passes"), ctl_text(status, "lastPassTime"),
	       ctl_number(status, "foreignServices"));
	printf("drift: %lld found, %lld repaired; %lld refusals of the kernel; noticed by %s\n",
	       ctl_number(status, "driftFound"), ctl_number(status, "driftRepaired"),
	       ctl_number(status, "refusals"), ctl_text(status, "driftNotice"));
}

int ctl_status(struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	const json_t *item;
	size_t i;
	int result;

	if (argc != 1)
		return ctl_usage(argv[0]);
	result = get(ctl, "/v1", &a);
	if (result < 0)
		return ctl_http_exit(result);
	if (ctl->options.output == CTL_JSON || ctl->options.output == CTL_NDJSON)
		ctl_json_print(a.json, ctl->options.output);
	else
		print_status(a.json);
	result = CTL_OK;
	json_array_foreach(json_object_get(json_object_get(a.json, "status"), "conditions"), i,
			   item)
		if (!ctl_condition_good(item))
			result = CTL_DIFFERENT;
	return result;
}

int ctl_reconcile(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_write w = { .method = "POST",
				     .path = "/v1/reconcile",
				     .what = "reconcile" };

	return argc == 1 ? ctl_write(ctl, &w) : ctl_usage(argv[0]);
}

/* all, or ids of services and addresses. */
int ctl_adopt(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = json_pack("{s:[], s:[], s:b}", "services", "vips", "allServices", 0);
	struct ctl_write w = {
		.method = "POST", .path = "/v1/adopt", .body = body, .what = "adopt"
	};

	if (argc < 2)
		return ctl_usage(argv[0]);
	for (int i = 1; i < argc; i++) {
		enum ctl_kind kind = ctl_object_kind(argv[i]);

		if (streq(argv[i], "all"))
			(void)json_object_set_new(body, "allServices", json_true());
		else if (kind == CTL_SERVICE || kind == CTL_VIP)
			(void)json_array_append_new(
				json_object_get(body, kind == CTL_VIP ? "vips" : "services"),
				json_string(argv[i]));
		else
			return ctl_fail("%s: only services and VIPs can be adopted", argv[i]);
	}
	return ctl_write(ctl, &w);
}

static void stats_item(void *arg, const json_t *object)
{
	const struct ctl *ctl = arg;

	if (ctl->options.output == CTL_JSON || ctl->options.output == CTL_NDJSON)
		ctl_json_print(object, CTL_NDJSON);
	else
		ctl_print_stats(object, ctl->options.rate);
}

/* Of all services, one after the other. */
static int stats_all(struct ctl *ctl)
{
	bool table = ctl->options.output != CTL_JSON && ctl->options.output != CTL_NDJSON;

	if (table && !ctl->options.show_curl)
		ctl_print_stats_head(ctl->options.rate);
	return ctl_http_exit(ctl_list(ctl, "/v1/services", "include=stats", stats_item, ctl));
}

static int stats_one(struct ctl *ctl, const char *service)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	int result;

	ctl_object_path(&path, service);
	buf_add_str(&path, "/stats");
	result = path.failed ? -1 : get(ctl, path.data, &a);
	if (result < 0)
		return ctl_http_exit(result);
	if (ctl->options.output != CTL_JSON && ctl->options.output != CTL_NDJSON)
		ctl_print_stats_head(ctl->options.rate);
	if (ctl->options.output == CTL_JSON)
		ctl_json_print(a.json, CTL_JSON);
	else
		stats_item(ctl, a.json);
	return CTL_OK;
}

/* The sums over all services. */
static int stats_total(struct ctl *ctl)
{
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	int result = get(ctl, "/v1/stats", &a);

	if (result == 0)
		show(&ctl->options, a.json);
	return ctl_http_exit(result);
}

static int stats_zero(struct ctl *ctl, const char *service)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	struct ctl_request r = { .method = "POST" };
	int result;

	if (service)
		ctl_object_path(&path, service);
	else
		buf_add_str(&path, "/v1");
	buf_add_str(&path, "/stats/zero");
	r.path = path.data;
	result = path.failed ? -1 : ctl_http_send(ctl->http, &r, &a);
	if (result == 0)
		printf("counters are zero: %s\n", service ? service : "all services");
	return ctl_http_exit(result);
}

int ctl_stats(struct ctl *ctl, int argc, char **argv)
{
	bool zero = argc > 1 && streq(argv[1], "zero");
	char *service = argc > 1 + zero ? argv[1 + zero] : NULL;

	if (argc == 2 && streq(argv[1], "total"))
		return stats_total(ctl);
	if (argc > 2 + zero || (service && ctl_object_kind(service) != CTL_SERVICE))
		return ctl_usage(argv[0]);
	if (zero)
		return stats_zero(ctl, service);
	return service ? stats_one(ctl, service) : stats_all(ctl);
}

int ctl_explain(struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	int result;

	if (argc != 2)
		return ctl_usage(argv[0]);
	buf_add_str(&path, "/v1/problems");
	ctl_path_add(&path, argv[1]);
	result = path.failed ? -1 : get(ctl, path.data, &a);
	if (result == 0)
		show(&ctl->options, a.json);
	return ctl_http_exit(result);
}

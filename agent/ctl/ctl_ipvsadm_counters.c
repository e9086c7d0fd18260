/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters for -L --stats and --rate: those of /v1/services, put beside what the table has. */
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_ipvsadm.h"
#include "util.h"

#define PAGE "100" /* services of a page */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void read_stats(const json_t *json, struct ipvs_stats *ret)
{
	const struct {
		const char *name;
		uint64_t *value;
	} members[] = {
		{ "connections", &ret->connections },
		{ "inPackets", &ret->in_packets },
		{ "outPackets", &ret->out_packets },
		{ "inBytes", &ret->in_bytes },
		{ "outBytes", &ret->out_bytes },
		{ "connectionsPerSecond", &ret->connections_per_second },
		{ "inPacketsPerSecond", &ret->in_packets_per_second },
		{ "outPacketsPerSecond", &ret->out_packets_per_second },
		{ "inBytesPerSecond", &ret->in_bytes_per_second },
		{ "outBytesPerSecond", &ret->out_bytes_per_second },
	};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		*members[i].value =
			(uint64_t)json_integer_value(json_object_get(json, members[i].name));
}

/* Sorts for the search below, and gives each row its counters. 0 or -ENOMEM. */
static int prepare(struct ipvsadm_table *t)
{
	struct ipvs_stats *next = calloc(t->services.n + t->dests.n + 1, sizeof(*next));

	if (!next)
		return -ENOMEM;
	t->stats = next;
	vec_sort(&t->services, ipvsadm_order_services);
	vec_foreach(s, &t->services) {
		s->stats = next++;
		if (s->n > 1)
			qsort(t->dests.items + s->first, s->n, sizeof(*t->dests.items),
			      ipvsadm_order_dests);
	}
	vec_foreach(d, &t->dests)
		d->stats = next++;
	return 0;
}

static struct ipvsadm_listed *find_service(const struct ipvsadm_table *t, const char *id)
{
	struct ipvsadm_listed wanted = { 0 };

	if (!t->services.n || ipvsadm_parse_service_id(id, &wanted.service.key) < 0)
		return NULL;
	return bsearch(&wanted, t->services.items, t->services.n, sizeof(wanted),
		       ipvsadm_order_services);
}

static struct ipvsadm_listed_dest *find_dest(const struct ipvsadm_table *t,
					     const struct ipvsadm_listed *s, const char *id)
{
	struct ipvsadm_listed_dest wanted = { 0 };
	struct ipvs_dest_key *k = &wanted.observed.dest.key;

	if (!s->n || ipvsadm_parse_id_endpoint(id, &k->address, &k->port) < 0)
		return NULL;
	return bsearch(&wanted, t->dests.items + s->first, s->n, sizeof(wanted),
		       ipvsadm_order_dests);
}

/* What /v1/services knows of a service that the table has. */
static void take_counters(struct ipvsadm_table *t, const json_t *json)
{
	struct ipvsadm_listed *s = find_service(t, text_of(json, "id"));
	const char *id;
	json_t *real;

	if (!s)
		return;
	read_stats(json_object_get(json, "stats"), s->stats);
	json_object_foreach(json_object_get(json, "realServers"), id, real) {
		struct ipvsadm_listed_dest *d = find_dest(t, s, id);

		if (d)
			read_stats(json_object_get(real, "stats"), d->stats);
	}
}

/* One page; *more is the token of the next, NULL at the end. */
static int counters_page(struct ctl *ctl, struct ipvsadm_table *t, char **more)
{
	_cleanup_(buf_done) struct buf query = { 0 };
	struct ctl_request r = { .method = "GET", .path = "/v1/services" };
	struct ctl_answer a;
	const json_t *item;
	size_t i;
	int result;

	ctl_query_add(&query, "include", "stats");
	ctl_query_add(&query, "limit", PAGE);
	if (*more)
		ctl_query_add(&query, "continue", *more);
	free(TAKE_PTR(*more));
	if (query.failed)
		return -ENOMEM;
	r.query = query.data;
	result = ctl_http_send(ctl->http, &r, &a);
	json_array_foreach(json_object_get(a.json, "items"), i, item)
		take_counters(t, item);
	if (result == 0 && *text_of(a.json, "continue"))
		*more = strdup(text_of(a.json, "continue"));
	ctl_answer_done(&a);
	return result;
}

static int counters_of_all(struct ctl *ctl, struct ipvsadm_table *t)
{
	char *more = NULL;
	int r;

	do
		r = counters_page(ctl, t, &more);
	while (r == 0 && more);
	free(more);
	return r;
}

static int counters_of_one(struct ctl *ctl, struct ipvsadm_table *t)
{
	const struct ipvsadm_listed *s = &t->services.items[0];
	_cleanup_(buf_done) struct buf path = { 0 };
	struct ctl_request r = { .method = "GET", .query = "include=stats" };
	struct ctl_answer a;
	char id[IPVS_SERVICE_ID_MAX];
	int result;

	if (!s->managed)
		return 0;
	buf_add_str(&path, "/v1/services");
	ctl_path_add(&path, ipvs_service_key_format(&s->service.key, id));
	if (path.failed)
		return -ENOMEM;
	r.path = path.data;
	result = ctl_http_send(ctl->http, &r, &a);
	take_counters(t, a.json);
	ctl_answer_done(&a);
	return result;
}

int ipvsadm_read_counters(struct ctl *ctl, struct ipvsadm_table *t)
{
	size_t foreign = 0;
	int r;

	if (prepare(t) < 0)
		return ctl_fail("out of memory");
	r = t->services.n == 1 ? counters_of_one(ctl, t) : counters_of_all(ctl, t);
	vec_foreach(s, &t->services)
		foreign += !s->managed;
	if (r == 0 && foreign)
		(void)fprintf(stderr,
			      "lvsctl: counters are 0 of %zu services that lvsd does not manage\n",
			      foreign);
	return r == 0 || r == -ECANCELED ? 0 : IPVSADM_BAD_CALL;
}

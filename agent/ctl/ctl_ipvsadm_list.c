/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -L and -S: what the kernel has, foreign services too (/v1/state), read service by service into a
 * table that ctl_ipvsadm_print.c prints. */
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_ipvsadm.h"
#include "field_json.h"
#include "ipvs_fields.h"
#include "json_stream.h"
#include "num.h"
#include "util.h"

#define PAGE "200" /* services of a page */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
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
		*members[i].value = (uint64_t)number_of(json, members[i].name);
}

/* "192.0.2.1:80", "[2001:db8::1]:80": any address, since the kernel takes what the API refuses. */
static int parse_endpoint(const char *s, struct inaddr *ret, uint16_t *ret_port)
{
	const char *colon = strrchr(s, ':');
	size_t len = colon ? (size_t)(colon - s) : 0;
	bool brackets = len > 2 && s[0] == '[' && s[len - 1] == ']';
	uint64_t port;

	if (!colon || inaddr_parse(s + brackets, len - 2 * (size_t)brackets, ret) < 0 ||
	    num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port) < 0)
		return -EINVAL;
	*ret_port = (uint16_t)port;
	return 0;
}

/* The same for services: "fwm:1", "tcp:192.0.2.1:80", "ip47:192.0.2.1:80". */
static int parse_service_id(const char *id, struct ipvs_service_key *ret)
{
	static const struct {
		const char *word;
		uint8_t protocol;
	} protocols[] = { { "tcp:", IPPROTO_TCP },
			  { "udp:", IPPROTO_UDP },
			  { "sctp:", IPPROTO_SCTP } };
	const char *colon = strchr(id, ':'), *why;
	uint64_t number;

	*ret = (struct ipvs_service_key){ 0 };
	if (!colon || strncmp(id, "fwm", 3) == 0)
		return ipvs_service_key_parse(id, strlen(id), ret, &why);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (strncmp(id, protocols[i].word, strlen(protocols[i].word)) == 0)
			ret->protocol = protocols[i].protocol;
	if (!ret->protocol && strncmp(id, "ip", 2) == 0 &&
	    num_parse_u64(id + 2, (size_t)(colon - id - 2), UINT8_MAX, &number) == 0)
		ret->protocol = (uint8_t)number;
	return parse_endpoint(colon + 1, &ret->address, &ret->port);
}

/* Members by their table; what the kernel has and the API would refuse stays at its default. */
static void decode(const struct field_table *table, const json_t *json, const void *defaults,
		   void *ret)
{
	_cleanup_(err_done) struct err e = { 0 };

	(void)field_decode(table, json, defaults, ret, NULL, &e);
}

static int read_dest(const char *id, const json_t *json, struct ipvsadm_table *t)
{
	const json_t *status = json_object_get(json, "status");
	struct ipvsadm_listed_dest l = { 0 };
	struct ipvs_dest_key key;
	struct ipvs_dest defaults;

	if (parse_endpoint(id, &key.address, &key.port) < 0)
		return -EINVAL;
	ipvs_dest_init(&key, &defaults);
	l.observed.dest = defaults;
	decode(&ipvs_dest_table, json, &defaults, &l.observed.dest);
	l.observed.counts = (struct ipvs_dest_counts){
		.active = (uint32_t)number_of(status, "activeConnections"),
		.inactive = (uint32_t)number_of(status, "inactiveConnections"),
		.persistent = (uint32_t)number_of(status, "persistentConnections"),
	};
	read_stats(json_object_get(json, "stats"), &l.stats);
	return vec_push(&t->dests, l);
}

/* A service as /v1/state and /v1/services have it. */
static int read_service(const char *id, const json_t *json, struct ipvsadm_table *t)
{
	struct ipvsadm_listed l = { .first = t->dests.n };
	struct ipvs_service_key key;
	struct ipvs_service defaults;
	const char *real_id;
	json_t *real;
	int r = 0;

	if (parse_service_id(id, &key) < 0)
		return -EINVAL;
	ipvs_service_init(&key, &defaults);
	l.service = defaults;
	decode(&ipvs_service_table, json, &defaults, &l.service);
	l.managed = json_is_true(json_object_get(json_object_get(json, "status"), "managed"));
	read_stats(json_object_get(json, "stats"), &l.stats);
	json_object_foreach(json_object_get(json, "realServers"), real_id, real)
		if (r == 0)
			r = read_dest(real_id, real, t);
	l.n = t->dests.n - l.first;
	return r == 0 ? vec_push(&t->services, l) : r;
}

/* The members of the map services, one tree at a time. */
static int read_services(struct json_stream *s, struct ipvsadm_table *t, struct err *e)
{
	char *id;
	int r = json_stream_enter(s, e);

	while (r == 0 && (r = json_stream_next(s, &id, e)) == 1) {
		json_t *json = NULL;

		r = json_stream_value(s, &json, e);
		if (r == 0)
			r = read_service(id, json, t);
		json_decref(json);
		free(id);
	}
	return r;
}

/* The document of /v1/state: services into t, all else into others; either may be NULL. */
static int read_state(const struct buf *text, struct ipvsadm_table *t, json_t *others)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct json_stream s;
	char *key;
	int r;

	json_stream_init(&s, text->data, text->len);
	r = json_stream_enter(&s, &e);
	while (r == 0 && (r = json_stream_next(&s, &key, &e)) == 1) {
		json_t *other = NULL;

		r = t && streq(key, "services") ? read_services(&s, t, &e)
						: json_stream_value(&s, &other, &e);
		if (r == 0 && others && other)
			r = json_object_set(others, key, other);
		json_decref(other);
		free(key);
	}
	return r;
}

/* Collects a body as text, without jansson's tree of all of it. */
static int collect(void *arg, const char *data, size_t len)
{
	struct buf *b = arg;

	buf_add(b, data, len);
	return b->failed ? -ENOMEM : 0;
}

/* Gets a document; what went wrong has been said. 0 or an exit status. */
static int get(struct ctl *ctl, const char *path, const char *query, struct buf *ret)
{
	const struct ctl_request r = {
		.method = "GET", .path = path, .query = query, .piece = collect, .arg = ret
	};
	struct ctl_answer a;
	int result = ctl_http_send(ctl->http, &r, &a);

	ctl_answer_done(&a);
	return result == 0 ? 0 : result == -ECANCELED ? -ECANCELED : IPVSADM_BAD_CALL;
}

static int not_understood(int r)
{
	return ctl_fail(r == -ENOMEM ? "out of memory" : "the server's answer was not understood");
}

/* The head ------------------------------------------------------------------------------------- */

static int print_version(struct ctl *ctl, FILE *to)
{
	const struct ctl_request r = { .method = "GET", .path = "/v1/capabilities" };
	struct ctl_answer a;
	int result = ctl_http_send(ctl->http, &r, &a);
	const json_t *ipvs = json_object_get(json_object_get(a.json, "kernel"), "ipvs");

	if (result == 0)
		(void)fprintf(to, "IP Virtual Server version %s (size=%lld)\n",
			      text_of(ipvs, "version"), number_of(ipvs, "connectionTableSize"));
	ctl_answer_done(&a);
	return result == 0 || result == -ECANCELED ? 0 : IPVSADM_BAD_CALL;
}

/* Counters ------------------------------------------------------------------------------------- */

static int order_services(const void *a, const void *b)
{
	return ipvs_service_key_compare(&((const struct ipvsadm_listed *)a)->service.key,
					&((const struct ipvsadm_listed *)b)->service.key);
}

static int order_dests(const void *a, const void *b)
{
	return ipvs_dest_key_compare(&((const struct ipvsadm_listed_dest *)a)->observed.dest.key,
				     &((const struct ipvsadm_listed_dest *)b)->observed.dest.key);
}

static void order(struct ipvsadm_table *t)
{
	vec_sort(&t->services, order_services);
	vec_foreach(s, &t->services)
		if (s->n > 1)
			qsort(t->dests.items + s->first, s->n, sizeof(*t->dests.items),
			      order_dests);
}

/* What /v1/services knows of a service that the table has. */
static void take_counters(struct ipvsadm_table *t, const json_t *json)
{
	struct ipvsadm_table one = { 0 };
	struct ipvsadm_listed *at = NULL;

	if (read_service(text_of(json, "id"), json, &one) == 0 && t->services.n)
		at = bsearch(&one.services.items[0], t->services.items, t->services.n, sizeof(*at),
			     order_services);
	if (at)
		at->stats = one.services.items[0].stats;
	vec_foreach(d, &one.dests) {
		struct ipvsadm_listed_dest *known =
			at && at->n ? bsearch(d, t->dests.items + at->first, at->n, sizeof(*known),
					      order_dests)
				    : NULL;

		if (known)
			known->stats = d->stats;
	}
	ipvsadm_table_done(&one);
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

/* Counters of what lvsd manages; the API has none of the others. */
static int read_counters(struct ctl *ctl, struct ipvsadm_table *t)
{
	char *more = NULL;
	size_t foreign = 0;
	int r;

	order(t);
	do
		r = counters_page(ctl, t, &more);
	while (r == 0 && more);
	free(more);
	vec_foreach(s, &t->services)
		foreign += !s->managed;
	if (r == 0 && foreign)
		(void)fprintf(stderr,
			      "lvsctl: counters are 0 of %zu services that lvsd does not manage\n",
			      foreign);
	return r == 0 || r == -ECANCELED ? 0 : IPVSADM_BAD_CALL;
}

/* Lists ---------------------------------------------------------------------------------------- */

/* Leaves the one service that was asked for. False: there is none. */
static bool only(struct ipvsadm_table *t, const struct ipvs_service_key *key)
{
	vec_foreach(s, &t->services) {
		if (ipvs_service_key_compare(&s->service.key, key) != 0)
			continue;
		t->services.items[0] = *s;
		t->services.n = 1;
		return true;
	}
	return false;
}

static int list_table(struct ctl *ctl, const struct ipvsadm_call *c, struct ipvsadm_table *t)
{
	bool counters = ipvsadm_has(c, IPVSADM_STATS) || ipvsadm_has(c, IPVSADM_RATE);
	bool one = ipvsadm_has(c, IPVSADM_SERVICE);
	_cleanup_(buf_done) struct buf text = { 0 };
	int r = get(ctl, "/v1/state", NULL, &text);

	if (r)
		return r == -ECANCELED ? 0 : r;
	r = read_state(&text, t, NULL);
	buf_done(&text);
	if (r < 0)
		return not_understood(r);
	if (one && !only(t, &c->service.key)) {
		(void)fprintf(stderr, "No such service\n");
		return IPVSADM_LIST_FAILED;
	}
	r = counters ? read_counters(ctl, t) : 0;
	if (r == 0 && !one && c->command != IPVSADM_SAVE)
		r = print_version(ctl, stdout);
	if (r)
		return r;
	if (!ipvsadm_has(c, IPVSADM_NOSORT))
		ipvsadm_table_sort(t);
	ipvsadm_print_table(t, c, stdout);
	return 0;
}

static void print_timeouts(const json_t *state)
{
	const json_t *t = json_object_get(state, "timeouts");

	printf("Timeout (tcp tcpfin udp): %lld %lld %lld\n", number_of(t, "tcpSeconds"),
	       number_of(t, "tcpFinSeconds"), number_of(t, "udpSeconds"));
}

static void print_daemon(const json_t *sync, const char *role)
{
	const json_t *d = json_object_get(sync, role);

	if (!json_is_object(d))
		return;
	printf("%s sync daemon (mcast=%s, syncid=%lld", role, text_of(d, "interface"),
	       number_of(d, "syncId"));
	if (number_of(d, "maxLength"))
		printf(", maxlen=%lld", number_of(d, "maxLength"));
	printf(", group=%s, port=%lld, ttl=%lld)\n", text_of(d, "group"), number_of(d, "port"),
	       number_of(d, "ttl"));
}

/* What of the state is no service. */
static int list_other(struct ctl *ctl, const struct ipvsadm_call *c)
{
	_cleanup_(buf_done) struct buf text = { 0 };
	json_t *state;
	int r = get(ctl, "/v1/state", NULL, &text);

	if (r)
		return r == -ECANCELED ? 0 : r;
	state = json_object();
	r = state ? read_state(&text, NULL, state) : -ENOMEM;
	if (r < 0) {
		r = not_understood(r);
	} else if (ipvsadm_has(c, IPVSADM_TIMEOUT)) {
		print_timeouts(state);
	} else {
		print_daemon(json_object_get(state, "sync"), "master");
		print_daemon(json_object_get(state, "sync"), "backup");
	}
	json_decref(state);
	return r;
}

int ipvsadm_list(struct ctl *ctl, const struct ipvsadm_call *c)
{
	struct ipvsadm_table t = { 0 };
	int status;

	if (ipvsadm_has(c, IPVSADM_TIMEOUT) || ipvsadm_has(c, IPVSADM_DAEMON))
		return list_other(ctl, c);
	status = list_table(ctl, c, &t);
	ipvsadm_table_done(&t);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* get: what is declared, as tables or as the daemon's JSON. Lists are read page by page, so that
 * ten thousand services are neither waited for nor held. */
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_table.h"
#include "ctl_verbs.h"
#include "util.h"

#define PAGE "200" /* services of a page: with ten real servers each about 1 MB */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

int ctl_version(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_request r = { .method = "GET", .path = "/version" };
	struct ctl_answer a;
	int result;

	if (argc != 1)
		return ctl_usage(argv[0]);
	printf("lvsctl %s\n", LVSD_VERSION);
	result = ctl_http_send(ctl->http, &r, &a);
	if (result == 0)
		printf("lvsd %s\n", text_of(a.json, "version"));
	ctl_answer_done(&a);
	return ctl_http_exit(result);
}

/* "TCP" of "tcp:192.0.2.1:80", and where the rest begins. */
static const char *protocol_of(const char *id, char protocol[8])
{
	size_t len = strcspn(id, ":");

	for (size_t i = 0; i < len && i < 7; i++)
		protocol[i] = (char)(id[i] >= 'a' && id[i] <= 'z' ? id[i] - 'a' + 'A' : id[i]);
	protocol[len < 7 ? len : 7] = '\0';
	return id[len] ? id + len + 1 : id + len;
}

static const char *method_name(const char *forward)
{
	static const struct {
		const char *forward, *name;
	} names[] = {
		{ "dr", "Route" }, { "nat", "Masq" }, { "tun", "Tunnel" }, { "local", "Local" }
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i].forward, forward))
			return names[i].name;
	return forward;
}

/* The lines of a service, laid out as ipvsadm -Ln does. */
static void print_service(const json_t *service)
{
	const char *id = text_of(service, "id"), *real_id;
	const json_t *persistence = json_object_get(service, "persistence"), *real;
	char protocol[8];
	const char *rest = protocol_of(id, protocol);

	printf("%-4s %s %s", protocol, rest, text_of(service, "scheduler"));
	if (json_is_true(json_object_get(service, "onePacket")))
		(void)fputs(" ops", stdout);
	if (json_is_object(persistence))
		printf(" persistent %lld", number_of(persistence, "timeoutSeconds"));
	(void)fputc('\n', stdout);
	json_object_foreach(json_object_get(service, "realServers"), real_id, real) {
		const json_t *status = json_object_get(real, "status");

		printf("  -> %-28s %-7s %-6lld %-10lld %-10lld\n", real_id,
		       method_name(text_of(real, "forward")), number_of(real, "weight"),
		       number_of(status, "activeConnections"),
		       number_of(status, "inactiveConnections"));
	}
}

static void print_services_head(void)
{
	puts("Prot LocalAddress:Port Scheduler Flags\n"
	     "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn");
}

static int get_services(struct ctl *ctl)
{
	char *more = NULL;
	int r;

	print_services_head();
	do {
		_cleanup_(buf_done) struct buf query = { 0 };
		struct ctl_request request = { .method = "GET", .path = "/v1/services" };
		struct ctl_answer a;
		const json_t *service;
		size_t i;

		ctl_query_add(&query, "limit", PAGE);
		if (more)
			ctl_query_add(&query, "continue", more);
		free(TAKE_PTR(more));
		request.query = query.data;
		r = ctl_http_send(ctl->http, &request, &a);
		json_array_foreach(json_object_get(a.json, "items"), i, service)
			print_service(service);
		if (r == 0 && *text_of(a.json, "continue"))
			more = strdup(text_of(a.json, "continue"));
		ctl_answer_done(&a);
	} while (r == 0 && more);
	free(more);
	return ctl_http_exit(r);
}

int ctl_get(struct ctl *ctl, int argc, char **argv)
{
	if (argc == 2 && streq(argv[1], "services"))
		return get_services(ctl);
	return ctl_usage(argv[0]);
}

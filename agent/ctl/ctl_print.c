/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of objects, see ctl_print.h. */
#include "ctl_print.h"

#include <ctype.h>
#include <stdio.h>

#include "ctl_json.h"
#include "ctl_term.h"
#include "util.h"

/* A service's id as ipvsadm shows it: "TCP  192.0.2.1:80", "FWM  5 IPv6". */
static void print_key(const char *id)
{
	size_t len = strcspn(id, ":");
	bool mark6 = strncmp(id, "fwm6:", 5) == 0;

	for (size_t i = 0; i < len; i++)
		if (!(mark6 && i == 3))
			(void)fputc(toupper((unsigned char)id[i]), stdout);
	printf("%*s ", len < 4 ? (int)(4 - len) : mark6 ? 1 : 0, "");
	ctl_term_text(id[len] ? id + len + 1 : "");
	if (mark6)
		(void)fputs(" IPv6", stdout);
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

const char *ctl_print_state(const json_t *object)
{
	const json_t *conditions = json_object_get(json_object_get(object, "status"), "conditions");
	const json_t *item;
	size_t i;

	json_array_foreach(conditions, i, item) {
		if (streq(ctl_text(item, "type"), "Programmed"))
			return ctl_text(item, "reason");
	}
	return "";
}

static void print_state(const json_t *object)
{
	const char *state = ctl_print_state(object);

	printf(" %s%s%s", streq(state, "InSync") ? "" : ctl_term(CTL_RED), state,
	       ctl_term(CTL_PLAIN));
}

static void print_persistence(const json_t *persistence, bool v6)
{
	long long prefix = ctl_number(persistence, "prefixLength");

	printf(" persistent %lld", ctl_number(persistence, "timeoutSeconds"));
	if (prefix != (v6 ? 128 : 32))
		printf(" mask /%lld", prefix);
	if (*ctl_text(persistence, "engine"))
		printf(" pe %s", ctl_text(persistence, "engine"));
}

static void print_flags(const json_t *flags)
{
	const json_t *flag;
	size_t i;

	json_array_foreach(flags, i, flag)
		printf("%s%s", i ? "," : " (", json_string_value(flag));
	if (json_array_size(flags))
		(void)fputc(')', stdout);
}

static void print_metadata(const json_t *metadata)
{
	const json_t *label;
	const char *name;

	if (*ctl_text(metadata, "owner")) {
		(void)fputs(" owner ", stdout);
		ctl_term_text(ctl_text(metadata, "owner"));
	}
	json_object_foreach(json_object_get(metadata, "labels"), name, label) {
		(void)fputs(" label ", stdout);
		ctl_term_text(name);
		(void)fputc('=', stdout);
		ctl_term_text(json_string_value(label));
	}
}

void ctl_print_services_head(bool wide)
{
	puts("Prot LocalAddress:Port Scheduler Flags");
	printf("  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn%s\n",
	       wide ? "  PersistConn Upper  Lower  State" : "");
}

static void print_real_server(const char *id, const json_t *real, bool wide)
{
	const json_t *status = json_object_get(real, "status");

	printf("  -> %-28s %-7s %-6lld %-10lld %-10lld", id, method_name(ctl_text(real, "forward")),
	       ctl_number(real, "weight"), ctl_number(status, "activeConnections"),
	       ctl_number(status, "inactiveConnections"));
	if (wide) {
		printf(" %-11lld %-6lld %-6lld", ctl_number(status, "persistentConnections"),
		       ctl_number(real, "upperThreshold"), ctl_number(real, "lowerThreshold"));
		print_state(real);
	}
	(void)fputc('\n', stdout);
}

void ctl_print_service(const json_t *service, bool wide)
{
	const char *id = ctl_text(service, "id"), *real_id;
	const json_t *persistence = json_object_get(service, "persistence"), *real;

	print_key(id);
	printf(" %s", ctl_text(service, "scheduler"));
	print_flags(json_object_get(service, "schedulerFlags"));
	if (json_is_true(json_object_get(service, "onePacket")))
		(void)fputs(" ops", stdout);
	if (json_is_object(persistence))
		print_persistence(persistence, strchr(id, '[') || strncmp(id, "fwm6:", 5) == 0);
	if (wide) {
		print_metadata(json_object_get(service, "metadata"));
		print_state(service);
	}
	(void)fputc('\n', stdout);
	json_object_foreach(json_object_get(service, "realServers"), real_id, real)
		print_real_server(real_id, real, wide);
}

static const char *const counter_names[][5] = {
	{ "connections", "inPackets", "outPackets", "inBytes", "outBytes" },
	{ "connectionsPerSecond", "inPacketsPerSecond", "outPacketsPerSecond", "inBytesPerSecond",
	  "outBytesPerSecond" },
};

void ctl_print_stats_head(bool rate)
{
	printf("%-33s %8s %8s %8s %8s %8s\n", "Prot LocalAddress:Port", rate ? "CPS" : "Conns",
	       rate ? "InPPS" : "InPkts", rate ? "OutPPS" : "OutPkts", rate ? "InBPS" : "InBytes",
	       rate ? "OutBPS" : "OutBytes");
	puts("  -> RemoteAddress:Port");
}

static void print_counters(const json_t *stats, bool rate)
{
	for (size_t i = 0; i < ARRAY_SIZE(counter_names[0]); i++)
		printf(" %8lld", ctl_number(stats, counter_names[rate][i]));
	(void)fputc('\n', stdout);
}

void ctl_print_stats(const json_t *service, bool rate)
{
	const char *id = ctl_text(service, "id"), *real_id;
	size_t protocol = strcspn(id, ":"), len;
	const json_t *real;

	print_key(id);
	/* As print_key() has it: four columns, a space, the rest. */
	len = 5 + strlen(id) - (id[protocol] ? protocol + 1 : protocol) +
	      (strncmp(id, "fwm6:", 5) == 0 ? 5 : 0);
	printf("%*s", len < 33 ? (int)(33 - len) : 0, "");
	print_counters(json_object_get(service, "stats"), rate);
	json_object_foreach(json_object_get(service, "realServers"), real_id, real) {
		printf("  -> %-28s", real_id);
		print_counters(json_object_get(real, "stats"), rate);
	}
}

size_t ctl_print_operations(const json_t *operations)
{
	const json_t *item, *field;
	size_t i, k;

	json_array_foreach(operations, i, item) {
		bool disruptive = json_is_true(json_object_get(item, "disruptive"));

		printf("%s%-6s %-10s ", disruptive ? ctl_term(CTL_RED) : "", ctl_text(item, "op"),
		       ctl_text(item, "kind"));
		ctl_term_text(ctl_text(item, "id"));
		json_array_foreach(json_object_get(item, "fields"), k, field)
			printf("%s%s", k ? "," : "  ", json_string_value(field));
		printf("  %s%s", ctl_text(item, "reason"), disruptive ? ", disruptive" : "");
		if (ctl_number(item, "activeConnectionsCut"))
			printf(", cuts %lld", ctl_number(item, "activeConnectionsCut"));
		printf("%s\n", disruptive ? ctl_term(CTL_PLAIN) : "");
	}
	return json_array_size(operations);
}

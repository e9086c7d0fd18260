/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services of /v1/state as rows of the table that ctl_ipvsadm_print.c prints. */
#include <errno.h>

#include "ctl_ipvsadm.h"
#include "field_json.h"
#include "ipvs_fields.h"
#include "num.h"
#include "util.h"

static long long number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

int ipvsadm_parse_id_endpoint(const char *s, struct inaddr *ret, uint16_t *ret_port)
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

int ipvsadm_parse_service_id(const char *id, struct ipvs_service_key *ret)
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
	return ipvsadm_parse_id_endpoint(colon + 1, &ret->address, &ret->port);
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

	if (ipvsadm_parse_id_endpoint(id, &key.address, &key.port) < 0)
		return -EINVAL;
	ipvs_dest_init(&key, &defaults);
	l.observed.dest = defaults;
	decode(&ipvs_dest_table, json, &defaults, &l.observed.dest);
	l.observed.counts = (struct ipvs_dest_counts){
		.active = (uint32_t)number_of(status, "activeConnections"),
		.inactive = (uint32_t)number_of(status, "inactiveConnections"),
		.persistent = (uint32_t)number_of(status, "persistentConnections"),
	};
	return vec_push(&t->dests, l);
}

int ipvsadm_table_add(struct ipvsadm_table *t, const char *id, const json_t *json)
{
	struct ipvsadm_listed l = { .first = t->dests.n };
	struct ipvs_service_key key;
	struct ipvs_service defaults;
	const char *real_id;
	json_t *real;
	int r = 0;

	if (ipvsadm_parse_service_id(id, &key) < 0)
		return -EINVAL;
	ipvs_service_init(&key, &defaults);
	l.service = defaults;
	decode(&ipvs_service_table, json, &defaults, &l.service);
	l.managed = json_is_true(json_object_get(json_object_get(json, "status"), "managed"));
	json_object_foreach(json_object_get(json, "realServers"), real_id, real)
		if (r == 0)
			r = read_dest(real_id, real, t);
	l.n = t->dests.n - l.first;
	return r == 0 ? vec_push(&t->services, l) : r;
}

int ipvsadm_order_services(const void *a, const void *b)
{
	return ipvs_service_key_compare(&((const struct ipvsadm_listed *)a)->service.key,
					&((const struct ipvsadm_listed *)b)->service.key);
}

int ipvsadm_order_dests(const void *a, const void *b)
{
	return ipvs_dest_key_compare(&((const struct ipvsadm_listed_dest *)a)->observed.dest.key,
				     &((const struct ipvsadm_listed_dest *)b)->observed.dest.key);
}

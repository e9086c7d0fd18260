/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /metrics says of services and real servers. The counters of services come from one list of
 * the kernel's, those of real servers, and all connections, from the cache of counters.h. */
#include "metrics.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "api.h"
#include "service_counters.h"

#define PIECE (32 * 1024) /* bytes of a piece, at which no further service is begun */

/* Where the value of a family comes from. */
enum source {
	SERVICE_STATS,	    /* offset into struct ipvs_stats */
	SERVICE_COUNTS,	    /* offset into struct ipvs_dest_counts, all real servers together */
	SERVICE_SERVERS,    /* how many real servers */
	SERVICE_USABLE,	    /* those with a weight above 0 */
	REAL_SERVER_STATS,  /* offset into struct counted */
	REAL_SERVER_COUNTS, /* offset into struct ipvs_dest_counts */
	REAL_SERVER_WEIGHT,
};

#define COUNTER(source, object, name, unit, help, offset)                                          \
	{                                                                                          \
		{ "lvsd_" object "_" name, METRIC_COUNTER, unit, help }, source, offset            \
	}
#define GAUGE(source, object, name, help, offset)                                                  \
	{                                                                                          \
		{ "lvsd_" object "_" name, METRIC_GAUGE, NULL, help }, source, offset              \
	}

static const struct family {
	struct metric metric;
	enum source source;
	size_t offset;
} families[] = {
	GAUGE(SERVICE_SERVERS, "service", "real_servers", "Declared real servers.", 0),
	GAUGE(SERVICE_USABLE, "service", "usable_real_servers",
	      "Declared real servers with a weight above 0.", 0),
	COUNTER(SERVICE_STATS, "service", "connections", NULL, "Connections that were scheduled.",
		offsetof(struct ipvs_stats, connections)),
	COUNTER(SERVICE_STATS, "service", "incoming_packets", NULL, "Packets from clients.",
		offsetof(struct ipvs_stats, in_packets)),
	COUNTER(SERVICE_STATS, "service", "outgoing_packets", NULL,
		"Packets to clients that passed here, as with NAT.",
		offsetof(struct ipvs_stats, out_packets)),
	COUNTER(SERVICE_STATS, "service", "incoming_bytes", "bytes", "Bytes from clients.",
		offsetof(struct ipvs_stats, in_bytes)),
	COUNTER(SERVICE_STATS, "service", "outgoing_bytes", "bytes",
		"Bytes to clients that passed here, as with NAT.",
		offsetof(struct ipvs_stats, out_bytes)),
	GAUGE(SERVICE_COUNTS, "service", "active_connections", "Established connections.",
	      offsetof(struct ipvs_dest_counts, active)),
	GAUGE(SERVICE_COUNTS, "service", "inactive_connections", "All other connections.",
	      offsetof(struct ipvs_dest_counts, inactive)),
	GAUGE(SERVICE_COUNTS, "service", "persistent_connections",
	      "Clients that are kept at a real server.",
	      offsetof(struct ipvs_dest_counts, persistent)),
	GAUGE(REAL_SERVER_WEIGHT, "real_server", "weight", "Weight that the kernel gets.", 0),
	COUNTER(REAL_SERVER_STATS, "real_server", "connections", NULL,
		"Connections that were scheduled.", offsetof(struct counted, connections)),
	COUNTER(REAL_SERVER_STATS, "real_server", "incoming_packets", NULL, "Packets from clients.",
		offsetof(struct counted, in_packets)),
	COUNTER(REAL_SERVER_STATS, "real_server", "outgoing_packets", NULL,
		"Packets to clients that passed here, as with NAT.",
		offsetof(struct counted, out_packets)),
	COUNTER(REAL_SERVER_STATS, "real_server", "incoming_bytes", "bytes", "Bytes from clients.",
		offsetof(struct counted, in_bytes)),
	COUNTER(REAL_SERVER_STATS, "real_server", "outgoing_bytes", "bytes",
		"Bytes to clients that passed here, as with NAT.",
		offsetof(struct counted, out_bytes)),
	GAUGE(REAL_SERVER_COUNTS, "real_server", "active_connections", "Established connections.",
	      offsetof(struct ipvs_dest_counts, active)),
	GAUGE(REAL_SERVER_COUNTS, "real_server", "inactive_connections", "All other connections.",
	      offsetof(struct ipvs_dest_counts, inactive)),
	GAUGE(REAL_SERVER_COUNTS, "real_server", "persistent_connections",
	      "Clients that are kept here.", offsetof(struct ipvs_dest_counts, persistent)),
};

static const struct metrics_settings defaults;

/* A service while its samples are written. */
struct shown {
	const struct family *family;
	const struct service *s;
	const struct service_counted *counted;
	const struct counted_service *real_servers; /* NULL: nothing is known */
	struct buf labels;
};

static void add_client_labels(struct buf *labels, const struct metrics_settings *settings,
			      const struct metadata *meta)
{
	char name[METRICS_LABEL_MAX];

	for (const char *p = meta->labels; p && p < meta->labels + meta->labels_len;) {
		const char *value = p + strlen(p) + 1;

		for (size_t i = 0; i < settings->n_labels; i++)
			if (streq(settings->labels[i], p))
				metrics_add_label(labels, metrics_label_name(p, name), value);
		p = value + strlen(value) + 1;
	}
}

static const char *protocol_name(const struct ipvs_service_key *key)
{
	if (key->fwmark)
		return key->address.family == AF_INET6 ? "fwm6" : "fwm";
	return key->protocol == IPPROTO_TCP ? "tcp" : key->protocol == IPPROTO_UDP ? "udp" : "sctp";
}

/* The labels of a service: its id tells it from all others, marks of both families too. */
static void add_labels(struct buf *labels, const struct metrics_settings *settings,
		       const struct service *s)
{
	const struct ipvs_service_key *key = &s->spec.key;
	char id[IPVS_SERVICE_ID_MAX], address[INADDR_TEXT_MAX], number[12];

	metrics_add_label(labels, "service", ipvs_service_key_format(key, id));
	metrics_add_label(labels, "protocol", protocol_name(key));
	if (key->fwmark) {
		(void)snprintf(number, sizeof(number), "%" PRIu32, key->fwmark);
		metrics_add_label(labels, "mark", number);
	} else {
		(void)snprintf(number, sizeof(number), "%u", key->port);
		metrics_add_label(labels, "address", inaddr_format(&key->address, address));
		metrics_add_label(labels, "port", number);
	}
	add_client_labels(labels, settings, &s->meta);
}

static uint64_t at_u64(const void *object, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)object + offset, sizeof(value));
	return value;
}

static uint32_t at_u32(const void *object, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)object + offset, sizeof(value));
	return value;
}

static uint64_t usable(const struct service *s)
{
	uint64_t n = 0;

	vec_foreach(rs, &s->real_servers)
		n += rs->dest.weight > 0;
	return n;
}

static uint64_t sum_of(const struct shown *shown)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < shown->s->real_servers.n; i++) {
		const struct counted *c = counters_real_server(shown->real_servers, shown->s, i);

		sum += c ? at_u32(&c->counts, shown->family->offset) : 0;
	}
	return sum;
}

/* From this one on, until the piece is full. True: all of them were written. */
static bool write_real_servers(struct metrics *m, struct shown *shown, size_t *at)
{
	size_t len = shown->labels.len, offset = shown->family->offset;
	char id[IPVS_DEST_ID_MAX];

	for (; *at < shown->s->real_servers.n; ++*at) {
		const struct real_server *rs = &shown->s->real_servers.items[*at];
		const struct counted *c = counters_real_server(shown->real_servers, shown->s, *at);
		uint64_t value = rs->dest.weight;

		if (!c)
			continue;
		if (m->out->len >= PIECE)
			return false;
		if (shown->family->source == REAL_SERVER_STATS)
			value = at_u64(c, offset);
		else if (shown->family->source == REAL_SERVER_COUNTS)
			value = at_u32(&c->counts, offset);
		metrics_add_label(&shown->labels, "real_server",
				  ipvs_dest_key_format(&rs->dest.key, id));
		metrics_uint(m, &shown->labels, value);
		shown->labels.len = len;
	}
	*at = 0;
	return true;
}

/* True: there is nothing more to write of the service. */
static bool write_service(struct metrics *m, struct shown *shown, size_t *real_server)
{
	const struct service *s = shown->s;
	bool there = shown->counted->there;

	switch (shown->family->source) {
	case SERVICE_SERVERS:
		metrics_uint(m, &shown->labels, s->real_servers.n);
		break;
	case SERVICE_USABLE:
		metrics_uint(m, &shown->labels, usable(s));
		break;
	case SERVICE_STATS:
		if (there)
			metrics_uint(m, &shown->labels,
				     at_u64(&shown->counted->stats, shown->family->offset));
		break;
	case SERVICE_COUNTS:
		if (there && shown->real_servers)
			metrics_uint(m, &shown->labels, sum_of(shown));
		break;
	case REAL_SERVER_WEIGHT:
	case REAL_SERVER_STATS:
	case REAL_SERVER_COUNTS:
		return !there || write_real_servers(m, shown, real_server);
	}
	return true;
}

static bool is_of_real_servers(const struct family *f)
{
	return f->source == REAL_SERVER_WEIGHT || f->source == REAL_SERVER_STATS ||
	       f->source == REAL_SERVER_COUNTS;
}

/* Samples of a family from the cursor on. True: that was the last of them. */
static bool write_family(struct api *api, struct metrics *m, struct shown *shown,
			 const struct service_counters *counters, struct metrics_cursor *cursor)
{
	const struct metrics_settings *settings = api->metrics ? api->metrics : &defaults;
	size_t n = counters->counted.n;

	if (cursor->service == 0 && cursor->real_server == 0)
		metrics_begin(m, &shown->family->metric);
	m->metric = &shown->family->metric;
	for (; cursor->service < n; cursor->service++) {
		shown->s = counters->desired->services.items[cursor->service];
		shown->counted = &counters->counted.items[cursor->service];
		shown->real_servers =
			api->counters ? counters_of(api->counters, shown->s, 0) : NULL;
		buf_clear(&shown->labels);
		add_labels(&shown->labels, settings, shown->s);
		if (!write_service(m, shown, &cursor->real_server))
			return false;
		if (m->out->len >= PIECE) {
			cursor->service++;
			break;
		}
	}
	return cursor->service == n;
}

int metrics_services(struct api *api, struct metrics *m, const struct service_counters *counters,
		     struct metrics_cursor *cursor)
{
	bool without = api->metrics && api->metrics->no_real_servers;
	struct shown shown = { 0 };

	for (; cursor->family < ARRAY_SIZE(families); cursor->family++) {
		shown.family = &families[cursor->family];
		if (without && is_of_real_servers(shown.family))
			continue;
		if (m->out->len >= PIECE)
			break;
		if (!write_family(api, m, &shown, counters, cursor))
			break;
		cursor->service = 0;
	}
	buf_done(&shown.labels);
	return cursor->family < ARRAY_SIZE(families);
}

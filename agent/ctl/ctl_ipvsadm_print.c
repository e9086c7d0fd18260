/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of services and real servers as ipvsadm prints them; see ctl_ipvsadm.h. Asks the resolver
 * for names and nobody else. */
#include <arpa/inet.h>

#include "buf.h"
#include "ctl_ipvsadm.h"
#include "ipvs_text.h"
#include "util.h"

#define SERVICE_WIDTH 33 /* of IPv4; longer names are cut */
#define SERVER_WIDTH  28

static const char *const tunnel_names[] = {
	[IPVS_TUNNEL_IPIP] = "ipip",
	[IPVS_TUNNEL_GUE] = "gue",
	[IPVS_TUNNEL_GRE] = "gre",
};

static const struct ipvs_stats no_stats;

void ipvsadm_table_done(struct ipvsadm_table *t)
{
	vec_done(&t->services);
	vec_done(&t->dests);
	free(t->stats);
	t->stats = NULL;
}

/* ipvsadm subtracts 32-bit numbers as if they had a sign: addresses far apart change places. */
static int compare_numbers(uint32_t a, uint32_t b)
{
	uint32_t difference = a - b;

	return difference == 0 ? 0 : difference > INT32_MAX ? -1 : 1;
}

static int compare_addresses(const struct inaddr *a, const struct inaddr *b)
{
	for (size_t i = 0; i < inaddr_length(a); i += 4) {
		uint32_t x, y;
		int r;

		memcpy(&x, a->bytes + i, sizeof(x));
		memcpy(&y, b->bytes + i, sizeof(y));
		r = compare_numbers(ntohl(x), ntohl(y));
		if (r)
			return r;
	}
	return 0;
}

static int compare_services(const void *a, const void *b)
{
	const struct ipvs_service_key *x = &((const struct ipvsadm_listed *)a)->service.key;
	const struct ipvs_service_key *y = &((const struct ipvsadm_listed *)b)->service.key;
	int r = compare_numbers(x->fwmark, y->fwmark);

	if (r == 0)
		r = x->address.family - y->address.family;
	if (r == 0)
		r = x->protocol - y->protocol;
	if (r == 0)
		r = compare_addresses(&x->address, &y->address);
	return r ? r : x->port - y->port;
}

static int compare_dests(const void *a, const void *b)
{
	const struct ipvs_dest_key *x = &((const struct ipvsadm_listed_dest *)a)->observed.dest.key;
	const struct ipvs_dest_key *y = &((const struct ipvsadm_listed_dest *)b)->observed.dest.key;
	int r = x->address.family - y->address.family;

	if (r == 0)
		r = compare_addresses(&x->address, &y->address);
	return r ? r : x->port - y->port;
}

void ipvsadm_table_sort(struct ipvsadm_table *t)
{
	vec_sort(&t->services, compare_services);
	vec_foreach(s, &t->services)
		if (s->n > 1)
			qsort(t->dests.items + s->first, s->n, sizeof(*t->dests.items),
			      compare_dests);
}

static void print_number(FILE *to, uint64_t v, bool exact)
{
	static const struct {
		uint64_t below, unit;
		const char *letter;
	} scales[] = {
		{ UINT64_C(1000000000), 1000, "K" },
		{ UINT64_C(100000000000), 1000000, "M" },
		{ UINT64_C(100000000000000), 1000000000, "G" },
		{ UINT64_MAX, UINT64_C(1000000000000), "T" },
	};
	size_t i = 0;

	if (exact) {
		/* at least one blank before it */
		(void)fprintf(to, v < 100000000 ? "%9llu" : " %llu", (unsigned long long)v);
	} else if (v < 100000000) {
		(void)fprintf(to, "%9llu", (unsigned long long)v);
	} else {
		while (v >= scales[i].below && i < ARRAY_SIZE(scales) - 1)
			i++;
		(void)fprintf(to, "%8llu%s", (unsigned long long)(v / scales[i].unit),
			      scales[i].letter);
	}
}

static void print_numbers(FILE *to, const uint64_t *v, size_t n, bool exact)
{
	for (size_t i = 0; i < n; i++)
		print_number(to, v[i], exact);
}

void ipvsadm_print_title(const struct ipvsadm_call *c, FILE *to)
{
	static const char local[] = "Prot LocalAddress:Port", *const remote =
								      "  -> RemoteAddress:Port";

	if (ipvsadm_has(c, IPVSADM_STATS))
		(void)fprintf(to, "%-33s %8s %8s %8s %8s %8s\n%s\n", local, "Conns", "InPkts",
			      "OutPkts", "InBytes", "OutBytes", remote);
	else if (ipvsadm_has(c, IPVSADM_RATE))
		(void)fprintf(to, "%-33s %8s %8s %8s %8s %8s\n%s\n", local, "CPS", "InPPS",
			      "OutPPS", "InBPS", "OutBPS", remote);
	else if (ipvsadm_has(c, IPVSADM_THRESHOLDS))
		(void)fprintf(to, "%-33s %-10s %-10s %-10s %-10s\n%s\n", local, "Uthreshold",
			      "Lthreshold", "ActiveConn", "InActConn", remote);
	else if (ipvsadm_has(c, IPVSADM_PERSISTENT_CONN))
		(void)fprintf(to, "%-33s %-9s %-11s %-10s %-10s\n%s\n", local, "Weight",
			      "PersistConn", "ActiveConn", "InActConn", remote);
	else
		(void)fprintf(
			to, "%s Scheduler Flags\n%-34sForward %sWeight ActiveConn InActConn\n",
			local, remote, ipvsadm_has(c, IPVSADM_TUN_INFO) ? "TunnelInfo    " : "");
}

static const char *protocol_word(uint8_t protocol, bool rule)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return rule ? "-t" : "TCP";
	case IPPROTO_UDP:
		return rule ? "-u" : "UDP";
	case IPPROTO_SCTP:
		return rule ? "--sctp-service" : "SCTP";
	default:
		return rule ? "--xxx-service" : "XXX";
	}
}

/* What stands for the service at the beginning of its line. */
static void service_name(const struct ipvs_service_key *k, const struct ipvsadm_call *c,
			 struct buf *out)
{
	bool rule = c->command == IPVSADM_SAVE, v6 = k->address.family == AF_INET6;
	char text[IPVSADM_NAME_MAX];

	buf_clear(out);
	if (k->fwmark) {
		buf_printf(out, "%s %d%s", rule ? "-f" : "FWM ", (int)k->fwmark,
			   !v6	  ? ""
			   : rule ? " -6"
				  : " IPv6");
		return;
	}
	ipvsadm_endpoint_text(&k->address, k->port, k->protocol, ipvsadm_has(c, IPVSADM_NUMERIC),
			      text);
	buf_printf(out, rule ? "%s %s" : "%-4s %s", protocol_word(k->protocol, rule), text);
	if (!rule && !v6 && out->len > SERVICE_WIDTH) {
		out->len = SERVICE_WIDTH;
		out->data[SERVICE_WIDTH] = '\0';
	}
}

static void print_mask(const struct ipvs_service *s, const char *word, FILE *to)
{
	uint32_t bits = htonl(UINT32_MAX << ((32 - s->persistence_prefix) & 31));
	struct inaddr mask = { .family = AF_INET };
	char text[INADDR_TEXT_MAX];

	if (s->key.address.family == AF_INET6) {
		if (s->persistence_prefix != 128)
			(void)fprintf(to, " %s %u", word, s->persistence_prefix);
		return;
	}
	memcpy(mask.bytes, &bits, sizeof(bits));
	if (s->persistence_prefix && s->persistence_prefix != 32)
		(void)fprintf(to, " %s %s", word, inaddr_format(&mask, text));
}

static void print_flags(const struct ipvs_service *s, const char *before, const char *after,
			FILE *to)
{
	_cleanup_(buf_done) struct buf flags = { 0 };

	ipvs_text_print_flags(s, before, &flags);
	if (flags.data)
		(void)fprintf(to, "%s%s", flags.data, after);
}

static void print_service_rule(const struct ipvs_service *s, const char *name, FILE *to)
{
	(void)fprintf(to, "-A %s -s %s", name, s->scheduler);
	if (s->persistent) {
		(void)fprintf(to, " -p %u", s->persistence_timeout);
		print_mask(s, "-M", to);
		if (s->persistence_engine[0])
			(void)fprintf(to, " --pe %s", s->persistence_engine);
	}
	if (s->one_packet)
		(void)fputs(" -o", to);
	print_flags(s, " -b ", "", to);
}

static void print_service_line(const struct ipvs_service *s, const char *name, FILE *to)
{
	(void)fprintf(to, "%s %s", name, s->scheduler);
	print_flags(s, " (", ")", to);
	if (s->persistent) {
		(void)fprintf(to, " persistent %u", s->persistence_timeout);
		print_mask(s, "mask", to);
		if (s->persistence_engine[0])
			(void)fprintf(to, " pe %s", s->persistence_engine);
	}
	if (s->one_packet)
		(void)fputs(" ops", to);
}

static void print_service(const struct ipvsadm_listed *l, const char *name,
			  const struct ipvsadm_call *c, FILE *to)
{
	const struct ipvs_stats *s = l->stats ? l->stats : &no_stats;
	const uint64_t sums[] = { s->connections, s->in_packets, s->out_packets, s->in_bytes,
				  s->out_bytes };
	const uint64_t rates[] = { s->connections_per_second, s->in_packets_per_second,
				   s->out_packets_per_second, s->in_bytes_per_second,
				   s->out_bytes_per_second };
	bool rates_wanted = !ipvsadm_has(c, IPVSADM_STATS);

	if (c->command == IPVSADM_SAVE) {
		print_service_rule(&l->service, name, to);
	} else if (ipvsadm_has(c, IPVSADM_STATS) || ipvsadm_has(c, IPVSADM_RATE)) {
		(void)fprintf(to, "%-33s", name);
		print_numbers(to, rates_wanted ? rates : sums, 5, ipvsadm_has(c, IPVSADM_EXACT));
	} else {
		print_service_line(&l->service, name, to);
	}
	(void)fputc('\n', to);
}

static void print_dest_rule(const struct ipvs_dest *d, const char *service, const char *name,
			    FILE *to)
{
	static const char *const checksums[] = {
		[IPVS_CHECKSUM_NONE] = "nocsum",
		[IPVS_CHECKSUM_PLAIN] = "csum",
		[IPVS_CHECKSUM_REMOTE] = "remcsum",
	};
	bool tunnel = d->forward == IPVS_FORWARD_TUN;

	(void)fprintf(to, "-a %s -r %s %s -w %d", service, name,
		      tunnel			       ? "-i"
		      : d->forward == IPVS_FORWARD_NAT ? "-m"
						       : "-g",
		      (int)d->weight);
	if (tunnel && d->tunnel_type < ARRAY_SIZE(tunnel_names)) {
		(void)fprintf(to, " --tun-type %s", tunnel_names[d->tunnel_type]);
		if (d->tunnel_type == IPVS_TUNNEL_GUE)
			(void)fprintf(to, " --tun-port %u", d->tunnel_port);
		if (d->tunnel_type != IPVS_TUNNEL_IPIP &&
		    d->tunnel_checksum < ARRAY_SIZE(checksums))
			(void)fprintf(to, " --tun-%s", checksums[d->tunnel_checksum]);
	}
	(void)fputc('\n', to);
}

static const char *forward_name(uint8_t forward)
{
	switch ((enum ipvs_forward)forward) {
	case IPVS_FORWARD_DR:
		return "Route";
	case IPVS_FORWARD_NAT:
		return "Masq";
	case IPVS_FORWARD_TUN:
		return "Tunnel";
	case IPVS_FORWARD_LOCAL:
		return "Local";
	case IPVS_FORWARD_FULLNAT:
	case IPVS_FORWARD_OTHER:
		break;
	}
	return "(null)";
}

static const char *tunnel_info(const struct ipvs_dest *d, char text[16])
{
	static const char *const checksums[] = {
		[IPVS_CHECKSUM_NONE] = "-c",
		[IPVS_CHECKSUM_PLAIN] = "+c",
		[IPVS_CHECKSUM_REMOTE] = "r+c",
	};
	const char *checksum =
		d->tunnel_checksum < ARRAY_SIZE(checksums) ? checksums[d->tunnel_checksum] : "";

	if (d->forward != IPVS_FORWARD_TUN || d->tunnel_type >= ARRAY_SIZE(tunnel_names))
		return "n/a";
	if (d->tunnel_type == IPVS_TUNNEL_IPIP)
		return tunnel_names[IPVS_TUNNEL_IPIP];
	if (d->tunnel_type == IPVS_TUNNEL_GUE)
		(void)snprintf(text, 16, "gue:%u:%s", d->tunnel_port, checksum);
	else
		(void)snprintf(text, 16, "gre:%s", checksum);
	return text;
}

static void print_dest_counters(const struct ipvs_stats *s, const struct ipvsadm_call *c, FILE *to)
{
	const uint64_t sums[] = { s->connections, s->in_packets, s->out_packets, s->in_bytes,
				  s->out_bytes };
	const uint64_t bytes[] = { s->in_bytes_per_second, s->out_bytes_per_second };
	bool exact = ipvsadm_has(c, IPVSADM_EXACT);

	if (ipvsadm_has(c, IPVSADM_STATS)) {
		print_numbers(to, sums, ARRAY_SIZE(sums), exact);
	} else {
		(void)fprintf(to, " %8llu %8llu %8llu",
			      (unsigned long long)s->connections_per_second,
			      (unsigned long long)s->in_packets_per_second,
			      (unsigned long long)s->out_packets_per_second);
		print_numbers(to, bytes, ARRAY_SIZE(bytes), exact);
	}
	(void)fputc('\n', to);
}

/* The columns behind the name of a real server. */
static void print_dest_columns(const struct ipvsadm_listed_dest *l, const struct ipvsadm_call *c,
			       FILE *to)
{
	const struct ipvs_dest *d = &l->observed.dest;
	const struct ipvs_dest_counts *n = &l->observed.counts;
	char text[16];

	if (ipvsadm_has(c, IPVSADM_STATS) || ipvsadm_has(c, IPVSADM_RATE)) {
		print_dest_counters(l->stats ? l->stats : &no_stats, c, to);
		return;
	}
	if (ipvsadm_has(c, IPVSADM_THRESHOLDS)) {
		(void)fprintf(to, " %-10u %-10u", d->upper_threshold, d->lower_threshold);
	} else if (ipvsadm_has(c, IPVSADM_PERSISTENT_CONN)) {
		(void)fprintf(to, " %-9u %-11u", d->weight, n->persistent);
	} else {
		(void)fprintf(to, " %-7s", forward_name(d->forward));
		if (ipvsadm_has(c, IPVSADM_TUN_INFO))
			(void)fprintf(to, " %-13s", tunnel_info(d, text));
		(void)fprintf(to, " %-6d", (int)d->weight);
	}
	(void)fprintf(to, " %-10u %-10u\n", n->active, n->inactive);
}

static void print_dest(const struct ipvsadm_listed_dest *l, const struct ipvs_service_key *service,
		       const char *service_text, const struct ipvsadm_call *c, FILE *to)
{
	const struct ipvs_dest *d = &l->observed.dest;
	char name[IPVSADM_NAME_MAX];

	ipvsadm_endpoint_text(&d->key.address, d->key.port,
			      service->fwmark ? IPPROTO_TCP : service->protocol,
			      ipvsadm_has(c, IPVSADM_NUMERIC), name);
	if (c->command == IPVSADM_SAVE) {
		print_dest_rule(d, service_text, name, to);
		return;
	}
	if (d->key.address.family != AF_INET6)
		name[SERVER_WIDTH] = '\0';
	(void)fprintf(to, "  -> %-28s", name);
	print_dest_columns(l, c, to);
}

void ipvsadm_print_table(const struct ipvsadm_table *t, const struct ipvsadm_call *c, FILE *to)
{
	_cleanup_(buf_done) struct buf name = { 0 };

	vec_foreach(s, &t->services) {
		service_name(&s->service.key, c, &name);
		if (name.failed)
			return;
		print_service(s, name.data, c, to);
		for (size_t i = 0; i < s->n; i++)
			print_dest(&t->dests.items[s->first + i], &s->service.key, name.data, c,
				   to);
	}
}

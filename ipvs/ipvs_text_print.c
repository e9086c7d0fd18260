/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects as lines of `ipvsadm -S -n`, see ipvs_text.h. Pure. */
#include "ipvs_text.h"

#include <arpa/inet.h>

#include "util.h"

static const char *protocol_option(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "-t";
	case IPPROTO_UDP:
		return "-u";
	case IPPROTO_SCTP:
		return "--sctp-service";
	default:
		return NULL;
	}
}

static void print_endpoint(const struct inaddr *a, uint16_t port, struct buf *out)
{
	char text[INADDR_TEXT_MAX];
	bool v6 = a->family == AF_INET6;

	buf_printf(out, "%s%s%s:%u", v6 ? "[" : "", inaddr_format(a, text), v6 ? "]" : "", port);
}

/* The caller has looked whether there is an option for the protocol. */
static void print_key(const struct ipvs_service_key *k, struct buf *out)
{
	if (k->fwmark) {
		buf_printf(out, "-f %u%s", k->fwmark, k->address.family == AF_INET6 ? " -6" : "");
		return;
	}
	buf_printf(out, "%s ", protocol_option(k->protocol));
	print_endpoint(&k->address, k->port, out);
}

static bool has_option(const struct ipvs_service_key *k)
{
	return k->fwmark || protocol_option(k->protocol);
}

static void print_netmask(const struct ipvs_service *s, struct buf *out)
{
	struct inaddr mask = { .family = AF_INET };
	char text[INADDR_TEXT_MAX];
	uint32_t bits;

	if (s->key.address.family == AF_INET6) {
		if (s->persistence_prefix != 128)
			buf_printf(out, " -M %u", s->persistence_prefix);
		return;
	}
	if (s->persistence_prefix == 32)
		return;
	bits = htonl(UINT32_MAX << (32 - s->persistence_prefix));
	memcpy(mask.bytes, &bits, sizeof(bits));
	buf_printf(out, " -M %s", inaddr_format(&mask, text));
}

void ipvs_text_print_flags(const struct ipvs_service *s, const char *before, struct buf *out)
{
	static const struct {
		enum ipvs_scheduler_flag flag;
		const char *name;
	} names[] = {
		{ IPVS_FLAG_SH_FALLBACK, "sh-fallback" },
		{ IPVS_FLAG_MH_FALLBACK, "mh-fallback" },
		{ IPVS_FLAG_1, "flag-1" },
		{ IPVS_FLAG_SH_PORT, "sh-port" },
		{ IPVS_FLAG_MH_PORT, "mh-port" },
		{ IPVS_FLAG_2, "flag-2" },
		{ IPVS_FLAG_3, "flag-3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(s->scheduler_flags & 1u << names[i].flag))
			continue;
		buf_printf(out, "%s%s", before, names[i].name);
		before = ",";
	}
}

bool ipvs_text_print_service(const struct ipvs_service *s, struct buf *out)
{
	uint8_t most = s->key.address.family == AF_INET6 ? 128 : 32;

	if (!has_option(&s->key) ||
	    (s->persistent && (!s->persistence_prefix || s->persistence_prefix > most)))
		return false;
	buf_add_str(out, "-A ");
	print_key(&s->key, out);
	buf_printf(out, " -s %s", s->scheduler);
	if (s->persistent) {
		buf_printf(out, " -p %u", s->persistence_timeout);
		print_netmask(s, out);
		if (s->persistence_engine[0])
			buf_printf(out, " --pe %s", s->persistence_engine);
	}
	if (s->one_packet)
		buf_add_str(out, " -o");
	ipvs_text_print_flags(s, " -b ", out);
	buf_add(out, "\n", 1);
	return true;
}

static const char *forward_option(uint8_t forward)
{
	switch ((enum ipvs_forward)forward) {
	case IPVS_FORWARD_DR:
	case IPVS_FORWARD_LOCAL:
		return "-g";
	case IPVS_FORWARD_NAT:
		return "-m";
	case IPVS_FORWARD_TUN:
		return "-i";
	case IPVS_FORWARD_FULLNAT:
	case IPVS_FORWARD_OTHER:
		break;
	}
	return NULL;
}

static void print_tunnel(const struct ipvs_dest *d, struct buf *out)
{
	static const char *const types[] = {
		[IPVS_TUNNEL_IPIP] = "ipip",
		[IPVS_TUNNEL_GUE] = "gue",
		[IPVS_TUNNEL_GRE] = "gre",
	};
	static const char *const checksums[] = {
		[IPVS_CHECKSUM_NONE] = "nocsum",
		[IPVS_CHECKSUM_PLAIN] = "csum",
		[IPVS_CHECKSUM_REMOTE] = "remcsum",
	};

	buf_printf(out, " --tun-type %s", types[d->tunnel_type]);
	if (d->tunnel_type == IPVS_TUNNEL_GUE)
		buf_printf(out, " --tun-port %u", d->tunnel_port);
	if (d->tunnel_type != IPVS_TUNNEL_IPIP)
		buf_printf(out, " --tun-%s", checksums[d->tunnel_checksum]);
}

bool ipvs_text_print_dest(const struct ipvs_service_key *service, const struct ipvs_dest *d,
			  struct buf *out)
{
	const char *forward = forward_option(d->forward);
	bool tunnel = d->forward == IPVS_FORWARD_TUN;

	if (!has_option(service) || !forward ||
	    (tunnel &&
	     (d->tunnel_type > IPVS_TUNNEL_GRE || d->tunnel_checksum > IPVS_CHECKSUM_REMOTE)))
		return false;
	buf_add_str(out, "-a ");
	print_key(service, out);
	buf_add_str(out, " -r ");
	print_endpoint(&d->key.address, d->key.port, out);
	buf_printf(out, " %s -w %u", forward, d->weight);
	if (tunnel)
		print_tunnel(d, out);
	if (d->upper_threshold)
		buf_printf(out, " -x %u", d->upper_threshold);
	if (d->lower_threshold)
		buf_printf(out, " -y %u", d->lower_threshold);
	buf_add(out, "\n", 1);
	return true;
}

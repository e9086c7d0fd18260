/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codes of warnings, what is known of the host, and lookups in it. The rules themselves are in
 * preflight_service.c and preflight_real_server.c. */
#include "preflight.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "preflight_private.h"

static const char *const codes[PREFLIGHT_CODES] = {
	[PREFLIGHT_NO_REAL_SERVERS] = "no_real_servers",
	[PREFLIGHT_ALL_WEIGHTS_ZERO] = "all_weights_zero",
	[PREFLIGHT_VIP_MISSING] = "vip_missing",
	[PREFLIGHT_NAT_WITHOUT_FORWARDING] = "nat_without_forwarding",
	[PREFLIGHT_TUNNEL_MTU] = "tunnel_mtu",
	[PREFLIGHT_QUIESCENT_KEEPS_CLIENTS] = "quiescent_keeps_clients",
	[PREFLIGHT_REMOVED_KEEPS_CLIENTS] = "removed_keeps_clients",
	[PREFLIGHT_ANSWERS_FOR_VIP] = "answers_for_vip",
	[PREFLIGHT_ARP_FROM_VIP] = "arp_from_vip",
	[PREFLIGHT_RP_FILTER_DROPS] = "rp_filter_drops",
};

static const char *const names[PREFLIGHT_VARIABLES] = {
	[PREFLIGHT_FORWARDING] = "net.ipv4.conf.all.forwarding",
	[PREFLIGHT_FORWARDING6] = "net.ipv6.conf.all.forwarding",
	[PREFLIGHT_ARP_IGNORE] = "net.ipv4.conf.all.arp_ignore",
	[PREFLIGHT_ARP_ANNOUNCE] = "net.ipv4.conf.all.arp_announce",
	[PREFLIGHT_RP_FILTER] = "net.ipv4.conf.all.rp_filter",
	[PREFLIGHT_EXPIRE_NODEST] = "net.ipv4.vs.expire_nodest_conn",
	[PREFLIGHT_EXPIRE_QUIESCENT] = "net.ipv4.vs.expire_quiescent_template",
};

const char *preflight_code_name(enum preflight_code code)
{
	return codes[code];
}

void preflight_warn(struct preflight_warnings *w, enum preflight_code code, const char *format, ...)
{
	struct preflight_warning *warning = &w->items[w->n++];
	va_list args;

	warning->code = (uint8_t)code;
	va_start(args, format);
	(void)vsnprintf(warning->detail, sizeof(warning->detail), format, args);
	va_end(args);
}

/* The host ------------------------------------------------------------------------------------- */

void preflight_host_init(struct preflight_host *host)
{
	const char *why;

	*host = (struct preflight_host){ 0 };
	for (size_t v = 0; v < PREFLIGHT_VARIABLES; v++)
		(void)netcfg_sysctl_parse(names[v], strlen(names[v]), &host->keys[v], &why);
}

static struct preflight_value parse(const char *text)
{
	uint64_t number;

	if (!text || num_parse_u64(text, strlen(text), INT32_MAX, &number) < 0)
		return (struct preflight_value){ 0 };
	return (struct preflight_value){ .known = true, .number = (int32_t)number };
}

void preflight_host_value(struct preflight_host *host, enum preflight_variable v, const char *text)
{
	host->values[v] = parse(text);
}

int preflight_host_found(struct preflight_host *host, const struct netcfg_found *found)
{
	int r = 0;

	host->found = NULL;
	host->subnets.n = 0;
	if (!found)
		return 0;
	vec_foreach(a, &found->addresses) {
		const struct preflight_subnet subnet = { .address = a->address,
							 .prefix_length = a->prefix_length,
							 .index = a->index };

		if (r == 0 && a->prefix_length < netcfg_full_prefix(&a->address))
			r = vec_push(&host->subnets, subnet);
	}
	if (r == 0)
		host->found = found;
	return r;
}

void preflight_host_done(struct preflight_host *host)
{
	vec_done(&host->subnets);
	host->found = NULL;
}

/* Lookups -------------------------------------------------------------------------------------- */

bool preflight_applies(const struct preflight_host *host, const struct netcfg_link *link,
		       enum preflight_variable v, int32_t *ret)
{
	const struct netcfg_sysctl_key *key = &host->keys[v];
	const struct preflight_value all = host->values[v];

	if (key->row >= NETCFG_CONF_MAX || !(link->conf_known >> key->row & 1))
		return false;
	*ret = link->conf[key->row];
	if (netcfg_sysctl_row(key)->combine != NETCFG_COMBINE_MAX)
		return true;
	if (all.known && all.number > *ret)
		*ret = all.number;
	return all.known;
}

static bool covers(const struct preflight_subnet *subnet, const struct inaddr *address)
{
	size_t whole = subnet->prefix_length / 8;
	unsigned rest = subnet->prefix_length % 8;
	unsigned mask = 0xff00u >> rest & 0xffu;

	if (subnet->address.family != address->family ||
	    memcmp(subnet->address.bytes, address->bytes, whole) != 0)
		return false;
	return !rest ||
	       ((unsigned)(subnet->address.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

const struct netcfg_link *preflight_on_link(const struct preflight_host *host,
					    const struct inaddr *address)
{
	const struct netcfg_link *best = NULL;
	uint8_t longest = 0;

	vec_foreach(subnet, &host->subnets) {
		const struct netcfg_link *link;

		if ((best && subnet->prefix_length <= longest) || !covers(subnet, address))
			continue;
		link = netcfg_found_link_at(host->found, subnet->index);
		if (!link || !(link->flags & IFF_UP))
			continue;
		best = link;
		longest = subnet->prefix_length;
	}
	return best;
}

bool preflight_on_loopback(const struct preflight_host *host, const struct inaddr *address)
{
	vec_foreach(subnet, &host->subnets) {
		const struct netcfg_link *link;

		if (address->family != AF_INET || !covers(subnet, address))
			continue;
		link = netcfg_found_link_at(host->found, subnet->index);
		if (link && link->flags & IFF_LOOPBACK && link->flags & IFF_UP)
			return true;
	}
	return false;
}

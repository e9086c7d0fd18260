/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The warnings of services. */
#include <net/if.h>
#include <netinet/in.h>

#include "preflight_private.h"

/* What everyone's packets may have: Ethernet's. */
#define USUAL_MTU 1500

/* Envelopes of tunnels (ip_vs_xmit.c, ip_vs_tunnel_xmit): bytes. */
#define IPV4_HEADER	20
#define IPV6_HEADER	40
#define UDP_GUE_HEADERS 12
#define GUE_REMOTE	8 /* the option of remote checksum offload */
#define GRE_HEADER	4
#define GRE_CHECKSUM	4
/* A TCP segment's headers without options. */
#define TCP_HEADER 20

/* Weights -------------------------------------------------------------------------------------- */

static bool has_weight(const struct service *s, bool zero)
{
	vec_foreach(rs, &s->real_servers)
		if ((rs->dest.weight == 0) == zero)
			return true;
	return false;
}

static void check_real_servers(const struct service *s, struct preflight_warnings *ret)
{
	if (!s->real_servers.n)
		preflight_warn(ret, PREFLIGHT_NO_REAL_SERVERS,
			       "the service has no real servers: every connection is refused");
	else if (!has_weight(s, false))
		preflight_warn(ret, PREFLIGHT_ALL_WEIGHTS_ZERO,
			       "every real server has weight 0: every new connection is refused");
}

/* The service's address ------------------------------------------------------------------------ */

static bool is_declared(const declared_vec *declared, const struct inaddr *address)
{
	const struct declared_key vip = { .kind = DECLARED_VIP, .address = *address };
	const struct declared_key role = { .kind = DECLARED_REAL_SERVER };
	const struct declared *o = declared_find(declared, &role);

	if (declared_find(declared, &vip))
		return true;
	for (size_t i = 0; o && i < o->vips.n; i++)
		if (inaddr_compare(&o->vips.items[i], address) == 0)
			return true;
	return false;
}

/* The interface that has the address, one that is up if there is one; NULL: none has it. */
static const struct netcfg_link *holder(const struct netcfg_found *found,
					const struct inaddr *address)
{
	const struct netcfg_address *end = found->addresses.items + found->addresses.n;
	const struct netcfg_address *a = netcfg_found_address(found, address);
	const struct netcfg_link *best = NULL;

	for (; a && a < end && inaddr_compare(&a->address, address) == 0; a++) {
		const struct netcfg_link *link = netcfg_found_link_at(found, a->index);

		if (link && (!best || !(best->flags & IFF_UP)))
			best = link;
	}
	return best;
}

/* IPVS sees packets to local addresses only (ip_vs_core.c, hook LOCAL_IN). */
static void check_vip(const struct preflight_host *host, const declared_vec *declared,
		      const struct service *s, struct preflight_warnings *ret)
{
	const struct inaddr *vip = &s->spec.key.address;
	const struct netcfg_link *link;
	char text[INADDR_TEXT_MAX];

	if (s->spec.key.fwmark || is_declared(declared, vip))
		return;
	link = holder(host->found, vip);
	if (link && !(link->flags & IFF_UP))
		preflight_warn(ret, PREFLIGHT_VIP_MISSING,
			       "the interface %s that has %s is down: no packet comes to the "
			       "service",
			       link->name, inaddr_format(vip, text));
	else if (!link && !preflight_on_loopback(host, vip))
		preflight_warn(ret, PREFLIGHT_VIP_MISSING,
			       "no interface of this host has %s, and no VIP is declared: unless a "
			       "local route covers it, no packet comes to the service",
			       inaddr_format(vip, text));
}

/* Forwarding ----------------------------------------------------------------------------------- */

/* Whether answers from a real server are forwarded; true as well when that is not known. */
static bool forwards(const struct preflight_host *host, const struct inaddr *address)
{
	const struct netcfg_link *link = preflight_on_link(host, address);
	bool asked = false;
	int32_t value;

	if (address->family == AF_INET6)
		return !host->values[PREFLIGHT_FORWARDING6].known ||
		       host->values[PREFLIGHT_FORWARDING6].number;
	if (link)
		return !preflight_applies(host, link, PREFLIGHT_FORWARDING, &value) || value;
	/* Behind a router: any interface may be the one. */
	vec_foreach(other, &host->found->links) {
		if (other->flags & IFF_LOOPBACK || !(other->flags & IFF_UP) ||
		    !preflight_applies(host, other, PREFLIGHT_FORWARDING, &value))
			continue;
		if (value)
			return true;
		asked = true;
	}
	return !asked;
}

/* A real server on this host itself: nothing is forwarded and no tunnel used. */
static bool is_local(const struct preflight_host *host, const struct inaddr *address)
{
	return netcfg_found_address(host->found, address) || preflight_on_loopback(host, address);
}

static void check_nat(const struct preflight_host *host, const struct service *s,
		      struct preflight_warnings *ret)
{
	vec_foreach(rs, &s->real_servers) {
		const struct inaddr *address = &rs->dest.key.address;
		char id[IPVS_DEST_ID_MAX];

		if (rs->dest.forward != IPVS_FORWARD_NAT || is_local(host, address) ||
		    forwards(host, address))
			continue;
		preflight_warn(ret, PREFLIGHT_NAT_WITHOUT_FORWARDING,
			       "this host does not forward %s where %s is: with nat its answers do "
			       "not come back; set %s of the role director",
			       address->family == AF_INET ? "IPv4" : "IPv6",
			       ipvs_dest_key_format(&rs->dest.key, id),
			       address->family == AF_INET ? "ipv4Forwarding" : "ipv6Forwarding");
		return;
	}
}

/* Tunnels -------------------------------------------------------------------------------------- */

static uint32_t envelope(const struct ipvs_dest *d)
{
	uint32_t n = d->key.address.family == AF_INET ? IPV4_HEADER : IPV6_HEADER;

	if (d->tunnel_type == IPVS_TUNNEL_GUE)
		n += UDP_GUE_HEADERS +
		     (d->tunnel_checksum == IPVS_CHECKSUM_REMOTE ? GUE_REMOTE : 0);
	if (d->tunnel_type == IPVS_TUNNEL_GRE)
		n += GRE_HEADER + (d->tunnel_checksum == IPVS_CHECKSUM_PLAIN ? GRE_CHECKSUM : 0);
	return n;
}

/* The MTU on the way to an address; behind a router the greatest, to be sure. 0: not known. */
static uint32_t mtu_to(const struct preflight_host *host, const struct inaddr *address)
{
	const struct netcfg_link *link = preflight_on_link(host, address);
	uint32_t greatest = 0;

	if (link)
		return link->mtu;
	vec_foreach(other, &host->found->links)
		if (other->flags & IFF_UP && !(other->flags & (IFF_LOOPBACK | IFF_NOARP)) &&
		    other->mtu > greatest)
			greatest = other->mtu;
	return greatest;
}

/* How long the packets of clients may be: those that come by the interface of the VIP. */
static uint32_t mtu_from(const struct preflight_host *host, const struct service *s)
{
	const struct netcfg_link *link =
		s->spec.key.fwmark ? NULL : holder(host->found, &s->spec.key.address);

	if (!link || link->flags & (IFF_LOOPBACK | IFF_NOARP) || link->mtu > USUAL_MTU)
		return USUAL_MTU;
	return link->mtu;
}

static void check_mtu(const struct preflight_host *host, const struct service *s,
		      struct preflight_warnings *ret)
{
	const uint32_t from = mtu_from(host, s);

	vec_foreach(rs, &s->real_servers) {
		const struct inaddr *address = &rs->dest.key.address;
		uint32_t to, extra, headers;
		char id[IPVS_DEST_ID_MAX];

		if (rs->dest.forward != IPVS_FORWARD_TUN || is_local(host, address))
			continue;
		to = mtu_to(host, address);
		extra = envelope(&rs->dest);
		headers = TCP_HEADER +
			  (s->spec.key.address.family == AF_INET ? IPV4_HEADER : IPV6_HEADER);
		if (!to || to >= from + extra || to <= extra + headers)
			continue;
		preflight_warn(ret, PREFLIGHT_TUNNEL_MTU,
			       "packets of clients above %u bytes do not fit into the tunnel to %s "
			       "(MTU %u, %u of it for the tunnel): have an MTU of %u there, or an "
			       "MSS of at most %u announced by the real server",
			       to - extra, ipvs_dest_key_format(&rs->dest.key, id), to, extra,
			       from + extra, to - extra - headers);
		return;
	}
}

/* Connections that outlive their real server ----------------------------------------------------
 */

static bool is_off(const struct preflight_host *host, enum preflight_variable v)
{
	return host->values[v].known && host->values[v].number == 0;
}

static void check_expiry(const struct preflight_host *host, const struct service *s,
			 struct preflight_warnings *ret)
{
	if (s->spec.persistent && has_weight(s, true) && is_off(host, PREFLIGHT_EXPIRE_QUIESCENT))
		preflight_warn(ret, PREFLIGHT_QUIESCENT_KEEPS_CLIENTS,
			       "persistence goes on sending known clients to real servers of "
			       "weight 0, while net.ipv4.vs.expire_quiescent_template is 0");
	/* With TCP a client notices and connects anew; a UDP client goes on with its port, and so
	 * keeps the entry alive. */
	if (!s->spec.key.fwmark && s->spec.key.protocol == IPPROTO_UDP && !s->spec.one_packet &&
	    s->real_servers.n > 1 && is_off(host, PREFLIGHT_EXPIRE_NODEST))
		preflight_warn(ret, PREFLIGHT_REMOVED_KEEPS_CLIENTS,
			       "when a real server is removed, packets of clients that it served "
			       "are dropped until their entries expire, while "
			       "net.ipv4.vs.expire_nodest_conn is 0");
}

void preflight_service(const struct preflight_host *host, const declared_vec *declared,
		       const struct service *s, struct preflight_warnings *ret)
{
	ret->n = 0;
	check_real_servers(s, ret);
	if (!host->found)
		return;
	check_vip(host, declared, s, ret);
	check_nat(host, s, ret);
	check_mtu(host, s, ret);
	check_expiry(host, s, ret);
}

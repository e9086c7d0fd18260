/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The warnings of the role of real server. */
#include <net/if.h>
#include <string.h>

#include "preflight_private.h"

#define NO_ANSWER 8 /* arp_ignore: to nobody */

/* An interface on which neighbours ask who has an address. */
static bool has_neighbours(const struct netcfg_link *link)
{
	return link->flags & IFF_UP && !(link->flags & (IFF_LOOPBACK | IFF_NOARP));
}

static bool holds(const struct preflight_host *host, const struct declared *o,
		  const struct netcfg_link *link, const struct inaddr *vip)
{
	return streq(o->real_server.interface, link->name) ||
	       netcfg_found_exact(host->found, vip, link->index, netcfg_full_prefix(vip));
}

/* By who holds the address and what arp_ignore is: docs/KERNEL.md. */
static bool answers_arp(const struct preflight_host *host, const struct netcfg_link *link,
			bool is_holder)
{
	int32_t value;

	if (!preflight_applies(host, link, PREFLIGHT_ARP_IGNORE, &value) || value == NO_ANSWER)
		return false;
	return is_holder || (value != 1 && value != 2);
}

/* IPv6 answers for addresses of the interface that was asked, and for no others. */
static bool answers(const struct preflight_host *host, const struct declared *o,
		    const struct netcfg_link *link, const struct inaddr *vip)
{
	bool is_holder = holds(host, o, link, vip);

	return vip->family == AF_INET6 ? is_holder : answers_arp(host, link, is_holder);
}

static void check_answers(const struct preflight_host *host, const struct declared *o,
			  struct preflight_warnings *ret)
{
	char text[INADDR_TEXT_MAX];

	vec_foreach(link, &host->found->links)
		for (size_t i = 0; i < o->vips.n && has_neighbours(link); i++) {
			const struct inaddr *vip = &o->vips.items[i];

			if (!answers(host, o, link, vip))
				continue;
			preflight_warn(ret, PREFLIGHT_ANSWERS_FOR_VIP,
				       "%s answers neighbours that ask for %s, so that packets "
				       "come here and not to the director: %s",
				       link->name, inaddr_format(vip, text),
				       holds(host, o, link, vip)
					       ? "have the VIP on lo"
					       : "arp_ignore of it, or of all, has to be 1");
			return;
		}
}

static bool has_ipv4(const struct declared *o)
{
	return o->vips.n && o->vips.items[0].family == AF_INET; /* they come first */
}

/* The sender of an ARP request teaches the router who has that address. */
static void check_announce(const struct preflight_host *host, struct preflight_warnings *ret)
{
	int32_t value;

	vec_foreach(link, &host->found->links) {
		if (!has_neighbours(link) ||
		    !preflight_applies(host, link, PREFLIGHT_ARP_ANNOUNCE, &value) || value >= 2)
			continue;
		preflight_warn(ret, PREFLIGHT_ARP_FROM_VIP,
			       "ARP requests by %s may have a VIP as their sender, which tells "
			       "neighbours that it is here: arp_announce of it, or of all, has to "
			       "be 2",
			       link->name);
		return;
	}
}

/* What comes out of a tunnel comes from clients, whose way back is another interface. */
static void check_rp_filter(const struct preflight_host *host, const struct declared *o,
			    struct preflight_warnings *ret)
{
	const struct netcfg_declared role = { .real_server = &o->real_server,
					      .real_server_vips = o->vips.items,
					      .n_real_server_vips = o->vips.n };
	netcfg_conflict_vec conflicts = { 0 };
	struct netcfg_wanted wanted = { 0 };
	bool found = false;
	int32_t value;

	if (netcfg_expand(&role, &host->found->links, &wanted, &conflicts) < 0)
		return;
	vec_foreach(want, &wanted.links) {
		const struct netcfg_link *link = netcfg_found_link(host->found, want->name);

		if (found || !link || !(link->flags & IFF_UP) ||
		    !preflight_applies(host, link, PREFLIGHT_RP_FILTER, &value) || value != 1)
			continue;
		preflight_warn(ret, PREFLIGHT_RP_FILTER_DROPS,
			       "%s drops the packets that come out of the tunnel: rp_filter of it "
			       "and of all together is 1, and has to be 0 or 2",
			       link->name);
		found = true;
	}
	netcfg_wanted_done(&wanted);
	vec_done(&conflicts);
}

void preflight_declared(const struct preflight_host *host, const struct declared *o,
			struct preflight_warnings *ret)
{
	ret->n = 0;
	if (o->kind != DECLARED_REAL_SERVER || !host->found)
		return;
	check_answers(host, o, ret);
	if (!has_ipv4(o))
		return;
	check_announce(host, ret);
	if (o->real_server.mode == NETCFG_MODE_TUN)
		check_rp_filter(host, o, ret);
}

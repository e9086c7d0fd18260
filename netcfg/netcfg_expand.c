/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expansion of netcfg_expand.h: every object says what it wishes; wishes for one thing are then
 * brought together. Pure.
 */
#include "netcfg_expand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

/* A wish for a variable. accepts: values (bits) that serve it as well; 0: only its own does. */
struct sysctl_wish {
	struct netcfg_sysctl_key key; /* a slot */
	char value[NETCFG_SYSCTL_VALUE_MAX];
	uint16_t accepts;
	uint32_t order; /* of the wishes, so that sorting keeps it */
	struct netcfg_source source;
};

struct link_wish {
	char name[NETCFG_INTERFACE_MAX];
	const char *kind;
	bool checksum, optional;
	struct netcfg_source source;
};

struct fou_wish {
	struct netcfg_fou fou;
	struct netcfg_source source;
};

struct address_wish {
	struct netcfg_wanted_address want;
	struct netcfg_source source;
	uint32_t order;
};

struct expansion {
	const struct netcfg_declared *d;
	const netcfg_link_vec *links;
	struct netcfg_wanted *w;
	netcfg_conflict_vec *conflicts;
	VEC(struct sysctl_wish) sysctls;
	VEC(struct link_wish) link_wishes;
	VEC(struct fou_wish) fous;
	VEC(struct address_wish) addresses;
	bool failed; /* out of memory */
};

/*
 * The devices that take packets out of their envelope, and those that are made for it: packets with
 * a checksum are dropped by gre0, which was made without (ip_tunnel.c, ip_tunnel_rcv); it cannot be
 * changed, and a second one like it cannot be made but in the mode `external`.
 * home: VIPs of the family go there unless the role names an interface.
 */
static const struct tunnel {
	uint8_t type, checksum, inner, fou;
	bool home;
	const char *name, *kind;
} tunnels[] = {
	{ NETCFG_TUNNEL_IPIP, 0, AF_INET, 0, true, "tunl0", "ipip" },
	{ NETCFG_TUNNEL_IPIP, 0, AF_INET6, 0, true, "ip6tnl0", "ip6tnl" },
	{ NETCFG_TUNNEL_IPIP, 0, AF_INET6, 0, false, "sit0", "sit" },
	{ NETCFG_TUNNEL_GUE, 0, AF_INET, AF_INET, true, "tunl0", "ipip" },
	{ NETCFG_TUNNEL_GUE, 0, AF_INET6, AF_INET6, true, "ip6tnl0", "ip6tnl" },
	{ NETCFG_TUNNEL_GUE, 0, AF_INET6, AF_INET, false, "sit0", "sit" },
	{ NETCFG_TUNNEL_GRE, NETCFG_CHECKSUM_NONE, AF_INET, 0, true, "gre0", "gre" },
	{ NETCFG_TUNNEL_GRE, NETCFG_CHECKSUM_NONE, AF_INET6, 0, true, "ip6gre0", "ip6gre" },
	{ NETCFG_TUNNEL_GRE, NETCFG_CHECKSUM_NONE, AF_INET6, 0, false, "gre0", "gre" },
	{ NETCFG_TUNNEL_GRE, NETCFG_CHECKSUM_PLAIN, AF_INET, 0, true, "lvsd-gre", "gre" },
	{ NETCFG_TUNNEL_GRE, NETCFG_CHECKSUM_PLAIN, AF_INET6, 0, true, "lvsd-gre6", "ip6gre" },
	{ NETCFG_TUNNEL_GRE, NETCFG_CHECKSUM_PLAIN, AF_INET6, 0, false, "lvsd-gre", "gre" },
};

/* arp_ignore: 1, 2 and 8 keep a VIP on lo or a tunnel device silent; 3 does not (tried). */
#define ARP_IGNORE_ACCEPTS (1u << 1 | 1u << 2 | 1u << 8)

static void wish_key(struct expansion *x, const struct netcfg_sysctl_key *key, const char *value,
		     uint16_t accepts, const struct netcfg_source *source)
{
	struct sysctl_wish wish = {
		.accepts = accepts,
		.order = (uint32_t)x->sysctls.n,
		.source = *source,
	};

	netcfg_sysctl_slot(key, &wish.key);
	(void)snprintf(wish.value, sizeof(wish.value), "%s", value);
	x->failed = vec_push(&x->sysctls, wish) < 0 || x->failed;
}

/* A variable by the name of its row, with the interface for its star. */
static void wish_sysctl(struct expansion *x, const char *prefix, const char *interface,
			const char *last, const char *value, const struct netcfg_source *source)
{
	char name[NETCFG_SYSCTL_NAME_MAX];
	struct netcfg_sysctl_key key;
	const char *why;
	size_t n = strlen(prefix);

	(void)snprintf(name, sizeof(name), "%s%s%s", prefix, interface, last);
	for (size_t i = n; i < n + strlen(interface); i++)
		if (name[i] == '.')
			name[i] = '/';
	if (netcfg_sysctl_parse(name, strlen(name), &key, &why) == 0)
		wish_key(x, &key, value, streq(last, ".arp_ignore") ? ARP_IGNORE_ACCEPTS : 0,
			 source);
}

static void wish_address(struct expansion *x, const struct inaddr *address, const char *interface,
			 const char *label, const struct netcfg_source *source)
{
	struct address_wish wish = {
		.source = *source,
		.order = (uint32_t)x->addresses.n,
		.want.address = *address,
		.want.prefix_length = netcfg_full_prefix(address),
	};

	(void)snprintf(wish.want.interface, sizeof(wish.want.interface), "%s", interface);
	(void)snprintf(wish.want.label, sizeof(wish.want.label), "%s", label);
	x->failed = vec_push(&x->addresses, wish) < 0 || x->failed;
}

static void wish_tunnel(struct expansion *x, const struct tunnel *t,
			const struct netcfg_source *source)
{
	struct link_wish link = { .kind = t->kind, .source = *source };
	struct fou_wish fou = { .source = *source };

	link.checksum = t->checksum == NETCFG_CHECKSUM_PLAIN;
	link.optional = !t->home;
	(void)snprintf(link.name, sizeof(link.name), "%s", t->name);
	x->failed = vec_push(&x->link_wishes, link) < 0 || x->failed;
	wish_sysctl(x, "net.ipv4.conf.", t->name, ".rp_filter", "2", source);
	if (!t->fou)
		return;
	fou.fou = (struct netcfg_fou){ x->d->real_server->tunnel_port, t->fou, true };
	x->failed = vec_push(&x->fous, fou) < 0 || x->failed;
}

static bool has_family(const struct expansion *x, uint8_t family)
{
	for (size_t i = 0; i < x->d->n_real_server_vips; i++)
		if (x->d->real_server_vips[i].family == family)
			return true;
	return false;
}

static bool tunnel_fits(const struct tunnel *t, const struct netcfg_real_server_role *role)
{
	return t->type == role->tunnel_type &&
	       (t->type != NETCFG_TUNNEL_GRE || t->checksum == role->tunnel_checksum);
}

/* Where the VIPs of a family go. */
static const char *home_of(const struct netcfg_real_server_role *role, uint8_t family)
{
	if (role->interface[0])
		return role->interface;
	for (size_t i = 0; i < ARRAY_SIZE(tunnels) && role->mode == NETCFG_MODE_TUN; i++)
		if (tunnels[i].home && tunnels[i].inner == family && tunnel_fits(&tunnels[i], role))
			return tunnels[i].name;
	return "lo";
}

static void wish_arp(struct expansion *x, const char *interface, const struct netcfg_source *source)
{
	wish_sysctl(x, "net.ipv4.conf.", interface, ".arp_ignore", "1", source);
	wish_sysctl(x, "net.ipv4.conf.", interface, ".arp_announce", "2", source);
}

static void wish_real_server(struct expansion *x)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	const struct netcfg_real_server_role *role = x->d->real_server;
	struct netcfg_source source = { .object = NETCFG_OBJECT_REAL_SERVER, .member = "mode" };
	const char *last = NULL;

	wish_arp(x, "all", &source);
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		const char *home = home_of(role, families[f]);

		/* An interface that is named, and lo, does not depend on there being VIPs. */
		if (!has_family(x, families[f]) &&
		    (role->mode == NETCFG_MODE_TUN && !role->interface[0]))
			continue;
		if (!last || !streq(home, last))
			wish_arp(x, home, &source);
		last = home;
		for (size_t i = 0; i < ARRAY_SIZE(tunnels) && role->mode == NETCFG_MODE_TUN; i++)
			if (tunnels[i].inner == families[f] && has_family(x, families[f]) &&
			    tunnel_fits(&tunnels[i], role))
				wish_tunnel(x, &tunnels[i], &source);
	}
	source.member = "vips";
	for (size_t i = 0; i < x->d->n_real_server_vips; i++) {
		const struct inaddr *a = &x->d->real_server_vips[i];

		source.index = (uint32_t)i;
		wish_address(x, a, home_of(role, a->family), "", &source);
	}
}

/* Every interface that has the variable, and those that a client names whatever is there: so a
 * conflict shows when it is made, not when the interface comes. */
static void wish_redirects(struct expansion *x, const char *value,
			   const struct netcfg_source *source)
{
	static const char name[] = "net.ipv4.conf.all.send_redirects";
	struct netcfg_sysctl_key all, key;
	const char *why;

	if (netcfg_sysctl_parse(name, strlen(name), &all, &why) < 0)
		return;
	wish_key(x, &all, value, 0, source);
	wish_sysctl(x, "net.ipv4.conf.", "default", ".send_redirects", value, source);
	vec_foreach(link, x->links)
		if (link->conf_known >> all.row & 1 && !netcfg_interface_unfit(link->name))
			wish_sysctl(x, "net.ipv4.conf.", link->name, ".send_redirects", value,
				    source);
	for (size_t i = 0; i < x->d->n_sysctls; i++) {
		const char *declared = x->d->sysctls[i]->name;

		if (netcfg_sysctl_parse(declared, strlen(declared), &key, &why) == 0 &&
		    key.row == all.row)
			wish_key(x, &key, value, 0, source);
	}
}

static const char *digit(uint8_t position)
{
	return position == NETCFG_ON ? "1" : "0";
}

static void wish_timeouts(struct expansion *x, const struct netcfg_director_role *role)
{
	const struct netcfg_source source = { .object = NETCFG_OBJECT_DIRECTOR,
					      .member = "timeouts" };
	const struct {
		enum netcfg_timeout which;
		uint32_t seconds;
	} timeouts[] = {
		{ NETCFG_TIMEOUT_TCP, role->tcp_timeout },
		{ NETCFG_TIMEOUT_TCP_FIN, role->tcp_fin_timeout },
		{ NETCFG_TIMEOUT_UDP, role->udp_timeout },
	};

	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct netcfg_sysctl_key key;
		char value[16];

		if (!timeouts[i].seconds)
			continue;
		netcfg_sysctl_timeout(timeouts[i].which, &key);
		(void)snprintf(value, sizeof(value), "%u", timeouts[i].seconds);
		wish_key(x, &key, value, 0, &source);
	}
}

static void wish_director(struct expansion *x)
{
	const struct netcfg_director_role *role = x->d->director;
	struct netcfg_source source = { .object = NETCFG_OBJECT_DIRECTOR };

	source.member = "ipv4Forwarding";
	if (role->ipv4_forwarding != NETCFG_LEAVE)
		wish_sysctl(x, "net.ipv4.conf.", "all", ".forwarding", digit(role->ipv4_forwarding),
			    &source);
	source.member = "ipv6Forwarding";
	if (role->ipv6_forwarding != NETCFG_LEAVE)
		wish_sysctl(x, "net.ipv6.conf.", "all", ".forwarding", digit(role->ipv6_forwarding),
			    &source);
	source.member = "sendRedirects";
	if (role->send_redirects != NETCFG_LEAVE)
		wish_redirects(x, digit(role->send_redirects), &source);
	wish_timeouts(x, role);
	source.member = "ipvs";
	for (size_t i = 0; i < x->d->n_director_ipvs; i++) {
		source.index = (uint32_t)i;
		wish_sysctl(x, x->d->director_ipvs[i].name, "", "", x->d->director_ipvs[i].value,
			    &source);
	}
}

static void wish_all(struct expansion *x)
{
	const struct netcfg_declared *d = x->d;

	for (size_t i = 0; i < d->n_sysctls; i++) {
		const struct netcfg_source source = { .object = NETCFG_OBJECT_SYSCTL,
						      .index = (uint32_t)i,
						      .member = "value" };

		wish_sysctl(x, d->sysctls[i]->name, "", "", d->sysctls[i]->value, &source);
	}
	for (size_t i = 0; i < d->n_vips; i++) {
		const struct netcfg_source source = { .object = NETCFG_OBJECT_VIP,
						      .index = (uint32_t)i };

		wish_address(x, &d->vips[i]->address, d->vips[i]->interface, d->vips[i]->label,
			     &source);
	}
	if (d->real_server)
		wish_real_server(x);
	if (d->director)
		wish_director(x);
}

/* Bringing together ---------------------------------------------------------------------------- */

static int order_sysctls(const void *a, const void *b)
{
	const struct sysctl_wish *x = a, *y = b;
	int c = netcfg_sysctl_compare(&x->key, &y->key);

	return c ? c : (x->order > y->order) - (x->order < y->order);
}

static int order_links(const void *a, const void *b)
{
	const struct link_wish *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : x->optional - y->optional;
}

static int order_fous(const void *a, const void *b)
{
	return netcfg_fou_compare(&((const struct fou_wish *)a)->fou,
				  &((const struct fou_wish *)b)->fou);
}

static int order_addresses(const void *a, const void *b)
{
	const struct address_wish *x = a, *y = b;
	int c = inaddr_compare(&x->want.address, &y->want.address);

	return c ? c : (x->order > y->order) - (x->order < y->order);
}

static void add_source(struct expansion *x, struct netcfg_wishes *wishes,
		       const struct netcfg_source *source)
{
	const struct netcfg_source *last =
		wishes->n ? &x->w->sources.items[x->w->sources.n - 1] : NULL;

	/* A role may come to the same thing by both families. */
	if (x->failed || (last && last->object == source->object && last->index == source->index &&
			  last->member == source->member))
		return;
	if (wishes->n == 0)
		wishes->first = (uint32_t)x->w->sources.n;
	wishes->n++;
	x->failed = vec_push(&x->w->sources, *source) < 0 || x->failed;
}

static bool serves(const struct sysctl_wish *wish, const char *value)
{
	/* Values with a set are single digits. */
	if (wish->accepts && value[0] >= '0' && value[0] <= '9' && !value[1])
		return wish->accepts >> (value[0] - '0') & 1;
	return netcfg_sysctl_same(&wish->key, wish->value, value);
}

static void note_conflict(struct expansion *x, const struct sysctl_wish *a,
			  const struct sysctl_wish *b)
{
	struct netcfg_conflict c = { .first = a->source, .second = b->source };

	(void)netcfg_sysctl_format(&a->key, c.what);
	memcpy(c.first_value, a->value, sizeof(c.first_value));
	memcpy(c.second_value, b->value, sizeof(c.second_value));
	x->failed = vec_push(x->conflicts, c) < 0 || x->failed;
}

/* n wishes for one variable: the first decides. Those of sysctls, which know their value exactly,
 * come before those of roles. */
static void merge_sysctl(struct expansion *x, const struct sysctl_wish *wishes, size_t n)
{
	const struct sysctl_wish *leader = wishes;
	struct netcfg_wanted_sysctl want = { .key = wishes->key };

	for (size_t i = 0; i < n; i++) {
		if (serves(&wishes[i], leader->value))
			add_source(x, &want.wishes, &wishes[i].source);
		else
			note_conflict(x, leader, &wishes[i]);
	}
	memcpy(want.value, leader->value, sizeof(want.value));
	x->failed = vec_push(&x->w->sysctls, want) < 0 || x->failed;
}

static void merge_sysctls(struct expansion *x)
{
	size_t n;

	vec_sort(&x->sysctls, order_sysctls);
	for (size_t i = 0; i < x->sysctls.n; i += n) {
		const struct sysctl_wish *first = &x->sysctls.items[i];

		for (n = 1; i + n < x->sysctls.n; n++)
			if (netcfg_sysctl_compare(&first->key, &first[n].key) != 0)
				break;
		merge_sysctl(x, first, n);
	}
}

static void merge_links(struct expansion *x)
{
	vec_sort(&x->link_wishes, order_links);
	vec_foreach(wish, &x->link_wishes) {
		struct netcfg_wanted_link want = { .kind = wish->kind,
						   .checksum = wish->checksum,
						   .optional = wish->optional };

		/* gre: one device of two families, of one role. */
		if (wish > x->link_wishes.items && streq(wish[-1].name, wish->name))
			continue;
		memcpy(want.name, wish->name, sizeof(want.name));
		add_source(x, &want.wishes, &wish->source);
		x->failed = vec_push(&x->w->links, want) < 0 || x->failed;
	}
	vec_sort(&x->fous, order_fous);
	vec_foreach(wish, &x->fous) {
		struct netcfg_wanted_fou want = { .fou = wish->fou };

		if (wish > x->fous.items && order_fous(wish - 1, wish) == 0)
			continue;
		add_source(x, &want.wishes, &wish->source);
		x->failed = vec_push(&x->w->fous, want) < 0 || x->failed;
	}
}

static void merge_addresses(struct expansion *x)
{
	const struct address_wish *last = NULL;

	vec_sort(&x->addresses, order_addresses);
	vec_foreach(wish, &x->addresses) {
		struct netcfg_wanted_address want = wish->want;
		struct netcfg_conflict c = { .second = wish->source };

		if (last && inaddr_compare(&last->want.address, &want.address) == 0) {
			c.first = last->source;
			(void)inaddr_format(&want.address, c.what);
			memcpy(c.first_value, last->want.interface, sizeof(want.interface));
			memcpy(c.second_value, want.interface, sizeof(want.interface));
			x->failed = vec_push(x->conflicts, c) < 0 || x->failed;
			continue;
		}
		last = wish;
		add_source(x, &want.wishes, &wish->source);
		x->failed = vec_push(&x->w->addresses, want) < 0 || x->failed;
	}
}

static void take_syncs(struct expansion *x)
{
	for (size_t role = 0; role < ARRAY_SIZE(x->d->syncs); role++) {
		const struct netcfg_source source = {
			.object = (uint8_t)(NETCFG_OBJECT_SYNC_MASTER + role)
		};
		struct netcfg_wanted_sync want;

		if (!x->d->syncs[role])
			continue;
		want = (struct netcfg_wanted_sync){ .sync = *x->d->syncs[role] };
		add_source(x, &want.wishes, &source);
		x->failed = vec_push(&x->w->syncs, want) < 0 || x->failed;
	}
}

int netcfg_expand(const struct netcfg_declared *d, const netcfg_link_vec *links,
		  struct netcfg_wanted *ret, netcfg_conflict_vec *ret_conflicts)
{
	struct netcfg_wanted w = { 0 };
	netcfg_conflict_vec conflicts = { 0 };
	struct expansion x = { .d = d, .links = links, .w = &w, .conflicts = &conflicts };

	wish_all(&x);
	merge_sysctls(&x);
	merge_links(&x);
	merge_addresses(&x);
	take_syncs(&x);
	vec_done(&x.sysctls);
	vec_done(&x.link_wishes);
	vec_done(&x.fous);
	vec_done(&x.addresses);
	if (x.failed) {
		netcfg_wanted_done(&w);
		vec_done(&conflicts);
	}
	*ret = w;
	*ret_conflicts = conflicts;
	return x.failed ? -ENOMEM : 0;
}

void netcfg_wanted_done(struct netcfg_wanted *w)
{
	vec_done(&w->sysctls);
	vec_done(&w->links);
	vec_done(&w->fous);
	vec_done(&w->addresses);
	vec_done(&w->syncs);
	vec_done(&w->sources);
}

bool netcfg_wants(const struct netcfg_wanted *w, const struct netcfg_wishes *wishes,
		  enum netcfg_object object, uint32_t index)
{
	bool by_index = object == NETCFG_OBJECT_VIP || object == NETCFG_OBJECT_SYSCTL;

	for (uint32_t i = 0; i < wishes->n; i++) {
		const struct netcfg_source *s = &w->sources.items[wishes->first + i];

		if (s->object == object && (!by_index || s->index == index))
			return true;
	}
	return false;
}

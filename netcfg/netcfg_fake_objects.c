/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, addresses and ports of the kernel in memory: one operation at a time, for netcfg_fake.c.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "netcfg_fake_private.h"
#include "util.h"

/* Devices that come with the module of a kind, and stay. */
static const struct {
	const char *kind, *name;
	uint16_t type;
} fallbacks[] = {
	{ "ipip", "tunl0", ARPHRD_TUNNEL },	 { "sit", "sit0", ARPHRD_SIT },
	{ "ip6tnl", "ip6tnl0", ARPHRD_TUNNEL6 }, { "gre", "gre0", ARPHRD_IPGRE },
	{ "ip6gre", "ip6gre0", ARPHRD_IP6GRE },
};

static void tell_link(struct netcfg_fake *f, const struct netcfg_link *link, bool gone)
{
	netcfg_fake_news(f, &(struct netcfg_change){
				    .kind = NETCFG_CHANGE_LINK, .gone = gone, .link = *link });
}

static void tell_address(struct netcfg_fake *f, const struct netcfg_address *address, bool gone)
{
	netcfg_fake_news(f, &(struct netcfg_change){ .kind = NETCFG_CHANGE_ADDRESS,
						     .gone = gone,
						     .address = *address });
}

/* Links ---------------------------------------------------------------------------------------- */

struct netcfg_link *netcfg_fake_find(struct netcfg_fake *f, const char *name)
{
	vec_foreach(link, &f->links)
		if (streq(link->name, name))
			return link;
	return NULL;
}

static struct netcfg_link *find_at(struct netcfg_fake *f, int32_t index)
{
	vec_foreach(link, &f->links)
		if (link->index == index)
			return link;
	return NULL;
}

int netcfg_fake_add_link(struct netcfg_fake *f, const struct netcfg_link *link)
{
	struct netcfg_link l = *link;

	if (l.index == 0)
		l.index = f->next_index;
	if (l.index >= f->next_index)
		f->next_index = l.index + 1;
	if (!l.conf_known)
		netcfg_fake_seed(&f->sysctls, &l);
	if (vec_push(&f->links, l) < 0)
		return -ENOMEM;
	vec_sort(&f->links, netcfg_link_compare);
	tell_link(f, &l, false);
	return 0;
}

static void remove_address(struct netcfg_fake *f, size_t at)
{
	const struct netcfg_address gone = f->addresses.items[at];

	memmove(f->addresses.items + at, f->addresses.items + at + 1,
		(--f->addresses.n - at) * sizeof(gone));
	tell_address(f, &gone, true);
}

/* IPv6 addresses go with the state of the link, unless keep_addr_on_down says otherwise. */
static bool keeps_addresses(const struct netcfg_fake *f, const struct netcfg_link *link)
{
	static const char name[] = "net.ipv6.conf.all.keep_addr_on_down";
	struct netcfg_sysctl_key key;
	const char *why;
	int32_t all;

	if (netcfg_sysctl_parse(name, strlen(name), &key, &why) < 0)
		return false;
	all = f->sysctls.all[key.row];
	return (all ? all : link->conf[key.row]) > 0;
}

static void drop_addresses(struct netcfg_fake *f, const struct netcfg_link *link, bool v4)
{
	for (size_t i = f->addresses.n; i-- > 0;)
		if (f->addresses.items[i].index == link->index &&
		    (v4 || f->addresses.items[i].address.family == AF_INET6))
			remove_address(f, i);
}

int netcfg_fake_remove_link(struct netcfg_fake *f, struct netcfg_link *link)
{
	const struct netcfg_link gone = *link;
	size_t at = (size_t)(link - f->links.items);

	for (size_t i = 0; i < ARRAY_SIZE(fallbacks); i++)
		if (streq(fallbacks[i].name, link->name))
			return 0; /* the kernel does nothing and does not say so */
	drop_addresses(f, link, true);
	memmove(f->links.items + at, f->links.items + at + 1, (--f->links.n - at) * sizeof(gone));
	tell_link(f, &gone, true);
	return 0;
}

struct netcfg_link netcfg_fake_new_link(const char *name, const char *kind, uint16_t type)
{
	struct netcfg_link link = { .type = type, .flags = IFF_NOARP, .mtu = 1480 };

	(void)snprintf(link.name, sizeof(link.name), "%s", name);
	(void)snprintf(link.kind, sizeof(link.kind), "%s", kind);
	return link;
}

static int make_link(struct netcfg_fake *f, const struct netcfg_op *op)
{
	struct netcfg_link link;
	size_t i = 0;
	int r = 0;

	if (netcfg_fake_find(f, op->name))
		return -EEXIST;
	while (i < ARRAY_SIZE(fallbacks) && !streq(fallbacks[i].kind, op->kind))
		i++;
	if (i == ARRAY_SIZE(fallbacks))
		return -EOPNOTSUPP;
	if (!netcfg_fake_find(f, fallbacks[i].name)) { /* the module is loaded now */
		link = netcfg_fake_new_link(fallbacks[i].name, fallbacks[i].kind,
					    fallbacks[i].type);
		r = netcfg_fake_add_link(f, &link);
	}
	if (r < 0)
		return r;
	if (!op->checksum) /* is there by this name, or one that takes the same packets is */
		return -EEXIST;
	vec_foreach(other, &f->links)
		if (streq(other->kind, op->kind) && !streq(other->name, fallbacks[i].name))
			return -EEXIST; /* only one in mode `external` */
	link = netcfg_fake_new_link(op->name, op->kind, ARPHRD_NONE);
	return netcfg_fake_add_link(f, &link);
}

static int apply_link(struct netcfg_fake *f, const struct netcfg_op *op)
{
	struct netcfg_link *link;

	if (op->verb == NETCFG_LINK_ADD)
		return make_link(f, op);
	link = find_at(f, op->index);
	if (!link)
		return -ENODEV;
	if (op->verb == NETCFG_LINK_DELETE)
		return netcfg_fake_remove_link(f, link);
	if (op->verb == NETCFG_LINK_UP) {
		link->flags |= IFF_UP | IFF_RUNNING;
		link->carrier = true;
	} else {
		link->flags &= ~(uint32_t)(IFF_UP | IFF_RUNNING);
		link->carrier = false;
		if (!keeps_addresses(f, link))
			drop_addresses(f, link, false);
	}
	tell_link(f, link, false);
	return 0;
}

/* Addresses ------------------------------------------------------------------------------------ */

/* The entry that an operation is about; IPv6 has an address once on an interface. */
static ssize_t find_address(const struct netcfg_fake *f, const struct netcfg_address *a)
{
	for (size_t i = 0; i < f->addresses.n; i++) {
		const struct netcfg_address *b = &f->addresses.items[i];

		if (b->index == a->index && inaddr_compare(&b->address, &a->address) == 0 &&
		    (a->address.family == AF_INET6 || b->prefix_length == a->prefix_length))
			return (ssize_t)i;
	}
	return -1;
}

static int check_address(const struct netcfg_address *a)
{
	static const uint8_t any[16] = { 0 };

	if (a->prefix_length > inaddr_length(&a->address) * 8)
		return -EINVAL;
	if (a->address.family == AF_INET6 &&
	    (a->address.bytes[0] == 0xff || memcmp(a->address.bytes, any, 16) == 0))
		return -EADDRNOTAVAIL;
	return 0;
}

static void set_lifetime(struct netcfg_address *a, bool ours)
{
	bool v6 = a->address.family == AF_INET6;

	a->valid = UINT32_MAX;
	a->preferred = v6 && ours ? 0 : UINT32_MAX;
	a->flags = IFA_F_PERMANENT;
	if (v6 && ours)
		a->flags |= IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_DEPRECATED;
}

static int put_address(struct netcfg_fake *f, const struct netcfg_op *op, bool ours)
{
	struct netcfg_address a = op->address;
	const struct netcfg_link *link = find_at(f, a.index);
	ssize_t at;

	if (check_address(&a) < 0)
		return check_address(&a);
	if (!link)
		return -ENODEV;
	at = find_address(f, &a);
	if (at >= 0 && op->verb == NETCFG_ADDRESS_ADD)
		return -EEXIST;
	if (at >= 0) {
		set_lifetime(&f->addresses.items[at], ours);
		tell_address(f, &f->addresses.items[at], false);
		return 0;
	}
	set_lifetime(&a, ours);
	a.protocol = ours ? NETCFG_ADDRESS_PROTOCOL : 0;
	if (a.address.family == AF_INET6)
		memset(a.label, 0, sizeof(a.label));
	else if (!a.label[0])
		memcpy(a.label, link->name, sizeof(a.label));
	if (vec_push(&f->addresses, a) < 0)
		return -ENOMEM;
	vec_sort(&f->addresses, netcfg_address_compare);
	tell_address(f, &a, false);
	return 0;
}

static int delete_address(struct netcfg_fake *f, const struct netcfg_address *a)
{
	ssize_t at;

	if (!find_at(f, a->index))
		return -ENODEV;
	at = find_address(f, a);
	if (at < 0 || f->addresses.items[at].prefix_length != a->prefix_length)
		return -EADDRNOTAVAIL;
	remove_address(f, (size_t)at);
	return 0;
}

/* Ports ---------------------------------------------------------------------------------------- */

static int apply_fou(struct netcfg_fake *f, const struct netcfg_op *op)
{
	int found;
	size_t at = vec_lower_bound(f->fous.items, f->fous.n, sizeof(op->fou), &op->fou,
				    netcfg_fou_compare, &found);

	if (op->verb == NETCFG_FOU_DELETE) {
		if (!found)
			return -EINVAL;
		memmove(f->fous.items + at, f->fous.items + at + 1,
			(--f->fous.n - at) * sizeof(op->fou));
		return 0;
	}
	if (found)
		return -EADDRINUSE;
	if (vec_push(&f->fous, op->fou) < 0)
		return -ENOMEM;
	vec_sort(&f->fous, netcfg_fou_compare);
	return 0;
}

int netcfg_fake_execute(struct netcfg_fake *f, const struct netcfg_op *op, bool ours)
{
	switch (op->verb) {
	case NETCFG_SYSCTL_WRITE:
		return netcfg_fake_write(f, op->key, op->value);
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		return apply_link(f, op);
	case NETCFG_FOU_ADD:
	case NETCFG_FOU_DELETE:
		return apply_fou(f, op);
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
		return put_address(f, op, ours);
	case NETCFG_SYNC_STOP:
	case NETCFG_SYNC_START:
		return -EOPNOTSUPP; /* a matter of IPVS */
	case NETCFG_ADDRESS_DELETE:
		break;
	}
	return delete_address(f, &op->address);
}

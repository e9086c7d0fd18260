/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order of what was found and lookups in it. Pure; who fills it is the provider. */
#include "netcfg_found.h"

#include <stdio.h>
#include <string.h>

#include "util.h"

static int compare_int(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int netcfg_link_compare(const void *a, const void *b)
{
	return compare_int(((const struct netcfg_link *)a)->index,
			   ((const struct netcfg_link *)b)->index);
}

int netcfg_address_compare(const void *a, const void *b)
{
	const struct netcfg_address *x = a, *y = b;
	int c = inaddr_compare(&x->address, &y->address);

	if (c == 0)
		c = compare_int(x->index, y->index);
	return c ? c : compare_int(x->prefix_length, y->prefix_length);
}

int netcfg_fou_compare(const void *a, const void *b)
{
	const struct netcfg_fou *x = a, *y = b;
	int c = compare_int(x->family, y->family);

	return c ? c : compare_int(x->port, y->port);
}

int netcfg_value_compare(const void *a, const void *b)
{
	return netcfg_sysctl_compare(&((const struct netcfg_value *)a)->key,
				     &((const struct netcfg_value *)b)->key);
}

const struct netcfg_link *netcfg_found_link(const struct netcfg_found *f, const char *name)
{
	vec_foreach(link, &f->links)
		if (streq(link->name, name))
			return link;
	return NULL;
}

const struct netcfg_link *netcfg_found_link_at(const struct netcfg_found *f, int32_t index)
{
	const struct netcfg_link wanted = { .index = index };
	int found;
	size_t at = vec_lower_bound(f->links.items, f->links.n, sizeof(wanted), &wanted,
				    netcfg_link_compare, &found);

	return found ? &f->links.items[at] : NULL;
}

const struct netcfg_address *netcfg_found_address(const struct netcfg_found *f,
						  const struct inaddr *address)
{
	const struct netcfg_address wanted = { .address = *address, .index = INT32_MIN };
	int found;
	size_t at = vec_lower_bound(f->addresses.items, f->addresses.n, sizeof(wanted), &wanted,
				    netcfg_address_compare, &found);

	if (at == f->addresses.n || inaddr_compare(&f->addresses.items[at].address, address) != 0)
		return NULL;
	return &f->addresses.items[at];
}

const struct netcfg_address *netcfg_found_exact(const struct netcfg_found *f,
						const struct inaddr *address, int32_t index,
						uint8_t prefix_length)
{
	const struct netcfg_address wanted = { .address = *address,
					       .index = index,
					       .prefix_length = prefix_length };
	int found;
	size_t at = vec_lower_bound(f->addresses.items, f->addresses.n, sizeof(wanted), &wanted,
				    netcfg_address_compare, &found);

	return found ? &f->addresses.items[at] : NULL;
}

const struct netcfg_fou *netcfg_found_fou(const struct netcfg_found *f, uint8_t family,
					  uint16_t port)
{
	const struct netcfg_fou wanted = { .family = family, .port = port };
	int found;
	size_t at = vec_lower_bound(f->fous.items, f->fous.n, sizeof(wanted), &wanted,
				    netcfg_fou_compare, &found);

	return found ? &f->fous.items[at] : NULL;
}

bool netcfg_link_value(const struct netcfg_link *link, const struct netcfg_sysctl_key *key,
		       struct netcfg_value *ret)
{
	if (key->row >= NETCFG_CONF_MAX || !(link->conf_known >> key->row & 1))
		return false;
	*ret = (struct netcfg_value){ .key = *key, .present = true };
	(void)snprintf(ret->text, sizeof(ret->text), "%d", link->conf[key->row]);
	return true;
}

const struct netcfg_sync *netcfg_found_sync(const struct netcfg_found *f,
					    enum netcfg_sync_role role)
{
	vec_foreach(s, &f->syncs)
		if (s->role == role)
			return s;
	return NULL;
}

const struct netcfg_value *netcfg_found_value(const struct netcfg_found *f,
					      const struct netcfg_sysctl_key *key)
{
	struct netcfg_value wanted;
	size_t at;
	int found;

	netcfg_sysctl_slot(key, &wanted.key);
	at = vec_lower_bound(f->values.items, f->values.n, sizeof(wanted), &wanted,
			     netcfg_value_compare, &found);
	return found ? &f->values.items[at] : NULL;
}

void netcfg_found_done(struct netcfg_found *f)
{
	vec_done(&f->links);
	vec_done(&f->addresses);
	vec_done(&f->fous);
	vec_done(&f->syncs);
	f->syncs_known = false;
	vec_done(&f->values);
}

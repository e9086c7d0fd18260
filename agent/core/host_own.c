/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host as it is now, for the API: what of it is ours, and taking over an address of others. */
#include <errno.h>

#include "host_private.h"

const struct netcfg_found *host_found(const struct host *h)
{
	struct host_view *view = h->view;
	struct netcfg_found fresh;

	if (!view->stale)
		return view->filled ? &view->found : &h->found;
	/* For itself: what the reconciler compares with stays as its own look left it. */
	if (netcfg_look(h->kernel, h->looked ? &h->wanted : NULL, &h->memory, &fresh) < 0)
		return view->filled ? &view->found : h->looked ? &h->found : NULL;
	netcfg_found_done(&view->found);
	view->found = fresh;
	view->filled = true;
	view->stale = false;
	view->preflight_until = 0;
	return &view->found;
}

static bool is_ours(const struct host *h, const struct netcfg_found *found,
		    const struct netcfg_address *a)
{
	const struct netcfg_link *link = netcfg_found_link_at(found, a->index);
	struct netcfg_memo about = { .kind = NETCFG_MEMO_ADDRESS,
				     .address = a->address,
				     .prefix_length = a->prefix_length };
	const struct netcfg_memo *memo;

	if (!link)
		return false;
	memcpy(about.interface, link->name, sizeof(about.interface));
	memo = netcfg_memory_find(&h->memory, &about);
	return memo ? memo->class == NETCFG_OURS : a->protocol == NETCFG_ADDRESS_PROTOCOL;
}

bool host_address_is_foreign(const struct host *h, const struct inaddr *address)
{
	const struct netcfg_found *found = host_found(h);
	const struct netcfg_address *a = found ? netcfg_found_address(found, address) : NULL;
	const struct netcfg_address *end = a ? found->addresses.items + found->addresses.n : NULL;

	for (; a && a < end && inaddr_compare(&a->address, address) == 0; a++)
		if (!is_ours(h, found, a))
			return true;
	return false;
}

bool host_is_adoptable(const struct host *h, const struct inaddr *address, const char *interface)
{
	const struct netcfg_found *found = host_found(h);
	const struct netcfg_address *a = found ? netcfg_found_address(found, address) : NULL;
	const struct netcfg_address *end = a ? found->addresses.items + found->addresses.n : NULL;

	for (; a && a < end && inaddr_compare(&a->address, address) == 0; a++) {
		const struct netcfg_link *link = netcfg_found_link_at(found, a->index);

		if (a->prefix_length == netcfg_full_prefix(address) && link &&
		    (!*interface || streq(link->name, interface)) && !is_ours(h, found, a))
			return true;
	}
	return false;
}

bool host_sysctl_is_ours(const struct host *h, const struct netcfg_sysctl_key *key)
{
	const struct netcfg_memo about = { .kind = NETCFG_MEMO_SYSCTL, .key = *key };

	return host_wanted_sysctl(&h->wanted, key) || netcfg_memory_find(&h->memory, &about);
}

/* Where what is declared now wants the address. 0, -ENOENT or -ENOMEM. */
static int find_place(const struct host *h, const struct netcfg_found *found,
		      const struct inaddr *address, struct netcfg_memo *ret)
{
	const struct netcfg_wanted_address *want;
	netcfg_conflict_vec conflicts = { 0 };
	struct netcfg_wanted w = { 0 };
	struct host_snapshot *s = NULL;
	int r = host_snapshot_new(h->hooks->declared(h->arg), &s);

	if (r == 0)
		r = netcfg_expand(&s->view.all, &found->links, &w, &conflicts);
	want = r == 0 ? host_wanted_address(&w, address) : NULL;
	if (r == 0 && !want)
		r = -ENOENT;
	if (r == 0)
		*ret = host_about_address(want);
	netcfg_wanted_done(&w);
	vec_done(&conflicts);
	host_snapshot_unref(s);
	return r;
}

int host_adopt(struct host *h, const struct inaddr *address)
{
	const struct netcfg_found *found = host_found(h);
	const struct netcfg_memo *before;
	const struct netcfg_link *link;
	struct netcfg_memo memo, old;
	netcfg_memo_vec rows = { .items = &memo, .n = 1 };
	int r = found ? find_place(h, found, address, &memo) : -ENOENT;

	if (r < 0)
		return r;
	link = netcfg_found_link(found, memo.interface);
	if (!link || !netcfg_found_exact(found, address, link->index, memo.prefix_length))
		return -ENOENT;
	before = netcfg_memory_find(&h->memory, &memo);
	if (before && before->class == NETCFG_OURS)
		return 0;
	old = before ? *before : memo;
	memo.class = NETCFG_OURS;
	r = host_memory_touch(h, &rows);
	if (r == 0)
		r = netcfg_memory_put(&h->memory, &memo);
	if (r == 0 && host_memory_flush(h) < 0) {
		r = -EIO;
		if (before)
			(void)netcfg_memory_put(&h->memory, &old);
		else
			netcfg_memory_drop(&h->memory, &memo);
	}
	h->kicked = h->unnoted = true;
	return r;
}

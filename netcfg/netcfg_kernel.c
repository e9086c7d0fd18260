/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is the same for all providers: looking at all that matters, and their end. */
#include "netcfg_kernel.h"

#include <errno.h>
#include <string.h>

#include "util.h"

typedef VEC(struct netcfg_sysctl_key) key_vec;

static int order_keys(const void *a, const void *b)
{
	return netcfg_sysctl_compare(a, b);
}

static bool concerns_fous(const struct netcfg_wanted *w, const netcfg_memo_vec *memory)
{
	if (w->fous.n)
		return true;
	vec_foreach(memo, memory)
		if (memo->kind == NETCFG_MEMO_FOU)
			return true;
	return false;
}

/* A key and, for `all` of what writes through, `default`, which it overwrites. */
static int push_key(key_vec *keys, const struct netcfg_sysctl_key *key)
{
	struct netcfg_sysctl_key seed = { .row = key->row, .component = "default" };
	int r = vec_push(keys, *key);

	if (r == 0 && netcfg_sysctl_row(key)->write_through && streq(key->component, "all"))
		r = vec_push(keys, seed);
	return r;
}

/* The slots whose values matter, sorted. */
static int collect_keys(const struct netcfg_wanted *w, const netcfg_memo_vec *memory, key_vec *keys)
{
	int r = 0;

	vec_foreach(want, &w->sysctls)
		if (r == 0)
			r = push_key(keys, &want->key);
	vec_foreach(memo, memory)
		if (r == 0 && memo->kind == NETCFG_MEMO_SYSCTL)
			r = push_key(keys, &memo->key);
	vec_sort(keys, order_keys);
	return r;
}

/* Nothing at all can be read now; else it is this variable that cannot. */
static bool is_exhausted(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

/* From the link when it came with it, else from /proc. One that is there and cannot be read is left
 * out, as if it had not been looked at: it waits, and the rest goes on. */
static int look_at(struct netcfg_kernel *k, const struct netcfg_sysctl_key *key,
		   struct netcfg_found *found)
{
	bool of_link = netcfg_sysctl_row(key)->family && !streq(key->component, "all") &&
		       !streq(key->component, "default");
	const struct netcfg_link *link = of_link ? netcfg_found_link(found, key->component) : NULL;
	struct netcfg_value v = { .key = *key };
	int r = 0;

	if (!link || !netcfg_link_value(link, key, &v)) {
		r = of_link && !link ? -ENOENT : k->ops->read(k, key, v.text);
		v.present = r == 0;
	}
	if (r < 0 && r != -ENOENT)
		return is_exhausted(r) ? r : 0;
	return vec_push(&found->values, v);
}

static bool concerns_syncs(const struct netcfg_wanted *w, const netcfg_memo_vec *memory)
{
	if (w->syncs.n)
		return true;
	vec_foreach(memo, memory)
		if (memo->kind == NETCFG_MEMO_SYNC)
			return true;
	return false;
}

/* That IPVS cannot be asked is no reason to leave the rest alone. */
static int look_at_syncs(struct netcfg_kernel *k, const struct netcfg_wanted *w,
			 const netcfg_memo_vec *memory, struct netcfg_found *found)
{
	int r;

	found->syncs.n = 0;
	found->syncs_known = false;
	if (!k->ops->syncs || !concerns_syncs(w, memory))
		return 0;
	r = k->ops->syncs(k, &found->syncs);
	found->syncs_known = r == 0;
	return r < 0 && is_exhausted(r) ? r : 0;
}

static int look_at_values(struct netcfg_kernel *k, const struct netcfg_wanted *w,
			  const netcfg_memo_vec *memory, struct netcfg_found *found)
{
	key_vec keys = { 0 };
	int r = collect_keys(w, memory, &keys);

	found->values.n = 0;
	for (size_t i = 0; i < keys.n && r == 0; i++)
		if (i == 0 || order_keys(&keys.items[i - 1], &keys.items[i]) != 0)
			r = look_at(k, &keys.items[i], found);
	vec_done(&keys);
	return r;
}

int netcfg_look_more(struct netcfg_kernel *k, const struct netcfg_wanted *w,
		     const netcfg_memo_vec *memory, struct netcfg_found *found)
{
	int r = 0;

	found->fous.n = 0;
	if (concerns_fous(w, memory))
		r = k->ops->fous(k, &found->fous);
	if (r == -ENOENT) /* without the module there are none */
		r = 0;
	if (r == 0)
		r = look_at_syncs(k, w, memory, found);
	if (r == 0)
		r = look_at_values(k, w, memory, found);
	if (r < 0)
		netcfg_found_done(found);
	return r;
}

/* The kernel's way to say that there is no label. */
static void drop_names(struct netcfg_found *found)
{
	vec_foreach(a, &found->addresses) {
		const struct netcfg_link *link = netcfg_found_link_at(found, a->index);

		if (link && streq(a->label, link->name))
			memset(a->label, 0, sizeof(a->label));
	}
}

int netcfg_look(struct netcfg_kernel *k, const struct netcfg_wanted *w,
		const netcfg_memo_vec *memory, struct netcfg_found *ret)
{
	struct netcfg_found found = { 0 };
	int r = k->ops->links(k, &found.links);

	if (r == 0)
		r = k->ops->addresses(k, &found.addresses);
	drop_names(&found);
	if (r == 0 && w)
		r = netcfg_look_more(k, w, memory, &found);
	if (r < 0)
		netcfg_found_done(&found);
	*ret = found;
	return r;
}

void netcfg_kernel_free(struct netcfg_kernel *k)
{
	if (k)
		k->ops->free(k);
}

void netcfg_changes_done(struct netcfg_changes *c)
{
	vec_done(&c->items);
	c->everything = false;
}

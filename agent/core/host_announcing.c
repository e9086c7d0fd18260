/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which VIPs are announced: those that are in place and ours, on interfaces with neighbours. Tells
 * netcfg_announce what has changed. */
#include <net/if.h>

#include "host_private.h"

typedef VEC(struct netcfg_announcement) announcement_vec;

static bool possible(const struct netcfg_link *link)
{
	return netcfg_announce_possible(link->name, link->flags, link->type);
}

static bool forwards_ipv6(const struct netcfg_link *link)
{
	static const char pattern[] = "net.ipv6.conf.*.forwarding";
	struct netcfg_sysctl_key key = { 0 };
	struct netcfg_value v;
	size_t n;
	const struct netcfg_sysctl_row *rows = netcfg_sysctl_rows(&n);

	while (key.row < n && !streq(rows[key.row].pattern, pattern))
		key.row++;
	return key.row < n && netcfg_link_value(link, &key, &v) && !streq(v.text, "0");
}

static void follow_link(struct host *h, const struct netcfg_link *link, int64_t now)
{
	struct netcfg_announce_interface i = {
		.ifindex = link->index,
		.running = link->flags & IFF_UP && link->carrier && link->mac_len == ETH_ALEN &&
			   possible(link),
		.router = forwards_ipv6(link),
	};

	memcpy(i.mac, link->mac, sizeof(i.mac));
	(void)netcfg_announce_interface_changed(h->announce, &i, now);
}

/* Interfaces that have gone while VIPs were announced on them. */
static void forget_gone(struct host *h, int64_t now)
{
	vec_foreach(a, &h->announced)
		if (!netcfg_found_link_at(&h->found, a->ifindex))
			(void)netcfg_announce_interface_changed(
				h->announce,
				&(struct netcfg_announce_interface){ .ifindex = a->ifindex }, now);
}

/* How a VIP is to be announced on the interface that it belongs on; false: not at all. */
static bool announcement(const struct host *h, const struct netcfg_vip *vip,
			 struct netcfg_announcement *ret)
{
	const struct netcfg_link *link = netcfg_found_link(&h->found, vip->interface);

	*ret = (struct netcfg_announcement){
		.address = vip->address,
		.ifindex = link ? link->index : 0,
		.count = vip->announce_count,
		.interval_ms = vip->announce_interval,
		.repeat_s = vip->announce_repeat,
	};
	return link && vip->announce_count && possible(link);
}

static bool in_place(const struct host *h, const struct netcfg_vip *vip, int32_t index)
{
	struct netcfg_memo about = { .kind = NETCFG_MEMO_ADDRESS,
				     .address = vip->address,
				     .prefix_length = vip->prefix_length };
	const struct netcfg_memo *memo;

	memcpy(about.interface, vip->interface, sizeof(about.interface));
	memo = netcfg_memory_find(&h->memory, &about);
	return memo && memo->class == NETCFG_OURS &&
	       netcfg_found_exact(&h->found, &vip->address, index, vip->prefix_length);
}

static int order_announcements(const void *a, const void *b)
{
	return inaddr_compare(&((const struct netcfg_announcement *)a)->address,
			      &((const struct netcfg_announcement *)b)->address);
}

static struct netcfg_announcement *find(const struct host *h, const struct inaddr *address)
{
	const struct netcfg_announcement wanted = { .address = *address };

	return h->announced.n ? bsearch(&wanted, h->announced.items, h->announced.n, sizeof(wanted),
					order_announcements)
			      : NULL;
}

static void insert(struct host *h, const struct netcfg_announcement *a)
{
	int found;
	size_t at = vec_lower_bound(h->announced.items, h->announced.n, sizeof(*a), a,
				    order_announcements, &found);

	if (!found && vec_reserve(&h->announced, 1) < 0)
		return;
	if (!found)
		memmove(h->announced.items + at + 1, h->announced.items + at,
			(h->announced.n++ - at) * sizeof(*a));
	h->announced.items[at] = *a;
}

static bool same(const struct netcfg_announcement *a, const struct netcfg_announcement *b)
{
	return a->ifindex == b->ifindex && a->count == b->count &&
	       a->interval_ms == b->interval_ms && a->repeat_s == b->repeat_s;
}

static void follow_vips(struct host *h, int64_t now)
{
	announcement_vec next = { 0 };
	bool complete = true;

	for (size_t i = 0; i < h->now_wanted->view.vips.n; i++) {
		const struct netcfg_vip *vip = h->now_wanted->view.vips.items[i];
		const struct netcfg_announcement *before = find(h, &vip->address);
		struct netcfg_announcement a;

		if (!announcement(h, vip, &a) || !in_place(h, vip, a.ifindex))
			continue;
		complete = vec_push(&next, a) == 0 && complete;
		if (!before || !same(before, &a))
			(void)netcfg_announce_add(h->announce, &a, now);
	}
	vec_foreach(a, &h->announced)
		if (complete &&
		    (!next.n || !bsearch(a, next.items, next.n, sizeof(*a), order_announcements)))
			netcfg_announce_remove(h->announce, &a->address);
	if (!complete) { /* out of memory: as it was, until the next look */
		vec_done(&next);
		return;
	}
	vec_done(&h->announced);
	h->announced.items = next.items;
	h->announced.n = next.n;
	h->announced.cap = next.cap;
}

void host_announcing_follow(struct host *h, int64_t now)
{
	if (!h->announce || (!h->now_wanted->view.vips.n && !h->announced.n))
		return;
	forget_gone(h, now);
	vec_foreach(link, &h->found.links)
		follow_link(h, link, now);
	follow_vips(h, now);
}

void host_announcing_added(struct host *h, const struct inaddr *address, int64_t now)
{
	const struct netcfg_vip *vip = host_snapshot_vip(h->now_wanted, address);
	struct netcfg_announcement a;

	if (!h->announce || !vip || !announcement(h, vip, &a))
		return;
	(void)netcfg_announce_add(h->announce, &a, now);
	/* The look that follows must not begin another burst. */
	insert(h, &a);
}

int host_announce(struct host *h, const struct inaddr *address, int64_t now)
{
	const struct netcfg_vip *vip = host_snapshot_vip(h->now_wanted, address);
	struct netcfg_announce_status status;
	const struct netcfg_link *link;
	struct netcfg_announcement a;

	if (!vip)
		return -ENOENT;
	link = netcfg_found_link(&h->found, vip->interface);
	if (!link)
		return -ENETDOWN;
	if (!netcfg_found_exact(&h->found, address, link->index, vip->prefix_length))
		return -ENOENT;
	if (!possible(link))
		return -EOPNOTSUPP;
	if (!(link->flags & IFF_UP) || !link->carrier)
		return -ENETDOWN;
	if (!h->announce)
		return -EPERM;
	(void)announcement(h, vip, &a);
	if (!a.count) { /* never by itself, and no more afterwards */
		a.count = 1;
		a.repeat_s = 0;
		a.once = true;
	}
	/* A burst under way goes on: asking again and again makes no more of it. */
	if (netcfg_announce_status(h->announce, address, &status) && status.left && !status.error)
		return 0;
	return netcfg_announce_add(h->announce, &a, now);
}

bool host_announce_status(const struct host *h, const struct inaddr *address,
			  struct netcfg_announce_status *ret)
{
	return h->announce && netcfg_announce_status(h->announce, address, ret);
}

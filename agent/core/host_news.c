/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * News of the kernel, and which of them ask for a round: what somebody else changed is looked at at
 * once, as long as that does not happen all the time. Own changes are no news: each look comes
 * after them. Writes to variables through another mount of /proc, as from outside the daemon's
 * sandbox, are not told: those variables are read again every second. So are the sync daemons.
 */
#include "field.h"
#include "host_private.h"
#include "netcfg_fields.h"

#define CREDIT_MAX   20	 /* rounds at once that news may ask for … */
#define CREDIT_MS    250 /* … and the time for one more */
#define REREAD_MS    1000
#define REREAD_COUNT 64 /* variables a second */

static void want_round(struct host *h, int64_t now)
{
	int64_t due = now;

	while (h->credit < CREDIT_MAX && now - h->credit_at >= CREDIT_MS) {
		h->credit++;
		h->credit_at += CREDIT_MS;
	}
	if (h->credit == CREDIT_MAX)
		h->credit_at = now;
	if (h->next_round <= now) /* asked for already */
		return;
	if (h->credit > 0)
		h->credit--;
	else
		due = h->credit_at + CREDIT_MS;
	if (due < h->next_round)
		h->next_round = due;
}

static bool same_link(const struct netcfg_link *a, const struct netcfg_link *b)
{
	return a->index == b->index && a->master == b->master && a->flags == b->flags &&
	       a->mtu == b->mtu && a->carrier == b->carrier && a->mac_len == b->mac_len &&
	       memcmp(a->mac, b->mac, sizeof(a->mac)) == 0 && streq(a->name, b->name);
}

static int compare_wanted_address(const void *key, const void *item)
{
	return inaddr_compare(key, &((const struct netcfg_wanted_address *)item)->address);
}

static int compare_wanted_sysctl(const void *key, const void *item)
{
	return netcfg_sysctl_compare(key, &((const struct netcfg_wanted_sysctl *)item)->key);
}

static bool address_matters(const struct host *h, const struct netcfg_change *c)
{
	int found;

	(void)vec_lower_bound(h->wanted.addresses.items, h->wanted.addresses.n,
			      sizeof(*h->wanted.addresses.items), &c->address.address,
			      compare_wanted_address, &found);
	return found;
}

static bool matters(const struct host *h, const struct netcfg_change *c)
{
	const struct netcfg_link *link;
	int found;

	switch ((enum netcfg_change_kind)c->kind) {
	case NETCFG_CHANGE_LINK:
		link = netcfg_found_link_at(&h->found, c->link.index);
		return c->gone ? link != NULL : !link || !same_link(link, &c->link);
	case NETCFG_CHANGE_ADDRESS:
		return address_matters(h, c);
	case NETCFG_CHANGE_SYSCTL:
		break;
	}
	(void)vec_lower_bound(h->wanted.sysctls.items, h->wanted.sysctls.n,
			      sizeof(*h->wanted.sysctls.items), &c->key, compare_wanted_sysctl,
			      &found);
	return found;
}

void host_news_read(struct host *h, int64_t now)
{
	struct netcfg_changes news = { 0 };
	bool ask = h->kernel->ops->events(h->kernel, &news) < 0 || news.everything;

	h->noticed = false;
	if (news.items.n || ask)
		h->view->stale = true;
	vec_foreach(c, &news.items)
		ask = ask || matters(h, c);
	netcfg_changes_done(&news);
	if (ask && h->looked) /* else there is nothing to keep */
		want_round(h, now);
}

/* Whether a variable is not as the last look found it. */
static bool differs(struct host *h, const struct netcfg_sysctl_key *key)
{
	const struct netcfg_value *v = netcfg_found_value(&h->found, key);
	char text[NETCFG_SYSCTL_VALUE_MAX];
	int r = h->kernel->ops->read(h->kernel, key, text);

	if (r < 0 && r != -ENOENT)
		return false;
	if (!v || !v->present)
		return r == 0;
	return r < 0 || !netcfg_sysctl_same(key, v->text, text);
}

/* Nobody tells of sync daemons. */
static bool syncs_differ(struct host *h)
{
	netcfg_sync_vec now = { 0 };
	bool differ = false;

	if (h->wanted.syncs.n && h->kernel->ops->syncs) {
		bool known = h->kernel->ops->syncs(h->kernel, &now) == 0;

		differ = known != h->found.syncs_known || now.n != h->found.syncs.n;
		for (size_t i = 0; i < now.n && !differ; i++)
			differ = now.items[i].role != h->found.syncs.items[i].role ||
				 now.items[i].max_length != h->found.syncs.items[i].max_length ||
				 field_diff(&netcfg_sync_table, &now.items[i],
					    &h->found.syncs.items[i]);
	}
	vec_done(&now);
	return differ;
}

int64_t host_news_reread(struct host *h, int64_t now)
{
	size_t n = h->wanted.sysctls.n;
	bool ask = false;

	if ((n == 0 && h->wanted.syncs.n == 0) || !h->looked)
		return h->next_reread = INT64_MAX;
	if (h->next_reread > now + REREAD_MS) /* the first time */
		h->next_reread = now + REREAD_MS;
	if (now < h->next_reread)
		return h->next_reread;
	ask = syncs_differ(h);
	for (size_t i = 0; i < n && i < REREAD_COUNT && !ask; i++, h->reread_at++)
		ask = differs(h, &h->wanted.sysctls.items[h->reread_at % n].key);
	if (ask && h->phase == HOST_RESTING)
		want_round(h, now);
	return h->next_reread = now + REREAD_MS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The provider that is a host in memory (netcfg_kernel.h): links, addresses, ports. It answers with
 * the errnos of Linux 6.1; the parity test compares. Tests and `--kernel fake` make it.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <string.h>
#include <sys/eventfd.h>

#include "netcfg_fake_private.h"
#include "util.h"

#define NEWS_MAX 1024

static struct netcfg_fake *fake_of(struct netcfg_kernel *k)
{
	return (struct netcfg_fake *)k;
}

void netcfg_fake_news(struct netcfg_fake *f, const struct netcfg_change *change)
{
	const uint64_t one = 1;

	if (f->news.items.n >= NEWS_MAX || vec_push(&f->news.items, *change) < 0)
		f->news.everything = true;
	if (write(f->event_fd, &one, sizeof(one)) < 0)
		f->news.everything = true;
}

/* The provider --------------------------------------------------------------------------------- */

static int fake_apply(struct netcfg_kernel *k, const struct netcfg_op *ops, size_t n, int *results)
{
	struct netcfg_fake *f = fake_of(k);

	for (size_t i = 0; i < n; i++) {
		f->writes++;
		if (f->fail_error && f->fail_after-- == 0) {
			results[i] = f->fail_error;
			f->fail_error = 0;
			continue;
		}
		results[i] = netcfg_fake_execute(f, &ops[i], true);
	}
	return 0;
}

static int fake_links(struct netcfg_kernel *k, netcfg_link_vec *ret)
{
	vec_foreach(link, &fake_of(k)->links)
		if (vec_push(ret, *link) < 0)
			return -ENOMEM;
	return 0;
}

static int fake_addresses(struct netcfg_kernel *k, netcfg_address_vec *ret)
{
	vec_foreach(a, &fake_of(k)->addresses)
		if (vec_push(ret, *a) < 0)
			return -ENOMEM;
	return 0;
}

static int fake_fous(struct netcfg_kernel *k, netcfg_fou_vec *ret)
{
	vec_foreach(fou, &fake_of(k)->fous)
		if (vec_push(ret, *fou) < 0)
			return -ENOMEM;
	return 0;
}

/* All is told, whatever is watched. */
static int fake_watch(struct netcfg_kernel *k, const struct netcfg_sysctl_key *keys, size_t n)
{
	(void)k;
	(void)keys;
	(void)n;
	return 0;
}

static int fake_events_fd(const struct netcfg_kernel *k)
{
	return ((const struct netcfg_fake *)k)->event_fd;
}

static int fake_events(struct netcfg_kernel *k, struct netcfg_changes *ret)
{
	struct netcfg_fake *f = fake_of(k);
	uint64_t count;

	if (read(f->event_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return -errno;
	ret->everything |= f->news.everything;
	vec_foreach(change, &f->news.items)
		if (vec_push(&ret->items, *change) < 0)
			ret->everything = true;
	f->news.items.n = 0;
	f->news.everything = false;
	return 0;
}

static const char *fake_identity(const struct netcfg_kernel *k)
{
	return ((const struct netcfg_fake *)k)->identity;
}

void netcfg_fake_identity(struct netcfg_kernel *k, const char *identity)
{
	fake_of(k)->identity = identity;
}

static uint64_t fake_writes(const struct netcfg_kernel *k)
{
	return ((const struct netcfg_fake *)k)->writes;
}

static void fake_free(struct netcfg_kernel *k)
{
	struct netcfg_fake *f = fake_of(k);

	closep(&f->event_fd);
	vec_done(&f->links);
	vec_done(&f->addresses);
	vec_done(&f->fous);
	netcfg_changes_done(&f->news);
	free(f);
}

static const struct netcfg_kernel_ops fake_ops = {
	.links = fake_links,
	.addresses = fake_addresses,
	.fous = fake_fous,
	.read = netcfg_fake_read,
	.apply = fake_apply,
	.watch = fake_watch,
	.events_fd = fake_events_fd,
	.events = fake_events,
	.identity = fake_identity,
	.writes = fake_writes,
	.free = fake_free,
};

static int add_ethernet(struct netcfg_fake *f, const char *name, uint8_t number)
{
	struct netcfg_link link = netcfg_fake_new_link(name, "", ARPHRD_ETHER);

	link.flags = IFF_UP | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST;
	link.mtu = 1500;
	link.carrier = true;
	link.mac_len = 6;
	link.mac[0] = 2; /* locally administered */
	link.mac[5] = number;
	return netcfg_fake_add_link(f, &link);
}

static int add_text(struct netcfg_fake *f, int32_t index, const char *address, uint8_t prefix)
{
	struct netcfg_op op = { .verb = NETCFG_ADDRESS_ADD,
				.address = { .index = index, .prefix_length = prefix } };

	if (inaddr_parse(address, strlen(address), &op.address.address) < 0)
		return -EINVAL;
	return netcfg_fake_execute(f, &op, false);
}

static int furnish(struct netcfg_fake *f)
{
	static const struct {
		int32_t index;
		uint8_t prefix;
		const char *address;
	} addresses[] = {
		{ 1, 8, "127.0.0.1" },	       { 1, 128, "::1" },	 { 2, 24, "198.51.100.1" },
		{ 2, 64, "2001:db8:ffff::1" }, { 3, 24, "203.0.113.1" },
	};
	struct netcfg_link lo = netcfg_fake_new_link("lo", "", ARPHRD_LOOPBACK);
	int r;

	lo.flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	lo.mtu = 65536;
	lo.carrier = true;
	r = netcfg_fake_add_link(f, &lo);
	if (r == 0)
		r = add_ethernet(f, "eth0", 1);
	if (r == 0)
		r = add_ethernet(f, "eth1", 2);
	for (size_t i = 0; i < ARRAY_SIZE(addresses) && r == 0; i++)
		r = add_text(f, addresses[i].index, addresses[i].address, addresses[i].prefix);
	return r;
}

int netcfg_fake_new(struct netcfg_kernel **ret)
{
	struct netcfg_fake *f = calloc(1, sizeof(*f));
	struct netcfg_changes none = { 0 };
	int r;

	if (!f)
		return -ENOMEM;
	f->base.ops = &fake_ops;
	f->next_index = 1;
	f->identity = "fake";
	f->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	netcfg_fake_sysctls_init(&f->sysctls);
	r = f->event_fd < 0 ? -errno : furnish(f);
	if (r == 0)
		r = fake_events(&f->base, &none); /* what was there from the start is no news */
	netcfg_changes_done(&none);
	if (r < 0) {
		fake_free(&f->base);
		return r;
	}
	*ret = &f->base;
	return 0;
}

int netcfg_fake_link(struct netcfg_kernel *k, const struct netcfg_link *link)
{
	struct netcfg_fake *f = fake_of(k);
	struct netcfg_link *there = netcfg_fake_find(f, link->name);
	struct netcfg_link l = *link;

	if (!there)
		return netcfg_fake_add_link(f, link);
	l.index = there->index;
	if (!l.conf_known) {
		l.conf_known = there->conf_known;
		memcpy(l.conf, there->conf, sizeof(l.conf));
	}
	*there = l;
	netcfg_fake_news(f, &(struct netcfg_change){ .kind = NETCFG_CHANGE_LINK, .link = *there });
	return 0;
}

void netcfg_fake_unlink(struct netcfg_kernel *k, const char *name)
{
	struct netcfg_link *link = netcfg_fake_find(fake_of(k), name);

	if (link)
		(void)netcfg_fake_remove_link(fake_of(k), link);
}

void netcfg_fake_rename(struct netcfg_kernel *k, const char *from, const char *to)
{
	struct netcfg_fake *f = fake_of(k);
	struct netcfg_link *link = netcfg_fake_find(f, from);

	if (!link)
		return;
	memset(link->name, 0, sizeof(link->name));
	memcpy(link->name, to, strnlen(to, sizeof(link->name) - 1));
	netcfg_fake_news(f, &(struct netcfg_change){ .kind = NETCFG_CHANGE_LINK, .link = *link });
}

int netcfg_fake_do(struct netcfg_kernel *k, const struct netcfg_op *op)
{
	return netcfg_fake_execute(fake_of(k), op, false);
}

void netcfg_fake_ipvs(struct netcfg_kernel *k, bool loaded)
{
	fake_of(k)->sysctls.ipvs = loaded;
}

void netcfg_fake_fail(struct netcfg_kernel *k, unsigned after, int error)
{
	fake_of(k)->fail_after = after;
	fake_of(k)->fail_error = error;
}

void netcfg_fake_lose_events(struct netcfg_kernel *k)
{
	struct netcfg_fake *f = fake_of(k);
	const uint64_t one = 1;

	f->news.items.n = 0;
	f->news.everything = write(f->event_fd, &one, sizeof(one)) == (ssize_t)sizeof(one);
}

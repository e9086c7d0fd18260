/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a message of rtnetlink or fou: the first two are its type, the rest is its payload.
 * What is read as an address is written and read back the same. */
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>

#include "fuzz.h"
#include "netcfg_nlattr.h"
#include "netcfg_rtnl_private.h"

static const char *name_of(int32_t index, void *arg)
{
	(void)arg;
	return index > 0 ? "eth0.100" : NULL;
}

static void check_address(const struct netcfg_address *a)
{
	const struct netcfg_op op = { .verb = NETCFG_ADDRESS_ADD, .address = *a };
	struct netcfg_request q;
	struct netcfg_address again;
	struct nl_msg *msg;

	MUST(a->prefix_length <= inaddr_length(&a->address) * 8);
	MUST(strlen(a->label) < sizeof(a->label));
	netcfg_nlattr_begin(&op, &q);
	msg = nlmsg_alloc_simple(q.type, 0);
	MUST(msg && nlmsg_append(msg, q.header, q.header_len, NLMSG_ALIGNTO) == 0);
	MUST(netcfg_nlattr_put(msg, &op) == 0);
	MUST(netcfg_nlattr_get_address(nlmsg_hdr(msg), &again) == 0);
	MUST(netcfg_address_compare(a, &again) == 0 && strcmp(a->label, again.label) == 0);
	nlmsg_free(msg);
}

static void check_link(const struct netcfg_link *l)
{
	size_t n;
	const struct netcfg_sysctl_row *rows = netcfg_sysctl_rows(&n);

	MUST(l->index > 0 && l->name[0] && strlen(l->name) < sizeof(l->name));
	MUST(strlen(l->kind) < sizeof(l->kind) && l->mac_len <= NETCFG_MAC_MAX);
	for (uint16_t i = 0; i < n; i++) {
		const struct netcfg_sysctl_key key = { .row = i, .component = "x" };
		struct netcfg_value v;

		if (netcfg_link_value(l, &key, &v))
			MUST(rows[i].family);
	}
}

static void check_news(const struct nlmsghdr *h)
{
	struct netcfg_changes c = { 0 };
	char name[NETCFG_SYSCTL_NAME_MAX];

	MUST(netcfg_watch_message(h, name_of, NULL, &c) == 0);
	MUST(c.items.n <= 2 && !c.everything);
	vec_foreach(change, &c.items)
		if (change->kind == NETCFG_CHANGE_SYSCTL)
			MUST(strlen(netcfg_sysctl_format(&change->key, name)) < sizeof(name));
	netcfg_changes_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t payload = size < 2 ? 0 : size - 2, len = NLMSG_HDRLEN + payload;
	struct nlmsghdr *h = calloc(1, len);
	struct netcfg_netconf conf;
	struct netcfg_address a;
	struct netcfg_link l;
	struct netcfg_fou f;

	MUST(h);
	h->nlmsg_len = (uint32_t)len;
	h->nlmsg_type = (uint16_t)(size < 2 ? 0 : data[0] | data[1] << 8);
	if (payload)
		memcpy((char *)h + NLMSG_HDRLEN, data + 2, payload);
	if (netcfg_nlattr_get_address(h, &a) == 0)
		check_address(&a);
	if (netcfg_nlattr_get_link(h, &l) == 0)
		check_link(&l);
	(void)netcfg_nlattr_get_fou(h, &f);
	(void)netcfg_nlattr_get_netconf(h, &conf);
	check_news(h);
	free(h);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device of ipvs_tap_device.h: a few requests of rtnetlink in a lifetime. Knows nothing of
 * IPVS. */
#include "ipvs_tap_device.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "nlsock.h"
#include "util.h"

#define KIND "nlmon"
/* Says whose it is: to people by "ip link", and to the next daemon. */
#define ALIAS "tap of lvsd, which removes it when it ends"

struct link {
	int ifindex;
	unsigned flags;
	bool nlmon, alias, our_alias;
};

DEFINE_FREEP(struct nlsock, nlsock_close)

/* Whether an attribute is this text; the kernel's names end with a NUL. */
static bool is_text(const struct nlattr *a, const char *text)
{
	size_t size = strlen(text) + 1;

	return a && (size_t)nla_len(a) >= size && memcmp(nla_data(a), text, size) == 0;
}

static int read_link(const struct nlmsghdr *reply, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(reply);
	const int header = sizeof(*info);
	struct nlattr *alias, *nest, *kind = NULL;
	struct link *link = arg;

	if (reply->nlmsg_type != RTM_NEWLINK || nlmsg_datalen(reply) < header)
		return -EBADMSG;
	alias = nla_find(nlmsg_attrdata(reply, header), nlmsg_attrlen(reply, header), IFLA_IFALIAS);
	nest = nla_find(nlmsg_attrdata(reply, header), nlmsg_attrlen(reply, header), IFLA_LINKINFO);
	if (nest)
		kind = nla_find(nla_data(nest), nla_len(nest), IFLA_INFO_KIND);
	*link = (struct link){
		.ifindex = info->ifi_index,
		.flags = info->ifi_flags,
		.nlmon = is_text(kind, KIND),
		.alias = alias != NULL,
		.our_alias = is_text(alias, ALIAS),
	};
	return 0;
}

static int make(struct nlsock *s)
{
	const struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nlattr *nest;
	struct nl_msg *msg;
	int r = nlsock_message(s, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info),
			       &msg);

	if (r < 0)
		return r;
	if (nla_put_string(msg, IFLA_IFNAME, IPVS_TAP_DEVICE) < 0 ||
	    !(nest = nla_nest_start(msg, IFLA_LINKINFO)) ||
	    nla_put_string(msg, IFLA_INFO_KIND, KIND) < 0)
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return nlsock_query(s, msg, NULL, NULL);
}

static int look(struct nlsock *s, struct link *ret)
{
	const struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg;
	int r = nlsock_message(s, RTM_GETLINK, 0, &info, sizeof(info), &msg);

	if (r == 0 && (nla_put_string(msg, IFLA_IFNAME, IPVS_TAP_DEVICE) < 0 ||
		       nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) < 0))
		r = -EMSGSIZE;
	return r < 0 ? r : nlsock_query(s, msg, read_link, ret);
}

/* The alias cannot be given with the creation, so a daemon that was killed between the two leaves a
 * device without one, and not yet switched on. */
static bool is_ours(const struct link *link)
{
	return link->nlmon && (link->our_alias || (!link->alias && !(link->flags & IFF_UP)));
}

static int mark_and_raise(struct nlsock *s, int ifindex)
{
	const struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = ifindex,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct nl_msg *msg;
	int r = nlsock_message(s, RTM_NEWLINK, 0, &info, sizeof(info), &msg);

	if (r == 0 && nla_put_string(msg, IFLA_IFALIAS, ALIAS) < 0)
		r = -EMSGSIZE;
	return r < 0 ? r : nlsock_query(s, msg, NULL, NULL);
}

int ipvs_tap_device_make(int *ret_ifindex)
{
	_cleanup_(nlsock_closep) struct nlsock *s = NULL;
	struct link link = { 0 };
	int r = nlsock_open(NETLINK_ROUTE, &s);

	if (r == 0)
		r = make(s);
	if (r < 0 && r != -EEXIST)
		return r;
	r = look(s, &link);
	if (r == 0 && !is_ours(&link))
		r = -EEXIST;
	if (r < 0)
		return r;
	r = mark_and_raise(s, link.ifindex);
	if (r < 0)
		ipvs_tap_device_remove(link.ifindex);
	else
		*ret_ifindex = link.ifindex;
	return r;
}

void ipvs_tap_device_remove(int ifindex)
{
	const struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	_cleanup_(nlsock_closep) struct nlsock *s = NULL;
	struct nl_msg *msg;

	if (nlsock_open(NETLINK_ROUTE, &s) == 0 &&
	    nlsock_message(s, RTM_DELLINK, 0, &info, sizeof(info), &msg) == 0)
		(void)nlsock_query(s, msg, NULL, NULL);
}

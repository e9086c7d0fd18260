/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sync daemons on the wire: see ipvs_daemon.h. What the kernel makes of the attributes is in
 * ip_vs_ctl.c (ip_vs_genl_new_daemon, _fill_daemon) and ip_vs_sync.c (start_sync_thread). */
#include "ipvs_daemon.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "util.h"

static uint32_t state_of(enum ipvs_daemon_role role)
{
	return role == IPVS_DAEMON_MASTER ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP;
}

static int put_group(struct nl_msg *msg, const struct inaddr *group)
{
	return nla_put(msg,
		       group->family == AF_INET6 ? IPVS_DAEMON_ATTR_MCAST_GROUP6
						 : IPVS_DAEMON_ATTR_MCAST_GROUP,
		       (int)inaddr_length(group), group->bytes);
}

int ipvs_daemon_put(struct nl_msg *msg, const struct ipvs_daemon *daemon)
{
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_DAEMON | NLA_F_NESTED);

	if (!nest ||
	    nla_put_u32(msg, IPVS_DAEMON_ATTR_STATE,
			state_of((enum ipvs_daemon_role)daemon->role)) < 0 ||
	    nla_put_string(msg, IPVS_DAEMON_ATTR_MCAST_IFN, daemon->interface) < 0 ||
	    nla_put_u32(msg, IPVS_DAEMON_ATTR_SYNC_ID, daemon->sync_id) < 0 ||
	    (daemon->max_length && /* absent: the kernel's choice */
	     nla_put_u16(msg, IPVS_DAEMON_ATTR_SYNC_MAXLEN, daemon->max_length) < 0) ||
	    put_group(msg, &daemon->group) < 0 ||
	    nla_put_u16(msg, IPVS_DAEMON_ATTR_MCAST_PORT, daemon->port) < 0 ||
	    nla_put_u8(msg, IPVS_DAEMON_ATTR_MCAST_TTL, daemon->ttl) < 0)
		return -ENOMEM;
	(void)nla_nest_end(msg, nest);
	return 0;
}

static const struct nlattr *attr(struct nlattr *const *attrs, int type, int length)
{
	return attrs[type] && nla_len(attrs[type]) >= length ? attrs[type] : NULL;
}

static void get_group(struct nlattr *const *attrs, struct inaddr *ret)
{
	const struct nlattr *v4 = attr(attrs, IPVS_DAEMON_ATTR_MCAST_GROUP, 4);
	const struct nlattr *v6 = attr(attrs, IPVS_DAEMON_ATTR_MCAST_GROUP6, 16);
	static const uint8_t only[4] = { 224, 0, 0, 81 }; /* before Linux 4.3 */

	*ret = (struct inaddr){ .family = v6 ? AF_INET6 : AF_INET };
	memcpy(ret->bytes, v6 ? nla_data(v6) : v4 ? nla_data(v4) : only, inaddr_length(ret));
}

static void get_rest(struct nlattr *const *attrs, struct ipvs_daemon *d)
{
	const struct nlattr *port = attr(attrs, IPVS_DAEMON_ATTR_MCAST_PORT, 2);
	const struct nlattr *ttl = attr(attrs, IPVS_DAEMON_ATTR_MCAST_TTL, 1);
	const struct nlattr *length = attr(attrs, IPVS_DAEMON_ATTR_SYNC_MAXLEN, 2);

	get_group(attrs, &d->group);
	d->port = port ? nla_get_u16(port) : 8848;
	d->ttl = ttl ? nla_get_u8(ttl) : 1;
	d->max_length = length ? nla_get_u16(length) : 0;
}

int ipvs_daemon_get(const struct nlmsghdr *reply, struct ipvs_daemon *ret)
{
	struct nlattr *nest = nla_find(nlmsg_attrdata(reply, GENL_HDRLEN),
				       nlmsg_attrlen(reply, GENL_HDRLEN), IPVS_CMD_ATTR_DAEMON);
	struct nlattr *attrs[IPVS_DAEMON_ATTR_MAX + 1] = { NULL };
	const struct nlattr *state, *interface, *id;
	struct ipvs_daemon d = { 0 };
	size_t len;

	if (!nest ||
	    nla_parse(attrs, IPVS_DAEMON_ATTR_MAX, nla_data(nest), nla_len(nest), NULL) < 0)
		return -EBADMSG;
	state = attr(attrs, IPVS_DAEMON_ATTR_STATE, 4);
	interface = attr(attrs, IPVS_DAEMON_ATTR_MCAST_IFN, 1);
	id = attr(attrs, IPVS_DAEMON_ATTR_SYNC_ID, 4);
	if (!state || !interface || !id)
		return -EBADMSG;
	if (nla_get_u32(state) != IP_VS_STATE_MASTER && nla_get_u32(state) != IP_VS_STATE_BACKUP)
		return -EBADMSG;
	len = strnlen(nla_data(interface), (size_t)nla_len(interface));
	if (len >= sizeof(d.interface))
		return -EBADMSG;
	memcpy(d.interface, nla_data(interface), len);
	d.role = nla_get_u32(state) == IP_VS_STATE_MASTER ? IPVS_DAEMON_MASTER : IPVS_DAEMON_BACKUP;
	d.sync_id = nla_get_u32(id);
	get_rest(attrs, &d);
	*ret = d;
	return 0;
}

static int collect(const struct nlmsghdr *reply, void *arg)
{
	ipvs_daemon_vec *found = arg;
	struct ipvs_daemon d;
	int r = ipvs_daemon_get(reply, &d);

	return r < 0 ? r : vec_push(found, d);
}

static int order(const void *a, const void *b)
{
	return ((const struct ipvs_daemon *)a)->role - ((const struct ipvs_daemon *)b)->role;
}

int ipvs_daemon_read(struct nlsock *sock, ipvs_daemon_vec *ret)
{
	struct nl_msg *msg;
	int r = nlsock_request(sock, IPVS_CMD_GET_DAEMON, &msg);

	ret->n = 0;
	if (r == 0)
		r = nlsock_dump(sock, msg, collect, ret);
	if (r < 0)
		ret->n = 0;
	vec_sort(ret, order);
	return r;
}

int ipvs_daemon_start(struct nlsock *sock, const struct ipvs_daemon *daemon)
{
	struct nl_msg *msg;
	int r = nlsock_request(sock, IPVS_CMD_NEW_DAEMON, &msg);

	if (r == 0)
		r = ipvs_daemon_put(msg, daemon);
	return r < 0 ? r : nlsock_query(sock, msg, NULL, NULL);
}

static int put_stop(struct nlsock *sock, enum ipvs_daemon_role role)
{
	struct nlattr *nest;
	struct nl_msg *msg;
	bool full;
	int r = nlsock_request(sock, IPVS_CMD_DEL_DAEMON, &msg);

	if (r < 0)
		return r;
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_DAEMON | NLA_F_NESTED);
	if (!nest || nla_put_u32(msg, IPVS_DAEMON_ATTR_STATE, state_of(role)) < 0)
		return -ENOMEM;
	(void)nla_nest_end(msg, nest);
	return nlsock_batch_add(sock, msg, &full);
}

/*
 * A thread that was started a moment before and has not run yet ends with EINTR when it is stopped
 * (kthread.c), which becomes the result of the request; and that is the one error which netlink
 * does not answer (af_netlink.c, netlink_rcv_skb). So a second request, which changes nothing, goes
 * with the first: its answer tells that both are done.
 */
int ipvs_daemon_stop(struct nlsock *sock, enum ipvs_daemon_role role)
{
	int results[2] = { 0 }, r = put_stop(sock, role), flushed;
	struct nl_msg *msg;
	size_t n = 1;
	bool full;

	if (r < 0)
		return r;
	r = nlsock_request(sock, IPVS_CMD_SET_CONFIG, &msg);
	if (r == 0)
		r = nlsock_batch_add(sock, msg, &full);
	n += r == 0;
	flushed = nlsock_batch_flush(sock, results, n); /* in any case: nothing may stay in it */
	return flushed < 0 ? flushed : results[0];
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters by generic netlink: reading them, and setting them to zero. Called by ipvs_netlink.c;
 * what they look like on the wire is in ipvs_nlattr.c. */
#include "ipvs_netlink_stats.h"

#include <errno.h>
#include <linux/ip_vs.h>

#include "ipvs_nlattr.h"

static int take_service_stats(const struct nlmsghdr *reply, void *arg)
{
	struct ipvs_service_stats s;
	int r = ipvs_nlattr_get_service_stats(reply, &s);

	if (r == 0)
		*(struct ipvs_stats *)arg = s.stats;
	return r;
}

struct stats_collector {
	const struct ipvs_service_key *service;
	ipvs_dest_stats_vec *found;
};

static int collect_dest_stats(const struct nlmsghdr *reply, void *arg)
{
	const struct stats_collector *c = arg;
	struct ipvs_dest_stats d;
	int r = ipvs_nlattr_get_dest_stats(reply, c->service, &d);

	return r < 0 ? r : vec_push(c->found, d);
}

/* A request for a service, or for what belongs to it: its message with the key. */
static int request_of(struct nlsock *sock, uint8_t command, const struct ipvs_service_key *key,
		      struct nl_msg **ret_msg)
{
	int r = nlsock_request(sock, command, ret_msg);

	return r < 0 ? r : ipvs_nlattr_put_key(*ret_msg, key);
}

int ipvs_netlink_stats_get(struct nlsock *sock, const struct ipvs_service_key *key,
			   struct ipvs_stats *ret_service, ipvs_dest_stats_vec *ret_dests)
{
	struct stats_collector c = { .service = key, .found = ret_dests };
	struct ipvs_stats service = { 0 };
	struct nl_msg *msg;
	int r = 0;

	ret_dests->n = 0;
	if (ret_service) {
		r = request_of(sock, IPVS_CMD_GET_SERVICE, key, &msg);
		if (r == 0)
			r = nlsock_query(sock, msg, take_service_stats, &service);
		if (r == -EAFNOSUPPORT) /* IPv6 is switched off: it cannot have one */
			r = -ESRCH;
	}
	if (r == 0)
		r = request_of(sock, IPVS_CMD_GET_DEST, key, &msg);
	if (r == 0)
		r = nlsock_dump(sock, msg, collect_dest_stats, &c);
	if (r < 0) {
		ret_dests->n = 0;
		return r;
	}
	ipvs_kernel_sort_stats(ret_dests);
	if (ret_service)
		*ret_service = service;
	return 0;
}

static int collect_service_stats(const struct nlmsghdr *reply, void *arg)
{
	struct ipvs_service_stats s;
	int r = ipvs_nlattr_get_service_stats(reply, &s);

	return r < 0 ? r : vec_push((ipvs_service_stats_vec *)arg, s);
}

int ipvs_netlink_stats_next(struct nlsock *sock, ipvs_service_stats_vec *ret)
{
	size_t before = ret->n;
	int r = nlsock_dump_next(sock, collect_service_stats, ret);

	if (r < 0)
		ret->n = before;
	return r;
}

int ipvs_netlink_stats_zero(struct nlsock *sock, const struct ipvs_service_key *keys, size_t n,
			    int *results)
{
	size_t sent = 0;

	for (size_t i = 0; i < n; i++) {
		bool full = false;
		struct nl_msg *msg;
		int r = request_of(sock, IPVS_CMD_ZERO, &keys[i], &msg);

		if (r == 0)
			r = nlsock_batch_add(sock, msg, &full);
		if (r == 0 && (full || i + 1 == n)) {
			r = nlsock_batch_flush(sock, results + sent, i + 1 - sent);
			sent = i + 1;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

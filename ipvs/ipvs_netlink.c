/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The provider that is the kernel: requests in batches by generic netlink, answers as objects. main
 * makes it, the reconciler calls it through ipvs_kernel.h. What the objects look like on the wire
 * is in ipvs_nlattr.c, how messages travel in nlsock.c, the short cut for real servers of IPv4
 * services in ipvs_sockopt.c; no policy here.
 */
#include "ipvs_kernel.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "ipvs_connection_walk.h"
#include "ipvs_daemon.h"
#include "ipvs_modules.h"
#include "ipvs_netlink_stats.h"
#include "ipvs_nlattr.h"
#include "ipvs_sockopt.h"
#include "nlsock.h"
#include "util.h"

/* Whether services can be staged silently. It is tried with one service, alone in its batch: where
 * the engine is missing, each would make the kernel look for it. */
enum silence {
	SILENCE_UNKNOWN,
	SILENCE_TRY,
	SILENCE_YES,
	SILENCE_NO,
};

struct ipvs_netlink {
	struct ipvs_kernel base;
	enum silence silence;
	struct nlsock *sock;
	struct ipvs_sockopt *sockopt;
	struct ipvs_modules modules;
	uint64_t writes;
};

/* A list has a socket of its own, since one socket can have one dump at a time. */
struct ipvs_list {
	struct nlsock *sock;
	struct ipvs_sockopt *counts; /* NULL: nobody asked for them */
	ipvs_listed_vec *found;	     /* of the present piece */
};

static struct ipvs_netlink *netlink_of(struct ipvs_kernel *k)
{
	return (struct ipvs_netlink *)k;
}

static int read_info(const struct nlmsghdr *reply, void *arg)
{
	struct nlattr *head = nlmsg_attrdata(reply, GENL_HDRLEN);
	int len = nlmsg_attrlen(reply, GENL_HDRLEN);
	struct nlattr *version = nla_find(head, len, IPVS_INFO_ATTR_VERSION);
	struct nlattr *size = nla_find(head, len, IPVS_INFO_ATTR_CONN_TAB_SIZE);
	struct ipvs_info *info = arg;

	if (!version || nla_len(version) < 4 || !size || nla_len(size) < 4)
		return -EBADMSG;
	info->version = nla_get_u32(version);
	info->connection_table_size = nla_get_u32(size);
	return 0;
}

static int netlink_info(struct ipvs_kernel *k, struct ipvs_info *ret)
{
	struct nlsock *sock = netlink_of(k)->sock;
	struct ipvs_info info = { 0 };
	struct nl_msg *msg;
	int r = nlsock_request(sock, IPVS_CMD_GET_INFO, &msg);

	if (r == 0)
		r = nlsock_query(sock, msg, read_info, &info);
	if (r == 0)
		*ret = info;
	return r;
}

static int read_timeouts(const struct nlmsghdr *reply, void *arg)
{
	struct nlattr *head = nlmsg_attrdata(reply, GENL_HDRLEN);
	int len = nlmsg_attrlen(reply, GENL_HDRLEN);
	struct nlattr *tcp = nla_find(head, len, IPVS_CMD_ATTR_TIMEOUT_TCP);
	struct nlattr *fin = nla_find(head, len, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN);
	struct nlattr *udp = nla_find(head, len, IPVS_CMD_ATTR_TIMEOUT_UDP);
	struct ipvs_timeouts *ret = arg;

	/* A kernel built without one of the protocols does not say. */
	*ret = (struct ipvs_timeouts){ 0 };
	if ((tcp && nla_len(tcp) < 4) || (fin && nla_len(fin) < 4) || (udp && nla_len(udp) < 4))
		return -EBADMSG;
	if (tcp)
		ret->tcp = nla_get_u32(tcp);
	if (fin)
		ret->tcp_fin = nla_get_u32(fin);
	if (udp)
		ret->udp = nla_get_u32(udp);
	return 0;
}

static int netlink_get_timeouts(struct ipvs_kernel *k, struct ipvs_timeouts *ret)
{
	struct nlsock *sock = netlink_of(k)->sock;
	struct nl_msg *msg;
	int r = nlsock_request(sock, IPVS_CMD_GET_CONFIG, &msg);

	return r < 0 ? r : nlsock_query(sock, msg, read_timeouts, ret);
}

static int netlink_set_timeouts(struct ipvs_kernel *k, const struct ipvs_timeouts *timeouts)
{
	struct ipvs_netlink *n = netlink_of(k);
	struct nl_msg *msg;
	int r = nlsock_request(n->sock, IPVS_CMD_SET_CONFIG, &msg);

	if (r == 0)
		r = nla_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts->tcp);
	if (r == 0)
		r = nla_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts->tcp_fin);
	if (r == 0)
		r = nla_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts->udp);
	if (r < 0)
		return r;
	n->writes++;
	return nlsock_query(n->sock, msg, NULL, NULL);
}

static void netlink_list_close(struct ipvs_kernel *k, struct ipvs_list *list)
{
	(void)k;
	if (!list)
		return;
	nlsock_close(list->sock);
	free(list);
}

static int netlink_list_open(struct ipvs_kernel *k, bool counted, struct ipvs_list **ret)
{
	struct ipvs_list *list = calloc(1, sizeof(*list));
	struct nl_msg *msg;
	int r;

	if (!list)
		return -ENOMEM;
	r = nlsock_open_genl(IPVS_GENL_NAME, IPVS_GENL_VERSION, &list->sock);
	if (r == 0)
		r = nlsock_request(list->sock, IPVS_CMD_GET_SERVICE, &msg);
	if (r == 0)
		r = nlsock_dump_begin(list->sock, msg);
	if (r < 0) {
		netlink_list_close(k, list);
		return r;
	}
	if (counted) {
		list->counts = netlink_of(k)->sockopt;
		ipvs_sockopt_count(list->counts);
	}
	*ret = list;
	return 0;
}

static int collect_service(const struct nlmsghdr *reply, void *arg)
{
	struct ipvs_list *list = arg;
	struct ipvs_listed l = { .n_dests = IPVS_DESTS_UNKNOWN };
	int r = ipvs_nlattr_get_service(reply, &l.service);

	if (r < 0)
		return r;
	if (list->counts)
		l.n_dests = ipvs_sockopt_counted(list->counts, &l.service.key);
	return vec_push(list->found, l);
}

static int netlink_list_next(struct ipvs_kernel *k, struct ipvs_list *list, ipvs_listed_vec *ret)
{
	size_t before = ret->n;
	int r;

	(void)k;
	list->found = ret;
	r = nlsock_dump_next(list->sock, collect_service, list);
	if (r < 0)
		ret->n = before;
	return r;
}

struct one_service {
	struct ipvs_service service;
	bool found;
};

static int take_service(const struct nlmsghdr *reply, void *arg)
{
	struct one_service *one = arg;
	int r = ipvs_nlattr_get_service(reply, &one->service);

	one->found = r == 0;
	return r;
}

static int netlink_get(struct ipvs_kernel *k, const struct ipvs_service_key *key,
		       struct ipvs_service *ret)
{
	struct nlsock *sock = netlink_of(k)->sock;
	struct one_service one = { .found = false };
	struct nl_msg *msg;
	int r = nlsock_request(sock, IPVS_CMD_GET_SERVICE, &msg);

	if (r == 0)
		r = ipvs_nlattr_put_key(msg, key);
	if (r == 0)
		r = nlsock_query(sock, msg, take_service, &one);
	if (r == -EAFNOSUPPORT) /* IPv6 is switched off: it cannot have one */
		r = -ESRCH;
	if (r < 0)
		return r;
	if (!one.found)
		return -EBADMSG;
	*ret = one.service;
	return 0;
}

struct dest_collector {
	const struct ipvs_service_key *service;
	ipvs_observed_dest_vec *found;
};

static int collect_dest(const struct nlmsghdr *reply, void *arg)
{
	const struct dest_collector *c = arg;
	struct ipvs_observed_dest d;
	int r = ipvs_nlattr_get_dest(reply, c->service, &d);

	return r < 0 ? r : vec_push(c->found, d);
}

static int dump_dests(struct nlsock *sock, const struct ipvs_service_key *key,
		      ipvs_observed_dest_vec *ret)
{
	struct dest_collector c = { .service = key, .found = ret };
	size_t before = ret->n;
	struct nl_msg *msg;
	int r = nlsock_request(sock, IPVS_CMD_GET_DEST, &msg);

	if (r == 0)
		r = ipvs_nlattr_put_key(msg, key);
	if (r == 0)
		r = nlsock_dump(sock, msg, collect_dest, &c);
	if (r < 0)
		ret->n = before;
	else
		ipvs_kernel_sort_dests(ret, before);
	return r;
}

static int netlink_dests_expected(struct ipvs_kernel *k, const struct ipvs_service_key *key,
				  int expected, ipvs_observed_dest_vec *ret)
{
	struct ipvs_netlink *n = netlink_of(k);
	int r = ipvs_sockopt_dests(n->sockopt, key, expected, ret);

	if (r == 0)
		return dump_dests(n->sock, key, ret);
	return r < 0 ? r : 0;
}

static int netlink_dests(struct ipvs_kernel *k, const struct ipvs_service_key *key,
			 ipvs_observed_dest_vec *ret)
{
	return netlink_dests_expected(k, key, IPVS_DESTS_UNKNOWN, ret);
}

static int netlink_stats(struct ipvs_kernel *k, const struct ipvs_service_key *key,
			 struct ipvs_stats *ret_service, ipvs_dest_stats_vec *ret_dests)
{
	return ipvs_netlink_stats_get(netlink_of(k)->sock, key, ret_service, ret_dests);
}

static int netlink_list_next_stats(_unused_ struct ipvs_kernel *k, struct ipvs_list *list,
				   ipvs_service_stats_vec *ret)
{
	return ipvs_netlink_stats_next(list->sock, ret);
}

static int netlink_zero(struct ipvs_kernel *k, const struct ipvs_service_key *keys, size_t n,
			int *results)
{
	netlink_of(k)->writes += n;
	return ipvs_netlink_stats_zero(netlink_of(k)->sock, keys, n, results);
}

static uint8_t command_of(const struct ipvs_op *op)
{
	static const uint8_t commands[][2] = {
		[IPVS_ADD] = { IPVS_CMD_NEW_SERVICE, IPVS_CMD_NEW_DEST },
		[IPVS_SET] = { IPVS_CMD_SET_SERVICE, IPVS_CMD_SET_DEST },
		[IPVS_DELETE] = { IPVS_CMD_DEL_SERVICE, IPVS_CMD_DEL_DEST },
	};

	return commands[op->verb][op->dest != NULL];
}

/* Sends the operations of the batch. */
static int flush(struct ipvs_netlink *n, int *results, size_t count)
{
	n->writes += count;
	return nlsock_batch_flush(n->sock, results, count);
}

/* Asked once, at the first staged service, since the answer may take system calls. */
static bool silence_possible(struct ipvs_netlink *n)
{
	if (n->silence == SILENCE_UNKNOWN)
		n->silence = ipvs_kernel_has(&n->base, "ip_vs_pe_", "sip") == 0 ? SILENCE_NO
										: SILENCE_TRY;
	return n->silence != SILENCE_NO;
}

/* Adds operations to the empty batch until it is full, or one cannot be added: how many, or a
 * negative errno when there is none. */
static ssize_t fill_batch(struct ipvs_netlink *n, const struct ipvs_op *ops, size_t count)
{
	bool full = false;
	size_t i;
	int r;

	for (i = 0; i < count && !full && ipvs_nlattr_can_express(&ops[i]); i++) {
		struct ipvs_op op = ops[i];
		struct nl_msg *msg;

		op.silent = op.staged && op.verb == IPVS_ADD && silence_possible(n);
		r = nlsock_request(n->sock, command_of(&op), &msg);
		if (r == 0)
			r = ipvs_nlattr_put_op(msg, &op);
		if (r == 0)
			r = nlsock_batch_add(n->sock, msg, &full);
		if (r < 0)
			return i ? (ssize_t)i : r;
		full = full || (op.silent && n->silence == SILENCE_TRY);
	}
	return (ssize_t)i;
}

static int netlink_apply(struct ipvs_kernel *k, const struct ipvs_op *ops, size_t n, int *results);

/* The SET that was to end the staging has failed: the service has to refuse clients aloud. */
static int stays_staged(struct ipvs_netlink *n, const struct ipvs_service *service)
{
	struct ipvs_service aloud = *service;
	const struct ipvs_op op = { .verb = IPVS_SET, .service = &aloud };
	int result; /* there is nothing else that could be done */

	ipvs_service_stage(&aloud, false);
	return netlink_apply(&n->base, &op, 1, &result);
}

/* What the results of a batch mean for staged services. One that could not be created names no
 * scheduler: what was missing is the engine, and from now on it is done without. */
static int judge_staging(struct ipvs_netlink *n, const struct ipvs_op *ops, size_t count,
			 int *results)
{
	bool silent = n->silence != SILENCE_NO;
	int r = 0;

	for (size_t i = 0; silent && i < count && r == 0; i++) {
		if (!ops[i].staged)
			continue;
		if (ops[i].verb == IPVS_SET && results[i] < 0) {
			r = stays_staged(n, ops[i].service);
		} else if (ops[i].verb == IPVS_ADD && results[i] == 0) {
			n->silence = SILENCE_YES;
		} else if (ops[i].verb == IPVS_ADD && results[i] == -ENOENT) {
			n->silence = SILENCE_NO;
			r = netlink_apply(&n->base, &ops[i], 1, &results[i]);
		}
	}
	return r;
}

static int netlink_apply(struct ipvs_kernel *k, const struct ipvs_op *ops, size_t n, int *results)
{
	struct ipvs_netlink *nl = netlink_of(k);
	ssize_t count;
	int r;

	for (size_t i = 0; i < n; i += (size_t)count) {
		if (!ipvs_nlattr_can_express(&ops[i])) {
			results[i] = -EINVAL;
			count = 1;
			continue;
		}
		count = fill_batch(nl, ops + i, n - i);
		if (count < 0)
			return (int)count;
		r = flush(nl, results + i, (size_t)count);
		if (r == 0)
			r = judge_staging(nl, ops + i, (size_t)count, results + i);
		if (r < 0)
			return r;
	}
	return 0;
}

static int netlink_daemons(struct ipvs_kernel *k, ipvs_daemon_vec *ret)
{
	return ipvs_daemon_read(netlink_of(k)->sock, ret);
}

static int netlink_daemon_start(struct ipvs_kernel *k, const struct ipvs_daemon *daemon)
{
	netlink_of(k)->writes++;
	return ipvs_daemon_start(netlink_of(k)->sock, daemon);
}

static int netlink_daemon_stop(struct ipvs_kernel *k, enum ipvs_daemon_role role)
{
	netlink_of(k)->writes++;
	return ipvs_daemon_stop(netlink_of(k)->sock, role);
}

static int netlink_connections(struct ipvs_kernel *k, struct ipvs_connection_walk **ret)
{
	(void)k;
	/* Of the process, so of its network namespace, wherever /proc was mounted. */
	return ipvs_connection_walk_open("/proc/self/net", ret);
}

static int netlink_has_module(struct ipvs_kernel *k, const char *name)
{
	return ipvs_modules_has(&netlink_of(k)->modules, name);
}

static bool netlink_module_loaded(struct ipvs_kernel *k, const char *name)
{
	return ipvs_modules_loaded(&netlink_of(k)->modules, name);
}

static uint64_t netlink_writes(const struct ipvs_kernel *k)
{
	return ((const struct ipvs_netlink *)k)->writes;
}

static struct ipvs_identity netlink_identity(const struct ipvs_kernel *k)
{
	const struct nlsock *sock = ((const struct ipvs_netlink *)k)->sock;

	return (struct ipvs_identity){ nlsock_family(sock), nlsock_port(sock) };
}

static void netlink_free(struct ipvs_kernel *k)
{
	nlsock_close(netlink_of(k)->sock);
	ipvs_sockopt_free(netlink_of(k)->sockopt);
	ipvs_modules_done(&netlink_of(k)->modules);
	free(k);
}

static const struct ipvs_kernel_ops netlink_ops = {
	.info = netlink_info,
	.list_open = netlink_list_open,
	.list_next = netlink_list_next,
	.list_close = netlink_list_close,
	.get = netlink_get,
	.dests = netlink_dests,
	.dests_expected = netlink_dests_expected,
	.apply = netlink_apply,
	.stats = netlink_stats,
	.list_next_stats = netlink_list_next_stats,
	.zero = netlink_zero,
	.get_timeouts = netlink_get_timeouts,
	.set_timeouts = netlink_set_timeouts,
	.daemons = netlink_daemons,
	.daemon_start = netlink_daemon_start,
	.daemon_stop = netlink_daemon_stop,
	.connections = netlink_connections,
	.has_module = netlink_has_module,
	.module_loaded = netlink_module_loaded,
	.writes = netlink_writes,
	.identity = netlink_identity,
	.free = netlink_free,
};

int ipvs_netlink_new(struct ipvs_kernel **ret)
{
	_cleanup_(freep) struct ipvs_netlink *n = calloc(1, sizeof(*n));
	int r;

	if (!n)
		return -ENOMEM;
	n->base.ops = &netlink_ops;
	n->sockopt = ipvs_sockopt_new();
	if (!n->sockopt)
		return -ENOMEM;
	r = nlsock_open_genl(IPVS_GENL_NAME, IPVS_GENL_VERSION, &n->sock);
	if (r < 0) {
		ipvs_sockopt_free(n->sockopt);
		return r;
	}
	*ret = &TAKE_PTR(n)->base;
	return 0;
}

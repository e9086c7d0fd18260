/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The provider that is the kernel (netcfg_kernel.h): links and addresses by rtnetlink, ports of fou
 * by generic netlink, in blocking transactions. What messages look like is in netcfg_nlattr.c,
 * variables are in netcfg_rtnl_sysctl.c, news in netcfg_rtnl_watch.c.
 */
#include <errno.h>
#include <linux/fou.h>
#include <linux/netlink.h>
#include <netlink/msg.h>

#include "netcfg_nlattr.h"
#include "netcfg_rtnl_private.h"
#include "nlsock.h"
#include "util.h"

/* A dump that somebody disturbs is taken again. */
#define DUMP_TRIES 4

struct netcfg_rtnl {
	struct netcfg_kernel base;
	struct nlsock *route, *fou;
	struct netcfg_watch *watch;
	struct netcfg_root root;
	char identity[NETCFG_IDENTITY_MAX];
	uint64_t writes;
};

static struct netcfg_rtnl *rtnl_of(struct netcfg_kernel *k)
{
	return (struct netcfg_rtnl *)k;
}

/* Looking -------------------------------------------------------------------------------------- */

/* Messages about something else and broken ones are not for us. */
static int collect_link(const struct nlmsghdr *h, void *arg)
{
	netcfg_link_vec *found = arg;
	struct netcfg_link link;
	int r = netcfg_nlattr_get_link(h, &link);

	if (r == 0)
		return vec_push(found, link);
	return r == -EAFNOSUPPORT ? 0 : r;
}

static int collect_address(const struct nlmsghdr *h, void *arg)
{
	netcfg_address_vec *found = arg;
	struct netcfg_address address;
	int r = netcfg_nlattr_get_address(h, &address);

	if (r == 0)
		return vec_push(found, address);
	return r == -EAFNOSUPPORT ? 0 : r;
}

static int collect_fou(const struct nlmsghdr *h, void *arg)
{
	netcfg_fou_vec *found = arg;
	struct netcfg_fou fou;
	int r = netcfg_nlattr_get_fou(h, &fou);

	return r < 0 ? r : vec_push(found, fou);
}

static int request(struct netcfg_rtnl *x, const struct netcfg_request *q, struct nl_msg **ret)
{
	return nlsock_message(x->route, q->type, q->flags, q->header, q->header_len, ret);
}

static int rtnl_links(struct netcfg_kernel *k, netcfg_link_vec *ret)
{
	struct netcfg_rtnl *x = rtnl_of(k);
	size_t before = ret->n;
	struct netcfg_request q;
	struct nl_msg *msg;
	int r = -EAGAIN;

	netcfg_nlattr_begin_links(&q);
	for (int i = 0; i < DUMP_TRIES && r == -EAGAIN; i++) {
		ret->n = before;
		r = request(x, &q, &msg);
		if (r == 0)
			r = netcfg_nlattr_put_links(msg);
		if (r == 0)
			r = nlsock_dump(x->route, msg, collect_link, ret);
	}
	if (r < 0)
		ret->n = before;
	vec_sort(ret, netcfg_link_compare);
	return r;
}

static int rtnl_addresses(struct netcfg_kernel *k, netcfg_address_vec *ret)
{
	struct netcfg_rtnl *x = rtnl_of(k);
	size_t before = ret->n;
	struct netcfg_request q;
	struct nl_msg *msg;
	int r = -EAGAIN;

	netcfg_nlattr_begin_addresses(&q);
	for (int i = 0; i < DUMP_TRIES && r == -EAGAIN; i++) {
		ret->n = before;
		r = request(x, &q, &msg);
		if (r == 0)
			r = nlsock_dump(x->route, msg, collect_address, ret);
	}
	if (r < 0)
		ret->n = before;
	vec_sort(ret, netcfg_address_compare);
	return r;
}

/* The socket for fou; most hosts never need it. */
static int fou_request(struct netcfg_rtnl *x, uint8_t cmd, struct nl_msg **ret)
{
	int r = x->fou ? 0 : nlsock_open_genl(FOU_GENL_NAME, FOU_GENL_VERSION, &x->fou);

	return r < 0 ? r : nlsock_request(x->fou, cmd, ret);
}

static int rtnl_fous(struct netcfg_kernel *k, netcfg_fou_vec *ret)
{
	struct netcfg_rtnl *x = rtnl_of(k);
	size_t before = ret->n;
	struct nl_msg *msg;
	int r = fou_request(x, FOU_CMD_GET, &msg);

	if (r == 0)
		r = nlsock_dump(x->fou, msg, collect_fou, ret);
	if (r < 0)
		ret->n = before;
	vec_sort(ret, netcfg_fou_compare);
	return r;
}

static int rtnl_read(struct netcfg_kernel *k, const struct netcfg_sysctl_key *key,
		     char ret[NETCFG_SYSCTL_VALUE_MAX])
{
	return netcfg_rtnl_sysctl_read(&rtnl_of(k)->root, key, ret);
}

/* Changing ------------------------------------------------------------------------------------- */

static bool is_address(const struct netcfg_op *op)
{
	return op->verb == NETCFG_ADDRESS_ADD || op->verb == NETCFG_ADDRESS_SET ||
	       op->verb == NETCFG_ADDRESS_DELETE;
}

/* Adds address operations to the empty batch until it is full or another kind comes: how many, or a
 * negative errno. */
static ssize_t fill_batch(struct netcfg_rtnl *x, const struct netcfg_op *ops, size_t n)
{
	bool full = false;
	size_t i;

	for (i = 0; i < n && !full && is_address(&ops[i]); i++) {
		struct netcfg_request q;
		struct nl_msg *msg;
		int r;

		netcfg_nlattr_begin(&ops[i], &q);
		r = request(x, &q, &msg);
		if (r == 0)
			r = netcfg_nlattr_put(msg, &ops[i]);
		if (r == 0)
			r = nlsock_batch_add(x->route, msg, &full);
		if (r < 0)
			return i ? (ssize_t)i : r;
	}
	return (ssize_t)i;
}

static int apply_link(struct netcfg_rtnl *x, const struct netcfg_op *op)
{
	struct netcfg_request q;
	struct nl_msg *msg;
	int r;

	netcfg_nlattr_begin(op, &q);
	r = request(x, &q, &msg);
	if (r == 0)
		r = netcfg_nlattr_put(msg, op);
	return r < 0 ? r : nlsock_query(x->route, msg, NULL, NULL);
}

static int apply_fou(struct netcfg_rtnl *x, const struct netcfg_op *op)
{
	struct nl_msg *msg;
	int r = fou_request(x, op->verb == NETCFG_FOU_ADD ? FOU_CMD_ADD : FOU_CMD_DEL, &msg);

	if (r == 0)
		r = netcfg_nlattr_put_fou(msg, &op->fou);
	return r < 0 ? r : nlsock_query(x->fou, msg, NULL, NULL);
}

static int apply_one(struct netcfg_rtnl *x, const struct netcfg_op *op)
{
	switch (op->verb) {
	case NETCFG_SYSCTL_WRITE:
		return netcfg_rtnl_sysctl_write(&x->root, op->key, op->value);
	case NETCFG_FOU_ADD:
	case NETCFG_FOU_DELETE:
		return apply_fou(x, op);
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		return apply_link(x, op);
	case NETCFG_SYNC_STOP:
	case NETCFG_SYNC_START:
		return -EOPNOTSUPP; /* a matter of IPVS */
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
	case NETCFG_ADDRESS_DELETE:
		break;
	}
	return -EINVAL;
}

static int rtnl_apply(struct netcfg_kernel *k, const struct netcfg_op *ops, size_t n, int *results)
{
	struct netcfg_rtnl *x = rtnl_of(k);
	ssize_t count;
	int r;

	for (size_t i = 0; i < n; i += (size_t)count) {
		count = 1;
		if (!is_address(&ops[i])) {
			x->writes++;
			results[i] = apply_one(x, &ops[i]);
			continue;
		}
		count = fill_batch(x, ops + i, n - i);
		if (count < 0)
			return (int)count;
		x->writes += (uint64_t)count;
		r = nlsock_batch_flush(x->route, results + i, (size_t)count);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The provider --------------------------------------------------------------------------------- */

static int rtnl_watch(struct netcfg_kernel *k, const struct netcfg_sysctl_key *keys, size_t n)
{
	return netcfg_watch_keys(rtnl_of(k)->watch, keys, n);
}

static int rtnl_events_fd(const struct netcfg_kernel *k)
{
	return netcfg_watch_fd(((const struct netcfg_rtnl *)k)->watch);
}

static int rtnl_events(struct netcfg_kernel *k, struct netcfg_changes *ret)
{
	return netcfg_watch_read(rtnl_of(k)->watch, ret);
}

static const char *rtnl_identity(const struct netcfg_kernel *k)
{
	return ((const struct netcfg_rtnl *)k)->identity;
}

static uint64_t rtnl_writes(const struct netcfg_kernel *k)
{
	return ((const struct netcfg_rtnl *)k)->writes;
}

static void rtnl_free(struct netcfg_kernel *k)
{
	struct netcfg_rtnl *x = rtnl_of(k);

	nlsock_close(x->route);
	nlsock_close(x->fou);
	netcfg_watch_free(x->watch);
	closep(&x->root.fd);
	free(x);
}

static const struct netcfg_kernel_ops rtnl_ops = {
	.links = rtnl_links,
	.addresses = rtnl_addresses,
	.fous = rtnl_fous,
	.read = rtnl_read,
	.apply = rtnl_apply,
	.watch = rtnl_watch,
	.events_fd = rtnl_events_fd,
	.events = rtnl_events,
	.identity = rtnl_identity,
	.writes = rtnl_writes,
	.free = rtnl_free,
};

int netcfg_rtnl_new(struct netcfg_kernel **ret)
{
	struct netcfg_rtnl *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return -ENOMEM;
	x->base.ops = &rtnl_ops;
	r = netcfg_rtnl_root_open(&x->root);
	if (r == 0)
		netcfg_rtnl_identity(&x->root, x->identity);
	if (r == 0)
		r = nlsock_open(NETLINK_ROUTE, &x->route);
	if (r == 0)
		r = netcfg_watch_new(&x->root, &x->watch);
	if (r < 0) {
		rtnl_free(&x->base);
		return r;
	}
	*ret = &x->base;
	return 0;
}

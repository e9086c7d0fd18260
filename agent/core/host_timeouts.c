/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The provider of host_timeouts.h. */
#include "host_timeouts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_syncs.h"
#include "num.h"

struct host_timeouts {
	struct netcfg_kernel base;
	struct netcfg_kernel *host;
	struct ipvs_kernel *ipvs;
	uint64_t writes;
};

static const struct host_timeouts *of(const struct netcfg_kernel *k)
{
	return (const struct host_timeouts *)k;
}

static struct netcfg_kernel *host_of(const struct netcfg_kernel *k)
{
	return of(k)->host;
}

static enum netcfg_timeout timeout_of(const struct netcfg_sysctl_key *key)
{
	return (enum netcfg_timeout)netcfg_sysctl_row(key)->timeout;
}

static uint32_t *member(struct ipvs_timeouts *t, enum netcfg_timeout which)
{
	switch (which) {
	case NETCFG_TIMEOUT_TCP:
		return &t->tcp;
	case NETCFG_TIMEOUT_TCP_FIN:
		return &t->tcp_fin;
	case NETCFG_TIMEOUT_NONE:
	case NETCFG_TIMEOUT_UDP:
		break;
	}
	return &t->udp;
}

/* The timeouts ----------------------------------------------------------------------------------
 */

static int timeouts_read(struct netcfg_kernel *k, const struct netcfg_sysctl_key *key,
			 char ret[NETCFG_SYSCTL_VALUE_MAX])
{
	const enum netcfg_timeout which = timeout_of(key);
	struct ipvs_timeouts t;
	uint32_t seconds;

	if (which == NETCFG_TIMEOUT_NONE)
		return host_of(k)->ops->read(host_of(k), key, ret);
	/* IPVS is not the host: that it is missing, or may not be asked, is no reason to leave the
	 * rest alone. Its own reconciler says why. */
	if (of(k)->ipvs->ops->get_timeouts(of(k)->ipvs, &t) < 0)
		return -ENOENT;
	seconds = *member(&t, which);
	if (!seconds) /* a kernel without that protocol */
		return -ENOENT;
	(void)snprintf(ret, NETCFG_SYSCTL_VALUE_MAX, "%u", seconds);
	return 0;
}

static int write_timeout(struct host_timeouts *h, const struct netcfg_op *op)
{
	struct ipvs_timeouts t = { 0 }; /* 0: unchanged */
	uint64_t seconds;

	if (num_parse_u64(op->value, strlen(op->value), IPVS_TIMEOUT_MAX, &seconds) < 0)
		return -EINVAL;
	*member(&t, timeout_of(op->key)) = (uint32_t)seconds;
	h->writes++;
	return h->ipvs->ops->set_timeouts(h->ipvs, &t);
}

static bool is_timeout(const struct netcfg_op *op)
{
	return op->verb == NETCFG_SYSCTL_WRITE && timeout_of(op->key) != NETCFG_TIMEOUT_NONE;
}

static bool is_of_ipvs(const struct netcfg_op *op)
{
	return op->verb == NETCFG_SYNC_START || op->verb == NETCFG_SYNC_STOP || is_timeout(op);
}

static int apply_to_ipvs(struct host_timeouts *h, const struct netcfg_op *op)
{
	if (is_timeout(op))
		return write_timeout(h, op);
	h->writes++;
	return host_syncs_apply(h->ipvs, op);
}

static int timeouts_apply(struct netcfg_kernel *k, const struct netcfg_op *ops, size_t n,
			  int *results)
{
	struct host_timeouts *h = (struct host_timeouts *)k;
	size_t i = 0;

	while (i < n) {
		size_t end = i;
		int r;

		if (is_of_ipvs(&ops[i])) {
			results[i] = apply_to_ipvs(h, &ops[i]);
			i++;
			continue;
		}
		while (end < n && !is_of_ipvs(&ops[end]))
			end++;
		r = h->host->ops->apply(h->host, ops + i, end - i, results + i);
		if (r < 0)
			return r;
		i = end;
	}
	return 0;
}

/* Nobody tells of changes of timeouts; the reconciler reads them again. */
static int timeouts_watch(struct netcfg_kernel *k, const struct netcfg_sysctl_key *keys, size_t n)
{
	VEC(struct netcfg_sysctl_key) files = { 0 };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		if (timeout_of(&keys[i]) == NETCFG_TIMEOUT_NONE)
			r = vec_push(&files, keys[i]);
	if (r == 0)
		r = host_of(k)->ops->watch(host_of(k), files.items, files.n);
	vec_done(&files);
	return r;
}

static int timeouts_syncs(struct netcfg_kernel *k, netcfg_sync_vec *ret)
{
	return host_syncs_read(of(k)->ipvs, ret);
}

/* All else ------------------------------------------------------------------------------------- */

static int timeouts_links(struct netcfg_kernel *k, netcfg_link_vec *ret)
{
	return host_of(k)->ops->links(host_of(k), ret);
}

static int timeouts_addresses(struct netcfg_kernel *k, netcfg_address_vec *ret)
{
	return host_of(k)->ops->addresses(host_of(k), ret);
}

static int timeouts_fous(struct netcfg_kernel *k, netcfg_fou_vec *ret)
{
	return host_of(k)->ops->fous(host_of(k), ret);
}

static int timeouts_events_fd(const struct netcfg_kernel *k)
{
	return host_of(k)->ops->events_fd(host_of(k));
}

static int timeouts_events(struct netcfg_kernel *k, struct netcfg_changes *ret)
{
	return host_of(k)->ops->events(host_of(k), ret);
}

static const char *timeouts_identity(const struct netcfg_kernel *k)
{
	return host_of(k)->ops->identity(host_of(k));
}

static uint64_t timeouts_writes(const struct netcfg_kernel *k)
{
	return host_of(k)->ops->writes(host_of(k)) + of(k)->writes;
}

static void timeouts_free(struct netcfg_kernel *k)
{
	netcfg_kernel_free(host_of(k));
	free(k);
}

static const struct netcfg_kernel_ops timeouts_ops = {
	.links = timeouts_links,
	.addresses = timeouts_addresses,
	.fous = timeouts_fous,
	.syncs = timeouts_syncs,
	.read = timeouts_read,
	.apply = timeouts_apply,
	.watch = timeouts_watch,
	.events_fd = timeouts_events_fd,
	.events = timeouts_events,
	.identity = timeouts_identity,
	.writes = timeouts_writes,
	.free = timeouts_free,
};

int host_timeouts_new(struct netcfg_kernel *host, struct ipvs_kernel *ipvs,
		      struct netcfg_kernel **ret)
{
	struct host_timeouts *h = calloc(1, sizeof(*h));

	if (!h) {
		netcfg_kernel_free(host);
		return -ENOMEM;
	}
	h->base.ops = &timeouts_ops;
	h->host = host;
	h->ipvs = ipvs;
	*ret = &h->base;
	return 0;
}

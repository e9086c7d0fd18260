/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a wanted item is like, and what the result of an operation means: the small answers of
 * netcfg_plan.h. Pure. */
#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "netcfg_plan_private.h"
#include "util.h"

enum netcfg_state netcfg_sysctl_state(const struct netcfg_wanted_sysctl *want,
				      const struct netcfg_found *found)
{
	const struct netcfg_value *v = netcfg_found_value(found, &want->key);

	if (!v || !v->present)
		return NETCFG_STATE_PENDING;
	return netcfg_sysctl_same(&want->key, v->text, want->value) ? NETCFG_STATE_IN_SYNC
								    : NETCFG_STATE_DIFFERS;
}

enum netcfg_state netcfg_link_state(const struct netcfg_wanted_link *want,
				    const struct netcfg_found *found)
{
	const struct netcfg_link *link = netcfg_found_link(found, want->name);

	return link && link->flags & IFF_UP ? NETCFG_STATE_IN_SYNC : NETCFG_STATE_DIFFERS;
}

enum netcfg_state netcfg_fou_state(const struct netcfg_wanted_fou *want,
				   const struct netcfg_found *found)
{
	const struct netcfg_fou *fou = netcfg_found_fou(found, want->fou.family, want->fou.port);

	if (!fou)
		return NETCFG_STATE_DIFFERS;
	return fou->gue ? NETCFG_STATE_IN_SYNC : NETCFG_STATE_FOREIGN;
}

struct netcfg_memo netcfg_plan_memo(const struct netcfg_wanted_address *want)
{
	struct netcfg_memo memo = {
		.kind = NETCFG_MEMO_ADDRESS,
		.address = want->address,
		.prefix_length = want->prefix_length,
	};

	memcpy(memo.interface, want->interface, sizeof(memo.interface));
	return memo;
}

uint8_t netcfg_plan_changes(const struct netcfg_wanted_address *want,
			    const struct netcfg_address *have)
{
	bool v6 = want->address.family == AF_INET6;
	/* An IPv6 VIP with a preferred lifetime becomes the source of the director's own packets.
	 */
	uint32_t preferred = v6 ? 0 : UINT32_MAX;
	uint8_t changed = 0;

	if (!v6 && !streq(want->label, have->label))
		changed |= NETCFG_CHANGED_LABEL;
	if (have->valid != UINT32_MAX || have->preferred != preferred ||
	    have->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
		changed |= NETCFG_CHANGED_LIFETIME;
	return changed;
}

/* Whether the address is on this interface, with whatever prefix. */
static bool is_on(const struct netcfg_found *found, const struct inaddr *address, int32_t index)
{
	const struct netcfg_address *a = netcfg_found_address(found, address);
	const struct netcfg_address *end = found->addresses.items + found->addresses.n;

	for (; a && a < end && inaddr_compare(&a->address, address) == 0; a++)
		if (a->index == index)
			return true;
	return false;
}

enum netcfg_state netcfg_address_state(const struct netcfg_wanted_address *want,
				       const struct netcfg_found *found,
				       const netcfg_memo_vec *memory)
{
	const struct netcfg_link *link = netcfg_found_link(found, want->interface);
	const struct netcfg_memo memo = netcfg_plan_memo(want);
	const struct netcfg_memo *known = netcfg_memory_find(memory, &memo);
	const struct netcfg_address *have;
	bool ours;

	if (!link)
		return NETCFG_STATE_PENDING;
	have = netcfg_found_exact(found, &want->address, link->index, want->prefix_length);
	ours = known ? known->class == NETCFG_OURS
		     : have && have->protocol == NETCFG_ADDRESS_PROTOCOL;
	if (!ours && is_on(found, &want->address, link->index))
		return NETCFG_STATE_FOREIGN;
	return have && !netcfg_plan_changes(want, have) ? NETCFG_STATE_IN_SYNC
							: NETCFG_STATE_DIFFERS;
}

/* What is found, against what is wanted. A length that is left to the kernel is as it was left to
 * it when the daemon was started. */
static bool same_sync(const struct netcfg_sync *want, const struct netcfg_sync *have,
		      const struct netcfg_memo *memo)
{
	if (want->sync_id != have->sync_id || want->port != have->port || want->ttl != have->ttl ||
	    !streq(want->interface, have->interface) || !streq(want->group, have->group))
		return false;
	return want->max_length ? want->max_length == have->max_length : !memo->max_length;
}

enum netcfg_state netcfg_sync_state(const struct netcfg_wanted_sync *want,
				    const struct netcfg_found *found, const netcfg_memo_vec *memory)
{
	const struct netcfg_memo about = { .kind = NETCFG_MEMO_SYNC, .role = want->sync.role };
	const struct netcfg_memo *memo = netcfg_memory_find(memory, &about);
	const struct netcfg_link *link = netcfg_found_link(found, want->sync.interface);
	const struct netcfg_sync *have =
		netcfg_found_sync(found, (enum netcfg_sync_role)want->sync.role);

	if (!found->syncs_known)
		return NETCFG_STATE_PENDING;
	if (have && !memo)
		return NETCFG_STATE_FOREIGN;
	if (!link)
		return NETCFG_STATE_PENDING;
	return have && memo->index == link->index && same_sync(&want->sync, have, memo)
		       ? NETCFG_STATE_IN_SYNC
		       : NETCFG_STATE_DIFFERS;
}

char *netcfg_sync_text(const struct netcfg_sync *sync, char buf[NETCFG_MEMO_VALUE_MAX])
{
	bool v6 = strchr(sync->group, ':') != NULL;
	int n = snprintf(buf, NETCFG_MEMO_VALUE_MAX, "%s id %u %s%s%s:%u ttl %u", sync->interface,
			 sync->sync_id, v6 ? "[" : "", sync->group, v6 ? "]" : "", sync->port,
			 sync->ttl);

	if (sync->max_length)
		(void)snprintf(buf + n, NETCFG_MEMO_VALUE_MAX - (size_t)n, " length %u",
			       sync->max_length);
	return buf;
}

static bool one_of(int error, const int *errors, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (error == errors[i])
			return true;
	return false;
}

enum netcfg_outcome netcfg_outcome(const struct netcfg_op *op, int result)
{
	/* Errnos by what they mean of each verb; zero ends a list. */
	static const struct {
		int done[2], foreign[2], gone[2];
	} meanings[] = {
		[NETCFG_SYSCTL_WRITE] = { { 0 }, { 0 }, { -ENOENT } },
		[NETCFG_LINK_ADD] = { { -EEXIST }, { 0 }, { 0 } },
		[NETCFG_LINK_UP] = { { 0 }, { 0 }, { -ENODEV } },
		[NETCFG_FOU_ADD] = { { 0 }, { -EADDRINUSE, -EALREADY }, { 0 } },
		[NETCFG_ADDRESS_ADD] = { { 0 }, { -EEXIST }, { -ENODEV } },
		[NETCFG_ADDRESS_SET] = { { 0 }, { 0 }, { -ENODEV, -ENOENT } },
		[NETCFG_SYNC_STOP] = { { -ESRCH }, { 0 }, { 0 } },
		[NETCFG_SYNC_START] = { { 0 }, { -EEXIST }, { -ENODEV } },
		[NETCFG_ADDRESS_DELETE] = { { -EADDRNOTAVAIL, -ENODEV }, { 0 }, { 0 } },
		[NETCFG_FOU_DELETE] = { { -ENOENT }, { 0 }, { 0 } },
		[NETCFG_LINK_DOWN] = { { -ENODEV }, { 0 }, { 0 } },
		[NETCFG_LINK_DELETE] = { { -ENODEV }, { 0 }, { 0 } },
	};

	if (result == 0 || one_of(result, meanings[op->verb].done, 2))
		return NETCFG_OUTCOME_DONE;
	if ((op->verb == NETCFG_ADDRESS_ADD || op->verb == NETCFG_SYNC_START) &&
	    result == -EEXIST && op->changed) /* ours, whose deletion has failed */
		return NETCFG_OUTCOME_REFUSED;
	if (one_of(result, meanings[op->verb].foreign, 2))
		return NETCFG_OUTCOME_FOREIGN;
	if (!one_of(result, meanings[op->verb].gone, 2))
		return NETCFG_OUTCOME_REFUSED;
	/* A variable that is to be put back and is not there has gone with its value. */
	return op->forgets ? NETCFG_OUTCOME_DONE : NETCFG_OUTCOME_GONE;
}

struct netcfg_memo netcfg_op_about(const struct netcfg_op *op)
{
	struct netcfg_memo memo = { 0 };

	switch (op->verb) {
	case NETCFG_SYSCTL_WRITE:
		memo.kind = NETCFG_MEMO_SYSCTL;
		memo.key = *op->key;
		return memo;
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		memo.kind = NETCFG_MEMO_LINK;
		break;
	case NETCFG_FOU_ADD:
	case NETCFG_FOU_DELETE:
		memo.kind = NETCFG_MEMO_FOU;
		memo.fou = op->fou;
		return memo;
	case NETCFG_SYNC_STOP:
	case NETCFG_SYNC_START:
		memo.kind = NETCFG_MEMO_SYNC;
		memo.role = op->sync.role;
		return memo;
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
	case NETCFG_ADDRESS_DELETE:
		memo.kind = NETCFG_MEMO_ADDRESS;
		memo.address = op->address.address;
		memo.prefix_length = op->address.prefix_length;
		break;
	}
	memcpy(memo.interface, op->name, sizeof(memo.interface));
	return memo;
}

int netcfg_plan_remember(const struct netcfg_plan *p, netcfg_memo_vec *memory)
{
	return netcfg_memory_change(memory, &p->remember, &p->forget);
}

/* Whether an operation makes something that was not there. */
static bool makes(const struct netcfg_op *op)
{
	return op->verb == NETCFG_LINK_ADD || op->verb == NETCFG_FOU_ADD ||
	       (op->verb == NETCFG_ADDRESS_ADD && !op->changed);
}

/* A daemon that was not started is not ours, should there be one one day; but while one of ours
 * waits to be replaced, it is. */
static int finish_start(const struct netcfg_op *op, int result, netcfg_memo_vec *write,
			netcfg_memo_vec *drop)
{
	struct netcfg_memo memo = netcfg_op_about(op);

	if (result == -ECANCELED && op->changed)
		return 0;
	if (netcfg_outcome(op, result) != NETCFG_OUTCOME_DONE)
		return vec_push(drop, memo);
	memo.class = NETCFG_OURS;
	memo.index = op->index;
	memo.max_length = op->sync.max_length;
	return vec_push(write, memo);
}

/* What the result of one operation makes of its memo. */
static int finish(const struct netcfg_op *op, int result, netcfg_memo_vec *write,
		  netcfg_memo_vec *drop)
{
	enum netcfg_outcome outcome = netcfg_outcome(op, result);
	struct netcfg_memo memo = netcfg_op_about(op);

	if (op->verb == NETCFG_SYNC_START)
		return finish_start(op, result, write, drop);
	if (op->forgets && outcome == NETCFG_OUTCOME_DONE)
		return vec_push(drop, memo);
	if (outcome == NETCFG_OUTCOME_DONE || !makes(op))
		return 0;
	/* What was not made is not ours, should it be there one day. The next look tells. */
	if (outcome != NETCFG_OUTCOME_FOREIGN || op->verb == NETCFG_FOU_ADD)
		return vec_push(drop, memo);
	memo.class = NETCFG_FOREIGN;
	return vec_push(write, memo);
}

int netcfg_plan_finish(const struct netcfg_plan *p, size_t first, const int *results, size_t n,
		       netcfg_memo_vec *memory, netcfg_memo_vec *ret_write,
		       netcfg_memo_vec *ret_drop)
{
	netcfg_memo_vec write = { 0 }, drop = { 0 };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = finish(&p->ops.items[first + i], results[i], &write, &drop);
	if (r == 0)
		r = netcfg_memory_change(memory, &write, &drop);
	vec_foreach(memo, &write)
		if (r == 0)
			r = vec_push(ret_write, *memo);
	vec_foreach(memo, &drop)
		if (r == 0)
			r = vec_push(ret_drop, *memo);
	vec_done(&write);
	vec_done(&drop);
	return r;
}

bool netcfg_op_depends(const struct netcfg_wanted *w, const struct netcfg_op *later,
		       const struct netcfg_op *earlier)
{
	static const enum netcfg_object roles[] = { NETCFG_OBJECT_REAL_SERVER,
						    NETCFG_OBJECT_DIRECTOR };

	/* A device that the kernel keeps would stay up, and its memo be forgotten. */
	if (later->verb == NETCFG_LINK_DELETE && earlier->verb == NETCFG_LINK_DOWN)
		return streq(later->name, earlier->name);
	/* The old one has to go first. */
	if (later->verb == NETCFG_SYNC_START && earlier->verb == NETCFG_SYNC_STOP)
		return later->sync.role == earlier->sync.role;
	if (!later->wishes || !earlier->wishes || earlier->optional ||
	    (later->verb != NETCFG_ADDRESS_ADD && later->verb != NETCFG_LINK_UP))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (netcfg_wants(w, later->wishes, roles[i], 0) &&
		    netcfg_wants(w, earlier->wishes, roles[i], 0))
			return true;
	return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference between what the host should be and what it is, as operations, and what has to be
 * remembered for the way back. Pure.
 *
 * A round: netcfg_look(), netcfg_expand(), netcfg_look_more(), netcfg_plan(); store plan.remember
 * and forget; apply; bring memory and store up to date with netcfg_plan_finish(); when plan.again
 * is set, do it all again.
 */
#pragma once

#include "netcfg_expand.h"
#include "netcfg_kernel.h"
#include "netcfg_memory.h"

struct netcfg_plan {
	/*
	 * In the order of application. First part: variables written; links and fou ports made and
	 * links set up; addresses added and changed; sync daemons stopped. Second part
	 * (op.removes): sync daemons started, or stopped and started anew; addresses deleted;
	 * ports and links put back; variables put back. Services of IPVS come and go between the
	 * two. An address moves by an addition in the first and a deletion in the second part.
	 */
	netcfg_op_vec ops;
	/* To be in the store before the first operation is applied: rows to write. */
	netcfg_memo_vec remember;
	/* Rows that are of no use any more, whatever becomes of the operations. */
	netcfg_memo_vec forget;
	/* The plan makes links. When that is done, the next round plans their variables and
	 * addresses. */
	bool again;
	netcfg_memo_vec back; /* what the second part borrows from */
};

/*
 * What an item is like. PENDING: it waits for its interface, or for a variable that the kernel does
 * not have (an older one, or without ip_vs). FOREIGN: an address that is there and not ours.
 */
enum netcfg_state {
	NETCFG_STATE_IN_SYNC,
	NETCFG_STATE_DIFFERS,
	NETCFG_STATE_PENDING,
	NETCFG_STATE_FOREIGN,
};

enum netcfg_state netcfg_sysctl_state(const struct netcfg_wanted_sysctl *want,
				      const struct netcfg_found *found);
enum netcfg_state netcfg_link_state(const struct netcfg_wanted_link *want,
				    const struct netcfg_found *found);
enum netcfg_state netcfg_fou_state(const struct netcfg_wanted_fou *want,
				   const struct netcfg_found *found);
enum netcfg_state netcfg_address_state(const struct netcfg_wanted_address *want,
				       const struct netcfg_found *found,
				       const netcfg_memo_vec *memory);

/* A sync daemon that nobody remembers to have started is FOREIGN; PENDING also while IPVS cannot be
 * asked. */
enum netcfg_state netcfg_sync_state(const struct netcfg_wanted_sync *want,
				    const struct netcfg_found *found,
				    const netcfg_memo_vec *memory);

/* A sync daemon for people: "eth0 id 1 224.0.0.81:8848 ttl 1", and its length if it has one. */
char *netcfg_sync_text(const struct netcfg_sync *sync, char buf[NETCFG_MEMO_VALUE_MAX]);

/*
 * Plans. Addresses: one that is wanted, found and not in the memory is somebody else's (but for
 * one with our IFA_PROTO, which is what a lost store left): it becomes FOREIGN and is left alone;
 * an absent one is added and becomes OURS. One that is OURS and no longer wanted is deleted.
 * Nothing else is. To adopt one, put it into the memory as OURS before.
 * Variables: the value before is remembered with the first wish and put back with the last. While
 * `all` of one that writes through is wanted, remembered interfaces follow it.
 * Sync daemons: one that is not ours is left alone; ours is stopped with its wish. Other options,
 * or an interface that is another one than that it was started on, are a stop and a start. In the
 * memory the index of the interface is 0 from before the start until it is known to have succeeded:
 * what is found after a crash in between is started anew.
 * The operations borrow from w, found and the plan. 0 or -ENOMEM (then ret is empty).
 */
int netcfg_plan(const struct netcfg_wanted *w, const struct netcfg_found *found,
		const netcfg_memo_vec *memory, struct netcfg_plan *ret);
void netcfg_plan_done(struct netcfg_plan *p);

/* What the result of an operation means. */
enum netcfg_outcome {
	NETCFG_OUTCOME_DONE,	/* so it is now */
	NETCFG_OUTCOME_FOREIGN, /* somebody else made that address or port first: EEXIST */
	NETCFG_OUTCOME_GONE,	/* its interface or variable is not there: look again */
	NETCFG_OUTCOME_REFUSED, /* retry later */
};

enum netcfg_outcome netcfg_outcome(const struct netcfg_op *op, int result);

/* What an operation is about: a memo without class and value. */
struct netcfg_memo netcfg_op_about(const struct netcfg_op *op);

/* Brings the memory up to date: what a plan remembers and forgets. 0 or -ENOMEM. */
int netcfg_plan_remember(const struct netcfg_plan *p, netcfg_memo_vec *memory);

/*
 * After apply() of n operations from number first on: brings the memory up to date with their
 * results, and appends to ret_write and ret_drop the rows that are to be written and to go. The
 * result of one that was left out (netcfg_op_depends()) is -ECANCELED. 0 or -ENOMEM.
 */
int netcfg_plan_finish(const struct netcfg_plan *p, size_t first, const int *results, size_t n,
		       netcfg_memo_vec *memory, netcfg_memo_vec *ret_write,
		       netcfg_memo_vec *ret_drop);

/* True when later must not be applied after earlier has failed: both are wished for by the same
 * role, and an address without its variables or tunnel would do harm (ARP for the VIP); or a link
 * could not be set down before its deletion. */
bool netcfg_op_depends(const struct netcfg_wanted *w, const struct netcfg_op *later,
		       const struct netcfg_op *earlier);

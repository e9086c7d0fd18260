/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A netlink socket for blocking transactions: batches of requests with one acknowledgement, single
 * queries, dumps. The kernel executes a whole sendmsg() of requests before the call returns (
 * net/netlink/af_netlink.c, netlink_rcv_skb), so a batch costs one system call to send and one or
 * two to read what failed. libnl builds and parses the messages; errors are read raw here, since
 * libnl folds ESRCH and ENOENT into one code.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlsock;
struct nl_msg;
struct nlmsghdr;

/* Called for each reply message; returns 0, or a negative errno that ends the transaction. */
typedef int (*nlsock_reply_fn)(const struct nlmsghdr *reply, void *arg);

/*
 * Opens a socket for a generic netlink family, which is resolved by name at the first use (the
 * kernel loads its module then). 0 or a negative errno.
 */
int nlsock_open_genl(const char *family, uint8_t version, struct nlsock **ret);
/* Opens a socket of another netlink protocol, as NETLINK_ROUTE. 0 or a negative errno. */
int nlsock_open(int protocol, struct nlsock **ret);
void nlsock_close(struct nlsock *s); /* NULL is fine */

/* What tells this socket's requests from those of others: the family's id (0: not resolved yet; a
 * module that is loaded anew gets another) and the port id that is in each request. */
uint16_t nlsock_family(const struct nlsock *s);
uint32_t nlsock_port(const struct nlsock *s);

/*
 * Begins a request with this command in the socket's scratch message and returns it to be filled
 * with attributes; *ret_msg is valid until the next nlsock_request(). 0; -ENOENT when the kernel
 * has no such family; other errnos of resolving it.
 */
int nlsock_request(struct nlsock *s, uint8_t cmd, struct nl_msg **ret_msg);

/* The same on a socket that is not generic netlink: a message of this type, with these flags beside
 * those of a request (as NLM_F_CREATE), that begins with len bytes of header. 0 or -EMSGSIZE. */
int nlsock_message(struct nlsock *s, uint16_t type, uint16_t flags, const void *header, size_t len,
		   struct nl_msg **ret_msg);

/*
 * Adds the filled scratch message to the batch. *ret_full tells that the batch should be
 * flushed before more is added. 0; -EMSGSIZE when it does not fit at all.
 */
int nlsock_batch_add(struct nlsock *s, struct nl_msg *msg, bool *ret_full);

/*
 * Sends the batch and gives the result of each request, in the order in which they were added:
 * results[0…n-1] are 0 or negative errnos, n must be the number of requests added. When all
 * failed with ENOENT and the family's id proves to be stale (module re-loaded), the batch is sent
 * once more with the new id. The batch is empty afterwards. 0, or a negative errno of the
 * transport.
 */
int nlsock_batch_flush(struct nlsock *s, int *results, size_t n);

/* One request with its reply (if any) and acknowledgement: 0 or the kernel's negative errno. A
 * stale family id is re-resolved once. */
int nlsock_query(struct nlsock *s, struct nl_msg *msg, nlsock_reply_fn fn, void *arg);

/* A dump: fn for each message. 0; a negative errno, also when the dump itself reports one or says
 * NLM_F_DUMP_INTR (-EAGAIN): then what fn saw must be dropped. */
int nlsock_dump(struct nlsock *s, struct nl_msg *msg, nlsock_reply_fn fn, void *arg);

/*
 * The same piece by piece, so that others can work in between: begin sends the request, each next
 * receives a piece (up to 64 KiB) and calls fn for its messages. begin: 0 or a negative errno.
 * next: 1 when there may be more; 0 when that was the end; a negative errno as above. A stale
 * family id is -ENOENT at the first piece. Any other transaction of the socket gives the dump up.
 */
int nlsock_dump_begin(struct nlsock *s, struct nl_msg *msg);
int nlsock_dump_next(struct nlsock *s, nlsock_reply_fn fn, void *arg);

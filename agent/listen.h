/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the sockets that the API is served on: unix sockets in the runtime directory, TCP, or what
 * systemd passes. Called by main before httpd_listen(); it knows nothing of HTTP. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define LISTEN_MAX 16

enum listen_kind {
	LISTEN_ADMIN,	 /* unix socket, role admin */
	LISTEN_READONLY, /* unix socket, role reader */
	LISTEN_TCP,
};

struct listen_socket {
	int fd; /* listening, non-blocking, close-on-exec */
	enum listen_kind kind;
};

struct listen_set {
	struct listen_socket sockets[LISTEN_MAX];
	size_t n;
	bool beyond_loopback; /* TCP has TLS and authentication: any address will do */
};

/*
 * Opens DIR/admin.sock and DIR/readonly.sock with mode 0660, unless set holds a socket of that kind
 * already. A socket file that nobody answers on is a leftover and is replaced; when somebody
 * answers it is -EADDRINUSE. Who else may connect is up to the directory and its group. 0, or a
 * negative errno with e set.
 */
int listen_unix(struct listen_set *set, const char *dir, struct err *e);

/*
 * Opens "tcp://ADDR:PORT", IPv6 in brackets. Unless set->beyond_loopback, ADDR has to be in
 * 127.0.0.0/8 or [::1]: else it is -EPERM. Port 0 takes a free one. [::] is IPv6 only. The address
 * in use is logged. 0, or a negative errno with e set.
 */
int listen_tcp(struct listen_set *set, const char *url, struct err *e);

/* Says whether listen_tcp() would take the URL, without opening anything. 0, or a negative errno
 * with e set. */
int listen_check_tcp(const struct listen_set *set, const char *url, struct err *e);

/* Takes over the sockets that systemd passes, by FileDescriptorName=: admin, readonly, tcp, the
 * latter by the rule of listen_tcp(). None passed is fine. 0, or a negative errno with e set. */
int listen_from_systemd(struct listen_set *set, struct err *e);

/* Closes what set holds; fit for _cleanup_(). Socket files stay: the next start replaces them, and
 * by then they may be somebody else's. */
void listen_done(struct listen_set *set);

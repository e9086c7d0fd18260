/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS: what libmicrohttpd is told of it, and who the client at the other end is by its certificate.
 * Called by httpd.c and httpd_exchange.c. */
#pragma once

#include "httpd.h"

struct MHD_Connection;
struct MHD_OptionItem;

#define HTTPD_TLS_OPTIONS 4 /* at most, with the one that ends them */

/* Nothing before 1.2 (RFC 8996), and no key exchange without forward secrecy. */
#define HTTPD_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA"

enum certificate_state {
	CERTIFICATE_UNKNOWN, /* not looked at yet */
	CERTIFICATE_NONE,
	CERTIFICATE_GOOD,
	CERTIFICATE_BAD,
};

/* The client certificate of one connection. */
struct peer_certificate {
	enum certificate_state state;
	char text[160]; /* good: who it is, "CN=…" in printable ASCII; bad: why */
};

/* The options of a daemon that speaks TLS, into an array of HTTPD_TLS_OPTIONS. They point into
 * access, which has to outlive the daemon. */
void httpd_tls_options(const struct httpd_access *access, struct MHD_OptionItem *ret);

/*
 * Looks at the certificate that the client of a connection whose handshake is over has shown: it
 * has to be signed by the client CA, valid now, and meant for clients. libmicrohttpd asks for one,
 * but checks none.
 */
void httpd_tls_peer(struct MHD_Connection *connection, struct peer_certificate *ret);

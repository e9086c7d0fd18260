/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who calls on TCP, and may he: bearer tokens, client certificates, Host and Origin. Called by
 * httpd_exchange.c before the request's path is looked at; pure but for the comparison of tokens.
 */
#pragma once

#include "httpd_check.h"
#include "httpd_tls.h"
#include "inaddr.h"

/* What is known of a connection on TCP. */
struct tcp_facts {
	struct inaddr local; /* the address that the client reached */
	struct peer_certificate certificate;
	int64_t certificate_seen; /* when it was looked at last, ms */
};

/* Does access ask each request on TCP for a token or a certificate? NULL asks for nothing. */
bool httpd_auth_demanded(const struct httpd_access *access);

/*
 * Sets role and actor of the request by the token or the certificate that comes with it; a token
 * counts more. 0; -EACCES with e set (unauthorized, invalid_token or invalid_certificate) and the
 * challenge in resp; -EINVAL (bad_request) with two Authorization headers.
 */
int httpd_authenticate(const struct httpd_access *access, const struct header_facts *f,
		       const struct peer_certificate *certificate, struct request *req,
		       struct response *resp, struct err *e);

/*
 * Takes only hosts that name this machine (loopback, the address that was reached, and the hosts in
 * access), and nothing that a web page sent: DNS rebinding, cross-site requests. 0, or -EPERM with
 * e set. access may be NULL.
 */
int httpd_check_origin(const struct httpd_access *access, const struct header_facts *f,
		       const struct inaddr *local, struct err *e);

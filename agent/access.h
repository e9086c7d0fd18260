/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use the API on TCP: from the options and the files that they name to what the HTTP server
 * measures requests by. Called by main, at the start, for --check, and on SIGHUP. */
#pragma once

#include "httpd.h"
#include "options.h"

/*
 * Reads and checks all files that the options name, so that the result can be given to
 * httpd_set_access(). 0; -EINVAL, -EPERM or another negative errno with e set (code
 * invalid_option): options that do not go together, a file that cannot be read or that others may
 * change, a bad line, certificate or key.
 */
int access_load(const struct options *o, struct httpd_access **ret, struct err *e);

/* May addresses beyond loopback be served: with TLS, and with tokens or client certificates. */
bool access_reaches_beyond_loopback(const struct options *o);

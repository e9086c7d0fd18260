/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's settings: built-in defaults, then the configuration file, then the command line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "log.h"
#include "metrics.h"
#include "request.h"

#define OPTIONS_MAX_LISTEN 8   /* TCP listeners; two address families on a few ports */
#define OPTIONS_MAX_HOST   8   /* names of this machine */
#define OPTIONS_MAX_PATH   200 /* as long as a line of the configuration file may be */

enum options_kernel {
	OPTIONS_KERNEL_NETLINK,
	OPTIONS_KERNEL_FAKE,
};

struct options {
	char state[OPTIONS_MAX_PATH];
	char runtime_dir[OPTIONS_MAX_PATH];
	char listen[OPTIONS_MAX_LISTEN][OPTIONS_MAX_PATH]; /* "tcp://ADDR:PORT" */
	size_t n_listen;
	char tcp_host[OPTIONS_MAX_HOST][OPTIONS_MAX_PATH]; /* names and addresses, no ports */
	size_t n_tcp_host;
	char tokens[OPTIONS_MAX_PATH]; /* files; "" is none */
	char tls_certificate[OPTIONS_MAX_PATH], tls_key[OPTIONS_MAX_PATH];
	char tls_client_ca[OPTIONS_MAX_PATH];
	enum role tls_client_role;
	enum options_kernel kernel;
	bool no_drift_notice;	    /* do not tap netlink for the writes of others */
	uint32_t connections_limit; /* of /v1/connections */
	uint32_t resync_seconds;    /* 0: not given, the policy decides */
	struct metrics_settings metrics;
	uint32_t metrics_cpu_share; /* percent of a processor for reading real servers' counters */
	enum log_level log_level;
	bool check, version, help; /* command line only */
};

/*
 * Reads the command line and the configuration file that it (or the default) names. A missing
 * default file is fine. 0; -EINVAL with e set (code invalid_option) naming option or line.
 */
int options_parse(int argc, char **argv, struct options *ret, struct err *e);

/* The text of --help. */
extern const char options_help[];

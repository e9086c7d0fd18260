/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the kernel in memory share. */
#pragma once

#include "netcfg_kernel.h"

/* Rows of the table of variables; a unit test compares. */
#define FAKE_ROWS_MAX 64

struct fake_sysctls {
	/* By row: of `all` and `default` (rows with a family), and of those without a star. */
	int32_t all[NETCFG_CONF_MAX], seed[NETCFG_CONF_MAX];
	char text[FAKE_ROWS_MAX][NETCFG_SYSCTL_VALUE_MAX];
	bool ipvs; /* the module is loaded */
};

struct netcfg_fake {
	struct netcfg_kernel base;
	netcfg_link_vec links;
	netcfg_address_vec addresses;
	netcfg_fou_vec fous;
	struct fake_sysctls sysctls;
	struct netcfg_changes news;
	int event_fd;
	int32_t next_index;
	const char *identity;
	uint64_t writes;
	unsigned fail_after;
	int fail_error; /* 0: none is to fail */
};

/* The values that a kernel begins with. */
void netcfg_fake_sysctls_init(struct fake_sysctls *s);
/* Gives a new link the values of `default`. */
void netcfg_fake_seed(const struct fake_sysctls *s, struct netcfg_link *link);

int netcfg_fake_read(struct netcfg_kernel *k, const struct netcfg_sysctl_key *key,
		     char ret[NETCFG_SYSCTL_VALUE_MAX]);
int netcfg_fake_write(struct netcfg_fake *f, const struct netcfg_sysctl_key *key,
		      const char *value);

/* A link that is down and takes no ARP. */
struct netcfg_link netcfg_fake_new_link(const char *name, const char *kind, uint16_t type);
int netcfg_fake_add_link(struct netcfg_fake *f, const struct netcfg_link *link);
int netcfg_fake_remove_link(struct netcfg_fake *f, struct netcfg_link *link);
/* One operation, by lvsd or by somebody else. 0 or a negative errno. */
int netcfg_fake_execute(struct netcfg_fake *f, const struct netcfg_op *op, bool ours);

struct netcfg_link *netcfg_fake_find(struct netcfg_fake *f, const char *name);
void netcfg_fake_news(struct netcfg_fake *f, const struct netcfg_change *change);

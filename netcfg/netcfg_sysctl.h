/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel variables that clients may set: one table with their names, values and traps. A name
 * that is in no row can be neither read nor written through this program. Pure; who touches /proc
 * is the provider.
 */
#pragma once

#include "netcfg_model.h"

/* What stands for the star of a row: an interface, `all`, `default`, or a name under net.ipv4.vs
 * that no row has. */
#define NETCFG_COMPONENT_MAX 32 /* with the NUL */

enum netcfg_value_kind {
	NETCFG_VALUE_INT,	/* min … max */
	NETCFG_VALUE_POWER,	/* the same, a power of two */
	NETCFG_VALUE_THRESHOLD, /* two integers "A B" with A < B or B = 0: sync_threshold */
	NETCFG_VALUE_TEXT,	/* printable, not checked further */
};

/* What applies to an interface, given its own value and that of `all`. */
enum netcfg_combine {
	NETCFG_COMBINE_NONE,	  /* the name has no interface in it */
	NETCFG_COMBINE_INTERFACE, /* the interface's own */
	NETCFG_COMBINE_MAX,	  /* the greater one */
	NETCFG_COMBINE_OR,	  /* on when one of the two is */
	NETCFG_COMBINE_ALL_FIRST, /* that of `all` unless it is 0 */
};

/* A timeout of IPVS connections: a variable that is no file. Roles want it, clients cannot name it;
 * the provider has to be one that knows IPVS. */
enum netcfg_timeout {
	NETCFG_TIMEOUT_NONE,
	NETCFG_TIMEOUT_TCP,
	NETCFG_TIMEOUT_TCP_FIN,
	NETCFG_TIMEOUT_UDP,
};

struct netcfg_sysctl_row {
	const char *pattern; /* dotted; "*" is an interface, or at the end a name under it */
	const char *doc;
	int32_t min, max;
	uint16_t values; /* when not 0: bit v for each value v that means something */
	/* Not 0: bit v for values among which the kernel changes by itself; they are the same. */
	uint16_t flips;
	uint8_t devconf;     /* its index among the interface's values in a link dump; see family */
	uint8_t family;	     /* AF_INET or AF_INET6 when it can be read from a link dump, else 0 */
	uint8_t kind;	     /* enum netcfg_value_kind */
	uint8_t combine;     /* enum netcfg_combine */
	uint8_t timeout;     /* enum netcfg_timeout */
	bool write_through;  /* a new value of `all` is written to `default` and every interface */
	bool needs_ipvs;     /* is there only while the module ip_vs is loaded */
	const char *same_as; /* the name of the row's twin that is the same variable, or NULL */
};

/* A variable: the row's number and what stands for its star. */
struct netcfg_sysctl_key {
	uint16_t row;
	char component[NETCFG_COMPONENT_MAX]; /* empty when the row has no star */
};

/* The rows; *ret_n is their number. A key's row is its index here. */
const struct netcfg_sysctl_row *netcfg_sysctl_rows(size_t *ret_n);
const struct netcfg_sysctl_row *netcfg_sysctl_row(const struct netcfg_sysctl_key *key);

/*
 * Parses a dotted name, as "net.ipv4.conf.eth0/100.arp_ignore": a dot inside the interface's name
 * is written as "/", as sysctl(8) has it. 0, or -EINVAL with a reason in *ret_why (static text):
 * the name is in no row, or no interface can be called like that.
 */
int netcfg_sysctl_parse(const char *name, size_t len, struct netcfg_sysctl_key *ret,
			const char **ret_why);

/* The variable of a timeout (not NONE): "timeouts.tcpSeconds". */
void netcfg_sysctl_timeout(enum netcfg_timeout which, struct netcfg_sysctl_key *ret);

/* Prints the dotted name into buf and returns it. */
char *netcfg_sysctl_format(const struct netcfg_sysctl_key *key, char buf[NETCFG_SYSCTL_NAME_MAX]);

/* Prints the file's path below /proc/sys into buf, as "net/ipv4/conf/eth0.100/arp_ignore", and
 * returns it. It has no component that is empty, "." or "..". */
char *netcfg_sysctl_path(const struct netcfg_sysctl_key *key, char buf[NETCFG_SYSCTL_NAME_MAX]);

/* The variable behind a name: net.ipv4.ip_forward is net.ipv4.conf.all.forwarding. Two names of one
 * variable have equal slots. */
void netcfg_sysctl_slot(const struct netcfg_sysctl_key *key, struct netcfg_sysctl_key *ret);

/* Order: by row, then `all`, `default`, the others by name. So a variable that writes through comes
 * before those that it overwrites. */
int netcfg_sysctl_compare(const struct netcfg_sysctl_key *a, const struct netcfg_sysctl_key *b);

/*
 * Brings a value to its canonical form: single blanks between its words and none around them.
 * Returns false, with ret untouched, when it does not fit in or holds anything but printable ASCII.
 */
bool netcfg_sysctl_normalise(const char *text, char ret[NETCFG_SYSCTL_VALUE_MAX]);

/* Whether a canonical value may be given to the variable. NULL when it may, else what it must be
 * (into buf, which is returned). */
const char *netcfg_sysctl_check(const struct netcfg_sysctl_key *key, const char *value, char *buf,
				size_t size);

/* Whether two canonical values are the same, the kernel's own flips considered. */
bool netcfg_sysctl_same(const struct netcfg_sysctl_key *key, const char *a, const char *b);

/*
 * Whether the value of an interface does what it says in spite of that of `all`: rp_filter=0 does
 * not while net.ipv4.conf.all.rp_filter is 1. all is a canonical value, or NULL: not known, true.
 */
bool netcfg_sysctl_effective(const struct netcfg_sysctl_key *key, const char *value,
			     const char *all);

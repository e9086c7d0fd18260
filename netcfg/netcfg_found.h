/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host as it was found: links, addresses, ports of the fou module, values of variables. Filled
 * by netcfg_look() (netcfg_kernel.h) or by a test; expand, plan and validation read it. Pure.
 */
#pragma once

#include "netcfg_sysctl.h"

#define NETCFG_MAC_MAX	32 /* MAX_ADDR_LEN */
#define NETCFG_KIND_MAX 16 /* longest kinds of links are shorter; cut */
/* How many variables of an interface come with its link: rows with a family (netcfg_sysctl.c). */
#define NETCFG_CONF_MAX 24

/* IFA_PROTO of the addresses that lvsd adds: a hint only, since kernels before 5.18 drop it and
 * IPv4 addresses that are there already do not take it. 1 to 3 are the kernel's own. */
#define NETCFG_ADDRESS_PROTOCOL 77

struct netcfg_link {
	int32_t index;
	int32_t master; /* index of the bridge or bond that it is in; 0: none */
	uint32_t flags; /* IFF_* */
	uint32_t mtu;
	uint16_t type; /* ARPHRD_* */
	uint8_t mac_len;
	uint8_t mac[NETCFG_MAC_MAX];
	bool carrier;
	char name[NETCFG_INTERFACE_MAX];
	char kind[NETCFG_KIND_MAX]; /* "ipip", "veth"; empty: a device without a kind */
	/* Values of the variables of its own, by the number of the row (only rows with a family);
	 * bit of the row not set in conf_known: the kernel did not say. */
	uint64_t conf_known;
	int32_t conf[NETCFG_CONF_MAX];
};

struct netcfg_address {
	int32_t index; /* of the interface */
	struct inaddr address;
	uint8_t prefix_length;
	uint8_t scope;		   /* RT_SCOPE_* */
	uint8_t protocol;	   /* IFA_PROTO; 0: not said */
	uint32_t flags;		   /* IFA_F_* */
	uint32_t valid, preferred; /* seconds; UINT32_MAX: for ever */
	/* The kernel gives an IPv4 address without one the interface's name; netcfg_look() empties
	 * it. */
	char label[NETCFG_INTERFACE_MAX];
};

/* A UDP port whose packets the kernel takes out of their GUE envelope. */
struct netcfg_fou {
	uint16_t port;	/* host order */
	uint8_t family; /* AF_INET or AF_INET6, of the outer packet */
	bool gue;	/* false: something else is at that port */
};

/* The value of a variable, by its slot. */
struct netcfg_value {
	struct netcfg_sysctl_key key;
	bool present; /* false: the kernel has no such variable (now) */
	char text[NETCFG_SYSCTL_VALUE_MAX];
};

typedef VEC(struct netcfg_link) netcfg_link_vec;       /* sorted by index */
typedef VEC(struct netcfg_address) netcfg_address_vec; /* by address, index, prefix length */
typedef VEC(struct netcfg_fou) netcfg_fou_vec;	       /* by family, port */
typedef VEC(struct netcfg_sync) netcfg_sync_vec;       /* by role; max_length as it is */
typedef VEC(struct netcfg_value) netcfg_value_vec;     /* by netcfg_sysctl_compare() */

struct netcfg_found {
	netcfg_link_vec links;
	netcfg_address_vec addresses;
	netcfg_fou_vec fous;
	netcfg_sync_vec syncs;
	bool syncs_known;	 /* they were asked for, and IPVS could be asked */
	netcfg_value_vec values; /* of the variables that were asked for: those of interfaces too */
};

int netcfg_link_compare(const void *a, const void *b);	  /* for vec_sort() */
int netcfg_address_compare(const void *a, const void *b); /* for vec_sort() */
int netcfg_fou_compare(const void *a, const void *b);	  /* for vec_sort() */
int netcfg_value_compare(const void *a, const void *b);	  /* for vec_sort() */

/* Lookups; NULL when there is none. */
const struct netcfg_link *netcfg_found_link(const struct netcfg_found *f, const char *name);
const struct netcfg_link *netcfg_found_link_at(const struct netcfg_found *f, int32_t index);
/* The first of the entries with this address: the following ones are neighbours in the array. */
const struct netcfg_address *netcfg_found_address(const struct netcfg_found *f,
						  const struct inaddr *address);
/* One entry exactly. */
const struct netcfg_address *netcfg_found_exact(const struct netcfg_found *f,
						const struct inaddr *address, int32_t index,
						uint8_t prefix_length);
const struct netcfg_fou *netcfg_found_fou(const struct netcfg_found *f, uint8_t family,
					  uint16_t port);
const struct netcfg_sync *netcfg_found_sync(const struct netcfg_found *f,
					    enum netcfg_sync_role role);
/* By the slot of key. NULL: nobody asked for it. */
const struct netcfg_value *netcfg_found_value(const struct netcfg_found *f,
					      const struct netcfg_sysctl_key *key);

/* The value of an interface's own variable as it came with the link; false when it did not. */
bool netcfg_link_value(const struct netcfg_link *link, const struct netcfg_sysctl_key *key,
		       struct netcfg_value *ret);

/* Frees and empties; fit for _cleanup_(). */
void netcfg_found_done(struct netcfg_found *f);

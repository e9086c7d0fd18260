/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be known beyond what is declared and found: the value that a variable had before, how
 * a link was, which addresses and ports are ours. Each fact is one row of three texts for the
 * store. Pure.
 */
#pragma once

#include "netcfg_found.h"

#define NETCFG_MEMO_ID_MAX    96  /* with the NUL; the longest is a sysctl's name */
#define NETCFG_MEMO_VALUE_MAX 112 /* with the NUL; the longest is a sync daemon for people */

enum netcfg_memo_kind { /* in the order of the memory */
			NETCFG_MEMO_SYSCTL,
			NETCFG_MEMO_LINK,
			NETCFG_MEMO_FOU,
			NETCFG_MEMO_ADDRESS,
			NETCFG_MEMO_SYNC,
			/* Which interface a name in the other rows stands for. In the store only:
			 * in memory these rows are kept apart. */
			NETCFG_MEMO_INTERFACE,
};

enum netcfg_memo_class {
	NETCFG_OURS,	/* address, fou, sync: added by us, or adopted; goes with its last wish */
	NETCFG_FOREIGN, /* address, fou: was there before; used, never changed or removed */
	NETCFG_WAS_UP,	/* link: up before, stays so */
	NETCFG_WAS_DOWN,
	NETCFG_WAS_ABSENT,
	NETCFG_VALUE, /* sysctl: its value before is in `value` */
};

struct netcfg_memo {
	uint8_t kind;		      /* enum netcfg_memo_kind */
	uint8_t class;		      /* enum netcfg_memo_class */
	uint8_t prefix_length;	      /* address */
	uint8_t role;		      /* sync: enum netcfg_sync_role */
	uint16_t max_length;	      /* sync: as it was asked for; 0: not */
	int32_t index;		      /* sync: of the interface it was started on; 0: not known */
	struct netcfg_fou fou;	      /* fou */
	struct inaddr address;	      /* address */
	struct netcfg_sysctl_key key; /* sysctl: a slot */
	char interface[NETCFG_INTERFACE_MAX]; /* link, address, interface */
	char value[NETCFG_SYSCTL_VALUE_MAX];  /* sysctl; interface: index, blank, identity */
};

typedef VEC(struct netcfg_memo) netcfg_memo_vec; /* sorted by netcfg_memo_compare(), no doubles */

/* Order by what the memo is about (kind, then key); class and value do not count. */
int netcfg_memo_compare(const void *a, const void *b);

/* Puts a memo in its place, or over the one about the same thing. 0 or -ENOMEM. */
int netcfg_memory_put(netcfg_memo_vec *memory, const struct netcfg_memo *memo);
/* Takes out the one about the same thing, if there is one. */
void netcfg_memory_drop(netcfg_memo_vec *memory, const struct netcfg_memo *memo);
/*
 * Many at once: each of put in its place or over the one about the same thing (of two, the later
 * holds), each of drop taken out; both in any order. 0 or -ENOMEM (the memory is as before).
 */
int netcfg_memory_change(netcfg_memo_vec *memory, const netcfg_memo_vec *put,
			 const netcfg_memo_vec *drop);
/* The one about the same thing, or NULL. */
const struct netcfg_memo *netcfg_memory_find(const netcfg_memo_vec *memory,
					     const struct netcfg_memo *memo);

/* Where an index is of: lower-case letters, digits and "-"; with the NUL. */
#define NETCFG_IDENTITY_MAX 52

/* The memo that the interface of this name has this index where identity says. */
struct netcfg_memo netcfg_memo_interface(const char *name, int32_t index, const char *identity);
/* The index in such a memo; 0: it is of another identity. */
int32_t netcfg_memo_index(const struct netcfg_memo *memo, const char *identity);

/*
 * A memo as texts for a row of the store: kind ("sysctl", "link", "fou", "address", "sync",
 * "interface", and "timeout" for a sysctl that is no file; static), id
 * ("net.ipv4.conf.all.rp_filter", "timeouts.tcpSeconds", "tunl0", "gue:5555" or "gue6:5555",
 * "192.0.2.10/32@eth0", "master", "eth0") and value ("1"; "up", "down", "absent"; "ours",
 * "foreign"; of a sync daemon index and length: "4 0"; of an interface "2 IDENTITY").
 */
const char *netcfg_memo_format(const struct netcfg_memo *memo, char id[NETCFG_MEMO_ID_MAX],
			       char value[NETCFG_MEMO_VALUE_MAX]);
/* Back; -EINVAL when it is not what netcfg_memo_format() writes. */
int netcfg_memo_parse(const char *kind, const char *id, const char *value, struct netcfg_memo *ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is declared, can be programmed, and will not work all the same: warnings of services and of
 * the role of real server, from the desired state and the host as it was found. The table of codes
 * is here. Pure; host_preflight() (host.h) fills struct preflight_host.
 */
#pragma once

#include "desired.h"
#include "netcfg_found.h"

/* The variables that a warning may depend on, beside those that come with the links. */
enum preflight_variable {
	PREFLIGHT_FORWARDING,	/* of interfaces; the one of `all` says nothing */
	PREFLIGHT_FORWARDING6,	/* of `all`, which alone counts */
	PREFLIGHT_ARP_IGNORE,	/* of `all`, and of interfaces */
	PREFLIGHT_ARP_ANNOUNCE, /* the same */
	PREFLIGHT_RP_FILTER,	/* the same */
	PREFLIGHT_EXPIRE_NODEST,
	PREFLIGHT_EXPIRE_QUIESCENT,
	PREFLIGHT_VARIABLES,
};

/* A subnet that an interface has an address of. */
struct preflight_subnet {
	struct inaddr address;
	uint8_t prefix_length;
	int32_t index; /* of the interface */
};

struct preflight_value {
	bool known;
	int32_t number;
};

/* The host, as far as warnings depend on it. */
struct preflight_host {
	const struct netcfg_found *found; /* borrowed; NULL: it cannot be looked at */
	struct netcfg_sysctl_key keys[PREFLIGHT_VARIABLES];
	struct preflight_value values[PREFLIGHT_VARIABLES];
	VEC(struct preflight_subnet) subnets;
};

/* Fills keys; the rest is empty. */
void preflight_host_init(struct preflight_host *host);
/* Takes note of the value of keys[v]; text as a provider reads it, or NULL: not known. */
void preflight_host_value(struct preflight_host *host, enum preflight_variable v, const char *text);
/* Takes what was found: borrowed until the next call. 0 or -ENOMEM (found is NULL then). */
int preflight_host_found(struct preflight_host *host, const struct netcfg_found *found);
void preflight_host_done(struct preflight_host *host);

enum preflight_code {
	PREFLIGHT_NO_REAL_SERVERS,
	PREFLIGHT_ALL_WEIGHTS_ZERO,
	PREFLIGHT_VIP_MISSING,
	PREFLIGHT_NAT_WITHOUT_FORWARDING,
	PREFLIGHT_TUNNEL_MTU,
	PREFLIGHT_QUIESCENT_KEEPS_CLIENTS,
	PREFLIGHT_REMOVED_KEEPS_CLIENTS,
	PREFLIGHT_ANSWERS_FOR_VIP,
	PREFLIGHT_ARP_FROM_VIP,
	PREFLIGHT_RP_FILTER_DROPS,
	PREFLIGHT_CODES,
};

struct preflight_warning {
	uint8_t code; /* enum preflight_code */
	char detail[320];
};

/* Each code comes at most once for an object. */
struct preflight_warnings {
	size_t n;
	struct preflight_warning items[PREFLIGHT_CODES];
};

/* "vip_missing": as the API shows it. */
const char *preflight_code_name(enum preflight_code code);

/* The warnings of a service. What depends on the host is left out while it cannot be looked at, or
 * does not say. declared: the host's side as it is declared. */
void preflight_service(const struct preflight_host *host, const declared_vec *declared,
		       const struct service *s, struct preflight_warnings *ret);

/* Those of a declared object; only the role of real server has any. */
void preflight_declared(const struct preflight_host *host, const struct declared *o,
			struct preflight_warnings *ret);

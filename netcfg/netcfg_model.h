/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of the host's side as flat values without pointers: VIPs, the roles of this host,
 * sysctls. The maps of the roles (VIPs of a real server, names under net.ipv4.vs of a director)
 * are sorted arrays beside the flat structs. Pure: no I/O, no JSON, no netlink.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inaddr.h"
#include "vec.h"

#define NETCFG_INTERFACE_MAX	16 /* IFNAMSIZ: with the NUL; a label has the same limit */
#define NETCFG_SYSCTL_NAME_MAX	80 /* with the NUL; "net.ipv4.vs." and a component are less */
#define NETCFG_SYSCTL_VALUE_MAX 64 /* with the NUL; the longest are lists of processors */

/* Seconds. The kernel keeps timeouts in jiffies, 32 bits of them with a sign: at 1000 a second this
 * is the limit (ip_vs_ctl.c, ip_vs_set_timeout). */
#define NETCFG_TIMEOUT_MAX 2147483

/* A switch that may also be left alone: JSON true, false or null. */
enum netcfg_switch {
	NETCFG_LEAVE, /* null */
	NETCFG_OFF,
	NETCFG_ON,
};

/* A virtual address on an interface. */
struct netcfg_vip {
	struct inaddr address;		      /* the key */
	uint32_t announce_interval;	      /* milliseconds between the announcements */
	uint32_t announce_repeat;	      /* seconds; 0: not repeated */
	uint8_t announce_count;		      /* 0: never announced */
	uint8_t prefix_length;		      /* 32 or 128 */
	char interface[NETCFG_INTERFACE_MAX]; /* required; need not exist */
	char label[NETCFG_INTERFACE_MAX];     /* IPv4 only; empty: none */
};

enum netcfg_mode {
	NETCFG_MODE_DR,
	NETCFG_MODE_TUN,
};

enum netcfg_tunnel_type {
	NETCFG_TUNNEL_IPIP, /* zero: the JSON member `tunnel` is null */
	NETCFG_TUNNEL_GUE,
	NETCFG_TUNNEL_GRE,
};

enum netcfg_tunnel_checksum {
	NETCFG_CHECKSUM_NONE,
	NETCFG_CHECKSUM_PLAIN,
	NETCFG_CHECKSUM_REMOTE,
};

/* This host is a real server. Its VIPs are a netcfg_inaddr_vec beside it. */
struct netcfg_real_server_role {
	uint16_t tunnel_port;		      /* host order; gue only */
	uint8_t mode;			      /* enum netcfg_mode */
	uint8_t tunnel_type;		      /* enum netcfg_tunnel_type */
	uint8_t tunnel_checksum;	      /* enum netcfg_tunnel_checksum */
	char interface[NETCFG_INTERFACE_MAX]; /* where the VIPs go; empty: lo or the tunnel device
					       */
};

/* This host is a director. Its values under net.ipv4.vs are a netcfg_sysctl_vec beside it. The
 * timeouts are IPVS' own (SET_CONFIG): variables that are no files, see netcfg_sysctl.h. */
struct netcfg_director_role {
	uint32_t tcp_timeout, tcp_fin_timeout, udp_timeout; /* seconds; 0: left alone */
	uint8_t ipv4_forwarding, ipv6_forwarding;	    /* enum netcfg_switch */
	uint8_t send_redirects;				    /* enum netcfg_switch */
};

enum netcfg_sync_role {
	NETCFG_SYNC_MASTER,
	NETCFG_SYNC_BACKUP,
};

/* A sync daemon of IPVS: tells other directors of connections, or listens to them. */
struct netcfg_sync {
	uint8_t role;			      /* enum netcfg_sync_role: the key */
	uint8_t ttl;			      /* of the packets */
	uint16_t sync_id;		      /* 0 to 255; a backup with 0 listens to all */
	uint16_t max_length;		      /* bytes of a message; 0: what the kernel takes */
	uint16_t port;			      /* UDP, host order */
	char interface[NETCFG_INTERFACE_MAX]; /* required; need not exist */
	char group[INADDR_TEXT_MAX];	      /* multicast; canonical */
};

/* A kernel variable and its value. */
struct netcfg_sysctl {
	char name[NETCFG_SYSCTL_NAME_MAX];   /* canonical, as netcfg_sysctl_format() has it */
	char value[NETCFG_SYSCTL_VALUE_MAX]; /* canonical, as netcfg_sysctl_normalise() has it */
};

typedef VEC(struct inaddr) netcfg_inaddr_vec;	     /* sorted by inaddr_compare() */
typedef VEC(struct netcfg_sysctl) netcfg_sysctl_vec; /* sorted by name */

/*
 * Parses the id of a VIP: an IPv4 or IPv6 address that a host can have (inaddr_unfit()), with or
 * without brackets, without prefix and scope. 0, or -EINVAL with a reason in *ret_why (static).
 */
int netcfg_vip_parse(const char *id, size_t len, struct inaddr *ret, const char **ret_why);

/* NULL when an interface may be called so, else what is wrong (static text): 1 to 15 bytes without
 * "/", ":", blanks and control characters; not ".", "..", "all" or "default". */
const char *netcfg_interface_unfit(const char *name);

/* Objects with the defaults of the API; a VIP's prefix follows its address. */
void netcfg_vip_init(const struct inaddr *address, struct netcfg_vip *ret);
void netcfg_real_server_role_init(struct netcfg_real_server_role *ret);
void netcfg_director_role_init(struct netcfg_director_role *ret);
void netcfg_sync_init(enum netcfg_sync_role role, struct netcfg_sync *ret);

/* "master" or "backup". */
const char *netcfg_sync_role_name(enum netcfg_sync_role role);

/* Brings what means nothing to one value: tunnel options without mode tun, port and checksum of
 * ipip. After validation. */
void netcfg_real_server_role_normalise(struct netcfg_real_server_role *role);

/* 32 or 128. */
uint8_t netcfg_full_prefix(const struct inaddr *address);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPVS objects as flat values without pointers: services, real servers, their keys and ids.
 * Pure: no I/O, no JSON, no netlink. Everybody above and beside in ipvs/ uses it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inaddr.h"
#include "vec.h"

#define IPVS_NAME_MAX 16 /* IP_VS_SCHEDNAME_MAXLEN, IP_VS_PENAME_MAXLEN: with the NUL */

/* Longest ids with their NUL: "[IPv6]:65535", and that behind "ip255:" (foreign ones). */
#define IPVS_DEST_ID_MAX    (2 + INADDR_TEXT_MAX + 6)
#define IPVS_SERVICE_ID_MAX (8 + IPVS_DEST_ID_MAX)

/* What identifies a service: protocol, VIP and port, or a firewall mark of one family. */
struct ipvs_service_key {
	uint32_t fwmark;       /* 0: by protocol, address and port */
	uint16_t port;	       /* host order */
	uint8_t protocol;      /* IPPROTO_TCP, _UDP, _SCTP; 0 with a mark */
	struct inaddr address; /* with a mark only its family counts, the bytes are zero */
};

/* What identifies a real server within its service. */
struct ipvs_dest_key {
	uint16_t port; /* host order */
	struct inaddr address;
};

/* Scheduler flag names; each is a bit (1 << value) in ipvs_service.scheduler_flags. */
enum ipvs_scheduler_flag {
	IPVS_FLAG_1,
	IPVS_FLAG_2,
	IPVS_FLAG_3,
	IPVS_FLAG_MH_FALLBACK,
	IPVS_FLAG_MH_PORT,
	IPVS_FLAG_SH_FALLBACK,
	IPVS_FLAG_SH_PORT,
};

enum ipvs_forward { /* values are ours; the kernel's are IP_VS_CONN_F_* */
		    IPVS_FORWARD_DR,
		    IPVS_FORWARD_NAT,
		    IPVS_FORWARD_TUN,
		    IPVS_FORWARD_FULLNAT, /* understood, not yet supported */
		    IPVS_FORWARD_LOCAL,	  /* only ever reported by the kernel */
		    IPVS_FORWARD_OTHER,	  /* only ever reported: a method that this program does not
					     know */
};

enum ipvs_tunnel_type { /* values equal IP_VS_CONN_F_TUNNEL_TYPE_* */
			IPVS_TUNNEL_IPIP = 0,
			IPVS_TUNNEL_GUE = 1,
			IPVS_TUNNEL_GRE = 2,
};

enum ipvs_tunnel_checksum { /* values equal IP_VS_TUNNEL_ENCAP_FLAG_* */
			    IPVS_CHECKSUM_NONE = 0,
			    IPVS_CHECKSUM_PLAIN = 1,
			    IPVS_CHECKSUM_REMOTE = 2,
};

struct ipvs_service {
	struct ipvs_service_key key;
	uint32_t persistence_timeout; /* seconds */
	char scheduler[IPVS_NAME_MAX];
	char persistence_engine[IPVS_NAME_MAX]; /* empty: none */
	uint8_t persistence_prefix;		/* bits of the client address that are one client */
	uint8_t scheduler_flags;		/* set of enum ipvs_scheduler_flag */
	bool one_packet;
	bool persistent;
};

struct ipvs_dest {
	struct ipvs_dest_key key;
	uint32_t weight;
	uint32_t upper_threshold, lower_threshold; /* connections; 0: no limit */
	uint16_t tunnel_port;			   /* host order; GUE only */
	uint8_t forward;			   /* enum ipvs_forward */
	uint8_t tunnel_type;			   /* enum ipvs_tunnel_type */
	uint8_t tunnel_checksum;		   /* enum ipvs_tunnel_checksum */
};

/* What the kernel counts for a real server; live, not delayed. */
struct ipvs_dest_counts {
	uint32_t active, inactive, persistent;
};

struct ipvs_observed_dest {
	struct ipvs_dest dest;
	struct ipvs_dest_counts counts;
};

/* Counters and rates of a service or real server; up to 2 s old, since the kernel folds them in at
 * that pace (ip_vs_est.c). */
struct ipvs_stats {
	uint64_t connections, in_packets, out_packets, in_bytes, out_bytes;
	uint64_t connections_per_second, in_packets_per_second, out_packets_per_second;
	uint64_t in_bytes_per_second, out_bytes_per_second;
};

struct ipvs_dest_stats {
	struct ipvs_dest_key key;
	struct ipvs_dest_counts counts;
	struct ipvs_stats stats;
};

struct ipvs_service_stats {
	struct ipvs_service_key key;
	struct ipvs_stats stats;
};

typedef VEC(struct ipvs_dest_stats) ipvs_dest_stats_vec;
typedef VEC(struct ipvs_service_stats) ipvs_service_stats_vec;
typedef VEC(struct ipvs_service) ipvs_service_vec;
typedef VEC(struct ipvs_observed_dest) ipvs_observed_dest_vec;

/* Adds what was counted for one to a sum. */
void ipvs_stats_add(struct ipvs_stats *sum, const struct ipvs_stats *s);

int ipvs_service_key_compare(const struct ipvs_service_key *a, const struct ipvs_service_key *b);
int ipvs_dest_key_compare(const struct ipvs_dest_key *a, const struct ipvs_dest_key *b);

/*
 * Parses the id of a service: "tcp:192.0.2.1:80", "udp:[2001:db8::1]:53", "fwm:100", "fwm6:100".
 * Brackets may be missing (the port starts after the last colon). Refused: unknown protocol, bad
 * number, leading zero, mark 0, an address that no host can have (inaddr_unfit).
 * 0, or -EINVAL with a reason in *ret_why (static text).
 */
int ipvs_service_key_parse(const char *id, size_t len, struct ipvs_service_key *ret,
			   const char **ret_why);

/* The same for a real server: "10.0.0.5:8080", "[2001:db8::5]:8080". */
int ipvs_dest_key_parse(const char *id, size_t len, struct ipvs_dest_key *ret,
			const char **ret_why);

/* Print the canonical id into buf and return it. */
char *ipvs_service_key_format(const struct ipvs_service_key *k, char buf[IPVS_SERVICE_ID_MAX]);
char *ipvs_dest_key_format(const struct ipvs_dest_key *k, char buf[IPVS_DEST_ID_MAX]);

/* An object with this key and the defaults of the API; they depend on the key's family. */
void ipvs_service_init(const struct ipvs_service_key *key, struct ipvs_service *ret);
/* The port default of the key is the caller's. */
void ipvs_dest_init(const struct ipvs_dest_key *key, struct ipvs_dest *ret);

/*
 * Brings members that mean nothing in the present setting to one canonical value, so that a
 * comparison sees only differences that matter: persistence off, tunnel options without `tun`,
 * port and checksum of ipip, scheduler flag names that are the same kernel bit (flag-1 of sh is
 * answered as sh-fallback). After validation and after every read of the kernel.
 */
void ipvs_service_normalise(struct ipvs_service *s);
void ipvs_dest_normalise(struct ipvs_dest *d);

/*
 * Turns a service into what it is created as, until its real servers are there: without scheduler,
 * so that it takes no connections. By itself the kernel would refuse them aloud (ip_vs_leave()).
 * silent: with persistence by the engine sip as well, which makes the kernel drop them instead, so
 * that clients try again: the engine has no use for packets that are no SIP over UDP
 * (ip_vs_pe_sip.c, ip_vs_sip_fill_param; ip_vs_core.c, ip_vs_sched_persist).
 */
void ipvs_service_stage(struct ipvs_service *s, bool silent);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The field tables. A scalar that the kernel learns is one struct member (ipvs_model.h) and one
 * row here. Not rows, because they are irregular: keys, kernel flags, netmask, address family
 * (ipvs_netlink.c).
 */
#include "ipvs_fields.h"

#include <linux/ip_vs.h>
#include <string.h>

#include "ipvs_model.h"
#include "util.h"

static const struct field_name scheduler_flags[] = {
	{ "flag-1", IPVS_FLAG_1, false },	 { "flag-2", IPVS_FLAG_2, false },
	{ "flag-3", IPVS_FLAG_3, false },	 { "mh-fallback", IPVS_FLAG_MH_FALLBACK, false },
	{ "mh-port", IPVS_FLAG_MH_PORT, false }, { "sh-fallback", IPVS_FLAG_SH_FALLBACK, false },
	{ "sh-port", IPVS_FLAG_SH_PORT, false },
};

static const struct field_name forwards[] = {
	{ "dr", IPVS_FORWARD_DR, false },      { "fullnat", IPVS_FORWARD_FULLNAT, true, true },
	{ "local", IPVS_FORWARD_LOCAL, true }, { "nat", IPVS_FORWARD_NAT, false },
	{ "other", IPVS_FORWARD_OTHER, true }, { "tun", IPVS_FORWARD_TUN, false },
};

static const struct field_name tunnel_types[] = {
	{ "gre", IPVS_TUNNEL_GRE, false },
	{ "gue", IPVS_TUNNEL_GUE, false },
	{ "ipip", IPVS_TUNNEL_IPIP, false },
};

static const struct field_name checksums[] = {
	{ "none", IPVS_CHECKSUM_NONE, false },
	{ "plain", IPVS_CHECKSUM_PLAIN, false },
	{ "remote", IPVS_CHECKSUM_REMOTE, false },
};

static const struct field persistence_rows[] = {
	/* The limit is ipvsadm's 31 days; the kernel multiplies by HZ in 32 bits and wraps. */
	FIELD_UINT(struct ipvs_service, persistence_timeout, uint32_t, "timeoutSeconds",
		   IPVS_SVC_ATTR_TIMEOUT, FIELD_WIRE_U32, 1, 2678400, 360,
		   "How long a client stays with its real server after its last connection ended."),
	FIELD_UINT(struct ipvs_service, persistence_prefix, uint8_t, "prefixLength", 0,
		   FIELD_WIRE_NONE, 1, 128, 32,
		   "Clients that share this many leading address bits count as one; the default is "
		   "32 for IPv4 and 128 for IPv6."),
	FIELD_STRING(struct ipvs_service, persistence_engine, "engine", IPVS_SVC_ATTR_PE_NAME, true,
		     "Persistence engine that looks into the packets, as sip; null for none."),
};

static const struct field_table persistence_table = {
	.name = "Persistence",
	.rows = persistence_rows,
	.n = ARRAY_SIZE(persistence_rows),
};

static const struct field service_rows[] = {
	FIELD_STRING(struct ipvs_service, scheduler, "scheduler", IPVS_SVC_ATTR_SCHED_NAME, false,
		     "How a real server is chosen for a new connection; the default is wlc."),
	FIELD_SET(struct ipvs_service, scheduler_flags, "schedulerFlags", scheduler_flags,
		  "Options of the scheduler."),
	FIELD_BOOL(struct ipvs_service, one_packet, "onePacket",
		   "Choose a real server for each packet (UDP and marks only)."),
	FIELD_GROUP(struct ipvs_service, persistent, false, "persistence", &persistence_table,
		    "Keeps the connections of one client on one real server; null for off."),
};

static const char *const service_passthrough[] = { "id",	  "status", "metadata",
						   "realServers", "stats",  NULL };

const struct field_table ipvs_service_table = {
	.name = "Service",
	.rows = service_rows,
	.n = ARRAY_SIZE(service_rows),
	.passthrough = service_passthrough,
};

static const struct field tunnel_rows[] = {
	FIELD_ENUM(struct ipvs_dest, tunnel_type, "type", IPVS_DEST_ATTR_TUN_TYPE, FIELD_WIRE_U8,
		   tunnel_types, IPVS_TUNNEL_IPIP, "Encapsulation."),
	FIELD_UINT(struct ipvs_dest, tunnel_port, uint16_t, "port", IPVS_DEST_ATTR_TUN_PORT,
		   FIELD_WIRE_BE16, 0, 65535, 0, "UDP port of gue on the real server."),
	FIELD_ENUM(struct ipvs_dest, tunnel_checksum, "checksum", IPVS_DEST_ATTR_TUN_FLAGS,
		   FIELD_WIRE_U16, checksums, IPVS_CHECKSUM_NONE,
		   "Checksum of the outer header: remote for gue only, plain for gue and gre."),
};

static const struct field_table tunnel_table = {
	.name = "Tunnel",
	.rows = tunnel_rows,
	.n = ARRAY_SIZE(tunnel_rows),
};

static const struct field dest_rows[] = {
	FIELD_UINT(struct ipvs_dest, weight, uint32_t, "weight", IPVS_DEST_ATTR_WEIGHT,
		   FIELD_WIRE_U32, 0, INT32_MAX, 1,
		   "Share of new connections; 0 takes no new ones and keeps the open ones."),
	FIELD_ENUM(struct ipvs_dest, forward, "forward", 0, FIELD_WIRE_NONE, forwards,
		   IPVS_FORWARD_DR, "Forwarding method."),
	/* The kernel has 32 bits for a threshold, but since 6.1.18x refuses more than INT_MAX. */
	FIELD_UINT(struct ipvs_dest, upper_threshold, uint32_t, "upperThreshold",
		   IPVS_DEST_ATTR_U_THRESH, FIELD_WIRE_U32, 0, INT32_MAX, 0,
		   "No new connections above this many; 0 for no limit."),
	FIELD_UINT(struct ipvs_dest, lower_threshold, uint32_t, "lowerThreshold",
		   IPVS_DEST_ATTR_L_THRESH, FIELD_WIRE_U32, 0, INT32_MAX, 0,
		   "New connections again below this many; 0 for three quarters of the upper one."),
	/* ip_vs_genl_parse_dest() begins with zeros, in a SET too, and ipip is zero. */
	FIELD_GROUP_OR_ABSENT(struct ipvs_dest, tunnel_type, true, "tunnel", &tunnel_table,
			      "Encapsulation of `tun`; null for plain ipip."),
};

static const char *const dest_passthrough[] = { "id", "status", "metadata", "stats", NULL };

const struct field_table ipvs_dest_table = {
	.name = "RealServer",
	.rows = dest_rows,
	.n = ARRAY_SIZE(dest_rows),
	.passthrough = dest_passthrough,
};

bool ipvs_dest_same(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	if (memcmp(a, b, sizeof(*a)) == 0)
		return true; /* if not, padding may be all that differs */
	return ipvs_dest_key_compare(&a->key, &b->key) == 0 && !field_diff(&ipvs_dest_table, a, b);
}

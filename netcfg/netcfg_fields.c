/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The field tables of the host's objects. A member is one in netcfg_model.h and one row here. Not
 * rows: keys, and the maps of the roles (netcfg_json.c).
 */
#include "netcfg_fields.h"

#include "netcfg_model.h"
#include "util.h"

_Static_assert(NETCFG_LEAVE == (int)FIELD_SWITCH_NULL && NETCFG_OFF == (int)FIELD_SWITCH_FALSE &&
		       NETCFG_ON == (int)FIELD_SWITCH_TRUE,
	       "a switch is what a FIELD_SWITCH row makes of it");

/* Each announcement is a packet to everybody on the LAN; ten minutes of one address at most. */
static const struct field announce_rows[] = {
	FIELD_UINT(struct netcfg_vip, announce_count, uint8_t, "count", 0, FIELD_WIRE_NONE, 0, 60,
		   3, "How often the address is announced at an occasion; 0 for never."),
	FIELD_UINT(struct netcfg_vip, announce_interval, uint32_t, "intervalMilliseconds", 0,
		   FIELD_WIRE_NONE, 10, 10000, 200, "Pause between two announcements."),
	FIELD_UINT(struct netcfg_vip, announce_repeat, uint32_t, "repeatSeconds", 0,
		   FIELD_WIRE_NONE, 0, 86400, 0,
		   "Pause after which it is announced again; 0 for never."),
};

static const struct field_table announce_table = {
	.name = "Announce",
	.rows = announce_rows,
	.n = ARRAY_SIZE(announce_rows),
};

static const struct field vip_rows[] = {
	FIELD_STRING(struct netcfg_vip, interface, "interface", 0, false,
		     "Interface that the address is put on; it need not be there yet."),
	FIELD_UINT(struct netcfg_vip, prefix_length, uint8_t, "prefixLength", 0, FIELD_WIRE_NONE,
		   32, 128, 32, "32 for IPv4 and 128 for IPv6, which are the defaults."),
	FIELD_STRING(struct netcfg_vip, label, "label", 0, true,
		     "Label of an IPv4 address, as ifconfig(8) shows; null for none."),
	FIELD_OBJECT("announce", &announce_table,
		     "How gratuitous ARP or unsolicited neighbour advertisements are sent."),
};

static const char *const passthrough[] = { "id", "status", "metadata", NULL };

const struct field_table netcfg_vip_table = {
	.name = "Vip",
	.rows = vip_rows,
	.n = ARRAY_SIZE(vip_rows),
	.passthrough = passthrough,
};

static const struct field_name modes[] = {
	{ "dr", NETCFG_MODE_DR, false },
	{ "tun", NETCFG_MODE_TUN, false },
};

static const struct field_name tunnel_types[] = {
	{ "gre", NETCFG_TUNNEL_GRE, false },
	{ "gue", NETCFG_TUNNEL_GUE, false },
	{ "ipip", NETCFG_TUNNEL_IPIP, false },
};

static const struct field_name checksums[] = {
	{ "none", NETCFG_CHECKSUM_NONE, false },
	{ "plain", NETCFG_CHECKSUM_PLAIN, false },
	{ "remote", NETCFG_CHECKSUM_REMOTE, false },
};

static const struct field tunnel_rows[] = {
	FIELD_ENUM(struct netcfg_real_server_role, tunnel_type, "type", 0, FIELD_WIRE_NONE,
		   tunnel_types, NETCFG_TUNNEL_IPIP, "Encapsulation that the director uses."),
	FIELD_UINT(struct netcfg_real_server_role, tunnel_port, uint16_t, "port", 0,
		   FIELD_WIRE_NONE, 0, 65535, 0, "UDP port of gue on this host."),
	FIELD_ENUM(struct netcfg_real_server_role, tunnel_checksum, "checksum", 0, FIELD_WIRE_NONE,
		   checksums, NETCFG_CHECKSUM_NONE,
		   "Checksum of the outer header: remote for gue only, plain for gue and gre."),
};

static const struct field_table tunnel_table = {
	.name = "RoleTunnel",
	.rows = tunnel_rows,
	.n = ARRAY_SIZE(tunnel_rows),
};

static const struct field real_server_rows[] = {
	FIELD_ENUM(struct netcfg_real_server_role, mode, "mode", 0, FIELD_WIRE_NONE, modes,
		   NETCFG_MODE_DR, "Forwarding method of the director."),
	FIELD_STRING(struct netcfg_real_server_role, interface, "interface", 0, true,
		     "Interface of the VIPs; null for lo with dr, the tunnel device with tun."),
	FIELD_GROUP(struct netcfg_real_server_role, tunnel_type, true, "tunnel", &tunnel_table,
		    "Encapsulation of `tun`; null for plain ipip."),
};

static const char *const real_server_passthrough[] = { "id", "status", "metadata", "vips", NULL };

const struct field_table netcfg_real_server_role_table = {
	.name = "RealServerRole",
	.rows = real_server_rows,
	.n = ARRAY_SIZE(real_server_rows),
	.passthrough = real_server_passthrough,
};

static const struct field timeout_rows[] = {
	FIELD_UINT_OR_NULL(struct netcfg_director_role, tcp_timeout, uint32_t, "tcpSeconds",
			   NETCFG_TIMEOUT_MAX,
			   "Idle TCP connections are forgotten after this; null for as it is."),
	FIELD_UINT_OR_NULL(struct netcfg_director_role, tcp_fin_timeout, uint32_t, "tcpFinSeconds",
			   NETCFG_TIMEOUT_MAX, "The same after a FIN; null for as it is."),
	FIELD_UINT_OR_NULL(struct netcfg_director_role, udp_timeout, uint32_t, "udpSeconds",
			   NETCFG_TIMEOUT_MAX, "The same for UDP; null for as it is."),
};

static const struct field_table timeout_table = {
	.name = "Timeouts",
	.rows = timeout_rows,
	.n = ARRAY_SIZE(timeout_rows),
};

static const struct field director_rows[] = {
	FIELD_SWITCH(struct netcfg_director_role, ipv4_forwarding, "ipv4Forwarding",
		     "Whether the host forwards IPv4 packets (nat needs it); null for as it is."),
	FIELD_SWITCH(struct netcfg_director_role, ipv6_forwarding, "ipv6Forwarding",
		     "Whether the host forwards IPv6 packets (nat needs it); null for as it is."),
	FIELD_SWITCH(struct netcfg_director_role, send_redirects, "sendRedirects",
		     "ICMP redirects of all, default and every interface; null for as it is."),
	FIELD_OBJECT("timeouts", &timeout_table, "Timeouts of IPVS connections."),
};

static const char *const director_passthrough[] = { "id", "status", "metadata", "ipvs", NULL };

const struct field_table netcfg_director_role_table = {
	.name = "DirectorRole",
	.rows = director_rows,
	.n = ARRAY_SIZE(director_rows),
	.passthrough = director_passthrough,
};

/* Lengths: a backup takes no less than 1024 (start_sync_thread() in ip_vs_sync.c); the header of
 * UDP over IP is within 65535. netcfg_validate.c knows the family. */
static const struct field sync_rows[] = {
	FIELD_STRING(struct netcfg_sync, interface, "interface", 0, false,
		     "Interface of the multicast messages; it need not be there yet."),
	FIELD_UINT(struct netcfg_sync, sync_id, uint16_t, "syncId", 0, FIELD_WIRE_NONE, 0, 255, 0,
		   "Tells groups of directors apart; a backup with 0 listens to all."),
	FIELD_UINT_OR_NULL(struct netcfg_sync, max_length, uint16_t, "maxLength", 65507,
			   "Longest message in bytes, at least 576, of a backup 1024; null for "
			   "what the kernel takes."),
	FIELD_STRING(struct netcfg_sync, group, "group", 0, false,
		     "Multicast group of either family; 224.0.0.81 by default."),
	FIELD_UINT(struct netcfg_sync, port, uint16_t, "port", 0, FIELD_WIRE_NONE, 1, 65535, 8848,
		   "UDP port of the messages."),
	FIELD_UINT(struct netcfg_sync, ttl, uint8_t, "ttl", 0, FIELD_WIRE_NONE, 1, 255, 1,
		   "TTL, or hop limit, of the messages."),
};

const struct field_table netcfg_sync_table = {
	.name = "SyncDaemon",
	.rows = sync_rows,
	.n = ARRAY_SIZE(sync_rows),
	.passthrough = passthrough,
};

static const struct field sysctl_rows[] = {
	FIELD_TEXT(struct netcfg_sysctl, value, "value",
		   "Value of the variable; an integer is taken too."),
};

const struct field_table netcfg_sysctl_table = {
	.name = "Sysctl",
	.rows = sysctl_rows,
	.n = ARRAY_SIZE(sysctl_rows),
	.passthrough = passthrough,
};

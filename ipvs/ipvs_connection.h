/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of /proc/net/ip_vs_conn and ip_vs_conn_sync as values (ip_vs_conn.c, ip_vs_conn_seq_show
 * and ip_vs_conn_sync_seq_show). Pure: whoever reads the files is ipvs_connection_walk.h.
 */
#pragma once

#include "inaddr.h"
#include "vec.h"

#define IPVS_CONNECTION_WORD_MAX 16  /* with the NUL: names of protocols, states, engines */
#define IPVS_CONNECTION_DATA_MAX 256 /* IP_VS_PEDATA_MAXLEN is 255 */

enum ipvs_origin {
	IPVS_ORIGIN_UNKNOWN,
	IPVS_ORIGIN_LOCAL,
	IPVS_ORIGIN_SYNC, /* another director told of it */
};

struct ipvs_endpoint {
	struct inaddr address;
	uint16_t port; /* host order */
};

struct ipvs_connection {
	struct ipvs_endpoint client, virtual, real; /* real: of another family perhaps */
	uint32_t expires;			    /* seconds */
	uint8_t origin;				    /* enum ipvs_origin */
	char protocol[IPVS_CONNECTION_WORD_MAX];    /* "TCP", "UDP", "SCTP"; "IP" of marks */
	char state[IPVS_CONNECTION_WORD_MAX];	    /* "ESTABLISHED" */
	char engine[IPVS_CONNECTION_WORD_MAX];	    /* persistence engine; empty: none */
	uint8_t data_len;
	uint8_t data[IPVS_CONNECTION_DATA_MAX]; /* the engine's; bytes as they came by the network
						 */
};

/*
 * Parses one line, len bytes without its end. sync: of ip_vs_conn_sync, which has an origin and no
 * engine. 0; -ENODATA: it is the heading; -EINVAL: no such line.
 */
int ipvs_connection_parse(const char *line, size_t len, bool sync, struct ipvs_connection *ret);

/* Whether both are the same entry of the kernel's table: protocol and the three ends. */
bool ipvs_connection_same(const struct ipvs_connection *a, const struct ipvs_connection *b);

/*
 * Whether it is a template of persistence, which says where a client's next connection goes. The
 * kernel does not tell; they have the client port 0, or 65535 when they are invalid, and the state
 * NONE or ASSURED.
 */
bool ipvs_connection_is_template(const struct ipvs_connection *c);

/* The firewall mark that a template of a marked service has in place of its address; 0: none. */
uint32_t ipvs_connection_mark(const struct ipvs_connection *c);

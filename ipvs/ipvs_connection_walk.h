/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All connections of this network namespace, read piece by piece from /proc/net/ip_vs_conn, with
 * the origin of each from ip_vs_conn_sync beside it. Each read() gives a page (4 KiB) of lines and,
 * before Linux 6.14, walks the table from its beginning: the later the page, the longer it takes;
 * at 100,000 connections about a millisecond. Nothing is a snapshot: entries that come and go
 * between two reads make others appear twice or not at all.
 */
#pragma once

#include "ipvs_connection.h"
#include "util.h"

struct ipvs_connection_walk;

/* Opens both files under dir ("/proc/self/net"); dir NULL: a table without connections. 0; -ENOENT:
 * there is no IPVS in the kernel; another negative errno. */
int ipvs_connection_walk_open(const char *dir, struct ipvs_connection_walk **ret);
void ipvs_connection_walk_free(struct ipvs_connection_walk *w); /* NULL is fine */
DEFINE_FREEP(struct ipvs_connection_walk, ipvs_connection_walk_free)

enum {
	IPVS_WALK_END,
	IPVS_WALK_FOUND, /* *ret is the next connection */
	IPVS_WALK_READ,	 /* a piece was read: ask again, in this turn or the next */
};

/* One of these, or a negative errno. Lines that cannot be parsed are left out. */
int ipvs_connection_walk_next(struct ipvs_connection_walk *w, struct ipvs_connection *ret);

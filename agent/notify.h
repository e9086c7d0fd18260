/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lvsd tells systemd: that it is ready, how it stands, that it reloads or stops. Without
 * systemd nothing is told. For main.
 */
#pragma once

#include "buf.h"
#include "desired.h"
#include "host.h"
#include "reconcile.h"

/* What is told of; borrowed. */
struct notify_view {
	struct desired *desired;
	const struct reconcile *reconcile;
	const struct host *host;
	bool storage_failed;
};

struct notify {
	bool ready;
	bool in_sync;	   /* as was told last */
	uint64_t revision; /* the same */
	size_t foreign;	   /* the same */
	int64_t began;	   /* of the first turn; 0: none yet */
	int64_t told;	   /* when the state was put into words last */
	struct buf text;   /* those words */
};

/* Before the first turn: which state lvsd begins with. */
void notify_starts(struct notify *n, const struct notify_view *v);

/*
 * After each turn. Says how it stands when that has changed. READY=1 comes when all that is
 * declared has been tried in the kernel, and is so or has had three seconds: whoever is ordered
 * after the service finds its VIPs and services there. After 30 s it comes in any case. Returns the
 * loop time by which it wants to be called again, INT64_MAX: after the next turn that does
 * something.
 */
int64_t notify_turn(struct notify *n, const struct notify_view *v, int64_t now);

void notify_reloads(struct notify *n);
void notify_reloaded(struct notify *n);
void notify_stops(struct notify *n);
void notify_done(struct notify *n);

/* How it stands, in one line: "in sync: 3 services with 7 real servers, 2 VIPs; revision 412", or
 * "starting", "at work", "NOT in sync" with what is wrong. Appends. */
void notify_describe(const struct notify_view *v, struct buf *ret);

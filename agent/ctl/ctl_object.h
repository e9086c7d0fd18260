/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which object a word means, and where the API has it. Knows ids by their looks; makes no request.
 */
#pragma once

#include "buf.h"
#include "ctl.h"

enum ctl_kind {
	CTL_SERVICE,
	CTL_REAL_SERVER, /* SERVICE/REAL-SERVER, as /v1/diff spells it */
	CTL_VIP,
	CTL_SYSCTL,
	CTL_ROLE, /* director, real-server */
	CTL_SYNC, /* master, backup */
	CTL_POLICY,
};

/* What an id looks like. A word that looks like nothing else is taken as an address of a VIP. */
enum ctl_kind ctl_object_kind(const char *id);

/* Appends the object's path: "/v1/services/tcp:192.0.2.1:80". */
void ctl_object_path(struct buf *path, const char *id);

/*
 * Appends the path of the object that one word or two mean: an id, or a service's and that of a
 * real server. 0, or -EINVAL when there are more or fewer words, or two that do not go together;
 * nothing is said.
 */
int ctl_object_words(struct buf *path, int argc, char **argv);

/* Its part of a configuration document, and the name in it ("realServer" of real-server). NULL: a
 * real server and the policy are not named there by an id. */
const char *ctl_object_part(enum ctl_kind kind);
const char *ctl_object_member(const char *id);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One lvsd per network namespace: two that manage one IPVS table would undo each other's work. */
#pragma once

#include "err.h"

/*
 * Takes the lock of this network namespace until *ret_fd is closed. 0; -EBUSY with e set (code
 * namespace_in_use): another lvsd of root or of this user holds it; other errnos.
 */
int netns_lock(int *ret_fd, struct err *e);

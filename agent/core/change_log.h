/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log's record of a write that has become durable. For change.c. */
#pragma once

#include "store.h"

/* With revision, request id, actor and peer, and with the object by the path of the request:
 * service, real server, VIP. */
void change_log_commit(const struct history_entry *entry);

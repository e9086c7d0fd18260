/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes where the policy wants a precondition for each (requireIfMatch). */
#pragma once

#include "ctl_http.h"

/* ctl_http_send() for writes. When the daemon wants a precondition and the request has none, the
 * object is read and the write sent once more: it holds for the object as it was then. */
int ctl_guard_send(struct ctl_http *h, const struct ctl_request *r, struct ctl_answer *ret);

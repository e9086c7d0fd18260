/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon refused, in words for an operator. */
#pragma once

#include "ctl_http.h"

/* Says on stderr what an answer of another status than 2xx means: the sentence, each bad member
 * with its reason, and what can be done. */
void ctl_problem_say(const struct ctl_answer *a);

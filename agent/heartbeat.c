/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judgement of heartbeat.h. Knows nothing of systemd, of the loop, or of reconcilers. */
#include "heartbeat.h"

#include <stddef.h>

/* A round waits for writes, whose steps are counted; so it gets a long time, and ten times that
 * while there are writes all the time. */
#define ROUND_PATIENCES 20
#define BUSY_FACTOR	10

void heartbeat_note(struct heartbeat *h, enum heartbeat_part part,
		    const struct heartbeat_sign *sign, int64_t now)
{
	struct heartbeat_state *s = &h->parts[part];
	bool moved = sign->steps != s->last.steps || sign->due > now;

	if (moved)
		s->idle_since = 0;
	else if (!s->idle_since)
		s->idle_since = now;
	if (!s->round_since || sign->rounds != s->last.rounds || !sign->every) {
		s->round_since = now;
		s->busy_ms = 0;
	} else if (sign->busy) {
		s->busy_ms += now - s->seen;
	}
	s->last = *sign;
	s->seen = now;
}

void heartbeat_excuse(struct heartbeat *h, enum heartbeat_part part)
{
	h->parts[part].idle_since = 0;
}

/* Time that writes have taken counts a tenth. */
static bool overdue(const struct heartbeat *h, const struct heartbeat_state *s, int64_t now)
{
	int64_t waited = now - s->round_since, busy = s->busy_ms;

	if (!s->round_since || !s->last.every)
		return false;
	return waited - busy + busy / BUSY_FACTOR > s->last.every + ROUND_PATIENCES * h->patience;
}

const char *heartbeat_complaint(const struct heartbeat *h, int64_t now)
{
	static const char *const idle[HEARTBEAT_PARTS] = {
		[HEARTBEAT_SERVICES] = "the reconciler of services does not do what is due",
		[HEARTBEAT_HOST] = "the reconciler of the host does not do what is due",
	};
	static const char *const rounds[HEARTBEAT_PARTS] = {
		[HEARTBEAT_SERVICES] = "the reconciler of services makes no full passes",
		[HEARTBEAT_HOST] = "the reconciler of the host makes no rounds",
	};

	if (!h->patience)
		return NULL;
	for (int i = 0; i < HEARTBEAT_PARTS; i++) {
		const struct heartbeat_state *s = &h->parts[i];

		if (s->idle_since && now - s->idle_since > h->patience)
			return idle[i];
		if (overdue(h, s, now))
			return rounds[i];
	}
	return NULL;
}

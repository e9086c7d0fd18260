/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the reconcilers still do their work: what systemd's watchdog is fed by. A part is stuck
 * when it wanted to work and has done no step for a while, or when its rounds have not come round
 * for much longer than they should. Pure: time comes in as an argument (loop milliseconds). For
 * main.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum heartbeat_part {
	HEARTBEAT_SERVICES,
	HEARTBEAT_HOST,
	HEARTBEAT_PARTS,
};

/* What a part says of itself after its turn. */
struct heartbeat_sign {
	int64_t due;	/* loop time at which it wants to work again; INT64_MAX: when it is asked */
	uint64_t steps; /* counts whatever it does, failed attempts too */
	uint64_t rounds; /* counts full passes, those that failed too */
	int64_t every;	 /* ms between two of those; 0: they need not come */
	bool busy;	 /* with what goes before a round */
};

struct heartbeat {
	int64_t patience; /* ms; 0: nobody wants to know, all is well */
	struct heartbeat_state {
		struct heartbeat_sign last;
		int64_t idle_since;  /* due, and no step; 0: no */
		int64_t round_since; /* the last round was seen to come; 0: not looked yet */
		int64_t seen;	     /* the last sign */
		int64_t busy_ms;     /* of the time since the last round */
	} parts[HEARTBEAT_PARTS];
};

/* Takes note of a part's sign. Each turn, for each part that was allowed to work. */
void heartbeat_note(struct heartbeat *h, enum heartbeat_part part,
		    const struct heartbeat_sign *sign, int64_t now);

/* A part that was not allowed to work in this turn is not to be blamed. */
void heartbeat_excuse(struct heartbeat *h, enum heartbeat_part part);

/* NULL: all is well. Else which part is stuck, and in which way, as a sentence for the log. */
const char *heartbeat_complaint(const struct heartbeat *h, int64_t now);

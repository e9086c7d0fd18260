/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header Accept with its weights (RFC 9110, 12.5.1), for the one route that has a choice. Pure.
 */
#pragma once

#include <stdbool.h>

#define ACCEPT_FULL 1000 /* q=1 */

/*
 * How much the client wants this media type, in thousandths; 0: not at all. The most precise range
 * decides, and one with another version than ours is none; of equals the first. accept may be NULL
 * (anything) and any bytes; a range that is none is passed over. *ret_named tells whether the type
 * was named in full.
 */
unsigned accept_quality(const char *accept, const char *type, const char *subtype,
			const char *version, bool *ret_named);

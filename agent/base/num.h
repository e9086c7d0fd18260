/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checked parsing of decimal numbers; the only place in the program that turns text into numbers.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Parses len bytes of s as an unsigned decimal number of at most max. Digits only: no sign, no
 * space, no leading zero (but "0" itself). 0; -EINVAL not such a number; -ERANGE above max. */
int num_parse_u64(const char *s, size_t len, uint64_t max, uint64_t *ret);

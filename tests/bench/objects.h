/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of the bench: a table of n services with m real servers each, all computed from their
 * numbers. Whoever makes the table, by whatever means, makes the same one. The addresses differ in
 * their last byte, since the kernel's table of services goes by that.
 */
#pragma once

#include <stdint.h>

#define OBJECT_PORT	 80
#define OBJECT_SCHEDULER "wlc"

/* 198.18.0.1 and on, host order. */
static inline uint32_t object_vip(unsigned service)
{
	return 0xc6120000u + (service / 250 << 8) + service % 250 + 1;
}

/* 10.x.y.z, host order; at most 65,000 real servers a service. */
static inline uint32_t object_rip(unsigned service, unsigned dest)
{
	return 0x0a000000u + (dest / 250 << 16) + (service % 256 << 8) + dest % 250 + 1;
}

static inline uint32_t object_weight(unsigned service, unsigned dest)
{
	return 1 + (service + dest) % 5;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPVS over generic netlink with nothing between: messages written by hand into one buffer. The
 * yardstick of the bench, so it shares no code with the program that is measured. Every function
 * ends the process with a message when something goes wrong.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens the socket and resolves the family. */
void wire_open(void);

/* Adds a request to the batch; the batch goes out by itself when it is full (128 requests). */
void wire_add_service(unsigned service);
void wire_add_dest(unsigned service, unsigned dest);
void wire_set_weight(unsigned service, unsigned dest, uint32_t weight);

/* Sends what is left, with one acknowledgement at its end. */
void wire_flush(void);

/* Removes all services of the network namespace. */
void wire_clear(void);

/* One dump: a request, and receives until its end. Returns how many objects there were. */
unsigned wire_dump_services(void);
unsigned wire_dump_dests(unsigned service);

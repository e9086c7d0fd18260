/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of the API as tables. */
#pragma once

#include <jansson.h>

#include "ctl.h"

/* Services as ipvsadm -Ln lays them out; wide: more columns to the right. */
void ctl_print_services_head(bool wide);
void ctl_print_service(const json_t *service, bool wide);

/* The same as ipvsadm -Ln --stats, or --rate. Numbers are exact. */
void ctl_print_stats_head(bool rate);
void ctl_print_stats(const json_t *service, bool rate);

/* The operations of a plan or a difference, one a line. Returns how many there are. */
size_t ctl_print_operations(const json_t *operations);

/* "InSync", or why the condition Programmed of an object is not so. */
const char *ctl_print_state(const json_t *object);

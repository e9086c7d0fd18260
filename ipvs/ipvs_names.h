/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of hosts and ports as this machine's files have them: /etc/hosts and /etc/services. No
 * lookup ever leaves the machine, since a name server could hold up the loop. */
#pragma once

#include "ipvs_text.h"

/* For ipvs_text_parse(). A name of a host is its IPv4 address if it has one, as with ipvsadm, else
 * its IPv6 address. Each lookup reads a file. */
extern const struct ipvs_text_names ipvs_names_of_files;

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs, a file each or some that belong together; the table of them is in ctl_verbs.c. */
#pragma once

#include "ctl.h"

int ctl_get(struct ctl *ctl, int argc, char **argv);
int ctl_ipvsadm(struct ctl *ctl, int argc, char **argv);
int ctl_version(struct ctl *ctl, int argc, char **argv);

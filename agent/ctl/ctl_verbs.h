/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs, a file each or some that belong together; the table of them is in ctl_verbs.c. */
#pragma once

#include "ctl.h"

int ctl_get(struct ctl *ctl, int argc, char **argv);
int ctl_describe(struct ctl *ctl, int argc, char **argv);
int ctl_apply(struct ctl *ctl, int argc, char **argv);
int ctl_diff(struct ctl *ctl, int argc, char **argv);
int ctl_plan(struct ctl *ctl, int argc, char **argv);
int ctl_set(struct ctl *ctl, int argc, char **argv);
int ctl_delete(struct ctl *ctl, int argc, char **argv);
int ctl_vip(struct ctl *ctl, int argc, char **argv);
int ctl_realserver(struct ctl *ctl, int argc, char **argv);
int ctl_director(struct ctl *ctl, int argc, char **argv);
int ctl_sysctl(struct ctl *ctl, int argc, char **argv);
int ctl_sync(struct ctl *ctl, int argc, char **argv);
int ctl_policy(struct ctl *ctl, int argc, char **argv);
int ctl_adopt(struct ctl *ctl, int argc, char **argv);
int ctl_export(struct ctl *ctl, int argc, char **argv);
int ctl_import(struct ctl *ctl, int argc, char **argv);
int ctl_stats(struct ctl *ctl, int argc, char **argv);
int ctl_top(struct ctl *ctl, int argc, char **argv);
int ctl_connections(struct ctl *ctl, int argc, char **argv);
int ctl_status(struct ctl *ctl, int argc, char **argv);
int ctl_reconcile(struct ctl *ctl, int argc, char **argv);
int ctl_explain(struct ctl *ctl, int argc, char **argv);
int ctl_doctor(struct ctl *ctl, int argc, char **argv);
int ctl_ipvsadm(struct ctl *ctl, int argc, char **argv);
int ctl_version(struct ctl *ctl, int argc, char **argv);

/* Prints the services as ipvsadm -S -n does; query: of /v1/export/ipvsadm, or NULL; service: only
 * this one, by its canonical id, or NULL. Returns an enum ctl_exit. */
int ctl_export_text(struct ctl *ctl, const char *query, const char *service);

/* Runs ctl_get() or ctl_describe() for one word. */
int ctl_show(struct ctl *ctl, int (*run)(struct ctl *ctl, int argc, char **argv), const char *what);

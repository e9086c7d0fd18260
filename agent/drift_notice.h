/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fast notice of drift: hands what the tap (ipvs_tap.h) sees to the reconciler as hints, and keeps
 * the tap open. Where there can be no tap, full passes alone find drift; that is said once. For
 * main.
 */
#pragma once

#include "ipvs_kernel.h"
#include "loop.h"
#include "reconcile.h"

struct drift_notice;

/* All are borrowed. Opens nothing yet. 0 or -ENOMEM. */
int drift_notice_new(struct ipvs_kernel *kernel, struct reconcile *reconcile, struct loop *loop,
		     struct drift_notice **ret);

/* Closes the tap and removes its device; NULL is fine. To be called before loop_free(). */
void drift_notice_free(struct drift_notice *n);

/* Switches it on (also: tries again what could not be had) or off. With `on` the kernel may be
 * asked, so that the tap is open before the first pass begins. */
void drift_notice_set(struct drift_notice *n, bool on, int64_t now);

/* At the beginning of a turn: hands over what has come. */
void drift_notice_read(struct drift_notice *n, int64_t now);

/* At its end: opens what can be opened now, follows the kernel's module. Returns the loop time of
 * the turn that it wants; INT64_MAX: none. */
int64_t drift_notice_follow(struct drift_notice *n, int64_t now);

/* "tap", or "interval" while only full passes find drift. */
const char *drift_notice_name(const struct drift_notice *n);

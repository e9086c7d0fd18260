/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of the daemon's answers, and JSON as lvsctl prints it. */
#pragma once

#include <jansson.h>

#include "ctl.h"

/* A member that is a text, or "" when it is absent, null or something else. */
const char *ctl_text(const json_t *object, const char *name);

/* A member that is an integer, or 0. */
long long ctl_number(const json_t *object, const char *name);

/* Prints a document: indented, or (ndjson) in one line. A NULL prints nothing. */
void ctl_json_print(const json_t *value, enum ctl_output output);

/* Prints a value as people read it: members one a line and indented, conditions as a table. */
void ctl_json_describe(const json_t *value);

/*
 * Puts "a.b=value" into an object: {"a": {"b": value}}. The value is JSON where it reads as such
 * (numbers, true, false, null, lists), else a text. 0, or -EINVAL, which has been said.
 */
int ctl_json_assign(json_t *object, const char *word);

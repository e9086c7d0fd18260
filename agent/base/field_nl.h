/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects to and from netlink attributes by their field table. Rows without an attribute number
 * (nl_attr 0) are left to the provider's own functions. */
#pragma once

#include "field.h"

struct nl_msg;
struct nlattr;

/* Appends the attribute of every row, groups walked in place whether present or not (the caller
 * has normalised obj). 0 or -EMSGSIZE. */
int field_put(const struct field_table *t, const void *obj, struct nl_msg *msg);

/* Fills the rows whose attribute is in tb[0…max]; an absent one leaves its member as it is.
 * 0, or -EBADMSG when an attribute is too short or a string too long. */
int field_get(const struct field_table *t, struct nlattr *const *tb, int max, void *obj);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects to and from netlink attributes by their field table. Rows without an attribute number
 * (nl_attr 0) are left to the provider's own functions. */
#pragma once

#include "field.h"

struct nlattr;
struct nlput;

/* Puts the attribute of every row (nlput.h). A group that is not present is left out when the
 * kernel takes absent attributes for that (absent_on_wire), else walked in place: the caller has
 * normalised obj. */
void field_put(const struct field_table *t, const void *obj, struct nlput *p);

/* Fills the rows whose attribute is in tb[0…max]; an absent one leaves its member as it is.
 * 0, or -EBADMSG when an attribute is too short or a string too long. */
int field_get(const struct field_table *t, struct nlattr *const *tb, int max, void *obj);

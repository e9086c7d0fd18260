/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects to and from netlink attributes by their field table. Rows without an attribute number
 * (nl_attr 0) are left to the provider's own functions. */
#pragma once

#include "field.h"

struct nl_msg;
struct nlattr;

/*
 * Appends one attribute, as nla_put() of libnl does: a write of 100,000 real servers puts a million
 * of them, and with that one a message took 1.8 times the instructions. 0 or -EMSGSIZE.
 */
int field_nl_put(struct nl_msg *msg, int type, const void *data, size_t len);

static inline int field_nl_put_u16(struct nl_msg *msg, int type, uint16_t value)
{
	return field_nl_put(msg, type, &value, sizeof(value));
}

static inline int field_nl_put_u32(struct nl_msg *msg, int type, uint32_t value)
{
	return field_nl_put(msg, type, &value, sizeof(value));
}

/* Appends the attribute of every row, groups walked in place whether present or not (the caller
 * has normalised obj). 0 or -EMSGSIZE. */
int field_put(const struct field_table *t, const void *obj, struct nl_msg *msg);

/* Fills the rows whose attribute is in tb[0…max]; an absent one leaves its member as it is.
 * 0, or -EBADMSG when an attribute is too short or a string too long. */
int field_get(const struct field_table *t, struct nlattr *const *tb, int max, void *obj);

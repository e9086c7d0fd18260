/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Appends netlink attributes to a message of libnl. A write of 100,000 real servers puts a million
 * of them; by nla_put() alone that took twice the instructions of all the rest. So the place to
 * write at is held here while an object is put, and room is checked without calls.
 *
 *	struct nlput p = nlput_begin(msg);
 *
 *	nlput_u16(&p, ATTR, value);
 *	return nlput_end(&p, msg);
 */
#pragma once

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct nlput {
	uint8_t *at, *end;
	bool full; /* something did not fit; nothing more is written */
};

static inline struct nlput nlput_begin(struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	return (struct nlput){
		.at = (uint8_t *)h + NLMSG_ALIGN(h->nlmsg_len),
		.end = (uint8_t *)h + nlmsg_get_max_size(msg),
	};
}

/* Makes what was put part of the message. 0, or -EMSGSIZE: the message is as it was. */
static inline int nlput_end(const struct nlput *p, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	if (p->full)
		return -EMSGSIZE;
	h->nlmsg_len = (uint32_t)(p->at - (uint8_t *)h);
	return 0;
}

/* Appends an attribute of len bytes, with zeros up to the next multiple of four. */
static inline void nlput_data(struct nlput *p, uint16_t type, const void *data, uint16_t len)
{
	const size_t room = NLA_HDRLEN + NLA_ALIGN((size_t)len);
	const struct nlattr a = { .nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + len) };

	if ((size_t)(p->end - p->at) < room) {
		p->full = true;
		p->end = p->at;
		return;
	}
	memset(p->at + room - NLA_ALIGNTO, 0, NLA_ALIGNTO);
	memcpy(p->at, &a, sizeof(a));
	memcpy(p->at + NLA_HDRLEN, data, len);
	p->at += room;
}

static inline void nlput_u8(struct nlput *p, uint16_t type, uint8_t value)
{
	nlput_data(p, type, &value, sizeof(value));
}

static inline void nlput_u16(struct nlput *p, uint16_t type, uint16_t value)
{
	nlput_data(p, type, &value, sizeof(value));
}

static inline void nlput_u32(struct nlput *p, uint16_t type, uint32_t value)
{
	nlput_data(p, type, &value, sizeof(value));
}

/* Begins an attribute that holds those that follow; nlput_nest_end() takes what this returns. */
static inline uint8_t *nlput_nest(struct nlput *p, uint16_t type)
{
	uint8_t *nest = p->at;

	nlput_data(p, NLA_F_NESTED | type, "", 0);
	return nest;
}

static inline void nlput_nest_end(const struct nlput *p, uint8_t *nest)
{
	if (!p->full)
		((struct nlattr *)(void *)nest)->nla_len = (uint16_t)(p->at - nest);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink codecs of the field tables. */
#include "field_nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

int field_nl_put(struct nl_msg *msg, int type, const void *data, size_t len)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	size_t at = NLMSG_ALIGN(h->nlmsg_len), end = at + NLA_HDRLEN + NLA_ALIGN(len);
	struct nlattr *a = (void *)((uint8_t *)h + at);

	if (end > nlmsg_get_max_size(msg))
		return -EMSGSIZE;
	memset((uint8_t *)h + end - NLA_ALIGNTO, 0, NLA_ALIGNTO); /* what pads the last bytes */
	a->nla_type = (uint16_t)type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy((uint8_t *)a + NLA_HDRLEN, data, len);
	h->nlmsg_len = (uint32_t)end;
	return 0;
}

static int put_row(const struct field *f, const void *obj, struct nl_msg *msg)
{
	const char *text = (const char *)obj + f->offset;
	uint8_t u8;

	switch (f->wire) {
	case FIELD_WIRE_NONE:
		return 0;
	case FIELD_WIRE_U8:
		u8 = (uint8_t)field_load(f, obj);
		return field_nl_put(msg, f->nl_attr, &u8, sizeof(u8));
	case FIELD_WIRE_U16:
		return field_nl_put_u16(msg, f->nl_attr, (uint16_t)field_load(f, obj));
	case FIELD_WIRE_BE16:
		return field_nl_put_u16(msg, f->nl_attr, htons((uint16_t)field_load(f, obj)));
	case FIELD_WIRE_U32:
		return field_nl_put_u32(msg, f->nl_attr, field_load(f, obj));
	case FIELD_WIRE_STRING:
		return f->nullable && !*text
			       ? 0
			       : field_nl_put(msg, f->nl_attr, text, strlen(text) + 1);
	}
	return -EINVAL;
}

int field_put(const struct field_table *t, const void *obj, struct nl_msg *msg)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_TYPE_GROUP) {
			if (field_put(f->group, obj, msg) < 0)
				return -EMSGSIZE;
		} else if (f->nl_attr && put_row(f, obj, msg) < 0) {
			return -EMSGSIZE;
		}
	}
	return 0;
}

static int get_row(const struct field *f, struct nlattr *a, void *obj)
{
	static const int sizes[] = {
		[FIELD_WIRE_U8] = 1,
		[FIELD_WIRE_U16] = 2,
		[FIELD_WIRE_BE16] = 2,
		[FIELD_WIRE_U32] = 4,
	};
	int len = nla_len(a);

	if (f->wire != FIELD_WIRE_STRING && len < sizes[f->wire])
		return -EBADMSG;
	switch (f->wire) {
	case FIELD_WIRE_NONE:
		return 0;
	case FIELD_WIRE_U8:
		field_store(f, obj, nla_get_u8(a));
		return 0;
	case FIELD_WIRE_U16:
		field_store(f, obj, nla_get_u16(a));
		return 0;
	case FIELD_WIRE_BE16:
		field_store(f, obj, ntohs(nla_get_u16(a)));
		return 0;
	case FIELD_WIRE_U32:
		field_store(f, obj, nla_get_u32(a));
		return 0;
	case FIELD_WIRE_STRING:
		break;
	}
	len = (int)strnlen(nla_data(a), (size_t)len);
	if ((size_t)len >= f->size)
		return -EBADMSG;
	memset((char *)obj + f->offset, 0, f->size);
	memcpy((char *)obj + f->offset, nla_data(a), (size_t)len);
	return 0;
}

int field_get(const struct field_table *t, struct nlattr *const *tb, int max, void *obj)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_TYPE_GROUP) {
			if (field_get(f->group, tb, max, obj) < 0)
				return -EBADMSG;
		} else if (f->nl_attr && f->nl_attr <= max && tb[f->nl_attr] &&
			   get_row(f, tb[f->nl_attr], obj) < 0) {
			return -EBADMSG;
		}
	}
	return 0;
}

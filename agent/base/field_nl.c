/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink codecs of the field tables. */
#include "field_nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

#include "nlput.h"

static void put_row(const struct field *f, const void *obj, struct nlput *p)
{
	const char *text = (const char *)obj + f->offset;

	switch (f->wire) {
	case FIELD_WIRE_NONE:
		break;
	case FIELD_WIRE_U8:
		nlput_u8(p, f->nl_attr, (uint8_t)field_load(f, obj));
		break;
	case FIELD_WIRE_U16:
		nlput_u16(p, f->nl_attr, (uint16_t)field_load(f, obj));
		break;
	case FIELD_WIRE_BE16:
		nlput_u16(p, f->nl_attr, htons((uint16_t)field_load(f, obj)));
		break;
	case FIELD_WIRE_U32:
		nlput_u32(p, f->nl_attr, field_load(f, obj));
		break;
	case FIELD_WIRE_STRING:
		if (!f->nullable || *text)
			nlput_data(p, f->nl_attr, text, (uint16_t)(strlen(text) + 1));
		break;
	}
}

void field_put(const struct field_table *t, const void *obj, struct nlput *p)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type != FIELD_TYPE_GROUP)
			put_row(f, obj, p);
		else if (!f->absent_on_wire || ((const char *)obj)[f->present])
			field_put(f->group, obj, p);
	}
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random IPVS objects for property tests: any values of the field tables, or valid services and
 * real servers over so few keys that two draws often meet. The same in every run.
 */
#pragma once

#include <netinet/in.h>
#include <string.h>

#include "field.h"
#include "ipvs_fields.h"
#include "ipvs_model.h"

#define RANDOM_SERVICE_KEYS 12
#define RANDOM_DEST_KEYS    6

/* Marsaglia's xorshift. */
static inline uint32_t random_u32(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

static inline uint32_t random_below(uint32_t n)
{
	return random_u32() % n;
}

static inline bool random_one_in(uint32_t n)
{
	return random_below(n) == 0;
}

/* Any value that the row allows; strings are printable. */
static inline void random_row(const struct field *f, void *obj)
{
	char *text = (char *)obj + f->offset;
	size_t len;

	switch (f->type) {
	case FIELD_TYPE_BOOL:
		field_store(f, obj, random_below(f->nullable ? 3 : 2));
		break;
	case FIELD_TYPE_UINT:
		field_store(f, obj, (uint32_t)(f->min + random_u32() % (f->max - f->min + 1)));
		if (f->nullable && random_one_in(3))
			field_store(f, obj, 0);
		break;
	case FIELD_TYPE_ENUM:
		field_store(f, obj, f->names[random_below(f->n_names)].value);
		break;
	case FIELD_TYPE_SET:
		field_store(f, obj, 0);
		for (size_t i = 0; i < f->n_names; i++)
			if (random_below(2))
				field_store(f, obj, field_load(f, obj) | 1u << f->names[i].value);
		break;
	case FIELD_TYPE_STRING:
		memset(text, 0, f->size);
		len = !f->nullable + random_below((uint32_t)f->size - !f->nullable);
		for (size_t i = 0; i < len; i++)
			text[i] = (char)('a' + random_below(26));
		break;
	case FIELD_TYPE_GROUP:
		for (size_t i = 0; i < f->group->n; i++)
			random_row(&f->group->rows[i], obj);
		if (f->nullable && !f->present_is_leaf)
			((char *)obj)[f->present] = (char)random_below(2);
		break;
	}
}

static inline void random_rows(const struct field_table *t, void *obj)
{
	for (size_t i = 0; i < t->n; i++)
		random_row(&t->rows[i], obj);
}

/* Key number i of RANDOM_SERVICE_KEYS: TCP, UDP and marks of both families. */
static inline struct ipvs_service_key random_service_key(unsigned i)
{
	struct ipvs_service_key k = { .address.family = i & 1 ? AF_INET6 : AF_INET };

	if (i % 6 >= 4) {
		k.fwmark = 1 + i;
		return k;
	}
	k.protocol = i & 2 ? IPPROTO_UDP : IPPROTO_TCP;
	k.port = (uint16_t)(80 + i);
	k.address.bytes[0] = i & 1 ? 0x20 : 192;
	k.address.bytes[3] = (uint8_t)(1 + i);
	return k;
}

/* A valid, normalised service with this key. */
static inline void random_service(const struct ipvs_service_key *key, struct ipvs_service *ret)
{
	static const char *const schedulers[] = { "rr", "wrr", "wlc", "sh", "mh" };
	const char *scheduler = schedulers[random_below(5)];
	bool udp = key->fwmark || key->protocol == IPPROTO_UDP;

	ipvs_service_init(key, ret);
	memset(ret->scheduler, 0, sizeof(ret->scheduler));
	memcpy(ret->scheduler, scheduler, strlen(scheduler));
	ret->scheduler_flags = (uint8_t)random_below(8); /* flag-1 to flag-3 */
	ret->one_packet = udp && random_one_in(3);
	ret->persistent = random_one_in(2);
	ret->persistence_timeout = 1 + random_below(1000);
	ret->persistence_prefix =
		(uint8_t)(1 + random_below(key->address.family == AF_INET ? 32 : 128));
	if (udp && random_one_in(2))
		memcpy(ret->persistence_engine, "sip", sizeof("sip"));
	ipvs_service_normalise(ret);
}

/* A valid, normalised real server of s with address number i of RANDOM_DEST_KEYS. */
static inline void random_dest(const struct ipvs_service *s, unsigned i, struct ipvs_dest *ret)
{
	static const uint8_t forwards[] = { IPVS_FORWARD_DR, IPVS_FORWARD_NAT, IPVS_FORWARD_TUN };
	struct ipvs_dest_key key = { .port = s->key.port, .address.family = s->key.address.family };

	key.address.bytes[0] = key.address.family == AF_INET6 ? 0x20 : 10;
	key.address.bytes[3] = (uint8_t)(1 + i);
	ipvs_dest_init(&key, ret);
	ret->weight = random_below(3);
	ret->upper_threshold = random_below(3);
	ret->lower_threshold = random_below(ret->upper_threshold + 1);
	ret->forward = forwards[random_below(3)];
	ret->tunnel_type = (uint8_t)random_below(3);
	ret->tunnel_port = (uint16_t)(1 + random_below(3));
	ret->tunnel_checksum = (uint8_t)random_below(2);
	ipvs_dest_normalise(ret);
}

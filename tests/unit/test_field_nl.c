/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects to netlink and back: the field tables of ipvs alone, then whole requests, then what
 * others may have put into the kernel. */
#include "field_nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "ipvs_fields.h"
#include "ipvs_nlattr.h"
#include "nlput.h"
#include "test.h"
#include "util.h"

#define ROUNDS	 2000
#define ATTR_MAX 31

static void msg_freep(struct nl_msg **msg)
{
	nlmsg_free(*msg);
}

/* Marsaglia's xorshift: the same objects in every run. */
static uint32_t random_u32(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

static uint32_t random_between(int64_t low, int64_t high)
{
	return (uint32_t)(low + random_u32() % (high - low + 1));
}

static void fill_row(const struct field *f, void *obj)
{
	char *text = (char *)obj + f->offset;
	size_t len;

	switch (f->type) {
	case FIELD_TYPE_BOOL:
		field_store(f, obj, random_u32() & 1);
		break;
	case FIELD_TYPE_UINT:
		field_store(f, obj, random_between(f->min, f->max));
		break;
	case FIELD_TYPE_ENUM:
		field_store(f, obj, f->names[random_u32() % f->n_names].value);
		break;
	case FIELD_TYPE_SET:
		field_store(f, obj, random_u32() % (1u << f->n_names));
		break;
	case FIELD_TYPE_STRING:
		memset(text, 0, f->size);
		len = random_between(!f->nullable, (int64_t)f->size - 1);
		for (size_t i = 0; i < len; i++)
			text[i] = (char)random_between('a', 'z');
		break;
	case FIELD_TYPE_GROUP:
		for (size_t i = 0; i < f->group->n; i++)
			fill_row(&f->group->rows[i], obj);
		if (!f->present_is_leaf)
			((char *)obj)[f->present] = (char)(random_u32() & 1);
		for (size_t i = 0; f->absent_on_wire && i < f->group->n; i++)
			if (!((char *)obj)[f->present]) /* as normalised */
				field_store(&f->group->rows[i], obj, 0);
		break;
	}
}

static void fill(const struct field_table *t, void *obj)
{
	for (size_t i = 0; i < t->n; i++)
		fill_row(&t->rows[i], obj);
}

/* Copies the rows that the table does not send. */
static void copy_unsent(const struct field_table *t, void *to, const void *from)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_TYPE_GROUP) {
			((char *)to)[f->present] = ((const char *)from)[f->present];
			copy_unsent(f->group, to, from);
		} else if (!f->nl_attr) {
			field_copy(f, to, from);
		}
	}
}

static int put(const struct field_table *t, const void *obj, struct nl_msg *msg)
{
	struct nlput p = nlput_begin(msg);

	field_put(t, obj, &p);
	return nlput_end(&p, msg);
}

static void check_table(const struct field_table *t, void *obj, void *got, size_t size)
{
	for (int round = 0; round < ROUNDS; round++) {
		_cleanup_(msg_freep) struct nl_msg *msg = nlmsg_alloc_simple(1, 0);
		struct nlattr *tb[ATTR_MAX + 1];

		CHECK(msg);
		memset(obj, 0, size);
		memset(got, 0, size);
		fill(t, obj);
		CHECK_INT(put(t, obj, msg), 0);
		CHECK_INT(nlmsg_parse(nlmsg_hdr(msg), 0, tb, ATTR_MAX, NULL), 0);
		copy_unsent(t, got, obj);
		CHECK_INT(field_get(t, tb, ATTR_MAX, got), 0);
		CHECK_INT(field_diff(t, obj, got), 0);
	}
}

TEST(service_table_put_then_get_is_identity)
{
	struct ipvs_service a, b;

	check_table(&ipvs_service_table, &a, &b, sizeof(a));
}

TEST(dest_table_put_then_get_is_identity)
{
	struct ipvs_dest a, b;

	check_table(&ipvs_dest_table, &a, &b, sizeof(a));
}

TEST(absent_attributes_leave_the_object)
{
	struct nlattr *tb[ATTR_MAX + 1] = { 0 };
	struct ipvs_dest d = { .weight = 7, .upper_threshold = 8, .tunnel_port = 9 }, same = d;

	CHECK_INT(field_get(&ipvs_dest_table, tb, ATTR_MAX, &d), 0);
	CHECK_INT(field_diff(&ipvs_dest_table, &d, &same), 0);
}

TEST(attributes_beyond_max_are_left_out)
{
	struct nlattr *tb[1] = { 0 };
	struct ipvs_dest d = { 0 };

	CHECK_INT(field_get(&ipvs_dest_table, tb, 0, &d), 0);
}

/* Gets an object from a message with one attribute. */
static int get_one(const struct field_table *t, int attr, const void *data, int len, void *obj)
{
	_cleanup_(msg_freep) struct nl_msg *msg = nlmsg_alloc_simple(1, 0);
	struct nlattr *tb[ATTR_MAX + 1];

	CHECK(msg && nla_put(msg, attr, len, data) == 0);
	CHECK_INT(nlmsg_parse(nlmsg_hdr(msg), 0, tb, ATTR_MAX, NULL), 0);
	return field_get(t, tb, ATTR_MAX, obj);
}

TEST(short_and_long_attributes_are_refused)
{
	static const char zeros[32], text[] = "0123456789abcdef";
	struct ipvs_service s = { 0 };
	struct ipvs_dest d = { 0 };
	const struct field_table *dests = &ipvs_dest_table, *services = &ipvs_service_table;

	CHECK_INT(get_one(dests, IPVS_DEST_ATTR_WEIGHT, zeros, 3, &d), -EBADMSG);
	CHECK_INT(get_one(dests, IPVS_DEST_ATTR_TUN_PORT, zeros, 1, &d), -EBADMSG);
	CHECK_INT(get_one(dests, IPVS_DEST_ATTR_TUN_TYPE, zeros, 0, &d), -EBADMSG);
	CHECK_INT(get_one(dests, IPVS_DEST_ATTR_WEIGHT, zeros, 8, &d), 0);
	CHECK_INT(get_one(services, IPVS_SVC_ATTR_SCHED_NAME, text, 16, &s), -EBADMSG);
	CHECK_INT(get_one(services, IPVS_SVC_ATTR_SCHED_NAME, text, 15, &s), 0);
	CHECK_STR(s.scheduler, "0123456789abcde");
	CHECK_INT(get_one(services, IPVS_SVC_ATTR_SCHED_NAME, "rr", 2, &s), 0);
	CHECK_STR(s.scheduler, "rr");
}

TEST(object_that_does_not_fit_the_message)
{
	struct ipvs_dest d = { .weight = 1, .tunnel_type = IPVS_TUNNEL_GRE };

	for (size_t size = NLMSG_HDRLEN; size < NLMSG_HDRLEN + 48; size += 4) {
		_cleanup_(msg_freep) struct nl_msg *msg = nlmsg_alloc_size(size);

		CHECK(msg);
		CHECK_INT(put(&ipvs_dest_table, &d, msg), -EMSGSIZE);
	}
}

/* Whole requests ------------------------------------------------------------------------------- */

static struct nl_msg *new_request(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	CHECK(msg && genlmsg_put(msg, 0, 0, 16, 0, 0, 1, 1));
	return msg;
}

static void random_address(struct inaddr *a)
{
	*a = (struct inaddr){ .family = random_u32() & 1 ? AF_INET : AF_INET6 };
	for (size_t i = 0; i < inaddr_length(a); i++)
		a->bytes[i] = (uint8_t)random_u32();
}

static void random_service(struct ipvs_service *s)
{
	memset(s, 0, sizeof(*s));
	fill(&ipvs_service_table, s);
	random_address(&s->key.address);
	if (random_u32() & 1) {
		s->key.fwmark = random_u32() | 1;
		memset(s->key.address.bytes, 0, sizeof(s->key.address.bytes));
	} else {
		s->key.protocol = (uint8_t)random_u32();
		s->key.port = (uint16_t)random_u32();
	}
	if (s->key.address.family == AF_INET && s->persistence_prefix > 32)
		s->persistence_prefix = 32;
	/* Flags to the kernel's bits and to the names that its bits have. */
	ipvs_nlattr_set_flags(s, ipvs_nlattr_flags(s));
}

TEST(service_request_is_read_back)
{
	for (int round = 0; round < ROUNDS; round++) {
		_cleanup_(msg_freep) struct nl_msg *msg = new_request();
		struct ipvs_service s, got;
		struct ipvs_op op = { .verb = round & 1 ? IPVS_ADD : IPVS_SET, .service = &s };

		random_service(&s);
		CHECK_INT(ipvs_nlattr_put_op(msg, &op), 0);
		CHECK_INT(ipvs_nlattr_get_service(nlmsg_hdr(msg), &got), 0);
		CHECK_INT(ipvs_service_key_compare(&s.key, &got.key), 0);
		CHECK_INT(field_diff(&ipvs_service_table, &s, &got), 0);
	}
}

TEST(staged_service_has_no_scheduler)
{
	for (int silent = 0; silent < 2; silent++) {
		_cleanup_(msg_freep) struct nl_msg *msg = new_request();
		struct ipvs_service s, got;
		struct ipvs_op op = {
			.verb = IPVS_ADD, .staged = true, .silent = silent, .service = &s
		};

		random_service(&s);
		CHECK_INT(ipvs_nlattr_put_op(msg, &op), 0);
		CHECK_INT(ipvs_nlattr_get_service(nlmsg_hdr(msg), &got), 0);
		CHECK_STR(got.scheduler, "none");
		CHECK_INT(got.persistent, silent || s.persistent);
		CHECK_STR(got.persistence_engine, silent ? "sip" : s.persistence_engine);
		ipvs_service_stage(&s, silent);
		CHECK_INT(field_diff(&ipvs_service_table, &s, &got), 0);
	}
}

TEST(dest_request_is_read_back)
{
	static const uint8_t forwards[] = { IPVS_FORWARD_DR, IPVS_FORWARD_NAT, IPVS_FORWARD_TUN };

	for (int round = 0; round < ROUNDS; round++) {
		_cleanup_(msg_freep) struct nl_msg *msg = new_request();
		struct ipvs_observed_dest got;
		struct ipvs_service s;
		struct ipvs_dest d = { 0 };
		struct ipvs_op op = { .verb = IPVS_SET, .service = &s, .dest = &d };

		random_service(&s);
		fill(&ipvs_dest_table, &d);
		random_address(&d.key.address);
		d.key.port = (uint16_t)random_u32();
		d.forward = forwards[random_u32() % ARRAY_SIZE(forwards)];
		ipvs_dest_normalise(&d);
		CHECK_INT(ipvs_nlattr_put_op(msg, &op), 0);
		CHECK_INT(ipvs_nlattr_get_dest(nlmsg_hdr(msg), &s.key, &got), 0);
		CHECK_INT(ipvs_dest_key_compare(&d.key, &got.dest.key), 0);
		CHECK_INT(field_diff(&ipvs_dest_table, &d, &got.dest), 0);
		CHECK_INT(got.counts.active, 0);
	}
}

TEST(what_the_kernel_has_no_form_for_is_refused)
{
	_cleanup_(msg_freep) struct nl_msg *msg = new_request();
	struct ipvs_service s = { .key.address.family = AF_INET, .persistent = true };
	struct ipvs_dest d = { .forward = IPVS_FORWARD_FULLNAT };
	struct ipvs_op op = { .verb = IPVS_ADD, .service = &s };

	s.persistence_prefix = 33;
	CHECK_INT(ipvs_nlattr_put_op(msg, &op), -EINVAL);
	op.dest = &d;
	CHECK_INT(ipvs_nlattr_put_op(msg, &op), -EINVAL);
	d.forward = IPVS_FORWARD_OTHER;
	CHECK_INT(ipvs_nlattr_put_op(msg, &op), -EINVAL);
	op.verb = IPVS_DELETE;
	CHECK_INT(ipvs_nlattr_put_op(msg, &op), 0);
}

/* What others made ----------------------------------------------------------------------------- */

static int foreign_dest(uint32_t method, uint8_t type, uint16_t flags, struct ipvs_dest *ret)
{
	static const uint8_t address[16] = { 10, 0, 0, 1, 99, 99 };
	static const struct ipvs_service_key key = { .address.family = AF_INET };
	_cleanup_(msg_freep) struct nl_msg *msg = new_request();
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_DEST);
	struct ipvs_observed_dest o = { 0 };
	int r;

	CHECK(nest);
	CHECK(nla_put(msg, IPVS_DEST_ATTR_ADDR, sizeof(address), address) == 0);
	CHECK(nla_put_u16(msg, IPVS_DEST_ATTR_PORT, htons(80)) == 0);
	CHECK(nla_put_u32(msg, IPVS_DEST_ATTR_FWD_METHOD, method) == 0);
	CHECK(nla_put_u8(msg, IPVS_DEST_ATTR_TUN_TYPE, type) == 0);
	CHECK(nla_put_u16(msg, IPVS_DEST_ATTR_TUN_FLAGS, flags) == 0);
	CHECK(nla_put_u32(msg, IPVS_DEST_ATTR_ACTIVE_CONNS, 5) == 0);
	nla_nest_end(msg, nest);
	r = ipvs_nlattr_get_dest(nlmsg_hdr(msg), &key, &o);
	CHECK(r < 0 || o.counts.active == 5);
	CHECK(r < 0 || (o.dest.key.port == 80 && o.dest.key.address.bytes[4] == 0));
	*ret = o.dest;
	return r;
}

TEST(foreign_methods_have_a_name)
{
	static const struct {
		uint32_t method;
		uint8_t type;
		uint16_t flags;
		uint8_t forward;
	} cases[] = {
		{ 0, 0, 0, IPVS_FORWARD_NAT },
		{ 1, 0, 0, IPVS_FORWARD_LOCAL },
		{ 2, 0, 0, IPVS_FORWARD_TUN },
		{ 3, 0, 0, IPVS_FORWARD_DR },
		{ 4, 0, 0, IPVS_FORWARD_OTHER },
		{ 7, 0, 0, IPVS_FORWARD_OTHER },
		{ 0x103, 0, 0, IPVS_FORWARD_DR },
		{ 2, 9, 0, IPVS_FORWARD_OTHER },
		{ 2, 1, 3, IPVS_FORWARD_OTHER },
		{ 2, 1, 0x100, IPVS_FORWARD_OTHER },
		{ 3, 9, 0x103, IPVS_FORWARD_DR },
		{ 2, 2, 1, IPVS_FORWARD_TUN },
		{ 0xffffffff, 255, 0xffff, IPVS_FORWARD_OTHER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvs_dest d;

		CHECK_INT(foreign_dest(cases[i].method, cases[i].type, cases[i].flags, &d), 0);
		CHECK_INT(d.forward, cases[i].forward);
		CHECK(d.forward == IPVS_FORWARD_TUN || d.tunnel_type == IPVS_TUNNEL_IPIP);
	}
}

static int foreign_service(uint16_t family, uint16_t protocol, uint32_t netmask,
			   struct ipvs_service *ret)
{
	static const struct ip_vs_flags flags = { .flags = ~0u, .mask = ~0u };
	static const uint8_t address[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	_cleanup_(msg_freep) struct nl_msg *msg = new_request();
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);

	CHECK(nest);
	CHECK(nla_put_u16(msg, IPVS_SVC_ATTR_AF, family) == 0);
	CHECK(nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, protocol) == 0);
	CHECK(nla_put(msg, IPVS_SVC_ATTR_ADDR, sizeof(address), address) == 0);
	CHECK(nla_put(msg, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags) == 0);
	CHECK(nla_put_u32(msg, IPVS_SVC_ATTR_NETMASK, netmask) == 0);
	nla_nest_end(msg, nest);
	return ipvs_nlattr_get_service(nlmsg_hdr(msg), ret);
}

TEST(foreign_services_are_readable)
{
	struct ipvs_service s;

	CHECK_INT(foreign_service(AF_INET, 47, htonl(0xff00ff00), &s), 0);
	CHECK_INT(s.key.protocol, 47);
	CHECK_INT(s.persistence_prefix, 0);
	CHECK_STR(s.scheduler, "none");
	CHECK_INT(s.scheduler_flags, 1 << IPVS_FLAG_1 | 1 << IPVS_FLAG_2 | 1 << IPVS_FLAG_3);
	CHECK_INT(foreign_service(AF_INET, 0x100 + IPPROTO_TCP, 0, &s), 0);
	CHECK(s.key.protocol != IPPROTO_TCP);
	CHECK_INT(foreign_service(AF_INET6, IPPROTO_TCP, 0xffffffff, &s), 0);
	CHECK_INT(s.persistence_prefix, 0);
	CHECK_INT(foreign_service(7, IPPROTO_TCP, 0, &s), -EBADMSG);
}

TEST(netmasks_become_prefixes)
{
	struct ipvs_service s;

	for (unsigned prefix = 0; prefix <= 32; prefix++) {
		uint32_t mask = prefix ? UINT32_MAX << (32 - prefix) : 0;

		CHECK_INT(foreign_service(AF_INET, IPPROTO_TCP, htonl(mask), &s), 0);
		CHECK_INT(s.persistence_prefix, prefix);
	}
	for (unsigned prefix = 1; prefix <= 128; prefix++) {
		CHECK_INT(foreign_service(AF_INET6, IPPROTO_TCP, prefix, &s), 0);
		CHECK_INT(s.persistence_prefix, prefix);
	}
}

TEST(messages_without_their_object_are_refused)
{
	_cleanup_(msg_freep) struct nl_msg *msg = new_request();
	static const struct ipvs_service_key key = { .address.family = AF_INET };
	struct ipvs_observed_dest d;
	struct ipvs_service s;

	CHECK_INT(ipvs_nlattr_get_service(nlmsg_hdr(msg), &s), -EBADMSG);
	CHECK_INT(ipvs_nlattr_get_dest(nlmsg_hdr(msg), &key, &d), -EBADMSG);
	CHECK_INT(ipvs_nlattr_put_key(msg, &key), 0); /* a key only: no flags */
	CHECK_INT(ipvs_nlattr_get_service(nlmsg_hdr(msg), &s), -EBADMSG);
}

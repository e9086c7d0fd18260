/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what the tap takes for a write of somebody else: the parser, and the filter beside it.
 */
#include "ipvs_tap_wire.h"

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "bpf_run.h"
#include "ipvs_nlattr.h"
#include "test.h"
#include "util.h"

#define OURS   77 /* our port id */
#define THEIRS 78
#define FAMILY 30
#define OTHER  31 /* another family */

static const struct ipvs_identity us = { .family = FAMILY, .port = OURS };

/* A send: messages one behind the other. */
struct sent {
	_Alignas(struct nlmsghdr) uint8_t bytes[4096];
	size_t len;
};

/* What the sink was told. */
struct told {
	char text[512]; /* ids, each with a blank behind it */
	unsigned all;
};

static void told_service(void *arg, const struct ipvs_service_key *key)
{
	struct told *t = arg;
	char id[IPVS_SERVICE_ID_MAX];
	size_t len = strlen(t->text);

	(void)snprintf(t->text + len, sizeof(t->text) - len, "%s ",
		       ipvs_service_key_format(key, id));
}

static void told_all(void *arg)
{
	((struct told *)arg)->all++;
}

static struct ipvs_service service_of(const char *id)
{
	struct ipvs_service_key key;
	struct ipvs_service s;
	const char *why;

	CHECK_INT(ipvs_service_key_parse(id, strlen(id), &key, &why), 0);
	ipvs_service_init(&key, &s);
	return s;
}

static void append(struct sent *s, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	CHECK(s->len + NLMSG_ALIGN(h->nlmsg_len) <= sizeof(s->bytes));
	memcpy(s->bytes + s->len, h, h->nlmsg_len);
	s->len += NLMSG_ALIGN(h->nlmsg_len);
	nlmsg_free(msg);
}

/* A message of THEIRS that names a service (NULL: none). */
static void add(struct sent *s, uint8_t cmd, const char *id)
{
	struct nl_msg *msg = nlmsg_alloc();

	CHECK(msg && genlmsg_put(msg, THEIRS, 1, FAMILY, 0, NLM_F_REQUEST | NLM_F_ACK, cmd, 1));
	if (id) {
		const struct ipvs_service service = service_of(id);

		CHECK_INT(ipvs_nlattr_put_key(msg, &service.key), 0);
	}
	append(s, msg);
}

/* The header of the first message. */
static struct nlmsghdr *first(struct sent *s)
{
	return (void *)s->bytes;
}

static bool passes_by(const struct sent *s, uint32_t protocol)
{
	struct sock_filter code[IPVS_TAP_FILTER_MAX];
	size_t n = ipvs_tap_filter(&us, code);
	int64_t r = bpf_run(code, n, protocol, s->bytes, s->len);

	CHECK(n <= IPVS_TAP_FILTER_MAX && r >= 0);
	CHECK(r == 0 || r > IPVS_TAP_PACKET_MAX); /* and then nothing that is parsed is cut off */
	return r != 0;
}

static bool passes(const struct sent *s)
{
	return passes_by(s, NETLINK_GENERIC);
}

static struct told parse(const struct sent *s)
{
	struct told t = { 0 };
	const struct ipvs_tap_sink sink = { told_service, told_all, &t };

	ipvs_tap_parse(s->bytes, s->len, &us, &sink);
	return t;
}

static const uint8_t writes[] = {
	IPVS_CMD_NEW_SERVICE, IPVS_CMD_SET_SERVICE, IPVS_CMD_DEL_SERVICE,
	IPVS_CMD_NEW_DEST,    IPVS_CMD_SET_DEST,    IPVS_CMD_DEL_DEST,
};

static bool is_write(uint8_t cmd)
{
	return memchr(writes, cmd, sizeof(writes)) != NULL;
}

TEST(every_write_names_its_service)
{
	static const char *const ids[] = { "tcp:192.0.2.1:80", "udp:[2001:db8::1]:53",
					   "sctp:192.0.2.1:0", "fwm:7", "fwm6:7" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		for (size_t j = 0; j < ARRAY_SIZE(writes); j++) {
			struct sent s = { 0 };
			char want[64];

			add(&s, writes[j], ids[i]);
			(void)snprintf(want, sizeof(want), "%s ", ids[i]);
			CHECK(passes(&s));
			CHECK_STR(parse(&s).text, want);
			CHECK_INT(parse(&s).all, 0);
		}
}

TEST(whole_objects_are_read_like_keys)
{
	const struct ipvs_service service = service_of("tcp:192.0.2.1:80");
	struct ipvs_dest dest = { .key = { .port = 80, .address = { .family = AF_INET } } };
	const struct ipvs_op ops[] = { { IPVS_ADD, true, &service, NULL, 0 },
				       { IPVS_SET, false, &service, &dest, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		struct nl_msg *msg = nlmsg_alloc();
		struct sent s = { 0 };

		CHECK(msg && genlmsg_put(msg, THEIRS, 1, FAMILY, 0, NLM_F_REQUEST,
					 i ? IPVS_CMD_SET_DEST : IPVS_CMD_NEW_SERVICE, 1));
		CHECK_INT(ipvs_nlattr_put_op(msg, &ops[i]), 0);
		append(&s, msg);
		CHECK(passes(&s));
		CHECK_STR(parse(&s).text, "tcp:192.0.2.1:80 ");
	}
}

TEST(reads_and_what_lvsd_has_no_part_in_are_nothing)
{
	for (unsigned cmd = 0; cmd < 256; cmd++) {
		struct sent s = { 0 };

		add(&s, (uint8_t)cmd, "tcp:192.0.2.1:80");
		if (is_write((uint8_t)cmd) || cmd == IPVS_CMD_FLUSH)
			continue;
		CHECK(!passes(&s));
		CHECK_STR(parse(&s).text, "");
		CHECK_INT(parse(&s).all, 0);
	}
}

TEST(a_flush_is_all)
{
	struct sent s = { 0 };

	add(&s, IPVS_CMD_FLUSH, NULL);
	CHECK(passes(&s));
	CHECK_INT(parse(&s).all, 1);
	CHECK_STR(parse(&s).text, "");
}

TEST(our_own_requests_replies_and_other_families_are_nothing)
{
	for (int i = 0; i < 4; i++) {
		struct sent s = { 0 };

		add(&s, IPVS_CMD_SET_SERVICE, "tcp:192.0.2.1:80");
		CHECK(passes(&s));
		switch (i) {
		case 0:
			first(&s)->nlmsg_pid = OURS;
			break;
		case 1:
			first(&s)->nlmsg_flags = 0; /* the kernel's answers have the same form */
			break;
		case 2:
			first(&s)->nlmsg_type = OTHER;
			break;
		case 3: /* rtnetlink has no families, and types of the same numbers */
			CHECK(!passes_by(&s, NETLINK_ROUTE));
			continue;
		}
		CHECK(!passes(&s));
		CHECK_STR(parse(&s).text, "");
		CHECK_INT(parse(&s).all, 0);
	}
}

TEST(all_requests_of_a_send_are_looked_at)
{
	struct sent s = { 0 };

	add(&s, IPVS_CMD_GET_SERVICE, "tcp:192.0.2.9:80");
	add(&s, IPVS_CMD_SET_DEST, "tcp:192.0.2.1:80");
	add(&s, IPVS_CMD_SET_DEST, "tcp:192.0.2.1:80"); /* the same again */
	add(&s, IPVS_CMD_NEW_SERVICE, "tcp:192.0.2.2:80");
	add(&s, IPVS_CMD_SET_DEST, "tcp:192.0.2.1:80");
	CHECK(passes(&s));
	CHECK_STR(parse(&s).text, "tcp:192.0.2.1:80 tcp:192.0.2.2:80 tcp:192.0.2.1:80 ");
	first(&s)->nlmsg_type = OTHER; /* a send may begin with another family */
	CHECK(passes(&s));
	CHECK_STR(parse(&s).text, "tcp:192.0.2.1:80 tcp:192.0.2.2:80 tcp:192.0.2.1:80 ");
}

TEST(a_long_read_is_one_message)
{
	static const size_t lengths[] = { 100, 300, 600, 1030, 3000 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct sent s = { 0 };

		add(&s, IPVS_CMD_GET_SERVICE, "tcp:192.0.2.1:80");
		s.len = lengths[i];
		first(&s)->nlmsg_len = (uint32_t)s.len;
		CHECK(!passes(&s));
		s.len++;
		CHECK(passes(&s));
	}
}

TEST(what_cannot_be_read_is_all_and_said_once)
{
	struct sent s = { 0 };

	add(&s, IPVS_CMD_SET_SERVICE, NULL);
	add(&s, IPVS_CMD_DEL_SERVICE, NULL);
	add(&s, IPVS_CMD_SET_SERVICE, "tcp:192.0.2.1:80");
	CHECK(passes(&s));
	CHECK_INT(parse(&s).all, 1);
	CHECK_STR(parse(&s).text, "tcp:192.0.2.1:80 ");
}

TEST(lengths_that_lie_end_the_packet)
{
	static const uint32_t lengths[] = { 0, 15, 16, 19, 4000, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct sent s = { 0 };

		add(&s, IPVS_CMD_SET_SERVICE, "tcp:192.0.2.1:80");
		first(&s)->nlmsg_len = lengths[i];
		CHECK_STR(parse(&s).text, "");
	}
}

TEST(a_packet_that_is_cut_is_not_read_beyond_its_end)
{
	struct sent s = { 0 };
	size_t whole;

	add(&s, IPVS_CMD_SET_DEST, "tcp:192.0.2.1:80");
	add(&s, IPVS_CMD_SET_DEST, "tcp:192.0.2.2:80");
	whole = s.len;
	for (s.len = 0; s.len < whole; s.len++) {
		_cleanup_(freep) uint8_t *copy = malloc(s.len + 1); /* exact, for the sanitizer */
		struct told t = { 0 };
		const struct ipvs_tap_sink sink = { told_service, told_all, &t };

		CHECK(copy);
		memcpy(copy, s.bytes, s.len);
		ipvs_tap_parse(copy, s.len, &us, &sink);
		CHECK(!strstr(t.text, "192.0.2.2"));
		CHECK(passes(&s) || t.text[0] == '\0');
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nlsock against what every kernel has: the generic netlink controller "nlctrl", and the links of
 * rtnetlink. It reads only, and needs no privilege. */
#include "nlsock.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "test.h"
#include "util.h"

DEFINE_FREEP(struct nlsock, nlsock_close)

#define CONTROLLER "nlctrl"
#define VERSION	   2
#define BATCH	   256

struct seen {
	unsigned messages;
	bool controller;
	int answer; /* of the callback */
};

static int see_family(const struct nlmsghdr *reply, void *arg)
{
	struct nlattr *head = nlmsg_attrdata(reply, GENL_HDRLEN);
	int len = nlmsg_attrlen(reply, GENL_HDRLEN);
	struct nlattr *name = nla_find(head, len, CTRL_ATTR_FAMILY_NAME);
	struct nlattr *id = nla_find(head, len, CTRL_ATTR_FAMILY_ID);
	struct seen *seen = arg;

	seen->messages++;
	if (name && id && strcmp(nla_get_string(name), CONTROLLER) == 0)
		seen->controller = nla_get_u16(id) == GENL_ID_CTRL;
	return seen->answer;
}

static struct nlsock *open_controller(void)
{
	struct nlsock *s = NULL;

	CHECK_INT(nlsock_open_genl(CONTROLLER, VERSION, &s), 0);
	return s;
}

/* A request about the family of this name (NULL: of none). */
static struct nl_msg *ask(struct nlsock *s, uint8_t cmd, const char *name)
{
	struct nl_msg *msg = NULL;

	CHECK_INT(nlsock_request(s, cmd, &msg), 0);
	if (name)
		CHECK_INT(nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, name), 0);
	return msg;
}

static bool add(struct nlsock *s, uint8_t cmd, const char *name)
{
	bool full = false;

	CHECK_INT(nlsock_batch_add(s, ask(s, cmd, name), &full), 0);
	return full;
}

TEST(query_gives_the_reply)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	struct seen seen = { 0 };

	for (unsigned i = 1; i <= 3; i++) {
		struct nl_msg *msg = ask(s, CTRL_CMD_GETFAMILY, CONTROLLER);

		CHECK_INT(nlsock_query(s, msg, see_family, &seen), 0);
		CHECK_INT(seen.messages, i);
	}
	CHECK(seen.controller);
	CHECK_INT(nlsock_query(s, ask(s, CTRL_CMD_GETFAMILY, CONTROLLER), NULL, NULL), 0);
}

TEST(query_gives_the_kernels_errno)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	struct seen seen = { 0 };

	CHECK_INT(nlsock_query(s, ask(s, CTRL_CMD_GETFAMILY, "no-such"), see_family, &seen),
		  -ENOENT);
	CHECK_INT(nlsock_query(s, ask(s, CTRL_CMD_GETFAMILY, NULL), see_family, &seen), -EINVAL);
	CHECK_INT(nlsock_query(s, ask(s, 99, NULL), see_family, &seen), -EOPNOTSUPP);
	CHECK_INT(seen.messages, 0);
}

TEST(query_gives_the_callbacks_error)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	struct seen seen = { .answer = -EBADMSG };

	CHECK_INT(nlsock_query(s, ask(s, CTRL_CMD_GETFAMILY, CONTROLLER), see_family, &seen),
		  -EBADMSG);
	CHECK_INT(seen.messages, 1);
}

TEST(dump_gives_all_and_ends)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();

	for (int i = 0; i < 3; i++) {
		struct seen seen = { 0 };

		CHECK_INT(nlsock_dump(s, ask(s, CTRL_CMD_GETFAMILY, NULL), see_family, &seen), 0);
		CHECK(seen.messages >= 1);
		CHECK(seen.controller);
	}
}

TEST(dump_ended_by_the_callback_leaves_the_socket_usable)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	struct seen seen = { .answer = -ENOMEM };

	CHECK_INT(nlsock_dump(s, ask(s, CTRL_CMD_GETFAMILY, NULL), see_family, &seen), -ENOMEM);
	CHECK_INT(seen.messages, 1);
	seen.answer = 0;
	CHECK_INT(nlsock_dump(s, ask(s, CTRL_CMD_GETFAMILY, NULL), see_family, &seen), 0);
}

TEST(dump_of_what_has_none_is_an_error)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();

	CHECK_INT(nlsock_dump(s, ask(s, 99, NULL), NULL, NULL), -EOPNOTSUPP);
}

TEST(dump_piece_by_piece_gives_the_same)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	struct seen whole = { 0 };

	CHECK_INT(nlsock_dump(s, ask(s, CTRL_CMD_GETFAMILY, NULL), see_family, &whole), 0);
	for (int i = 0; i < 3; i++) {
		struct seen seen = { 0 };
		unsigned pieces = 0;
		int r;

		CHECK_INT(nlsock_dump_begin(s, ask(s, CTRL_CMD_GETFAMILY, NULL)), 0);
		while ((r = nlsock_dump_next(s, see_family, &seen)) > 0)
			CHECK(++pieces < 1000);
		CHECK_INT(r, 0);
		CHECK_INT(seen.messages, whole.messages);
		CHECK(seen.controller);
	}
}

TEST(dump_piece_by_piece_of_what_has_none_is_an_error)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();

	CHECK_INT(nlsock_dump_begin(s, ask(s, 99, NULL)), 0);
	CHECK_INT(nlsock_dump_next(s, NULL, NULL), -EOPNOTSUPP);
}

TEST(dump_that_was_given_up_does_not_disturb_what_follows)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	struct seen seen = { .answer = -ENOMEM };
	int results[1] = { 1 };

	CHECK_INT(nlsock_dump_begin(s, ask(s, CTRL_CMD_GETFAMILY, NULL)), 0);
	CHECK_INT(nlsock_query(s, ask(s, CTRL_CMD_GETFAMILY, "no-such"), NULL, NULL), -ENOENT);
	CHECK_INT(nlsock_dump_begin(s, ask(s, CTRL_CMD_GETFAMILY, NULL)), 0);
	CHECK_INT(nlsock_dump_next(s, see_family, &seen), -ENOMEM);
	CHECK_INT(seen.messages, 1);
	add(s, CTRL_CMD_GETFAMILY, CONTROLLER);
	CHECK_INT(nlsock_batch_flush(s, results, 1), 0);
	CHECK_INT(results[0], 0);
	seen.answer = 0;
	CHECK_INT(nlsock_dump(s, ask(s, CTRL_CMD_GETFAMILY, NULL), see_family, &seen), 0);
}

TEST(batch_tells_each_result_in_order)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	static const int expected[] = { 0, -ENOENT, 0, -EINVAL, -EOPNOTSUPP, 0, -ENOENT };
	int results[ARRAY_SIZE(expected)];

	for (int round = 0; round < 3; round++) {
		memset(results, 0x55, sizeof(results));
		add(s, CTRL_CMD_GETFAMILY, CONTROLLER);
		add(s, CTRL_CMD_GETFAMILY, "no-such");
		add(s, CTRL_CMD_GETFAMILY, CONTROLLER);
		add(s, CTRL_CMD_GETFAMILY, NULL);
		add(s, 99, NULL);
		add(s, CTRL_CMD_GETFAMILY, CONTROLLER);
		add(s, CTRL_CMD_GETFAMILY, "no-such");
		CHECK_INT(nlsock_batch_flush(s, results, ARRAY_SIZE(results)), 0);
		for (size_t i = 0; i < ARRAY_SIZE(results); i++)
			CHECK_INT(results[i], expected[i]);
	}
}

TEST(batch_of_enoent_is_believed_when_the_family_is_there)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	int results[2] = { 0 };

	add(s, CTRL_CMD_GETFAMILY, "no-such");
	add(s, CTRL_CMD_GETFAMILY, "none-such");
	CHECK_INT(nlsock_batch_flush(s, results, 2), 0);
	CHECK_INT(results[0], -ENOENT);
	CHECK_INT(results[1], -ENOENT);
}

TEST(full_batch_of_failures_is_answered)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	int results[BATCH];
	struct nl_msg *msg;
	bool full;

	for (unsigned i = 0; i < BATCH; i++)
		CHECK_INT(add(s, 99, NULL), i == BATCH - 1);
	msg = ask(s, 99, NULL);
	CHECK_INT(nlsock_batch_add(s, msg, &full), -EMSGSIZE);
	CHECK_INT(nlsock_batch_flush(s, results, BATCH), 0);
	for (unsigned i = 0; i < BATCH; i++)
		CHECK_INT(results[i], -EOPNOTSUPP);
}

TEST(batch_is_full_by_size_before_a_message_does_not_fit)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	static const char filler[3000];
	int results[BATCH];
	bool full = false;
	unsigned n = 0;

	while (!full) {
		struct nl_msg *msg = ask(s, 99, NULL);

		CHECK_INT(nla_put(msg, 1, sizeof(filler), filler), 0);
		CHECK_INT(nlsock_batch_add(s, msg, &full), 0);
		n++;
	}
	CHECK(n > 16 && n < 22);
	CHECK_INT(nlsock_batch_flush(s, results, n), 0);
	for (unsigned i = 0; i < n; i++)
		CHECK_INT(results[i], -EOPNOTSUPP);
}

TEST(query_between_two_additions_does_not_disturb_the_batch)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();
	struct seen seen = { 0 };
	int results[2] = { 1, 1 };

	add(s, 99, NULL);
	CHECK_INT(nlsock_query(s, ask(s, CTRL_CMD_GETFAMILY, CONTROLLER), see_family, &seen), 0);
	add(s, CTRL_CMD_GETFAMILY, CONTROLLER);
	CHECK_INT(nlsock_batch_flush(s, results, 2), 0);
	CHECK_INT(results[0], -EOPNOTSUPP);
	CHECK_INT(results[1], 0);
}

TEST(empty_batch_is_nothing)
{
	_cleanup_(nlsock_closep) struct nlsock *s = open_controller();

	CHECK_INT(nlsock_batch_flush(s, NULL, 0), 0);
}

TEST(unknown_family)
{
	_cleanup_(nlsock_closep) struct nlsock *s = NULL;
	struct nl_msg *msg = NULL;

	CHECK_INT(nlsock_open_genl("no-such-family", 1, &s), 0);
	CHECK_INT(nlsock_request(s, 1, &msg), -ENOENT);
	CHECK_INT(nlsock_request(s, 1, &msg), -ENOENT);
	CHECK(!msg);
}

TEST(family_name_too_long)
{
	struct nlsock *s = NULL;

	CHECK_INT(nlsock_open_genl("a-name-of-16-bytes", 1, &s), -EINVAL);
	CHECK(!s);
	nlsock_close(NULL);
}

static struct nl_msg *ask_link(struct nlsock *s, uint16_t flags, int index)
{
	const struct ifinfomsg header = { .ifi_index = index };
	struct nl_msg *msg = NULL;

	CHECK_INT(nlsock_message(s, RTM_GETLINK, flags, &header, sizeof(header), &msg), 0);
	return msg;
}

static int see_link(const struct nlmsghdr *reply, void *arg)
{
	const struct ifinfomsg *header = nlmsg_data(reply);
	struct seen *seen = arg;

	seen->messages++;
	seen->controller |= reply->nlmsg_type == RTM_NEWLINK && header->ifi_index == 1;
	return seen->answer;
}

/* The links of this machine; others may make some meanwhile, and the dump is then told to be odd.
 */
static void list_links(struct nlsock *s, bool as_query, struct seen *ret)
{
	int r = -EAGAIN;

	for (int i = 0; i < 100 && r == -EAGAIN; i++) {
		*ret = (struct seen){ 0 };
		r = as_query ? nlsock_query(s, ask_link(s, NLM_F_DUMP, 0), see_link, ret)
			     : nlsock_dump(s, ask_link(s, 0, 0), see_link, ret);
	}
	CHECK_INT(r, 0);
}

TEST(other_protocols_have_queries_and_dumps)
{
	_cleanup_(nlsock_closep) struct nlsock *s = NULL;
	struct seen one = { 0 }, all = { 0 }, none = { 0 };

	CHECK_INT(nlsock_open(NETLINK_ROUTE, &s), 0);
	CHECK_INT(nlsock_query(s, ask_link(s, 0, 1), see_link, &one), 0);
	CHECK(one.messages == 1 && one.controller);
	list_links(s, false, &all);
	CHECK(all.messages >= 1 && all.controller);
	CHECK_INT(nlsock_query(s, ask_link(s, 0, 1 << 30), see_link, &none), -ENODEV);
	CHECK_INT(none.messages, 0);
}

TEST(flags_of_a_message_are_kept)
{
	_cleanup_(nlsock_closep) struct nlsock *s = NULL;
	struct seen none = { 0 }, asked = { 0 };

	CHECK_INT(nlsock_open(NETLINK_ROUTE, &s), 0);
	CHECK(nlsock_query(s, ask_link(s, 0, 0), see_link, &none) < 0); /* of no link */
	list_links(s, true, &asked);
	CHECK(asked.messages >= 1 && asked.controller);
}

TEST(batch_of_another_protocol)
{
	_cleanup_(nlsock_closep) struct nlsock *s = NULL;
	int results[3] = { 1, 1, 1 };
	bool full;

	CHECK_INT(nlsock_open(NETLINK_ROUTE, &s), 0);
	CHECK_INT(nlsock_batch_add(s, ask_link(s, 0, 1), &full), 0);
	CHECK_INT(nlsock_batch_add(s, ask_link(s, 0, 1 << 30), &full), 0);
	CHECK_INT(nlsock_batch_add(s, ask_link(s, 0, 1), &full), 0);
	CHECK_INT(nlsock_batch_flush(s, results, 3), 0);
	CHECK_INT(results[0], 0);
	CHECK_INT(results[1], -ENODEV);
	CHECK_INT(results[2], 0);
}

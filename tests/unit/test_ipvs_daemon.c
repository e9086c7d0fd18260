/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sync daemons as attributes, there and back; and the fake kernel's daemons. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "ipvs_daemon.h"
#include "test.h"
#include "util.h"

static struct ipvs_daemon daemon_of(enum ipvs_daemon_role role, const char *group)
{
	struct ipvs_daemon d = { .role = (uint8_t)role,
				 .ttl = 3,
				 .port = 9000,
				 .sync_id = 7,
				 .max_length = 1400,
				 .interface = "eth0" };

	CHECK_INT(inaddr_parse(group, strlen(group), &d.group), 0);
	return d;
}

static struct nl_msg *message(void)
{
	struct nl_msg *msg = nlmsg_alloc_simple(0x20, 0);
	const struct genlmsghdr header = { .cmd = IPVS_CMD_NEW_DAEMON };

	CHECK(msg);
	CHECK_INT(nlmsg_append(msg, (void *)(uintptr_t)&header, sizeof(header), NLMSG_ALIGNTO), 0);
	return msg;
}

/* The attribute of this type in the daemon's nest. */
static const struct nlattr *nested(struct nl_msg *msg, int type)
{
	struct nlattr *nest =
		nla_find(nlmsg_attrdata(nlmsg_hdr(msg), GENL_HDRLEN),
			 nlmsg_attrlen(nlmsg_hdr(msg), GENL_HDRLEN), IPVS_CMD_ATTR_DAEMON);

	CHECK(nest);
	return nla_find(nla_data(nest), nla_len(nest), type);
}

TEST(all_options_travel_both_ways)
{
	static const char *const groups[] = { "224.0.0.81", "ff02::7" };

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		const struct ipvs_daemon d = daemon_of(IPVS_DAEMON_BACKUP, groups[i]);
		struct nl_msg *msg = message();
		struct ipvs_daemon back;

		CHECK_INT(ipvs_daemon_put(msg, &d), 0);
		CHECK_INT(ipvs_daemon_get(nlmsg_hdr(msg), &back), 0);
		CHECK_INT(back.role, d.role);
		CHECK_INT(back.ttl, 3);
		CHECK_INT(back.port, 9000);
		CHECK_INT(back.sync_id, 7);
		CHECK_INT(back.max_length, 1400);
		CHECK_STR(back.interface, "eth0");
		CHECK_INT(inaddr_compare(&back.group, &d.group), 0);
		nlmsg_free(msg);
	}
}

/* As ip_vs_ctl.c parses them: the port in host order, the group in network order. */
TEST(the_bytes_are_those_that_the_kernel_reads)
{
	struct ipvs_daemon d = daemon_of(IPVS_DAEMON_MASTER, "224.0.0.81");
	struct nl_msg *msg = message();

	d.max_length = 0;
	CHECK_INT(ipvs_daemon_put(msg, &d), 0);
	CHECK_INT(nla_get_u32(nested(msg, IPVS_DAEMON_ATTR_STATE)), IP_VS_STATE_MASTER);
	CHECK_INT(nla_get_u16(nested(msg, IPVS_DAEMON_ATTR_MCAST_PORT)), 9000);
	CHECK_INT(nla_get_u32(nested(msg, IPVS_DAEMON_ATTR_MCAST_GROUP)), htonl(0xe0000051));
	CHECK(!nested(msg, IPVS_DAEMON_ATTR_MCAST_GROUP6));
	CHECK(!nested(msg, IPVS_DAEMON_ATTR_SYNC_MAXLEN)); /* the kernel's choice */
	nlmsg_free(msg);
}

TEST(what_an_old_kernel_does_not_say_is_what_it_does)
{
	struct nl_msg *msg = message();
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_DAEMON);
	struct ipvs_daemon d;
	char group[INADDR_TEXT_MAX];

	CHECK_INT(nla_put_u32(msg, IPVS_DAEMON_ATTR_STATE, IP_VS_STATE_BACKUP), 0);
	CHECK_INT(nla_put_string(msg, IPVS_DAEMON_ATTR_MCAST_IFN, "eth1"), 0);
	CHECK_INT(nla_put_u32(msg, IPVS_DAEMON_ATTR_SYNC_ID, 300), 0);
	(void)nla_nest_end(msg, nest);
	CHECK_INT(ipvs_daemon_get(nlmsg_hdr(msg), &d), 0);
	CHECK_STR(inaddr_format(&d.group, group), "224.0.0.81");
	CHECK_INT(d.port, 8848);
	CHECK_INT(d.ttl, 1);
	CHECK_INT(d.sync_id, 300);
	nlmsg_free(msg);
}

TEST(nonsense_is_no_daemon)
{
	for (int left_out = IPVS_DAEMON_ATTR_STATE; left_out <= IPVS_DAEMON_ATTR_SYNC_ID + 2;
	     left_out++) {
		struct nl_msg *msg = message();
		struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_DAEMON);
		struct ipvs_daemon d;
		/* The last two: another state, a name without an end. */
		uint32_t state = left_out == IPVS_DAEMON_ATTR_SYNC_ID + 1 ? 3 : IP_VS_STATE_MASTER;
		const char *name = left_out == IPVS_DAEMON_ATTR_SYNC_ID + 2
					   ? "an-interface-that-has-no-end"
					   : "eth0";

		if (left_out != IPVS_DAEMON_ATTR_STATE)
			CHECK_INT(nla_put_u32(msg, IPVS_DAEMON_ATTR_STATE, state), 0);
		if (left_out != IPVS_DAEMON_ATTR_MCAST_IFN)
			CHECK_INT(nla_put(msg, IPVS_DAEMON_ATTR_MCAST_IFN, (int)strlen(name), name),
				  0);
		if (left_out != IPVS_DAEMON_ATTR_SYNC_ID)
			CHECK_INT(nla_put_u32(msg, IPVS_DAEMON_ATTR_SYNC_ID, 1), 0);
		(void)nla_nest_end(msg, nest);
		CHECK_INT(ipvs_daemon_get(nlmsg_hdr(msg), &d), -EBADMSG);
		nlmsg_free(msg);
	}
}

TEST(the_fake_refuses_what_the_kernel_refuses)
{
	struct ipvs_daemon d = daemon_of(IPVS_DAEMON_BACKUP, "224.0.0.81");
	ipvs_daemon_vec v = { 0 };
	struct ipvs_kernel *k;

	CHECK_INT(ipvs_fake_new(&k), 0);
	CHECK_INT(k->ops->daemon_stop(k, IPVS_DAEMON_BACKUP), -ESRCH);
	d.max_length = 600;
	CHECK_INT(k->ops->daemon_start(k, &d), 0);
	CHECK_INT(k->ops->daemon_start(k, &d), -EEXIST);
	CHECK_INT(k->ops->daemons(k, &v), 0);
	CHECK_INT(v.n, 1);
	CHECK_INT(v.items[0].max_length, 1024); /* a backup takes no less */
	CHECK_INT(k->ops->daemon_stop(k, IPVS_DAEMON_BACKUP), 0);
	d.group.bytes[0] = 192;
	CHECK_INT(k->ops->daemon_start(k, &d), -EINVAL);
	CHECK_INT(k->ops->writes(k), 5);
	vec_done(&v);
	ipvs_kernel_free(k);
}

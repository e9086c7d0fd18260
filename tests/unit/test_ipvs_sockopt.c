/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel writes for IP_VS_SO_GET_DESTS as real servers; and the order of those that any
 * provider has read. The calls themselves are tried by tests/parity and the lab. */
#include "ipvs_sockopt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>

#include "test.h"
#include "util.h"

DEFINE_FREEP(struct ipvs_sockopt, ipvs_sockopt_free)

static struct ip_vs_dest_entry entry(const char *address, uint16_t port, unsigned flags)
{
	struct ip_vs_dest_entry e = { .port = htons(port), .conn_flags = flags, .weight = 1 };

	CHECK_INT(inet_pton(AF_INET, address, &e.addr), 1);
	return e;
}

static void check_id(const struct ipvs_observed_dest *o, const char *id)
{
	char buf[IPVS_DEST_ID_MAX];

	CHECK_STR(ipvs_dest_key_format(&o->dest.key, buf), id);
}

TEST(every_field_is_read)
{
	ipvs_observed_dest_vec found = { 0 };
	struct ip_vs_dest_entry e = entry("192.0.2.7", 8080, IP_VS_CONN_F_MASQ);
	const struct ipvs_observed_dest *o;

	e.weight = 5;
	e.u_threshold = 100;
	e.l_threshold = 50;
	e.activeconns = 1;
	e.inactconns = 2;
	e.persistconns = 3;
	CHECK_INT(ipvs_sockopt_decode(&e, 1, &found), 1);
	CHECK_INT(found.n, 1);
	o = found.items;
	check_id(o, "192.0.2.7:8080");
	CHECK_INT(o->dest.forward, IPVS_FORWARD_NAT);
	CHECK_INT(o->dest.weight, 5);
	CHECK_INT(o->dest.upper_threshold, 100);
	CHECK_INT(o->dest.lower_threshold, 50);
	CHECK_INT(o->counts.active, 1);
	CHECK_INT(o->counts.inactive, 2);
	CHECK_INT(o->counts.persistent, 3);
	vec_done(&found);
}

TEST(methods_are_read_without_the_other_flags)
{
	static const struct {
		unsigned flags;
		enum ipvs_forward forward;
	} cases[] = {
		{ IP_VS_CONN_F_MASQ, IPVS_FORWARD_NAT },
		{ IP_VS_CONN_F_DROUTE, IPVS_FORWARD_DR },
		{ IP_VS_CONN_F_LOCALNODE, IPVS_FORWARD_LOCAL },
		{ IP_VS_CONN_F_BYPASS, IPVS_FORWARD_OTHER },
		{ 5, IPVS_FORWARD_OTHER },
		{ IP_VS_CONN_F_DROUTE | IP_VS_CONN_F_NFCT | IP_VS_CONN_F_INACTIVE,
		  IPVS_FORWARD_DR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_vs_dest_entry e = entry("192.0.2.7", 80, cases[i].flags);
		ipvs_observed_dest_vec found = { 0 };

		CHECK_INT(ipvs_sockopt_decode(&e, 1, &found), 1);
		CHECK_INT(found.items[0].dest.forward, cases[i].forward);
		vec_done(&found);
	}
}

TEST(what_was_not_filled_is_not_read)
{
	struct ip_vs_dest_entry e[4] = { 0 };
	ipvs_observed_dest_vec found = { 0 };

	CHECK_INT(ipvs_sockopt_decode(e, 4, &found), 0);
	CHECK_INT(found.n, 0);
	e[0] = entry("192.0.2.2", 80, IP_VS_CONN_F_DROUTE);
	e[1] = entry("192.0.2.1", 80, IP_VS_CONN_F_DROUTE);
	CHECK_INT(ipvs_sockopt_decode(e, 4, &found), 2);
	CHECK_INT(found.n, 2);
	CHECK_INT(ipvs_sockopt_decode(e, 1, &found), 1);
	CHECK_INT(found.n, 3);
	CHECK_INT(ipvs_sockopt_decode(e, 0, &found), 0);
	CHECK_INT(found.n, 3);
	vec_done(&found);
}

TEST(tunnels_are_refused_and_leave_nothing)
{
	struct ip_vs_dest_entry e[3];
	ipvs_observed_dest_vec found = { 0 };

	e[0] = entry("192.0.2.1", 80, IP_VS_CONN_F_DROUTE);
	e[1] = entry("192.0.2.2", 80, IP_VS_CONN_F_TUNNEL);
	e[2] = entry("192.0.2.3", 80, IP_VS_CONN_F_DROUTE);
	CHECK_INT(ipvs_sockopt_decode(e, 1, &found), 1);
	CHECK_INT(ipvs_sockopt_decode(e, 3, &found), -EOPNOTSUPP);
	CHECK_INT(found.n, 1);
	vec_done(&found);
}

TEST(the_answer_comes_sorted_behind_what_is_there)
{
	static const char *const orders[][4] = {
		{ "192.0.2.9", "192.0.2.5", "192.0.2.3", "192.0.2.1" }, /* the kernel's */
		{ "192.0.2.1", "192.0.2.3", "192.0.2.5", "192.0.2.9" },
		{ "192.0.2.3", "192.0.2.9", "192.0.2.1", "192.0.2.5" },
		{ "192.0.2.5", "192.0.2.1", "192.0.2.9", "192.0.2.3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		ipvs_observed_dest_vec found = { 0 };
		struct ip_vs_dest_entry e[4];

		e[0] = entry("203.0.113.1", 1, IP_VS_CONN_F_DROUTE);
		CHECK_INT(ipvs_sockopt_decode(e, 1, &found), 1);
		for (size_t j = 0; j < 4; j++)
			e[j] = entry(orders[i][j], 80, IP_VS_CONN_F_DROUTE);
		CHECK_INT(ipvs_sockopt_decode(e, 4, &found), 4);
		CHECK_INT(found.n, 5);
		check_id(&found.items[0], "203.0.113.1:1");
		check_id(&found.items[1], "192.0.2.1:80");
		check_id(&found.items[2], "192.0.2.3:80");
		check_id(&found.items[3], "192.0.2.5:80");
		check_id(&found.items[4], "192.0.2.9:80");
		vec_done(&found);
	}
}

TEST(doubles_are_counted_and_dropped)
{
	static const char *const orders[][4] = {
		{ "192.0.2.2", "192.0.2.2", "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		ipvs_observed_dest_vec found = { 0 };
		struct ip_vs_dest_entry e[4];

		for (size_t j = 0; j < 4; j++)
			e[j] = entry(orders[i][j], 80, IP_VS_CONN_F_DROUTE);
		CHECK_INT(ipvs_sockopt_decode(e, 4, &found), 4);
		CHECK_INT(found.n, 2);
		check_id(&found.items[0], "192.0.2.1:80");
		check_id(&found.items[1], "192.0.2.2:80");
		vec_done(&found);
	}
}

TEST(ports_order_real_servers_of_one_address)
{
	ipvs_observed_dest_vec found = { 0 };
	struct ip_vs_dest_entry e[2];

	e[0] = entry("192.0.2.1", 256,
		     IP_VS_CONN_F_MASQ); /* 1 and 256 change places as big-endian */
	e[1] = entry("192.0.2.1", 1, IP_VS_CONN_F_MASQ);
	CHECK_INT(ipvs_sockopt_decode(e, 2, &found), 2);
	check_id(&found.items[0], "192.0.2.1:1");
	check_id(&found.items[1], "192.0.2.1:256");
	vec_done(&found);
}

/* Without IPVS, or without the privilege, netlink is left to say so. */
TEST(what_cannot_be_read_so_is_left_to_netlink)
{
	_cleanup_(ipvs_sockopt_freep) struct ipvs_sockopt *s = ipvs_sockopt_new();
	ipvs_observed_dest_vec found = { 0 };
	static const char *const ids[] = { "tcp:[2001:db8::1]:80", "fwm6:7", "tcp:192.0.2.1:80" };

	CHECK(s);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct ipvs_service_key key;
		const char *why;

		CHECK_INT(ipvs_service_key_parse(ids[i], strlen(ids[i]), &key, &why), 0);
		CHECK_INT(ipvs_sockopt_dests(s, &key, IPVS_DESTS_DUMP, &found), 0);
		if (key.address.family == AF_INET6)
			CHECK_INT(ipvs_sockopt_dests(s, &key, 1, &found), 0);
		CHECK_INT(ipvs_sockopt_counted(s, &key), IPVS_DESTS_UNKNOWN);
	}
	CHECK_INT(found.n, 0);
	ipvs_sockopt_free(NULL);
}

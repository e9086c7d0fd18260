/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters: what the kernel's messages say, in 64 bits and in 32, and those of the fake. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "ipvs_kernel.h"
#include "ipvs_nlattr.h"
#include "test.h"
#include "util.h"

static const struct ipvs_service_key web = {
	.protocol = IPPROTO_TCP,
	.port = 80,
	.address = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } },
};

static struct ipvs_dest_key dest_key(uint8_t last)
{
	return (struct ipvs_dest_key){
		.port = 8080,
		.address = { .family = AF_INET, .bytes = { 10, 0, 0, last } },
	};
}

/* Each counter has a value of its own, 64 bits of it where the kernel has so many. */
static void put_stats(struct nl_msg *msg, int nest_type, bool wide, uint64_t base)
{
	struct nlattr *nest = nla_nest_start(msg, nest_type);

	for (int attr = IPVS_STATS_ATTR_CONNS; attr <= IPVS_STATS_ATTR_OUTBPS; attr++) {
		bool bytes = attr == IPVS_STATS_ATTR_INBYTES || attr == IPVS_STATS_ATTR_OUTBYTES;

		if (attr == IPVS_STATS_ATTR_PAD)
			continue;
		if (wide || bytes)
			CHECK_INT(nla_put_u64(msg, attr, base + (uint64_t)attr), 0);
		else
			CHECK_INT(nla_put_u32(msg, attr, (uint32_t)base + (uint32_t)attr), 0);
	}
	nla_nest_end(msg, nest);
}

static struct nl_msg *begin(int nest_type, struct nlattr **ret_nest)
{
	struct nl_msg *msg = nlmsg_alloc();

	CHECK(nlmsg_put(msg, 0, 0, 42, GENL_HDRLEN, 0));
	*ret_nest = nla_nest_start(msg, nest_type);
	return msg;
}

static struct nl_msg *service_message(void (*fill)(struct nl_msg *msg))
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(IPVS_CMD_ATTR_SERVICE, &nest);

	CHECK_INT(nla_put_u16(msg, IPVS_SVC_ATTR_AF, AF_INET), 0);
	CHECK_INT(nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP), 0);
	CHECK_INT(nla_put(msg, IPVS_SVC_ATTR_ADDR, 16, web.address.bytes), 0);
	CHECK_INT(nla_put_u16(msg, IPVS_SVC_ATTR_PORT, htons(80)), 0);
	fill(msg);
	nla_nest_end(msg, nest);
	return msg;
}

static void check_stats(const struct ipvs_stats *s, uint64_t base, uint64_t bytes)
{
	CHECK_INT(s->connections, base + IPVS_STATS_ATTR_CONNS);
	CHECK_INT(s->in_packets, base + IPVS_STATS_ATTR_INPKTS);
	CHECK_INT(s->out_packets, base + IPVS_STATS_ATTR_OUTPKTS);
	CHECK_INT(s->in_bytes, bytes + IPVS_STATS_ATTR_INBYTES);
	CHECK_INT(s->out_bytes, bytes + IPVS_STATS_ATTR_OUTBYTES);
	CHECK_INT(s->connections_per_second, base + IPVS_STATS_ATTR_CPS);
	CHECK_INT(s->in_packets_per_second, base + IPVS_STATS_ATTR_INPPS);
	CHECK_INT(s->out_packets_per_second, base + IPVS_STATS_ATTR_OUTPPS);
	CHECK_INT(s->in_bytes_per_second, base + IPVS_STATS_ATTR_INBPS);
	CHECK_INT(s->out_bytes_per_second, base + IPVS_STATS_ATTR_OUTBPS);
}

static void both(struct nl_msg *msg)
{
	put_stats(msg, IPVS_SVC_ATTR_STATS, false, 100);
	put_stats(msg, IPVS_SVC_ATTR_STATS64, true, 1ULL << 40);
}

static void narrow(struct nl_msg *msg)
{
	put_stats(msg, IPVS_SVC_ATTR_STATS, false, 1ULL << 40 | 100);
}

static void none(struct nl_msg *msg)
{
	CHECK_INT(nla_put_u32(msg, IPVS_SVC_ATTR_TIMEOUT, 1), 0);
}

TEST(of_64_and_32_bits_the_64_count)
{
	struct nl_msg *msg = service_message(both);
	struct ipvs_service_stats s;

	CHECK_INT(ipvs_nlattr_get_service_stats(nlmsg_hdr(msg), &s), 0);
	CHECK_INT(ipvs_service_key_compare(&s.key, &web), 0);
	check_stats(&s.stats, 1ULL << 40, 1ULL << 40);
	nlmsg_free(msg);
}

TEST(kernels_before_4_1_have_32_bits_but_for_bytes)
{
	struct nl_msg *msg = service_message(narrow);
	struct ipvs_service_stats s;

	CHECK_INT(ipvs_nlattr_get_service_stats(nlmsg_hdr(msg), &s), 0);
	check_stats(&s.stats, 100, 1ULL << 40 | 100);
	nlmsg_free(msg);
}

TEST(a_service_without_counters_is_no_answer)
{
	struct nl_msg *msg = service_message(none);
	struct ipvs_service_stats s;

	CHECK_INT(ipvs_nlattr_get_service_stats(nlmsg_hdr(msg), &s), -EBADMSG);
	nlmsg_free(msg);
}

TEST(a_real_server_has_connections_too)
{
	struct nlattr *nest;
	struct nl_msg *msg = begin(IPVS_CMD_ATTR_DEST, &nest);
	const struct ipvs_dest_key key = dest_key(5);
	struct ipvs_dest_stats d;

	CHECK_INT(nla_put(msg, IPVS_DEST_ATTR_ADDR, 16, key.address.bytes), 0);
	CHECK_INT(nla_put_u16(msg, IPVS_DEST_ATTR_PORT, htons(8080)), 0);
	CHECK_INT(nla_put_u32(msg, IPVS_DEST_ATTR_ACTIVE_CONNS, 7), 0);
	CHECK_INT(nla_put_u32(msg, IPVS_DEST_ATTR_INACT_CONNS, 8), 0);
	CHECK_INT(nla_put_u32(msg, IPVS_DEST_ATTR_PERSIST_CONNS, 9), 0);
	put_stats(msg, IPVS_DEST_ATTR_STATS64, true, 1ULL << 33);
	nla_nest_end(msg, nest);
	CHECK_INT(ipvs_nlattr_get_dest_stats(nlmsg_hdr(msg), &web, &d), 0);
	CHECK_INT(ipvs_dest_key_compare(&d.key, &key), 0);
	CHECK_INT(d.counts.active, 7);
	CHECK_INT(d.counts.inactive, 8);
	CHECK_INT(d.counts.persistent, 9);
	check_stats(&d.stats, 1ULL << 33, 1ULL << 33);
	nlmsg_free(msg);
}

TEST(sorted_without_doubles)
{
	static const uint8_t order[] = { 9, 3, 9, 1, 3, 2 }, sorted[] = { 1, 2, 3, 9 };
	ipvs_dest_stats_vec v = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		CHECK_INT(vec_push(&v, ((struct ipvs_dest_stats){ .key = dest_key(order[i]) })), 0);
	ipvs_kernel_sort_stats(&v);
	CHECK_INT(v.n, ARRAY_SIZE(sorted));
	for (size_t i = 0; i < v.n; i++)
		CHECK_INT(v.items[i].key.address.bytes[3], sorted[i]);
	vec_done(&v);
}

TEST(sums)
{
	struct ipvs_stats sum = { 0 };
	const struct ipvs_stats one = { 1, 2, 3, 4, 1ULL << 40, 6, 7, 8, 9, 10 };

	ipvs_stats_add(&sum, &one);
	ipvs_stats_add(&sum, &one);
	CHECK_INT(sum.connections, 2);
	CHECK_INT(sum.in_packets, 4);
	CHECK_INT(sum.out_packets, 6);
	CHECK_INT(sum.in_bytes, 8);
	CHECK_INT(sum.out_bytes, 1ULL << 41);
	CHECK_INT(sum.connections_per_second, 12);
	CHECK_INT(sum.in_packets_per_second, 14);
	CHECK_INT(sum.out_packets_per_second, 16);
	CHECK_INT(sum.in_bytes_per_second, 18);
	CHECK_INT(sum.out_bytes_per_second, 20);
}

static struct ipvs_kernel *kernel_with_web(void)
{
	struct ipvs_service s;
	struct ipvs_dest d[2];
	struct ipvs_kernel *k;
	int results[3];

	CHECK_INT(ipvs_fake_new(&k), 0);
	ipvs_service_init(&web, &s);
	for (uint8_t i = 0; i < 2; i++) {
		const struct ipvs_dest_key key = dest_key((uint8_t)(5 + i));

		ipvs_dest_init(&key, &d[i]);
	}
	const struct ipvs_op ops[] = {
		{ .verb = IPVS_ADD, .service = &s },
		{ .verb = IPVS_ADD, .service = &s, .dest = &d[0] },
		{ .verb = IPVS_ADD, .service = &s, .dest = &d[1] },
	};
	CHECK_INT(k->ops->apply(k, ops, ARRAY_SIZE(ops), results), 0);
	return k;
}

TEST(zero_takes_counters_and_leaves_rates_and_connections)
{
	const struct ipvs_stats stats = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	const struct ipvs_dest_counts counts = { 11, 12, 13 };
	const struct ipvs_dest_key five = dest_key(5), seven = dest_key(7);
	const struct ipvs_service_key keys[] = { web, { .fwmark = 1, .address.family = AF_INET } };
	struct ipvs_kernel *k = kernel_with_web();
	ipvs_dest_stats_vec dests = { 0 };
	struct ipvs_stats found;
	uint64_t writes = k->ops->writes(k);
	int results[2] = { 0 };

	CHECK_INT(ipvs_fake_count(k, &web, NULL, &stats, NULL), 0);
	CHECK_INT(ipvs_fake_count(k, &web, &five, &stats, &counts), 0);
	CHECK_INT(ipvs_fake_count(k, &web, &seven, &stats, &counts), 0); /* is not there */
	CHECK_INT(k->ops->stats(k, &web, &found, &dests), 0);
	CHECK_INT(found.connections, 1);
	CHECK_INT(dests.n, 2);
	CHECK_INT(dests.items[0].stats.out_bytes, 5);
	CHECK_INT(dests.items[1].stats.out_bytes, 0);
	CHECK_INT(k->ops->zero(k, keys, 2, results), 0);
	CHECK_INT(results[0], 0);
	CHECK_INT(results[1], -ESRCH);
	CHECK_INT(k->ops->writes(k), writes + 2);
	CHECK_INT(k->ops->stats(k, &web, &found, &dests), 0);
	CHECK_INT(found.connections, 0);
	CHECK_INT(found.connections_per_second, 6);
	CHECK_INT(dests.n, 2);
	CHECK_INT(dests.items[0].stats.out_bytes, 0);
	CHECK_INT(dests.items[0].stats.out_bytes_per_second, 10);
	CHECK_INT(dests.items[0].counts.active, 11);
	CHECK_INT(k->ops->stats(k, &keys[1], &found, &dests), -ESRCH);
	CHECK_INT(k->ops->stats(k, &keys[1], NULL, &dests), 0);
	CHECK_INT(dests.n, 0);
	vec_done(&dests);
	ipvs_kernel_free(k);
}

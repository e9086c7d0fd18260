/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timeouts of IPVS that the role of director wants: set, kept, remembered and put back, over both
 * kernels in memory. */
#include "host_world.h"

#include "host_timeouts.h"

/* IPVS that may not answer. */
struct shy_ipvs {
	struct ipvs_kernel base;
	struct ipvs_kernel *inner;
	int error;
};

static int shy_get(struct ipvs_kernel *k, struct ipvs_timeouts *ret)
{
	struct shy_ipvs *s = (struct shy_ipvs *)k;

	return s->error ? s->error : s->inner->ops->get_timeouts(s->inner, ret);
}

static int shy_set(struct ipvs_kernel *k, const struct ipvs_timeouts *timeouts)
{
	struct shy_ipvs *s = (struct shy_ipvs *)k;

	return s->error ? s->error : s->inner->ops->set_timeouts(s->inner, timeouts);
}

static const struct ipvs_kernel_ops shy_ops = { .get_timeouts = shy_get, .set_timeouts = shy_set };

static void begin(struct world *x, struct shy_ipvs *ipvs)
{
	*ipvs = (struct shy_ipvs){ .base.ops = &shy_ops };
	CHECK_INT(ipvs_fake_new(&ipvs->inner), 0);
	world_init(x);
	world_kill(x);
	CHECK_INT(host_timeouts_new(x->kernel, &ipvs->base, &x->kernel), 0);
	world_start(x);
}

static void end(struct world *x, struct shy_ipvs *ipvs)
{
	world_done(x);
	ipvs_kernel_free(ipvs->inner);
}

/* "900 120 300" */
static const char *timeouts(const struct shy_ipvs *ipvs)
{
	static char text[64];
	struct ipvs_timeouts t;

	CHECK_INT(ipvs->inner->ops->get_timeouts(ipvs->inner, &t), 0);
	(void)snprintf(text, sizeof(text), "%u %u %u", t.tcp, t.tcp_fin, t.udp);
	return text;
}

static void somebody_sets(const struct shy_ipvs *ipvs, uint32_t tcp, uint32_t fin, uint32_t udp)
{
	const struct ipvs_timeouts t = { tcp, fin, udp };

	CHECK_INT(ipvs->inner->ops->set_timeouts(ipvs->inner, &t), 0);
}

static struct declared *director(struct world *x, uint32_t tcp, uint32_t fin, uint32_t udp)
{
	struct declared *o = world_put(x, DECLARED_DIRECTOR, "director");

	o->director.tcp_timeout = tcp;
	o->director.tcp_fin_timeout = fin;
	o->director.udp_timeout = udp;
	return o;
}

TEST(they_come_and_go_with_the_role)
{
	struct host_item item;
	struct shy_ipvs ipvs;
	struct declared *o;
	struct world x;

	begin(&x, &ipvs);
	somebody_sets(&ipvs, 800, 100, 200);
	o = director(&x, 600, 0, 30);
	(void)world_run(&x);
	CHECK_STR(timeouts(&ipvs), "600 100 30");
	CHECK(host_in_sync(x.host));
	item = world_item(&x, o, "timeouts.tcpSeconds");
	CHECK_STR(item.kind, "timeout");
	CHECK_STR(item.wanted, "600");
	CHECK_STR(item.found, "600");
	CHECK_STR(item.effective, "600");
	CHECK_INT(item.state, NETCFG_STATE_IN_SYNC);
	CHECK_INT(world_rows(&x), 2); /* the one that is null is nobody's affair */
	/* One wish goes, another comes. */
	(void)director(&x, 0, 50, 30);
	(void)world_run(&x);
	CHECK_STR(timeouts(&ipvs), "800 50 30");
	world_remove(&x, DECLARED_DIRECTOR, "director");
	(void)world_run(&x);
	CHECK_STR(timeouts(&ipvs), "800 100 200");
	CHECK_INT(x.stored.n, 0);
	end(&x, &ipvs);
}

TEST(what_was_before_outlives_the_daemon)
{
	char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];
	struct netcfg_memo read;
	struct shy_ipvs ipvs;
	struct world x;

	begin(&x, &ipvs);
	(void)director(&x, 600, 0, 0);
	(void)world_run(&x);
	CHECK_INT(world_rows(&x), 1);
	CHECK_STR(netcfg_memo_format(&x.stored.items[0], id, value), "timeout");
	CHECK_STR(id, "timeouts.tcpSeconds");
	CHECK_STR(value, "900");
	CHECK_INT(netcfg_memo_parse("timeout", id, value, &read), 0);
	CHECK_INT(netcfg_memo_compare(&read, &x.stored.items[0]), 0);
	CHECK_STR(read.value, "900");
	CHECK_INT(netcfg_memo_parse("sysctl", id, value, &read), -EINVAL);
	CHECK_INT(netcfg_memo_parse("timeout", "timeouts.sctpSeconds", value, &read), -EINVAL);
	CHECK_INT(netcfg_memo_parse("timeout", "net.ipv4.vs.conntrack", "1", &read), -EINVAL);
	CHECK_INT(netcfg_memo_parse("timeout", id, "0", &read), -EINVAL);
	CHECK_INT(netcfg_memo_parse("timeout", id, "2147484", &read), -EINVAL);
	world_kill(&x);
	declared_vec_done(&x.declared);
	world_start(&x);
	(void)world_run(&x);
	CHECK_STR(timeouts(&ipvs), "900 120 300");
	CHECK_INT(x.stored.n, 0);
	end(&x, &ipvs);
}

TEST(drift_is_put_right_within_a_second_or_two)
{
	struct shy_ipvs ipvs;
	struct world x;
	uint64_t writes;

	begin(&x, &ipvs);
	(void)director(&x, 600, 60, 0);
	(void)world_run(&x);
	(void)world_pass(&x, 5000);
	writes = x.kernel->ops->writes(x.kernel);
	CHECK_INT(writes, 2);
	somebody_sets(&ipvs, 0, 61, 99);
	(void)world_pass(&x, 2000);
	CHECK_STR(timeouts(&ipvs), "600 60 99"); /* udp is not ours */
	CHECK_INT(x.kernel->ops->writes(x.kernel), writes + 1);
	CHECK(host_in_sync(x.host));
	end(&x, &ipvs);
}

TEST(without_ipvs_they_wait_and_the_rest_does_not)
{
	struct host_item item;
	struct shy_ipvs ipvs;
	struct declared *o;
	struct world x;

	begin(&x, &ipvs);
	ipvs.error = -EPERM;
	(void)world_vip(&x, "192.0.2.10", "eth0");
	o = director(&x, 600, 0, 0);
	(void)world_run(&x);
	item = world_item(&x, o, "timeouts.tcpSeconds");
	CHECK_INT(item.state, NETCFG_STATE_PENDING);
	CHECK(!item.found[0]);
	CHECK_INT(world_rows(&x), 1);
	CHECK(!host_in_sync(x.host));
	ipvs.error = 0;
	(void)world_pass(&x, 3000);
	CHECK_STR(timeouts(&ipvs), "600 120 300");
	CHECK(host_in_sync(x.host));
	end(&x, &ipvs);
}

TEST(nobody_can_name_them)
{
	struct netcfg_sysctl_key key;
	const char *why;

	CHECK_INT(netcfg_sysctl_parse("timeouts.tcpSeconds", 19, &key, &why), -EINVAL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sync daemons of IPVS that are declared: started, kept, changed, remembered and stopped, over both
 * kernels in memory. */
#include "host_world.h"

#include "host_timeouts.h"

struct syncs {
	struct world x;
	struct netcfg_kernel *fake; /* the host behind the provider */
	struct ipvs_kernel *ipvs;
};

static void begin(struct syncs *s)
{
	CHECK_INT(ipvs_fake_new(&s->ipvs), 0);
	world_init(&s->x);
	world_kill(&s->x);
	s->fake = s->x.kernel;
	CHECK_INT(host_timeouts_new(s->x.kernel, s->ipvs, &s->x.kernel), 0);
	world_start(&s->x);
}

static void end(struct syncs *s)
{
	world_done(&s->x);
	ipvs_kernel_free(s->ipvs);
}

/* "master eth0 1 224.0.0.81:8848/1 1472; backup …" */
static const char *running(const struct syncs *s)
{
	static char text[256];
	ipvs_daemon_vec v = { 0 };
	size_t len = 0;

	text[0] = '\0';
	CHECK_INT(s->ipvs->ops->daemons(s->ipvs, &v), 0);
	vec_foreach(d, &v) {
		char group[INADDR_TEXT_MAX];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s %u %s:%u/%u %u",
					len ? "; " : "", d->role ? "backup" : "master",
					d->interface, d->sync_id, inaddr_format(&d->group, group),
					d->port, d->ttl, d->max_length);
	}
	vec_done(&v);
	return text;
}

static struct ipvs_daemon daemon_of(enum ipvs_daemon_role role, const char *interface)
{
	struct ipvs_daemon d = { .role = (uint8_t)role, .ttl = 1, .port = 8848 };

	d.group = world_address("224.0.0.81");
	memcpy(d.interface, interface, strlen(interface) + 1);
	return d;
}

static void somebody_starts(const struct syncs *s, enum ipvs_daemon_role role,
			    const char *interface)
{
	const struct ipvs_daemon d = daemon_of(role, interface);

	CHECK_INT(s->ipvs->ops->daemon_start(s->ipvs, &d), 0);
}

static struct declared *declare(struct syncs *s, enum declared_kind kind, const char *interface)
{
	struct declared *o =
		world_put(&s->x, kind, kind == DECLARED_SYNC_MASTER ? "master" : "backup");

	memset(o->sync.interface, 0, sizeof(o->sync.interface));
	memcpy(o->sync.interface, interface, strlen(interface) + 1);
	return o;
}

static uint64_t writes(const struct syncs *s)
{
	return s->ipvs->ops->writes(s->ipvs);
}

TEST(they_come_change_and_go)
{
	struct host_item item;
	struct declared *o;
	struct syncs s;

	begin(&s);
	o = declare(&s, DECLARED_SYNC_MASTER, "eth0");
	o->sync.sync_id = 7;
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "master eth0 7 224.0.0.81:8848/1 1472");
	CHECK(host_in_sync(s.x.host));
	item = world_item(&s.x, o, NULL);
	CHECK_STR(item.kind, "sync");
	CHECK_STR(item.id, "master");
	CHECK_STR(item.wanted, "eth0 id 7 224.0.0.81:8848 ttl 1");
	CHECK_STR(item.found, "eth0 id 7 224.0.0.81:8848 ttl 1");
	/* The other one beside it. */
	(void)declare(&s, DECLARED_SYNC_BACKUP, "eth1");
	(void)world_run(&s.x);
	CHECK_STR(running(&s),
		  "master eth0 7 224.0.0.81:8848/1 1472; backup eth1 0 224.0.0.81:8848/1 1472");
	CHECK_INT(writes(&s), 2);
	/* The same again: nothing happens. */
	(void)declare(&s, DECLARED_SYNC_MASTER, "eth0");
	(void)world_run(&s.x);
	CHECK_INT(writes(&s), 2);
	o = declare(&s, DECLARED_SYNC_MASTER, "eth1");
	o->sync.max_length = 1000;
	memcpy(o->sync.group, "ff02::7", 8);
	(void)world_run(&s.x);
	CHECK_STR(running(&s),
		  "master eth1 7 ff02::7:8848/1 1000; backup eth1 0 224.0.0.81:8848/1 1472");
	CHECK_INT(writes(&s), 4);
	/* The kernel's own length again. */
	o = declare(&s, DECLARED_SYNC_MASTER, "eth1");
	o->sync.max_length = 0;
	(void)world_run(&s.x);
	CHECK_STR(running(&s),
		  "master eth1 7 ff02::7:8848/1 1452; backup eth1 0 224.0.0.81:8848/1 1472");
	world_remove(&s.x, DECLARED_SYNC_MASTER, "master");
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "backup eth1 0 224.0.0.81:8848/1 1472");
	world_remove(&s.x, DECLARED_SYNC_BACKUP, "backup");
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "");
	CHECK_INT(s.x.stored.n, 0);
	end(&s);
}

TEST(drift_is_put_right)
{
	struct ipvs_daemon d;
	struct syncs s;

	begin(&s);
	(void)declare(&s, DECLARED_SYNC_BACKUP, "eth0");
	(void)world_run(&s.x);
	(void)world_pass(&s.x, 5000);
	CHECK_INT(writes(&s), 1);
	CHECK_INT(s.ipvs->ops->daemon_stop(s.ipvs, IPVS_DAEMON_BACKUP), 0);
	(void)world_pass(&s.x, 2000);
	CHECK_STR(running(&s), "backup eth0 0 224.0.0.81:8848/1 1472");
	CHECK(host_in_sync(s.x.host));
	/* Stopped, and started otherwise. */
	CHECK_INT(s.ipvs->ops->daemon_stop(s.ipvs, IPVS_DAEMON_BACKUP), 0);
	d = daemon_of(IPVS_DAEMON_BACKUP, "eth1");
	d.sync_id = 300;
	CHECK_INT(s.ipvs->ops->daemon_start(s.ipvs, &d), 0);
	(void)world_pass(&s.x, 2000);
	CHECK_STR(running(&s), "backup eth0 0 224.0.0.81:8848/1 1472");
	/* The other role is nobody's affair. */
	somebody_starts(&s, IPVS_DAEMON_MASTER, "eth1");
	(void)world_pass(&s.x, 40000);
	CHECK_STR(running(&s),
		  "master eth1 0 224.0.0.81:8848/1 1472; backup eth0 0 224.0.0.81:8848/1 1472");
	end(&s);
}

/* Somebody makes an interface, or another one of that name. */
static void make_link(struct syncs *s, const char *name)
{
	struct netcfg_link link = { .flags = IFF_UP, .carrier = true };

	memcpy(link.name, name, strlen(name) + 1);
	CHECK_INT(netcfg_fake_link(s->fake, &link), 0);
	world_news(&s->x);
}

TEST(an_interface_may_come_later_and_be_another_one)
{
	struct host_item item;
	struct declared *o;
	struct syncs s;

	begin(&s);
	o = declare(&s, DECLARED_SYNC_MASTER, "sync0");
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "");
	item = world_item(&s.x, o, NULL);
	CHECK_INT(item.state, NETCFG_STATE_PENDING);
	CHECK_INT(item.error, 0);
	CHECK_STR(item.found, "stopped");
	CHECK_INT(s.x.stored.n, 0);
	make_link(&s, "sync0");
	CHECK_STR(running(&s), "master sync0 0 224.0.0.81:8848/1 1472");
	CHECK(host_in_sync(s.x.host));
	/* It goes: the kernel still lists the daemon. */
	netcfg_fake_unlink(s.fake, "sync0");
	world_news(&s.x);
	CHECK_INT(world_item(&s.x, o, NULL).state, NETCFG_STATE_PENDING);
	CHECK_INT(writes(&s), 1);
	/* One of the same name, which it does not run on. */
	make_link(&s, "sync0");
	CHECK_STR(running(&s), "master sync0 0 224.0.0.81:8848/1 1472");
	CHECK_INT(writes(&s), 3);
	CHECK(host_in_sync(s.x.host));
	/* Away to an interface that is not there: what was on the old one stops. */
	o = declare(&s, DECLARED_SYNC_MASTER, "sync9");
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "");
	CHECK_INT(world_item(&s.x, o, NULL).state, NETCFG_STATE_PENDING);
	CHECK_INT(s.x.stored.n, 0);
	/* Gone between the look and the start: no refusal. */
	ipvs_fake_without(s.ipvs, "sync9");
	make_link(&s, "sync9");
	CHECK_INT(world_item(&s.x, o, NULL).error, 0);
	ipvs_fake_without(s.ipvs, NULL);
	(void)world_pass(&s.x, 3000);
	CHECK_STR(running(&s), "master sync9 0 224.0.0.81:8848/1 1472");
	end(&s);
}

TEST(what_others_started_is_left_alone)
{
	struct host_item item;
	struct declared *o;
	struct syncs s;

	begin(&s);
	somebody_starts(&s, IPVS_DAEMON_BACKUP, "eth1");
	CHECK(host_sync_is_foreign(s.x.host, NETCFG_SYNC_BACKUP));
	CHECK(!host_sync_is_foreign(s.x.host, NETCFG_SYNC_MASTER));
	o = declare(&s, DECLARED_SYNC_BACKUP, "eth0");
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "backup eth1 0 224.0.0.81:8848/1 1472");
	item = world_item(&s.x, o, NULL);
	CHECK_INT(item.state, NETCFG_STATE_FOREIGN);
	CHECK(!host_in_sync(s.x.host));
	world_remove(&s.x, DECLARED_SYNC_BACKUP, "backup");
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "backup eth1 0 224.0.0.81:8848/1 1472");
	/* When it is stopped, ours comes. */
	(void)declare(&s, DECLARED_SYNC_BACKUP, "eth0");
	(void)world_run(&s.x);
	CHECK_INT(s.ipvs->ops->daemon_stop(s.ipvs, IPVS_DAEMON_BACKUP), 0);
	(void)world_pass(&s.x, 2000);
	CHECK_STR(running(&s), "backup eth0 0 224.0.0.81:8848/1 1472");
	end(&s);
}

TEST(adopting_writes_nothing_when_it_is_equal)
{
	struct syncs s;
	uint64_t before;

	begin(&s);
	somebody_starts(&s, IPVS_DAEMON_BACKUP, "eth0");
	somebody_starts(&s, IPVS_DAEMON_MASTER, "eth0");
	before = writes(&s);
	(void)declare(&s, DECLARED_SYNC_BACKUP, "eth0");
	CHECK_INT(host_adopt_sync(s.x.host, NETCFG_SYNC_BACKUP), 0);
	(void)world_run(&s.x);
	CHECK_INT(writes(&s), before);
	CHECK(host_in_sync(s.x.host));
	CHECK(!host_sync_is_foreign(s.x.host, NETCFG_SYNC_BACKUP));
	/* One that is another: in its place. */
	(void)declare(&s, DECLARED_SYNC_MASTER, "eth1");
	CHECK_INT(host_adopt_sync(s.x.host, NETCFG_SYNC_MASTER), 0);
	(void)world_run(&s.x);
	CHECK_STR(running(&s),
		  "master eth1 0 224.0.0.81:8848/1 1472; backup eth0 0 224.0.0.81:8848/1 1472");
	CHECK_INT(writes(&s), before + 2);
	world_remove(&s.x, DECLARED_SYNC_BACKUP, "backup");
	(void)world_run(&s.x);
	CHECK_STR(running(&s), "master eth1 0 224.0.0.81:8848/1 1472");
	end(&s);
}

/* The daemon dies with the store as it was at that moment, and begins again. */
static void crash(struct syncs *s, const netcfg_memo_vec *stored)
{
	netcfg_memo_vec none = { 0 };

	world_kill(&s->x);
	vec_done(&s->x.stored);
	CHECK_INT(netcfg_memory_change(&s->x.stored, stored, &none), 0);
	world_start(&s->x);
	host_kick(s->x.host);
	(void)world_run(&s->x);
}

TEST(a_crash_between_store_and_kernel_forgets_nothing)
{
	/* What is stored before the start, and that it was started. */
	struct netcfg_memo row = { .kind = NETCFG_MEMO_SYNC, .role = NETCFG_SYNC_BACKUP };
	const netcfg_memo_vec before = { .items = &row, .n = 1 };
	struct syncs s;

	begin(&s);
	(void)declare(&s, DECLARED_SYNC_BACKUP, "eth0");
	(void)world_run(&s.x);
	CHECK_INT(s.x.stored.n, 1);
	CHECK_INT(s.x.stored.items[0].index, 2);
	/* Before the kernel was asked. */
	CHECK_INT(s.ipvs->ops->daemon_stop(s.ipvs, IPVS_DAEMON_BACKUP), 0);
	crash(&s, &before);
	CHECK_STR(running(&s), "backup eth0 0 224.0.0.81:8848/1 1472");
	/* After that, before it was noted: it is ours, and may be stopped. */
	crash(&s, &before);
	CHECK(host_in_sync(s.x.host));
	CHECK_INT(s.x.stored.items[0].index, 2);
	declared_vec_done(&s.x.declared);
	crash(&s, &before);
	CHECK_STR(running(&s), "");
	CHECK_INT(s.x.stored.n, 0);
	end(&s);
}

TEST(without_the_store_nothing_is_started)
{
	struct syncs s;

	begin(&s);
	s.x.store_error = -EIO;
	(void)declare(&s, DECLARED_SYNC_BACKUP, "eth0");
	(void)world_turn(&s.x);
	CHECK_STR(running(&s), "");
	s.x.store_error = 0;
	(void)world_pass(&s.x, 5000);
	CHECK_STR(running(&s), "backup eth0 0 224.0.0.81:8848/1 1472");
	end(&s);
}

TEST(a_refusal_is_told_and_tried_again)
{
	struct ipvs_service service = { .scheduler = "rr", .key.port = 80 };
	struct ipvs_dest dest = { .weight = 1, .forward = IPVS_FORWARD_TUN, .key.port = 80 };
	struct ipvs_op op = { .verb = IPVS_ADD, .service = &service };
	struct host_item item;
	struct declared *o;
	struct syncs s;
	int result;

	begin(&s);
	service.key.protocol = IPPROTO_TCP;
	service.key.address = world_address("192.0.2.1");
	dest.key.address = world_address("2001:db8::1");
	CHECK_INT(s.ipvs->ops->apply(s.ipvs, &op, 1, &result), 0);
	CHECK_INT(result, 0);
	op.dest = &dest;
	CHECK_INT(s.ipvs->ops->apply(s.ipvs, &op, 1, &result), 0);
	CHECK_INT(result, 0);
	o = declare(&s, DECLARED_SYNC_MASTER, "eth0");
	(void)world_run(&s.x);
	item = world_item(&s.x, o, NULL);
	CHECK_INT(item.error, -EINVAL);
	CHECK_INT(s.x.stored.n, 0); /* what was not started is not ours */
	op.verb = IPVS_DELETE;
	CHECK_INT(s.ipvs->ops->apply(s.ipvs, &op, 1, &result), 0);
	(void)world_pass(&s.x, 5000);
	CHECK_STR(running(&s), "master eth0 0 224.0.0.81:8848/1 1472");
	/* And the other way round. */
	op.verb = IPVS_ADD;
	CHECK_INT(s.ipvs->ops->apply(s.ipvs, &op, 1, &result), 0);
	CHECK_INT(result, -EINVAL);
	end(&s);
}

TEST(rows_of_the_store_are_read_back)
{
	struct netcfg_memo memo = { .kind = NETCFG_MEMO_SYNC,
				    .class = NETCFG_OURS,
				    .role = NETCFG_SYNC_BACKUP,
				    .index = 12,
				    .max_length = 1400 };
	char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];
	struct netcfg_memo read;

	CHECK_STR(netcfg_memo_format(&memo, id, value), "sync");
	CHECK_STR(id, "backup");
	CHECK_STR(value, "12 1400");
	CHECK_INT(netcfg_memo_parse("sync", id, value, &read), 0);
	CHECK_INT(read.role, NETCFG_SYNC_BACKUP);
	CHECK_INT(read.index, 12);
	CHECK_INT(read.max_length, 1400);
	CHECK_INT(read.class, NETCFG_OURS);
	CHECK_INT(netcfg_memo_parse("sync", "both", value, &read), -EINVAL);
	CHECK_INT(netcfg_memo_parse("sync", id, "12", &read), -EINVAL);
	CHECK_INT(netcfg_memo_parse("sync", id, "12 65536", &read), -EINVAL);
	CHECK_INT(netcfg_memo_parse("sync", id, "-1 0", &read), -EINVAL);
}

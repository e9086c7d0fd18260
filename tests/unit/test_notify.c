/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of agent/notify.c: what systemd gets, and when, from states of both kernels in memory. */
#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "core_world.h"

struct manager {
	int fd;
	char dir[32], path[64], text[1024];
	struct world w;
	struct netcfg_kernel *kernel;
	struct host *host;
	struct notify notify;
	bool storage_failed;
};

static const declared_vec *on_declared(void *arg)
{
	return &change_published(((struct manager *)arg)->w.change)->declared;
}

static int on_remember(void *arg, const netcfg_memo_vec *put, const netcfg_memo_vec *drop)
{
	(void)arg;
	(void)put;
	(void)drop;
	return 0;
}

static const struct host_hooks host_hooks = { .declared = on_declared, .remember = on_remember };

static void setup(struct manager *m)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	netcfg_memo_vec memory = { 0 };

	(void)snprintf(m->dir, sizeof(m->dir), "/tmp/lvsd-test-XXXXXX");
	CHECK(mkdtemp(m->dir) != NULL);
	(void)snprintf(m->path, sizeof(m->path), "%s/notify", m->dir);
	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", m->path);
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CHECK(m->fd >= 0 && bind(m->fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	(void)setenv("NOTIFY_SOCKET", m->path, 1);
	world_start(&m->w, ":memory:");
	m->w.now = 1000000;
	CHECK_INT(netcfg_fake_new(&m->kernel), 0);
	CHECK_INT(host_new(m->kernel, NULL, &memory, &host_hooks, m, 30000, &m->host), 0);
	change_attach_host(m->w.change, m->host);
}

static void done(struct manager *m)
{
	notify_done(&m->notify);
	(void)unsetenv("NOTIFY_SOCKET");
	close(m->fd);
	(void)unlink(m->path);
	(void)rmdir(m->dir);
	world_done(&m->w);
	host_free(m->host);
	netcfg_kernel_free(m->kernel);
}

static struct notify_view view(const struct manager *m)
{
	return (struct notify_view){
		.desired = change_published(m->w.change),
		.reconcile = m->w.reconcile,
		.host = m->host,
		.storage_failed = m->storage_failed,
	};
}

/* The next message, "" when there is none. */
static const char *told(struct manager *m)
{
	ssize_t n = recv(m->fd, m->text, sizeof(m->text) - 1, 0);

	m->text[n < 0 ? 0 : n] = '\0';
	return m->text;
}

/* Works until there is nothing more to do, then lets it be told. */
static int64_t turn(struct manager *m)
{
	struct notify_view v;

	world_run(&m->w);
	for (int i = 0; i < 10; i++) {
		(void)host_run(m->host, HOST_FIRST, m->w.now);
		(void)host_run(m->host, HOST_SECOND, m->w.now);
	}
	v = view(m);
	return notify_turn(&m->notify, &v, m->w.now);
}

static void declare_vip(struct manager *m, const char *address, const char *json_text)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;
	struct declared_key key;
	const char *why;
	json_t *json = json_loads(json_text, 0, NULL);

	CHECK_INT(declared_key_parse(DECLARED_VIP, address, &key, &why), 0);
	CHECK_INT(change_write_declared(m->w.change, &nobody, &key, json, DECODE_PUT, &result, &e),
		  0);
	CHECK_INT(change_commit(m->w.change, &e), 0);
	json_decref(json);
}

TEST(ready_comes_when_all_is_in_the_kernel)
{
	struct manager m = { 0 };
	struct notify_view v;

	setup(&m);
	put_service(&m.w, "tcp:192.0.2.1:80",
		    "{\"realServers\":{\"10.0.0.1:80\":{},\"10.0.0.2:80\":{}}}");
	declare_vip(&m, "192.0.2.1", "{\"interface\":\"lo\"}");
	v = view(&m);
	notify_starts(&m.notify, &v);
	CHECK(strncmp(told(&m), "STATUS=starting: 1 service with 2 real servers, 1 VIP; revision ",
		      63) == 0);
	(void)notify_turn(&m.notify, &v, m.w.now); /* nothing is done yet */
	CHECK_STR(told(&m), "");
	CHECK_INT(turn(&m), INT64_MAX);
	CHECK(strncmp(told(&m), "STATUS=in sync: 1 service with 2 real servers, 1 VIP; revision ",
		      62) == 0);
	CHECK_STR(told(&m), "READY=1");
	CHECK_INT(turn(&m), INT64_MAX);
	CHECK_STR(told(&m), ""); /* once */
	done(&m);
}

TEST(what_cannot_be_done_holds_ready_up_for_three_seconds)
{
	struct manager m = { 0 };

	setup(&m);
	declare_vip(&m, "192.0.2.1", "{\"interface\":\"eth7\"}");
	CHECK_INT(turn(&m), m.w.now + 3000);
	CHECK(strncmp(told(&m), "STATUS=NOT in sync: vip 192.0.2.1 is not as declared; ", 54) == 0);
	m.w.now += 2999;
	CHECK_INT(turn(&m), m.w.now + 1);
	CHECK_STR(told(&m), "");
	m.w.now += 1;
	(void)turn(&m);
	CHECK_STR(told(&m), "READY=1");
	done(&m);
}

TEST(nobody_waits_for_ever)
{
	struct manager m = { 0 };
	struct notify_view v;

	setup(&m);
	v = view(&m);
	CHECK_INT(notify_turn(&m.notify, &v, 5000), 35000); /* nothing was ever tried */
	CHECK(strncmp(told(&m), "STATUS=starting: ", 17) == 0);
	(void)notify_turn(&m.notify, &v, 34999);
	(void)told(&m);
	(void)notify_turn(&m.notify, &v, 35000);
	CHECK_STR(told(&m), "READY=1");
	done(&m);
}

static void somebody_is_faster(struct ipvs_kernel *inner)
{
	CHECK_INT(other_hand(inner, IPVS_ADD, "tcp:192.0.2.3:80", NULL), 0);
}

TEST(it_says_what_is_wrong)
{
	struct manager m = { 0 };
	const char *text;

	setup(&m);
	(void)turn(&m);
	(void)told(&m);
	CHECK_STR(told(&m), "READY=1");
	put_service(&m.w, "tcp:192.0.2.1:80", "{\"scheduler\":\"nq\"}");
	CHECK_INT(other_hand(m.w.kernel.inner, IPVS_ADD, "tcp:192.0.2.2:80", NULL), 0);
	ipvs_fake_fail(m.w.kernel.inner, 0, -ENOENT);
	m.w.now += 2000;
	(void)turn(&m);
	text = told(&m);
	CHECK(strstr(text, "STATUS=NOT in sync: 1 service refused by the kernel "
			   "(tcp:192.0.2.1:80: scheduler missing); 1 service with"));
	m.w.now += 70000;
	(void)turn(&m);
	text = told(&m);
	CHECK(strstr(text, "STATUS=in sync: 1 service with 0 real servers, 0 VIPs; "
			   "1 service of others; "));
	put_service(&m.w, "tcp:192.0.2.3:80", "{}");
	m.w.kernel.before_apply = somebody_is_faster;
	m.w.now += 2000;
	(void)turn(&m);
	CHECK(strstr(told(&m), "1 service made by somebody else (tcp:192.0.2.3:80)"));
	m.w.kernel.list_error = -ENOENT;
	world_resync(&m.w);
	m.storage_failed = true;
	m.w.now += 2000;
	(void)turn(&m);
	CHECK(strstr(told(&m), "NOT in sync: the last write could not be stored, IPVS cannot be "
			       "talked to: "));
	done(&m);
}

TEST(reloading_is_told_between_ready_and_ready)
{
	struct manager m = { 0 };

	setup(&m);
	notify_reloads(&m.notify);
	notify_reloaded(&m.notify);
	CHECK_STR(told(&m), ""); /* it is not ready yet, and must not say so */
	(void)turn(&m);
	(void)told(&m);
	CHECK_STR(told(&m), "READY=1");
	notify_reloads(&m.notify);
	CHECK(strncmp(told(&m), "RELOADING=1\nMONOTONIC_USEC=", 27) == 0 && m.text[27] >= '1' &&
	      m.text[27] <= '9');
	notify_reloaded(&m.notify);
	CHECK_STR(told(&m), "READY=1");
	notify_stops(&m.notify);
	CHECK_STR(told(&m), "STOPPING=1");
	done(&m);
}

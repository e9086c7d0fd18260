/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes of sync daemons: those of others, adoption, and real servers of the other family. */
#include "core_world.h"

#include "host_timeouts.h"

struct with_host {
	struct world w;
	struct ipvs_kernel *ipvs; /* of the host's side */
	struct netcfg_kernel *kernel;
	struct host *host;
};

static const declared_vec *published(void *arg)
{
	return &change_published(arg)->declared;
}

static int remember(void *arg, const netcfg_memo_vec *put_rows, const netcfg_memo_vec *drop)
{
	(void)arg;
	(void)put_rows;
	(void)drop;
	return 0;
}

static const struct host_hooks hooks = { .declared = published, .remember = remember };

static void start(struct with_host *x)
{
	netcfg_memo_vec memory = { 0 };

	memset(x, 0, sizeof(*x));
	world_start(&x->w, ":memory:");
	CHECK_INT(ipvs_fake_new(&x->ipvs), 0);
	CHECK_INT(netcfg_fake_new(&x->kernel), 0);
	CHECK_INT(host_timeouts_new(x->kernel, x->ipvs, &x->kernel), 0);
	CHECK_INT(host_new(x->kernel, NULL, &memory, &hooks, x->w.change, 30000, &x->host), 0);
	change_attach_host(x->w.change, x->host);
}

static void stop(struct with_host *x)
{
	change_attach_host(x->w.change, NULL);
	host_free(x->host);
	netcfg_kernel_free(x->kernel);
	ipvs_kernel_free(x->ipvs);
	world_done(&x->w);
}

static void run(struct with_host *x)
{
	for (int i = 0; i < 8; i++) {
		(void)host_run(x->host, HOST_FIRST, 1000);
		(void)host_run(x->host, HOST_SECOND, 1000);
	}
}

static void somebody_starts(const struct with_host *x, const char *interface)
{
	struct ipvs_daemon d = { .role = IPVS_DAEMON_BACKUP, .ttl = 1, .port = 8848 };

	CHECK_INT(inaddr_parse("224.0.0.81", 10, &d.group), 0);
	memcpy(d.interface, interface, strlen(interface) + 1);
	CHECK_INT(x->ipvs->ops->daemon_start(x->ipvs, &d), 0);
}

static int put(struct with_host *x, const struct change_by *by, const char *text,
	       struct change_result *ret, struct err *e)
{
	const struct declared_key key = { .kind = DECLARED_SYNC_BACKUP };
	json_t *json = json_loads(text, 0, NULL);
	int r = change_write_declared(x->w.change, by, &key, json, DECODE_PUT, ret, e);

	json_decref(json);
	if (r == 0)
		CHECK_INT(change_commit(x->w.change, e), 0);
	return r;
}

TEST(what_others_started_is_taken_over_when_told_so)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct change_by adopting = nobody;
	struct change_result result;
	struct with_host x;

	adopting.adopt = true;
	start(&x);
	somebody_starts(&x, "eth0");
	CHECK_INT(put(&x, &nobody, "{\"interface\":\"eth0\"}", &result, &e), -EEXIST);
	CHECK_STR(e.code, "foreign_exists");
	CHECK(!change_pending(x.w.change));
	err_done(&e);
	e = (struct err){ 0 };
	CHECK_INT(put(&x, &adopting, "{\"interface\":\"eth0\"}", &result, &e), 0);
	run(&x);
	CHECK(host_in_sync(x.host));
	CHECK_INT(x.ipvs->ops->writes(x.ipvs), 1); /* the somebody's */
	/* Now it is ours. */
	CHECK_INT(put(&x, &nobody, "{\"interface\":\"eth1\"}", &result, &e), 0);
	run(&x);
	CHECK(host_in_sync(x.host));
	CHECK_INT(x.ipvs->ops->writes(x.ipvs), 3);
	stop(&x);
}

TEST(a_rehearsal_takes_nothing_over)
{
	_cleanup_(err_done) struct err e = { 0 };
	const struct declared_key key = { .kind = DECLARED_SYNC_BACKUP };
	json_t *json = json_pack("{ss}", "interface", "eth0");
	struct change_by adopting = nobody;
	struct change_result result;
	struct with_host x;

	adopting.adopt = true;
	start(&x);
	somebody_starts(&x, "eth0");
	CHECK_INT(change_rehearse_begin(x.w.change, &e), 0);
	CHECK_INT(change_write_declared(x.w.change, &adopting, &key, json, DECODE_PUT, &result, &e),
		  0);
	desired_unref(change_rehearse_end(x.w.change));
	CHECK_INT(change_commit(x.w.change, &e), 0);
	CHECK(host_sync_is_foreign(x.host, NETCFG_SYNC_BACKUP));
	json_decref(json);
	stop(&x);
}

TEST(a_document_is_refused_as_a_whole)
{
	static const char text[] = "{\"sync\":{\"backup\":{\"interface\":\"eth1\"}},"
				   "\"vips\":{\"192.0.2.1\":{\"interface\":\"eth0\"}}}";
	_cleanup_(err_done) struct err e = { 0 };
	struct change_by adopting = nobody;
	struct change_result result;
	struct with_host x;

	adopting.adopt = true;
	start(&x);
	somebody_starts(&x, "eth0");
	CHECK_INT(change_write_config(x.w.change, &nobody, DECODE_PUT, text, strlen(text), &result,
				      &e),
		  -EEXIST);
	CHECK_STR(e.code, "foreign_exists");
	CHECK(!change_pending(x.w.change));
	err_done(&e);
	e = (struct err){ 0 };
	CHECK_INT(change_write_config(x.w.change, &adopting, DECODE_PUT, text, strlen(text),
				      &result, &e),
		  0);
	CHECK_INT(change_commit(x.w.change, &e), 0);
	run(&x);
	CHECK(host_in_sync(x.host));
	CHECK_INT(x.ipvs->ops->writes(x.ipvs), 3); /* in its place: stopped and started */
	stop(&x);
}

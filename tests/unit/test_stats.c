/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/stats and zeroing: sums of what is ours, and hands off the counters of others. */
#include "core_world.h"

#include "handlers.h"

#define OURS	"tcp:192.0.2.1:80"
#define MARK	"fwm6:7"
#define FOREIGN "udp:192.0.2.2:53" /* desired, but somebody else made it first */
#define OTHER	"tcp:192.0.2.3:80"

struct fixture {
	struct world w;
	struct api api;
};

static void count(struct fixture *f, const char *id, uint64_t connections)
{
	const struct ipvs_service_key key = service_key(id);
	const struct ipvs_stats stats = { .connections = connections, .out_bytes = 1ULL << 40 };

	CHECK_INT(ipvs_fake_count(f->w.kernel.inner, &key, NULL, &stats, NULL), 0);
}

/* What the kernel has counted. */
static uint64_t counted(struct fixture *f, const char *id)
{
	const struct ipvs_service_key key = service_key(id);
	struct ipvs_kernel *k = f->w.kernel.inner;
	ipvs_dest_stats_vec dests = { 0 };
	struct ipvs_stats stats;

	CHECK_INT(k->ops->stats(k, &key, &stats, &dests), 0);
	vec_done(&dests);
	return stats.connections;
}

static int64_t now_ms(void)
{
	return 1000;
}

static void start(struct fixture *f)
{
	const struct ipvs_dest_counts connections = { 1, 2, 3 };
	const struct ipvs_service_key ours = service_key(OURS);
	const struct ipvs_dest_key five = dest_key("10.0.0.5:80");
	const struct ipvs_stats none = { 0 };

	*f = (struct fixture){ .w.now = 1000 };
	world_start(&f->w, ":memory:");
	f->api = (struct api){
		.change = f->w.change, .reconcile = f->w.reconcile, .version = "1", .now = now_ms
	};
	put_service(&f->w, OURS, "{\"realServers\":{\"10.0.0.5:80\":{},\"10.0.0.6:80\":{}}}");
	put_service(&f->w, MARK, "{}");
	put_service(&f->w, FOREIGN, "{}");
	CHECK_INT(other_hand(f->w.kernel.inner, IPVS_ADD, FOREIGN, NULL), 0);
	CHECK_INT(other_hand(f->w.kernel.inner, IPVS_ADD, OTHER, NULL), 0);
	world_run(&f->w);
	CHECK_INT(status_of(&f->w, FOREIGN)->reason, STATUS_FOREIGN_EXISTS);
	count(f, OURS, 10);
	count(f, MARK, 20);
	count(f, FOREIGN, 40);
	count(f, OTHER, 80);
	CHECK_INT(ipvs_fake_count(f->w.kernel.inner, &ours, &five, &none, &connections), 0);
}

static void stop(struct fixture *f)
{
	world_done(&f->w);
}

/* Calls a handler, with an id in the URL or without, and returns what it answers. */
static json_t *ask(struct fixture *f, route_handler handle, const char *id, bool dry_run,
		   unsigned status)
{
	char name[] = "dryRun", value[] = "true";
	struct request req = { .method = HTTP_POST, .ids = { id }, .n_query = dry_run };
	struct response resp = { 0 };
	json_t *json;
	int r = 1;

	req.query[0] = (struct request_param){ name, value };
	CHECK(handle(&f->api, &req, &resp));
	CHECK_INT(resp.status, status);
	while (resp.stream.next && r > 0)
		r = resp.stream.next(resp.stream.state, &resp.body);
	CHECK(r >= 0);
	json = json_loadb(resp.body.data, resp.body.len, 0, NULL);
	CHECK(json);
	response_done(&resp);
	return json;
}

static json_int_t number(const json_t *json, const char *a, const char *b, const char *c)
{
	json = json_object_get(json, a);
	json = b ? json_object_get(json, b) : json;
	json = c ? json_object_get(json, c) : json;
	CHECK(json_is_integer(json));
	return json_integer_value(json);
}

TEST(sums_are_of_what_is_ours)
{
	struct fixture f;
	json_t *json;

	start(&f);
	for (int torn = 0; torn < 2; torn++) {
		f.w.kernel.blind = torn; /* a list that misses all: each is asked for by its key */
		json = ask(&f, handle_stats, NULL, false, 200);
		CHECK_INT(number(json, "services", NULL, NULL), 2);
		CHECK_INT(number(json, "realServers", NULL, NULL), 2);
		CHECK_INT(number(json, "activeConnections", NULL, NULL), 1);
		CHECK_INT(number(json, "persistentConnections", NULL, NULL), 3);
		CHECK_INT(number(json, "stats", "connections", NULL), 30);
		CHECK_INT(number(json, "stats", "outBytes", NULL), 1LL << 41);
		CHECK_INT(number(json_object_get(json, "protocols"), "tcp", "stats", "connections"),
			  10);
		CHECK_INT(
			number(json_object_get(json, "protocols"), "fwm6", "stats", "connections"),
			20);
		CHECK_INT(number(json_object_get(json, "protocols"), "udp", "services", NULL), 0);
		CHECK_INT(number(json_object_get(json, "protocols"), "fwm", "services", NULL), 0);
		json_decref(json);
	}
	stop(&f);
}

TEST(zeroing_all_takes_what_is_ours_and_no_more)
{
	struct fixture f;
	json_t *json;

	start(&f);
	json = ask(&f, handle_zero, NULL, true, 200);
	CHECK_INT(number(json, "services", NULL, NULL), 2);
	CHECK_INT(counted(&f, OURS), 10);
	json_decref(json);
	json = ask(&f, handle_zero, NULL, false, 200);
	CHECK_INT(number(json, "services", NULL, NULL), 2);
	CHECK_INT(counted(&f, OURS), 0);
	CHECK_INT(counted(&f, MARK), 0);
	CHECK_INT(counted(&f, FOREIGN), 40);
	CHECK_INT(counted(&f, OTHER), 80);
	json_decref(json);
	stop(&f);
}

TEST(zeroing_one)
{
	struct fixture f;
	json_t *json;

	start(&f);
	json = ask(&f, handle_service_zero, OURS, true, 200);
	CHECK_INT(number(json, "stats", "connections", NULL), 10);
	json_decref(json);
	json = ask(&f, handle_service_zero, OURS, false, 200);
	CHECK_INT(number(json, "stats", "connections", NULL), 0);
	CHECK_INT(number(json, "activeConnections", NULL, NULL), 1);
	json_decref(json);
	CHECK_INT(counted(&f, OURS), 0);
	CHECK_INT(counted(&f, MARK), 20);
	for (int dry_run = 0; dry_run < 2; dry_run++) {
		json_decref(ask(&f, handle_service_zero, FOREIGN, dry_run, 409));
		json_decref(ask(&f, handle_service_zero, OTHER, dry_run, 404));
	}
	CHECK_INT(counted(&f, FOREIGN), 40);
	json = ask(&f, handle_service_stats, FOREIGN, false, 200);
	CHECK_INT(number(json, "stats", "connections", NULL), 0);
	json_decref(json);
	stop(&f);
}

TEST(what_nobody_has_looked_at_is_not_zeroed)
{
	static const char id[] = "tcp:192.0.2.9:80";
	struct fixture f;
	json_t *json;

	start(&f);
	put_service(&f.w, id, "{}");
	commit(&f.w); /* it is published, and its pass has not begun */
	CHECK_INT(other_hand(f.w.kernel.inner, IPVS_ADD, id, NULL), 0);
	count(&f, id, 5);
	json_decref(ask(&f, handle_service_zero, id, false, 200));
	json = ask(&f, handle_zero, NULL, false, 200);
	CHECK_INT(number(json, "services", NULL, NULL), 2);
	json_decref(json);
	CHECK_INT(counted(&f, id), 5);
	stop(&f);
}

TEST(a_kernel_that_gives_no_answer)
{
	struct fixture f;

	start(&f);
	f.w.kernel.apply_error = -EIO;
	json_decref(ask(&f, handle_zero, NULL, false, 503));
	json_decref(ask(&f, handle_service_zero, OURS, false, 503));
	f.w.kernel.list_error = -EIO;
	json_decref(ask(&f, handle_stats, NULL, false, 503));
	json_decref(ask(&f, handle_service_stats, OURS, false, 503));
	stop(&f);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/change_adopt.c: what is adopted is as the kernel has it, and nothing is written;
 * what cannot be adopted is named. */
#include "core_world.h"
#include "random_ipvs.h"

#define A   "tcp:192.0.2.1:80"
#define VIP "192.0.2.10"

static const struct change_by anna = {
	.owner = "anna", .actor = "test", .request_id = "2", .action = "TEST"
};

static int adopt(struct world *w, const struct change_by *by, const char *request,
		 struct change_result *ret, struct err *e)
{
	json_t *json = json_loads(request, JSON_DECODE_ANY, NULL);
	struct config_write *write = NULL;
	struct change_result unused;
	int r;

	CHECK(json);
	CHECK_INT(change_adopt_begin(w->change, by, json, &write, e), 0);
	do
		r = change_config_step(write, e);
	while (r > 0);
	if (r == 0)
		r = change_config_finish(write, ret ? ret : &unused, e);
	change_config_free(write);
	json_decref(json);
	return r;
}

static void must_adopt(struct world *w, const struct change_by *by, const char *request,
		       struct change_result *ret)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = adopt(w, by, request, ret, &e);

	if (r < 0)
		printf("# %s: %s\n", e.code, e.n_items ? e.items[0].detail : e.detail);
	CHECK_INT(r, 0);
}

static void check_refused(struct world *w, const char *request, const char *items)
{
	_cleanup_(err_done) struct err e = { 0 };
	_cleanup_(buf_done) struct buf got = { 0 };
	const struct desired *before = change_current(w->change);

	CHECK_INT(adopt(w, &nobody, request, NULL, &e), -EINVAL);
	CHECK_STR(e.code, "validation_failed");
	for (size_t i = 0; i < e.n_items; i++)
		buf_printf(&got, "%s %s;", e.items[i].code, e.items[i].pointer);
	CHECK_STR(got.data, items);
	CHECK(change_current(w->change) == before);
}

static const struct service *current(const struct world *w, const char *id)
{
	const struct ipvs_service_key key = service_key(id);

	return desired_find(change_current(w->change), &key);
}

static void apply(struct world *w, const struct ipvs_service *s, const struct ipvs_dest *d)
{
	struct ipvs_kernel *k = w->kernel.inner;
	const struct ipvs_op op = { .verb = IPVS_ADD, .service = s, .dest = d };
	int result = 0;

	CHECK_INT(k->ops->apply(k, &op, 1, &result), 0);
	CHECK(result == 0 || result == -EEXIST);
}

/* Random services with random real servers, by another hand. */
static void fill(struct world *w)
{
	for (unsigned i = 0; i < RANDOM_SERVICE_KEYS; i++) {
		const struct ipvs_service_key key = random_service_key(i);
		struct ipvs_service s;

		random_service(&key, &s);
		apply(w, &s, NULL);
		for (unsigned j = 0; j < RANDOM_DEST_KEYS; j++) {
			struct ipvs_dest d;

			random_dest(&s, j, &d);
			apply(w, &s, &d);
		}
	}
}

TEST(all_services_are_adopted_as_they_are_without_a_write)
{
	for (int round = 0; round < 50; round++) {
		_cleanup_(world_done) struct world w = { 0 };
		struct change_result first, again;
		uint64_t writes;

		world_start(&w, ":memory:");
		fill(&w);
		writes = w.kernel.inner->ops->writes(w.kernel.inner);
		must_adopt(&w, &anna, "{\"allServices\":true}", &first);
		CHECK(first.changed);
		CHECK_INT(change_current(w.change)->services.n, RANDOM_SERVICE_KEYS);
		world_run(&w);
		world_resync(&w);
		for (size_t i = 0; i < RANDOM_SERVICE_KEYS; i++) {
			const struct service *s = change_published(w.change)->services.items[i];

			CHECK(kernel_equals(&w, s));
			CHECK_STR(s->meta.owner, "anna");
			CHECK_INT(s->real_servers.n, RANDOM_DEST_KEYS);
			CHECK_INT(desired_claim(change_published(w.change), &s->spec.key)->class,
				  CLAIM_ADOPTED);
		}
		CHECK_INT(w.kernel.inner->ops->writes(w.kernel.inner), writes);
		must_adopt(&w, &anna, "{\"allServices\":true}", &again);
		CHECK(!again.changed && again.revision == first.revision);
	}
}

TEST(named_services_are_adopted_and_only_they)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct change_result again;

	world_start(&w, ":memory:");
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, NULL), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, "10.0.0.1:80"), 0);
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, "fwm:7", NULL), 0);
	put_service(&w, "fwm:8", "{}");
	world_run(&w);
	must_adopt(&w, &nobody, "{\"services\":[\"" A "\",\"" A "\",\"fwm:8\"]}", NULL);
	CHECK_STR(current(&w, A)->spec.scheduler, "lc");
	CHECK_INT(current(&w, A)->real_servers.items[0].dest.weight, 77);
	CHECK(!current(&w, "fwm:7"));
	world_run(&w);
	CHECK_INT(ops_of(&w, A), 0);
	must_adopt(&w, &nobody, "{}", &again);
	CHECK(!again.changed);
	/* What was adopted is ours: it goes when it is deleted. */
	delete_service(&w, A);
	world_run(&w);
	CHECK(!kernel_has(&w, A) && kernel_has(&w, "fwm:7"));
}

TEST(a_desired_service_that_somebody_else_made_first_becomes_as_it_is)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct err e = { 0 };

	world_start(&w, ":memory:");
	put_service(&w, A, "{\"scheduler\":\"rr\",\"metadata\":{\"owner\":\"anna\"}}");
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, A, NULL), 0);
	world_run(&w);
	CHECK_STR(current(&w, A)->spec.scheduler, "rr");
	CHECK_INT(status_of(&w, A)->reason, STATUS_FOREIGN_EXISTS);
	CHECK_INT(adopt(&w, &nobody, "{\"services\":[\"" A "\"]}", NULL, &e), -EPERM);
	err_done(&e);
	must_adopt(&w, &anna, "{\"services\":[\"" A "\"]}", NULL);
	CHECK_STR(current(&w, A)->spec.scheduler, "lc");
	world_run(&w);
	CHECK_INT(status_of(&w, A)->reason, STATUS_IN_SYNC);
	CHECK(kernel_equals(&w, current(&w, A)));
}

TEST(what_is_no_such_request_or_not_there_is_named)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	check_refused(&w, "[]", "wrong_type ;");
	check_refused(&w, "{\"service\":[]}", "unknown_member /service;");
	check_refused(&w, "{\"services\":\"" A "\",\"vips\":{},\"allServices\":1}",
		      "wrong_type /services;wrong_type /vips;wrong_type /allServices;");
	check_refused(&w, "{\"services\":[\"" A "\",7,\"x\"],\"vips\":[\"x\"]}",
		      "not_found /services/0;wrong_type /services/1;invalid_id /services/2;"
		      "invalid_id /vips/0;");
	put_service(&w, A, "{}");
	world_run(&w);
	delete_service(&w, A); /* the kernel still has it: ours */
	check_refused(&w, "{\"services\":[\"" A "\"]}", "not_found /services/0;");
}

TEST(what_cannot_be_declared_is_refused_with_its_place)
{
	_cleanup_(world_done) struct world w = { 0 };
	const struct ipvs_service_key key = service_key(A);
	struct ipvs_service s;
	struct ipvs_dest d = { 0 };

	world_start(&w, ":memory:");
	ipvs_service_init(&key, &s);
	s.persistent = true;
	s.persistence_timeout = 3000000;
	apply(&w, &s, NULL);
	d.key = dest_key("10.0.0.1:8080");
	d.forward = IPVS_FORWARD_DR;
	apply(&w, &s, &d);
	check_refused(&w, "{\"services\":[\"" A "\"]}",
		      "out_of_range /services/0/persistence/timeoutSeconds;"
		      "port_mapping_unsupported /services/0/realServers/10.0.0.1:8080;");
	CHECK_INT(other_hand(w.kernel.inner, IPVS_ADD, "fwm:7", NULL), 0);
	check_refused(&w, "{\"allServices\":true}",
		      "out_of_range /allServices/" A "/persistence/timeoutSeconds;"
		      "port_mapping_unsupported /allServices/" A "/realServers/10.0.0.1:8080;");
}

/* VIPs ----------------------------------------------------------------------------------------- */

struct with_host {
	struct world w;
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
	CHECK_INT(netcfg_fake_new(&x->kernel), 0);
	CHECK_INT(host_new(x->kernel, NULL, &memory, &hooks, x->w.change, 30000, &x->host), 0);
	change_attach_host(x->w.change, x->host);
}

static void stop(struct with_host *x)
{
	change_attach_host(x->w.change, NULL);
	host_free(x->host);
	netcfg_kernel_free(x->kernel);
	world_done(&x->w);
}

/* Somebody sets an address on eth0. */
static void set_by_others(struct with_host *x, const char *text, uint8_t prefix)
{
	struct netcfg_op op = { .verb = NETCFG_ADDRESS_ADD, .name = "eth0" };

	op.address = (struct netcfg_address){ .index = 2, .prefix_length = prefix };
	CHECK_INT(inaddr_parse(text, strlen(text), &op.address.address), 0);
	CHECK_INT(netcfg_fake_do(x->kernel, &op), 0);
}

static const struct declared *vip(const struct with_host *x, const char *id)
{
	struct declared_key key;
	const char *why = "";

	CHECK_INT(declared_key_parse(DECLARED_VIP, id, &key, &why), 0);
	return declared_find(&change_current(x->w.change)->declared, &key);
}

static void count_op(void *arg, const struct netcfg_op *op)
{
	(void)op;
	++*(int *)arg;
}

TEST(addresses_are_adopted_where_they_are)
{
	struct change_result again;
	struct with_host x;
	int n = 0;

	start(&x);
	set_by_others(&x, VIP, 32);
	must_adopt(&x.w, &anna, "{\"vips\":[\"" VIP "\"]}", NULL);
	CHECK_STR(vip(&x, VIP)->vip.interface, "eth0");
	CHECK_STR(vip(&x, VIP)->meta.owner, "anna");
	commit(&x.w);
	CHECK(!host_address_is_foreign(x.host, &vip(&x, VIP)->vip.address));
	CHECK_INT(host_plan(x.host, &change_published(x.w.change)->declared, count_op, &n), 0);
	CHECK_INT(n, 0); /* nothing is to be done to them */
	must_adopt(&x.w, &anna, "{\"vips\":[\"" VIP "\"]}", &again);
	CHECK(!again.changed);
	stop(&x);
}

/* eth0 of the fake has 198.51.100.1/24. */
TEST(an_address_that_would_have_to_change_is_refused)
{
	struct with_host x;

	start(&x);
	set_by_others(&x, "192.0.2.11", 24);
	set_by_others(&x, "2001:db8::11", 128); /* preferred, as none of ours is */
	check_refused(&x.w, "{\"vips\":[\"192.0.2.11\",\"2001:db8::11\",\"192.0.2.13\"]}",
		      "not_supported /vips/0;not_supported /vips/1;not_found /vips/2;");
	stop(&x);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/change_declared.c and change_config_declared.c: writes of VIPs, sysctls and roles,
 * single and in documents; checks against the host in memory, and adoption. */
#include "core_world.h"

#define VIP "192.0.2.10"

static const struct change_by anna = {
	.owner = "anna", .actor = "test", .request_id = "2", .action = "TEST"
};

static struct declared_key key_of(enum declared_kind kind, const char *id)
{
	struct declared_key key;
	const char *why = "";

	CHECK_INT(declared_key_parse(kind, id, &key, &why), 0);
	return key;
}

static const struct declared *current(const struct world *w, enum declared_kind kind,
				      const char *id)
{
	const struct declared_key key = key_of(kind, id);

	return declared_find(&change_current(w->change)->declared, &key);
}

static int put(struct world *w, const struct change_by *by, enum declared_kind kind, const char *id,
	       const char *text, struct change_result *ret, struct err *e)
{
	const struct declared_key key = key_of(kind, id);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct change_result unused;
	int r;

	CHECK(json);
	r = change_write_declared(w->change, by, &key, json, DECODE_PUT, ret ? ret : &unused, e);
	json_decref(json);
	return r;
}

static void must_put(struct world *w, const struct change_by *by, enum declared_kind kind,
		     const char *id, const char *text, struct change_result *ret)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = put(w, by, kind, id, text, ret, &e);

	if (r < 0)
		printf("# %s: %s\n", e.code, e.n_items ? e.items[0].detail : e.detail);
	CHECK_INT(r, 0);
}

/* The write is refused so, and nothing has changed. */
static void check_refused(struct world *w, const struct err *e, const struct desired *before,
			  const char *code, const char *items)
{
	_cleanup_(buf_done) struct buf got = { 0 };

	buf_add_str(&got, "");
	for (size_t i = 0; i < e->n_items; i++)
		buf_printf(&got, "%s %s: %s;", e->items[i].code, e->items[i].pointer,
			   e->items[i].detail);
	CHECK_STR(e->code, code);
	CHECK_STR(got.data, items);
	CHECK(change_current(w->change) == before);
}

static void document(struct world *w, const struct change_by *by, const char *text)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = write_config(w, by, text, NULL, &e);

	if (r < 0)
		printf("# %s: %s\n", e.code, e.n_items ? e.items[0].detail : e.detail);
	CHECK_INT(r, 0);
}

static void patch_document(struct world *w, const char *text)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;

	CHECK_INT(change_write_config(w->change, &nobody, DECODE_PATCH, text, strlen(text), &result,
				      &e),
		  0);
}

/* Single objects ------------------------------------------------------------------------------- */

TEST(a_put_is_one_revision_and_a_repetition_none)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct change_result first, again, second;
	uint64_t before;

	world_start(&w, ":memory:");
	before = change_current(w.change)->revision;
	must_put(&w, &nobody, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &first);
	CHECK(first.created && first.changed && first.revision == before + 1);
	must_put(&w, &nobody, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &again);
	CHECK(!again.created && !again.changed && again.revision == first.revision);
	must_put(&w, &nobody, DECLARED_VIP, VIP, "{\"interface\":\"eth1\"}", &second);
	CHECK(!second.created && second.changed && second.revision == first.revision + 1);
	CHECK_INT(current(&w, DECLARED_VIP, VIP)->meta.generation, 2);
	commit(&w);
	CHECK_STR(current(&w, DECLARED_VIP, VIP)->vip.interface, "eth1");
}

TEST(owners_keep_their_objects)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 }, d = { 0 };
	const struct declared_key key = key_of(DECLARED_SYSCTL, "net.ipv4.ip_forward");
	struct change_by by_force = nobody;
	struct change_result result;
	const struct desired *before;

	by_force.force = true;
	world_start(&w, ":memory:");
	must_put(&w, &anna, DECLARED_SYSCTL, key.name, "{\"value\":1}", NULL);
	CHECK_STR(current(&w, DECLARED_SYSCTL, key.name)->meta.owner, "anna");
	before = change_current(w.change);
	CHECK_INT(put(&w, &nobody, DECLARED_SYSCTL, key.name, "{\"value\":0}", NULL, &e), -EPERM);
	check_refused(&w, &e, before, "owner_conflict", "");
	CHECK_INT(change_delete_declared(w.change, &nobody, &key, &result, &d), -EPERM);
	CHECK_STR(d.code, "owner_conflict");
	CHECK_INT(change_delete_declared(w.change, &by_force, &key, &result, NULL), 0);
	CHECK(!current(&w, DECLARED_SYSCTL, key.name));
}

TEST(patch_and_delete_of_what_is_absent_are_refused)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 }, d = { 0 };
	const struct declared_key key = { .kind = DECLARED_DIRECTOR };
	json_t *json = json_object();
	struct change_result result;

	world_start(&w, ":memory:");
	CHECK_INT(change_write_declared(w.change, &nobody, &key, json, DECODE_PATCH, &result, &e),
		  -ENOENT);
	CHECK_STR(e.code, "not_found");
	CHECK_STR(e.detail, "there is no role director");
	CHECK_INT(change_delete_declared(w.change, &nobody, &key, &result, &d), -ENOENT);
	CHECK(!change_pending(w.change));
	json_decref(json);
}

TEST(contradictions_are_refused_with_both_sides)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 }, f = { 0 }, g = { 0 }, h = { 0 };
	const struct desired *before;

	world_start(&w, ":memory:");
	must_put(&w, &nobody, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", NULL);
	must_put(&w, &nobody, DECLARED_SYSCTL, "net.ipv4.ip_forward", "{\"value\":1}", NULL);
	before = change_current(w.change);
	CHECK_INT(put(&w, &nobody, DECLARED_REAL_SERVER, "",
		      "{\"vips\":{\"" VIP "\":{},\"192.0.2.11\":{}}}", NULL, &e),
		  -EEXIST);
	check_refused(&w, &e, before, "desired_conflict",
		      "desired_conflict /vips/" VIP ": " VIP
		      ": 'lo' by this, but 'eth0' by vip " VIP ";");
	CHECK_INT(put(&w, &nobody, DECLARED_DIRECTOR, "", "{\"ipv4Forwarding\":false}", NULL, &f),
		  -EEXIST);
	check_refused(
		&w, &f, before, "desired_conflict",
		"desired_conflict /ipv4Forwarding: net.ipv4.conf.all.forwarding: '0' by this, but '1' "
		"by sysctl net.ipv4.ip_forward;");
	CHECK_INT(put(&w, &nobody, DECLARED_SYSCTL, "net.ipv4.conf.all.forwarding", "{\"value\":0}",
		      NULL, &g),
		  -EEXIST);
	CHECK_STR(g.code, "desired_conflict");
	CHECK_INT(g.n_items, 1);
	CHECK(change_current(w.change) == before);
	/* A document may put it right in one write, and not make it anew. */
	CHECK_INT(write_config(&w, &nobody, "{\"roles\":{\"director\":{\"ipv4Forwarding\":false}}}",
			       NULL, &h),
		  -EEXIST);
	check_refused(
		&w, &h, before, "desired_conflict",
		"desired_conflict /roles/director/ipv4Forwarding: net.ipv4.conf.all.forwarding: '0' "
		"by this, but '1' by sysctl net.ipv4.ip_forward;");
	document(&w, &nobody,
		 "{\"roles\":{\"director\":{\"ipv4Forwarding\":false}},\"sysctls\":{}}");
}

TEST(one_value_that_serves_both_is_no_contradiction)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	must_put(&w, &nobody, DECLARED_SYSCTL, "net.ipv4.ip_forward", "{\"value\":\"1\"}", NULL);
	must_put(&w, &nobody, DECLARED_DIRECTOR, "", "{\"ipv4Forwarding\":true}", NULL);
	must_put(&w, &nobody, DECLARED_REAL_SERVER, "", "{\"vips\":{\"" VIP "\":{}}}", NULL);
}

TEST(a_rehearsal_leaves_nothing_behind)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct change_result result;
	struct desired *state;

	world_start(&w, ":memory:");
	CHECK_INT(change_rehearse_begin(w.change, &e), 0);
	must_put(&w, &nobody, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &result);
	state = change_rehearse_end(w.change);
	CHECK(result.created);
	CHECK_INT(state->declared.n, 1);
	CHECK_INT(change_current(w.change)->declared.n, 0);
	CHECK(!change_pending(w.change));
	desired_unref(state);
}

/* Documents ------------------------------------------------------------------------------------ */

static const char all[] =
	"{\"vips\":{\"" VIP "\":{\"interface\":\"eth0\"},\"2001:db8::10\":{\"interface\":\"lo\"}},"
	"\"roles\":{\"realServer\":{\"vips\":{\"192.0.2.20\":{}}},\"director\":{}},"
	"\"sysctls\":{\"net.ipv4.conf.eth0/1.arp_ignore\":{\"value\":1}}}";

TEST(a_document_replaces_the_parts_that_it_has)
{
	_cleanup_(world_done) struct world w = { 0 };
	uint64_t revision;

	world_start(&w, ":memory:");
	revision = change_current(w.change)->revision;
	document(&w, &nobody, all);
	CHECK_INT(change_current(w.change)->revision, revision + 1);
	CHECK_INT(change_current(w.change)->declared.n, 5);
	document(&w, &nobody, all); /* again: nothing */
	CHECK_INT(change_current(w.change)->revision, revision + 1);
	document(&w, &nobody, "{\"services\":{}}");
	CHECK_INT(change_current(w.change)->declared.n, 5);
	document(&w, &nobody, "{\"vips\":{\"" VIP "\":{\"interface\":\"eth0\"}}}");
	CHECK_INT(change_current(w.change)->declared.n, 4);
	CHECK(!current(&w, DECLARED_VIP, "2001:db8::10"));
	document(&w, &nobody, "{\"sysctls\":null,\"vips\":{}}");
	CHECK_INT(change_current(w.change)->declared.n, 2);
	/* A role that is not named stays; so does a map that is not given. */
	document(&w, &nobody, "{\"roles\":{\"realServer\":{\"interface\":\"eth1\"}}}");
	CHECK(current(&w, DECLARED_DIRECTOR, ""));
	CHECK_INT(current(&w, DECLARED_REAL_SERVER, "")->vips.n, 1);
	document(&w, &nobody, "{\"roles\":{\"realServer\":null}}");
	CHECK(current(&w, DECLARED_DIRECTOR, "") && !current(&w, DECLARED_REAL_SERVER, ""));
	document(&w, &nobody, "{\"roles\":{}}");
	CHECK_INT(change_current(w.change)->declared.n, 0);
}

TEST(a_document_leaves_what_others_own)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct change_by by_force = nobody;
	const struct desired *before;

	by_force.force = true;
	world_start(&w, ":memory:");
	document(&w, &anna, all);
	document(&w, &nobody, "{\"vips\":{},\"roles\":null,\"sysctls\":{}}");
	CHECK_INT(change_current(w.change)->declared.n, 5);
	before = change_current(w.change);
	CHECK_INT(write_config(&w, &nobody, "{\"vips\":{\"" VIP "\":{\"interface\":\"eth9\"}}}",
			       NULL, &e),
		  -EPERM);
	check_refused(&w, &e, before, "owner_conflict", "");
	document(&w, &by_force, "{\"vips\":{}}");
	CHECK_INT(change_current(w.change)->declared.n, 3);
}

TEST(a_patch_changes_what_it_names)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w, ":memory:");
	document(&w, &nobody, all);
	patch_document(&w, "{\"vips\":{\"" VIP "\":{\"label\":\"eth0:1\"}},"
			   "\"roles\":{\"realServer\":{\"vips\":{\"192.0.2.21\":{}}}},"
			   "\"sysctls\":{\"net.ipv4.conf.eth0/1.arp_ignore\":null}}");
	CHECK_INT(change_current(w.change)->declared.n, 4);
	CHECK_STR(current(&w, DECLARED_VIP, VIP)->vip.label, "eth0:1");
	CHECK_STR(current(&w, DECLARED_VIP, VIP)->vip.interface, "eth0");
	CHECK_INT(current(&w, DECLARED_REAL_SERVER, "")->vips.n, 2);
	patch_document(&w, "{\"roles\":{},\"vips\":{}}");
	CHECK_INT(change_current(w.change)->declared.n, 4);
	patch_document(&w, "{\"roles\":null,\"vips\":null}");
	CHECK_INT(change_current(w.change)->declared.n, 0);
}

TEST(all_faults_of_a_document_come_at_once)
{
	_cleanup_(world_done) struct world w = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	const struct desired *before;

	world_start(&w, ":memory:");
	document(&w, &nobody, all);
	before = change_current(w.change);
	CHECK_INT(write_config(&w, &nobody,
			       "{\"vips\":{\"192.0.2.1/32\":{},\"192.0.2.2\":{},\"192.0.2.3\":[],"
			       "\"2001:db8::1\":{\"interface\":\"a\"},"
			       "\"2001:DB8::1\":{\"interface\":\"a\"}},"
			       "\"sysctls\":{\"kernel.panic\":{\"value\":1}},"
			       "\"roles\":{\"backup\":{},\"director\":5}}",
			       NULL, &e),
		  -EINVAL);
	CHECK_STR(e.code, "validation_failed");
	CHECK_INT(e.n_items, 7);
	for (size_t i = 0; i < e.n_items; i++) {
		static const char *const want[][2] = {
			{ "/vips/192.0.2.1~132", "invalid_id" },
			{ "/vips/192.0.2.2/interface", "required" },
			{ "/vips/192.0.2.3", "wrong_type" },
			{ "/vips/2001:db8::1", "duplicate_id" },
			{ "/sysctls/kernel.panic", "sysctl_not_allowed" },
			{ "/roles/backup", "unknown_member" },
			{ "/roles/director", "wrong_type" },
		};

		CHECK_STR(e.items[i].pointer, want[i][0]);
		CHECK_STR(e.items[i].code, want[i][1]);
	}
	CHECK(change_current(w.change) == before);
}

/* The host -------------------------------------------------------------------------------------
 */

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

/* Somebody sets an address on eth0. */
static void set_there(struct netcfg_kernel *k, const char *text, int32_t index)
{
	struct netcfg_op op = { .verb = NETCFG_ADDRESS_ADD };

	(void)snprintf(op.name, sizeof(op.name), "eth%d", index - 2);
	op.address = (struct netcfg_address){ .index = index,
					      .valid = UINT32_MAX,
					      .preferred = UINT32_MAX };
	CHECK_INT(inaddr_parse(text, strlen(text), &op.address.address), 0);
	op.address.prefix_length = netcfg_full_prefix(&op.address.address);
	CHECK_INT(netcfg_fake_do(k, &op), 0);
}

static void set_by_others(struct netcfg_kernel *k, const char *text)
{
	set_there(k, text, 2);
}

struct with_host {
	struct world w;
	struct netcfg_kernel *kernel;
	struct host *host;
};

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

static bool is_foreign(const struct with_host *x, const char *text)
{
	struct inaddr a;

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return host_address_is_foreign(x->host, &a);
}

TEST(an_address_is_adopted_with_the_commit_and_not_before)
{
	struct change_by adopting = nobody;
	struct change_result first, again;
	struct with_host x;

	adopting.adopt = true;
	start(&x);
	set_by_others(x.kernel, VIP);
	must_put(&x.w, &nobody, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &first);
	commit(&x.w);
	CHECK(is_foreign(&x, VIP)); /* it is used as it is */
	must_put(&x.w, &adopting, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &again);
	CHECK(again.changed && again.revision == first.revision + 1);
	CHECK(is_foreign(&x, VIP));
	commit(&x.w);
	CHECK(!is_foreign(&x, VIP));
	must_put(&x.w, &adopting, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &first);
	CHECK(!first.changed);
	stop(&x);
}

TEST(what_is_ours_here_is_not_adopted_because_of_another_interface)
{
	struct change_by adopting = nobody;
	struct change_result first, again;
	struct with_host x;

	adopting.adopt = true;
	start(&x);
	set_by_others(x.kernel, VIP);
	must_put(&x.w, &adopting, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &first);
	commit(&x.w);
	CHECK(first.changed && !is_foreign(&x, VIP));
	set_there(x.kernel, VIP, 3);
	host_notice(x.host);
	(void)host_run(x.host, HOST_FIRST, 1);
	CHECK(is_foreign(&x, VIP)); /* that on eth1 is */
	must_put(&x.w, &adopting, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", &again);
	CHECK(!again.changed);
	stop(&x);
}

TEST(a_rehearsal_or_a_refusal_adopts_nothing)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct change_by adopting = nobody;
	struct with_host x;

	adopting.adopt = true;
	start(&x);
	set_by_others(x.kernel, VIP);
	CHECK_INT(change_rehearse_begin(x.w.change, &e), 0);
	must_put(&x.w, &adopting, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", NULL);
	desired_unref(change_rehearse_end(x.w.change));
	CHECK_INT(write_config(&x.w, &adopting,
			       "{\"vips\":{\"" VIP "\":{\"interface\":\"eth0\"}},\"nonsense\":1}",
			       NULL, &e),
		  -EINVAL);
	must_put(&x.w, &nobody, DECLARED_VIP, VIP, "{\"interface\":\"eth0\"}", NULL);
	commit(&x.w);
	CHECK(is_foreign(&x, VIP));
	stop(&x);
}

/* eth0 of the fake has 198.51.100.1/24. */
TEST(an_address_that_brings_a_subnet_is_never_taken_over)
{
	struct change_by adopting = nobody;
	struct change_result first, again;
	struct with_host x;

	adopting.adopt = true;
	start(&x);
	must_put(&x.w, &adopting, DECLARED_VIP, "198.51.100.1", "{\"interface\":\"eth0\"}", &first);
	commit(&x.w);
	must_put(&x.w, &adopting, DECLARED_VIP, "198.51.100.1", "{\"interface\":\"eth0\"}", &again);
	CHECK(first.created && !again.changed);
	CHECK(is_foreign(&x, "198.51.100.1"));
	stop(&x);
}

TEST(addresses_of_the_subnet_itself_are_no_vips)
{
	_cleanup_(err_done) struct err e = { 0 }, f = { 0 };
	const struct desired *before;
	struct with_host x;

	start(&x);
	before = change_current(x.w.change);
	CHECK_INT(put(&x.w, &nobody, DECLARED_VIP, "198.51.100.255", "{\"interface\":\"eth0\"}",
		      NULL, &e),
		  -EINVAL);
	check_refused(&x.w, &e, before, "validation_failed",
		      "subnet_address /interface: 198.51.100.255 is the broadcast address of a "
		      "subnet of the interface;");
	CHECK_INT(put(&x.w, &nobody, DECLARED_REAL_SERVER, "",
		      "{\"interface\":\"eth0\",\"vips\":{\"198.51.100.0\":{}}}", NULL, &f),
		  -EINVAL);
	check_refused(&x.w, &f, before, "validation_failed",
		      "subnet_address /vips/198.51.100.0: is the network address of a subnet of "
		      "the interface;");
	must_put(&x.w, &nobody, DECLARED_VIP, "198.51.100.255", "{\"interface\":\"eth9\"}", NULL);
	must_put(&x.w, &nobody, DECLARED_VIP, "198.51.100.255",
		 "{\"interface\":\"eth9\",\"announce\":{\"count\":1}}", NULL);
	stop(&x);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as a whole configuration or a patch of one, twice, through store and reconciler to the
 * fake kernel: what is taken changes nothing the second time, and the kernel becomes so. */
#include "change.h"
#include "fuzz.h"
#include "log.h"

static const struct reconcile_hooks hooks = {
	.desired = change_published,
	.deleted = change_deleted,
	.foreign = change_foreign,
};

struct world {
	struct ipvs_kernel *kernel;
	struct store *store;
	struct change *change;
	struct reconcile *reconcile;
};

static void world_new(struct world *w)
{
	struct desired *d = NULL;
	struct err e = { 0 };

	log_set_level((enum log_level)0);
	MUST(ipvs_fake_new(&w->kernel) == 0 && store_open(":memory:", &w->store, &e) == 0);
	MUST(store_load(w->store, &d, &e) == 0 && change_new(w->store, d, &w->change) == 0);
	MUST(reconcile_new(w->kernel, &hooks, w->change, 30000, &w->reconcile) == 0);
	change_attach(w->change, w->reconcile);
}

static void world_free(struct world *w)
{
	change_free(w->change);
	reconcile_free(w->reconcile);
	store_close(w->store);
	ipvs_kernel_free(w->kernel);
}

static int write_config(struct world *w, const char *text, size_t len, struct change_result *ret)
{
	const struct change_by by = { .actor = "fuzz", .request_id = "1", .action = "PUT" };
	struct err e = { 0 };
	/* White space in front chooses what is done, and means nothing else. */
	enum decode_mode mode = len && text[0] == '\n' ? DECODE_PATCH : DECODE_PUT;
	int r = change_write_config(w->change, &by, mode, text, len, ret, &e);

	MUST(r == 0 || (e.code && !change_pending(w->change)));
	err_done(&e);
	return r;
}

static void settle(struct world *w, int64_t now)
{
	struct err e = { 0 };

	MUST(change_commit(w->change, &e) == 0);
	(void)reconcile_run(w->reconcile, now);
	MUST(change_commit(w->change, &e) == 0);
}

/* A second document, so that there is something to remove and to patch over. */
static const char other[] = "{\"services\":{\"tcp:192.0.2.1:80\":{\"scheduler\":\"rr\","
			    "\"realServers\":{\"10.0.0.1:80\":{\"weight\":5}}},\"fwm:7\":{}}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct change_result result = { 0 };
	struct world w = { 0 };

	world_new(&w);
	if (size && (data[0] == ' ' || data[0] == '\n')) {
		MUST(write_config(&w, other, sizeof(other) - 1, &result) == 0);
		settle(&w, 0);
	}
	if (write_config(&w, (const char *)data, size, &result) == 0) {
		settle(&w, 1000);
		MUST(write_config(&w, (const char *)data, size, &result) == 0);
		MUST(!result.changed);
		(void)reconcile_request_pass(w.reconcile);
		settle(&w, 2000);
		MUST(reconcile_stats(w.reconcile)->drift_found == 0);
	}
	world_free(&w);
	return 0;
}

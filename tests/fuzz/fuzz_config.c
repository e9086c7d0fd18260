/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as a whole configuration or a patch of one, twice, through store and reconciler to the
 * fake kernel: what is taken changes nothing the second time, and the kernel becomes so. */
#include "fuzz_world.h"

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

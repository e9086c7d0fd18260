/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as an import, merging and replacing, twice, through store and reconciler to the fake
 * kernel: what is taken changes nothing the second time, and the kernel becomes so. */
#include "fuzz_world.h"

static int import(struct world *w, enum decode_mode mode, const char *text, size_t len,
		  struct change_result *ret)
{
	const struct change_by by = {
		.actor = "fuzz", .request_id = "1", .action = "POST", .allow_mass_delete = true
	};
	struct config_write *write = NULL;
	struct err e = { 0 };
	int r = change_import_begin(w->change, &by, mode, text, len, NULL, &write, &e);

	MUST(r == 0);
	do
		r = change_config_step(write, &e);
	while (r > 0);
	if (r == 0)
		r = change_config_finish(write, ret, &e);
	change_config_free(write);
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

/* What is there before, so that there is something to merge with and to remove. */
static const char before[] = "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -w 5\n"
			     "-A -f 7\n-a -f 7 -r 10.0.0.1:0\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	/* An empty line in front means nothing else. */
	enum decode_mode mode = size && text[0] == '\n' ? DECODE_PATCH : DECODE_PUT;
	struct change_result result = { 0 };
	struct world w = { 0 };

	world_new(&w);
	MUST(import(&w, DECODE_PUT, before, sizeof(before) - 1, &result) == 0);
	settle(&w, 0);
	if (import(&w, mode, text, size, &result) == 0) {
		settle(&w, 1000);
		MUST(import(&w, mode, text, size, &result) == 0);
		MUST(!result.changed);
		(void)reconcile_request_pass(w.reconcile);
		settle(&w, 2000);
		MUST(reconcile_stats(w.reconcile)->drift_found == 0);
	}
	world_free(&w);
	return 0;
}

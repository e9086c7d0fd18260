/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /metrics: about the daemon, then, when the kernel's services have been listed and real
 * servers read that are not in the cache yet, about those. */
#include <errno.h>

#include "accept.h"
#include "handlers.h"
#include "service_counters.h"

#define MAX_SCRAPES 8 /* each keeps the counters of all services, however slow its client */

/* An answer in the making. */
struct scrape {
	struct api *api;
	struct metrics m;
	bool kernel; /* the services of the kernel can be read */
	bool collected;
	struct service_counters counters;
	size_t filled; /* services whose real servers are in the cache */
	struct metrics_cursor cursor;
};

static void scrape_free(void *state)
{
	struct scrape *s = state;

	s->api->scrapes--;
	service_counters_done(&s->counters);
	free(s);
}

/* Reads on. 1, or 0 at the end; what cannot be read is left out. */
static int collect(struct scrape *s)
{
	int r = s->kernel ? service_counters_step(&s->counters) : 0;

	if (r < 0) {
		s->kernel = false;
		return 1;
	}
	if (r > 0)
		return 1;
	if (!s->kernel || !s->api->counters || s->filled == s->counters.counted.n)
		return 0;
	if (s->counters.counted.items[s->filled].there)
		(void)counters_of(s->api->counters, s->counters.desired->services.items[s->filled],
				  s->api->now());
	s->filled++;
	return 1;
}

static int scrape_next(void *state, struct buf *out)
{
	struct scrape *s = state;

	if (!s->collected) {
		s->collected = collect(s) == 0;
		return 1;
	}
	s->m.out = out;
	if (metrics_services(s->api, &s->m, &s->counters, &s->cursor) > 0)
		return 1;
	if (s->m.open)
		buf_add_str(out, "# EOF\n");
	return 0;
}

/* Which format it is to be. 0, or -EINVAL with e set. */
static int choose(const struct request *req, bool *ret_open, struct err *e)
{
	const char *accept = request_header(req, "Accept");
	bool open_named, text_named;
	unsigned open =
		accept_quality(accept, "application", "openmetrics-text", "1.0.0", &open_named);
	unsigned text = accept_quality(accept, "text", "plain", "0.0.4", &text_named);

	if (open == 0 && text == 0)
		return err_set(e, -EINVAL, "not_acceptable",
			       "the answer is text/plain or application/openmetrics-text, which "
			       "Accept leaves out");
	*ret_open = text == 0 || (open_named && open >= text);
	return 0;
}

static struct scrape *scrape_new(struct api *api, bool open, struct buf *out)
{
	struct scrape *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return NULL;
	api->scrapes++;
	s->api = api;
	s->m.open = open;
	s->m.out = out;
	if (api->counters)
		counters_want(api->counters, api->now());
	r = service_counters_begin(&s->counters, api);
	s->kernel = r == 0 && !reconcile_stats(api->reconcile)->kernel_error;
	metrics_agent(api, &s->m);
	if (r == -ENOMEM || out->failed) {
		scrape_free(s);
		return NULL;
	}
	return s;
}

bool handle_metrics(struct api *api, struct request *req, struct response *resp)
{
	struct err e = { 0 };
	struct scrape *s;
	bool open = false;

	if (choose(req, &open, &e) < 0)
		return handle_problem(req, resp, &e);
	if (api->scrapes == MAX_SCRAPES) {
		(void)err_set(&e, 0, "too_many_requests", "%d scrapes are being answered already",
			      MAX_SCRAPES);
		return handle_problem(req, resp, &e);
	}
	s = scrape_new(api, open, &resp->body);
	if (!s) {
		(void)err_set(&e, 0, "out_of_memory", "out of memory");
		return handle_problem(req, resp, &e);
	}
	resp->stream = (struct response_stream){ scrape_next, scrape_free, s };
	response_json(resp, 200);
	resp->content_type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
				  : "text/plain; version=0.0.4; charset=utf-8";
	return true;
}

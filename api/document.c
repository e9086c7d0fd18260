/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of documents in slices, see document.h. */
#include "document.h"

#include <errno.h>

#include "handlers.h"

/* Read at once: about 10 ms where that takes 1 µs for 10 bytes. */
#define SMALL (64 << 10)

/* With the 10 ms of a reconciler's slice, a turn stays below 15 ms. */
#define SLICE_MS 4

/* Text between two looks at the clock, which may be dear; 1 ms where all is slow. */
#define CLOCK_BYTES (4 << 10)

struct document {
	struct config_write *config; /* NULL: not begun */
	struct change_by by;
	enum decode_mode mode;
	struct err faults; /* of the whole document */
};

void document_free(struct document *d)
{
	if (!d)
		return;
	change_config_free(d->config);
	err_done(&d->faults);
	free(d);
}

/* Takes the document as a whole, now that it has been read. */
static bool end(struct write *w, struct request *req, struct response *resp, int r)
{
	struct document *d = w->document;
	struct change_result result = { 0 };

	w->api->document = NULL;
	if (r == 0)
		r = write_start(w, &d->faults);
	if (r == 0)
		r = change_config_finish(d->config, &result, &d->faults);
	w->revision = result.revision;
	change_config_free(TAKE_PTR(d->config));
	return write_end(w, req, resp, r, &d->faults);
}

static int begin(struct write *w, struct request *req, struct response *resp)
{
	struct document *d = w->document;
	struct change *c = w->api->change;

	if (w->kind == WRITE_CONFIG &&
	    write_preconditions(w->api, req, resp, change_current(c)->revision) < 0)
		return -ESTALE;
	return change_config_begin(c, &d->by, d->mode, req->body, req->body_len, &d->config,
				   &d->faults);
}

bool document_start(struct write *w, struct request *req, struct response *resp,
		    const struct change_by *by, enum decode_mode mode)
{
	struct document *d = calloc(1, sizeof(*d));
	struct err e = { 0 };
	int r;

	if (!d || req->body_len == 0) {
		(void)err_set(&e, 0, d ? "body_required" : "out_of_memory",
			      d ? "this request needs a JSON document" : "out of memory");
		free(d);
		return handle_problem(req, resp, &e);
	}
	*d = (struct document){ .by = *by, .mode = mode };
	w->document = d;
	if (req->body_len > SMALL) {
		w->api->document = w;
		return false;
	}
	r = begin(w, req, resp);
	if (r == -ESTALE)
		return true;
	if (r == 0)
		do
			r = change_config_step(d->config, &d->faults);
		while (r > 0);
	return end(w, req, resp, r);
}

/* Steps until about CLOCK_BYTES more have been read. As change_config_step(). */
static int some_steps(struct document *d)
{
	size_t until = change_config_read(d->config) + CLOCK_BYTES;
	int r;

	do
		r = change_config_step(d->config, &d->faults);
	while (r > 0 && change_config_read(d->config) < until);
	return r;
}

bool document_resume(struct write *w, struct request *req, struct response *resp)
{
	struct document *d = w->document;
	int64_t until = w->api->now() + SLICE_MS;
	int r = 0;

	/* What was written before it may still turn out not to be durable. */
	if (!d->config && change_pending(w->api->change))
		return false;
	if (!d->config)
		r = begin(w, req, resp);
	if (r == -ESTALE) {
		w->api->document = NULL;
		return true;
	}
	if (r == 0)
		do
			r = some_steps(d);
		while (r > 0 && w->api->now() < until);
	return r > 0 ? false : end(w, req, resp, r);
}

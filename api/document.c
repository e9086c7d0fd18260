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

enum form {
	FORM_JSON,
	FORM_TEXT,
	FORM_ADOPT,
};

struct document {
	struct config_write *config; /* NULL: not begun */
	enum form form;
	const struct ipvs_text_names *names; /* TEXT */
	json_t *adopt;			     /* ADOPT */
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
	json_decref(d->adopt);
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
	switch (d->form) {
	case FORM_JSON:
		break;
	case FORM_TEXT:
		return change_import_begin(c, &d->by, d->mode, req->body, req->body_len, d->names,
					   &d->config, &d->faults);
	case FORM_ADOPT:
		return change_adopt_begin(c, &d->by, d->adopt, &d->config, &d->faults);
	}
	return change_config_begin(c, &d->by, d->mode, req->body, req->body_len, &d->config,
				   &d->faults);
}

/* Begins to read what is ready to be read: at once, or in slices from the next turn on. */
static bool start(struct write *w, struct request *req, struct response *resp, bool at_once)
{
	struct document *d = w->document;
	int r;

	if (!at_once) {
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

/* Gives the write a document. False: answered. */
static bool set_document(struct write *w, struct request *req, struct response *resp,
			 const struct document *like)
{
	struct document *d = malloc(sizeof(*d));
	struct err e = { 0 };

	if (!d || (like->form != FORM_ADOPT && req->body_len == 0)) {
		(void)err_set(&e, 0, d ? "body_required" : "out_of_memory",
			      d ? "this request needs a document" : "out of memory");
		free(d);
		json_decref(like->adopt);
		(void)handle_problem(req, resp, &e);
		return false;
	}
	*d = *like;
	w->document = d;
	return true;
}

bool document_start(struct write *w, struct request *req, struct response *resp,
		    const struct change_by *by, enum decode_mode mode)
{
	const struct document like = { .form = FORM_JSON, .by = *by, .mode = mode };

	return !set_document(w, req, resp, &like) || start(w, req, resp, req->body_len <= SMALL);
}

bool document_start_text(struct write *w, struct request *req, struct response *resp,
			 const struct change_by *by, enum decode_mode mode,
			 const struct ipvs_text_names *names)
{
	const struct document like = { .form = FORM_TEXT, .by = *by, .mode = mode, .names = names };

	return !set_document(w, req, resp, &like) ||
	       start(w, req, resp, req->body_len <= SMALL && !names);
}

bool document_start_adopt(struct write *w, struct request *req, struct response *resp,
			  const struct change_by *by, json_t *request)
{
	const struct document like = { .form = FORM_ADOPT, .by = *by, .adopt = request };

	/* How much it is, only the kernel knows. */
	return !set_document(w, req, resp, &like) || start(w, req, resp, false);
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

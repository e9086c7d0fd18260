/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills in responses and writes problem documents (RFC 9457). Called by the handlers, the router
 * and httpd.c; it knows neither routes nor sockets. */
#include "response.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "json_write.h"
#include "problem.h"

void response_header(struct response *resp, const char *name, const char *fmt, ...)
{
	char *value;
	va_list ap;
	int r;

	if (resp->n_headers >= RESPONSE_MAX_HEADERS)
		return;
	va_start(ap, fmt);
	r = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (r < 0)
		return;
	resp->headers[resp->n_headers++] = (struct response_header){ .name = name, .value = value };
}

void response_json(struct response *resp, unsigned status)
{
	resp->status = status;
	resp->content_type = "application/json";
}

static bool has_header(const struct response *resp, const char *name)
{
	for (size_t i = 0; i < resp->n_headers; i++) {
		if (strcasecmp(resp->headers[i].name, name) == 0)
			return true;
	}
	return false;
}

static void drop_body(struct response *resp)
{
	buf_clear(&resp->body);
	if (resp->stream.free)
		resp->stream.free(resp->stream.state);
	resp->stream = (struct response_stream){ 0 };
}

/* The length of s without an unfinished UTF-8 character at its end: details are cut by bytes. */
static int whole_characters(const char *s)
{
	size_t len = strlen(s), start = len;

	while (start > 0 && len - start < 4 && ((unsigned char)s[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)s[start - 1] >= 0xc0) {
		unsigned char lead = (unsigned char)s[start - 1];
		size_t want = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

		if (len - start + 1 < want)
			len = start - 1;
	}
	return (int)len;
}

static void write_errors(struct json_writer *w, const struct err *e)
{
	json_write_key(w, "errors");
	json_write_begin_array(w);
	for (size_t i = 0; i < e->n_items; i++) {
		const char *where = e->items[i].pointer;
		bool parameter = *where == '?'; /* see request_refuse_param() */

		json_write_begin_object(w);
		json_write_member_string(w, parameter ? "parameter" : "pointer", where + parameter);
		json_write_member_string(w, "code", e->items[i].code);
		json_write_member_string(w, "detail", e->items[i].detail);
		json_write_end_object(w);
	}
	json_write_end_array(w);
	if (e->n_dropped > 0)
		json_write_member_int(w, "errorsOmitted", (int64_t)e->n_dropped);
}

void response_problem(struct response *resp, const struct request *req, const struct err *e)
{
	const char *code = e->code ? e->code : err_has_items(e) ? "validation_failed" : NULL;
	const struct problem *p = problem_find(code);
	struct json_writer w;
	char text[sizeof(e->detail) + 1], type[PROBLEM_TYPE_MAX];

	drop_body(resp);
	resp->status = p->status;
	resp->content_type = "application/problem+json";
	json_write_init(&w, &resp->body);
	json_write_begin_object(&w);
	json_write_member_string(&w, "type", problem_type(p, type));
	json_write_member_string(&w, "title", p->title);
	json_write_member_int(&w, "status", p->status);
	(void)snprintf(text, sizeof(text), "%.*s", whole_characters(e->detail), e->detail);
	json_write_member_string(&w, "detail", *text ? text : p->remedy);
	json_write_member_string(&w, "code", p->code);
	json_write_member_string(&w, "requestId", req->id);
	json_write_member_bool(&w, "retryable", p->retryable);
	if (err_has_items(e))
		write_errors(&w, e);
	json_write_end_object(&w);
	if ((p->status == 429 || p->status == 503) && !has_header(resp, "Retry-After"))
		response_header(resp, "Retry-After", "1");
}

void response_done(struct response *resp)
{
	drop_body(resp);
	buf_done(&resp->body);
	for (size_t i = 0; i < resp->n_headers; i++)
		free(resp->headers[i].value);
	*resp = (struct response){ 0 };
}

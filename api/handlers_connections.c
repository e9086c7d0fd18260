/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /v1/connections: streamed while the table is read, a page of the kernel's file a piece. */
#include <errno.h>
#include <stdio.h>

#include "connections.h"
#include "handlers.h"
#include "ipvs_connection_walk.h"
#include "num.h"

struct stream {
	struct api *api;
	struct desired *desired; /* a reference */
	struct ipvs_connection_walk *walk;
	struct connections_filter filter;
	struct json_writer w;
	uint64_t limit, shown, seen;
	bool lines, begun;
	char state[IPVS_CONNECTION_WORD_MAX]; /* what the filter borrows */
};

static void stream_free(void *state)
{
	struct stream *s = state;

	desired_unref(s->desired);
	ipvs_connection_walk_free(s->walk);
	free(s);
}

static void begin(struct stream *s)
{
	s->begun = true;
	if (s->lines)
		return;
	json_write_begin_object(&s->w);
	json_write_key(&s->w, "items");
	json_write_begin_array(&s->w);
}

/* cut: the limit was reached before the end of the table. */
static int end(struct stream *s, bool cut)
{
	char token[24];

	if (s->lines)
		return 0;
	json_write_end_array(&s->w);
	if (cut) {
		(void)snprintf(token, sizeof(token), "%llu",
			       (unsigned long long)connections_keep(s->api, TAKE_PTR(s->walk)));
		json_write_member_string(&s->w, "continue", token);
	}
	json_write_end_object(&s->w);
	return 0;
}

static void show(struct stream *s, const struct ipvs_connection *c, struct buf *out)
{
	s->shown++;
	if (s->lines)
		json_write_init(&s->w, out);
	connections_write(c, s->desired, &s->w);
	if (s->lines)
		buf_add(out, "\n", 1);
}

/* All that one read has given; then the loop takes its turn. */
static int next(void *state, struct buf *out)
{
	struct stream *s = state;
	struct ipvs_connection c;
	int r;

	s->w.out = out;
	if (!s->begun)
		begin(s);
	while ((!s->limit || s->shown < s->limit) &&
	       (r = ipvs_connection_walk_next(s->walk, &c)) != IPVS_WALK_END) {
		/* A table that has grown far beyond what was looked at first; or cannot be read. */
		if (r < 0 || ++s->seen > 2 * (uint64_t)s->api->connections_limit + 1000)
			return -EIO;
		if (r == IPVS_WALK_FOUND && connections_filter_matches(&s->filter, &c))
			show(s, &c, out);
		if (r == IPVS_WALK_READ)
			return 1;
	}
	return end(s, s->limit && s->shown == s->limit);
}

static int too_many(const struct api *api, struct err *e)
{
	uint64_t n = reconcile_stats(api->reconcile)->connections;

	if (n <= api->connections_limit)
		return 0;
	return err_set(
		e, -E2BIG, "too_many_connections",
		"there were %llu connections at the last full pass, and not more than %u are "
		"listed (connections-limit): reading more would cost the kernel too much",
		(unsigned long long)n, api->connections_limit);
}

static int resume(struct stream *s, const char *token, struct err *e)
{
	uint64_t number;

	if (num_parse_u64(token, strlen(token), UINT64_MAX, &number) < 0)
		return request_refuse_param(e, "continue", "must be what the page before gave");
	s->walk = connections_take(s->api, number);
	if (!s->walk)
		return err_set(e, -ESTALE, "continue_expired",
			       "this walk through the connections is no longer kept; begin again");
	return 0;
}

static int start(struct stream *s, struct err *e)
{
	struct ipvs_kernel *kernel = reconcile_kernel(s->api->reconcile);
	int r;

	if (too_many(s->api, e) < 0)
		return -E2BIG;
	r = kernel->ops->connections(kernel, &s->walk);
	if (r == -ENOMEM)
		return err_set(e, r, "out_of_memory", "out of memory");
	if (r < 0)
		return err_set(e, r, "kernel_not_ready",
			       "the connections of IPVS cannot be read: %s", strerror(-r));
	return 0;
}

static bool wants_lines(const struct request *req)
{
	const char *accept = request_header(req, "Accept");

	return accept && strstr(accept, "x-ndjson") &&
	       request_accepts(req, "application", "x-ndjson");
}

static int prepare(struct stream *s, const struct request *req, struct err *e)
{
	const char *token = request_param(req, "continue");

	s->lines = wants_lines(req);
	if (request_param_uint(req, "limit", UINT32_MAX, 0, &s->limit, e) < 0 ||
	    connections_filter_parse(req, &s->filter, e) < 0)
		return -EINVAL;
	/* The request does not live as long as its answer. */
	if (s->filter.state) {
		(void)snprintf(s->state, sizeof(s->state), "%s", s->filter.state);
		s->filter.state = s->state;
	}
	if (s->lines && token)
		return request_refuse_param(e, "continue",
					    "is for lists: a stream of lines is never cut");
	return token ? resume(s, token, e) : start(s, e);
}

bool handle_connections(struct api *api, struct request *req, struct response *resp)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct err e = { 0 };

	if (s)
		s->api = api;
	else
		(void)err_set(&e, 0, "out_of_memory", "out of memory");
	if (!s || prepare(s, req, &e) < 0) {
		if (s)
			stream_free(s);
		return handle_problem(req, resp, &e);
	}
	s->desired = desired_ref(change_published(api->change));
	json_write_init(&s->w, NULL);
	resp->stream = (struct response_stream){ next, stream_free, s };
	response_json(resp, 200);
	if (s->lines)
		resp->content_type = "application/x-ndjson";
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers by libmicrohttpd: from memory, or piece by piece from a response_stream. Called by
 * httpd_exchange.c; it knows nothing of routes, parking or sockets.
 */
#include "httpd_reply.h"

#include <errno.h>
#include <microhttpd.h>
#include <strings.h>

#include "log.h"
#include "timestamp.h"

#define STREAM_BLOCK (64 * 1024)
#define PIECE	     (32 * 1024) /* bytes at which a piece is sent */
#define PIECE_US     2000	 /* or when it has taken so long */
#define AT_ONCE	     4		 /* pieces made in a run of the server */

/* The state behind a streamed answer; libmicrohttpd frees it by stream_free(). */
struct streaming {
	struct response_stream source;
	struct MHD_Connection *connection;
	struct httpd_streams *set;
	struct buf piece; /* made, and from `sent` on not yet handed over */
	size_t sent;
	bool ended;
	bool its_turn;			/* it may make a piece */
	struct streaming *next, **prev; /* while it waits */
};

static void leave(struct streaming *s)
{
	*s->prev = s->next;
	if (s->next)
		s->next->prev = s->prev;
	else
		s->set->waiting_end = s->prev;
	s->prev = NULL;
}

void httpd_streams_run(struct httpd_streams *set)
{
	for (int i = 0; i < AT_ONCE && set->waiting; i++) {
		struct streaming *s = set->waiting;

		leave(s);
		s->its_turn = true;
		MHD_resume_connection(s->connection);
	}
}

/* Suspended: an answer that gave nothing otherwise would be asked again at once. */
static void wait_for_turn(struct streaming *s)
{
	struct httpd_streams *set = s->set;

	s->next = NULL;
	s->prev = set->waiting ? set->waiting_end : &set->waiting;
	*s->prev = s;
	set->waiting_end = &s->next;
	MHD_suspend_connection(s->connection);
}

/* 0, or -EIO when the answer breaks off. */
static int make_piece(struct streaming *s)
{
	int64_t until = timestamp_elapsed_us() + PIECE_US;

	buf_clear(&s->piece);
	s->sent = 0;
	s->its_turn = false;
	do {
		int r = s->source.next(s->source.state, &s->piece);

		if (r < 0 || s->piece.failed)
			return -EIO;
		s->ended = r == 0;
	} while (s->piece.len < PIECE && !s->ended && timestamp_elapsed_us() < until);
	return 0;
}

/* The content reader. Answers make their pieces by turns, a few in a run of the server, so that
 * they do not make it long, however many they are. */
static ssize_t stream_read(void *cls, uint64_t pos, char *to, size_t max)
{
	struct streaming *s = cls;
	size_t n;

	(void)pos;
	if (s->sent == s->piece.len && !s->ended && s->its_turn && make_piece(s) < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = s->piece.len - s->sent;
	if (n == 0 && s->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		wait_for_turn(s);
		return 0;
	}
	if (n > max)
		n = max;
	memcpy(to, s->piece.data + s->sent, n);
	s->sent += n;
	return (ssize_t)n;
}

static void stream_free(void *cls)
{
	struct streaming *s = cls;

	if (s->prev)
		leave(s);
	if (s->source.free)
		s->source.free(s->source.state);
	buf_done(&s->piece);
	free(s);
}

static struct MHD_Response *make_stream(struct MHD_Connection *c, struct response *resp,
					struct httpd_streams *set)
{
	struct MHD_Response *m;
	struct streaming *s;

	s = malloc(sizeof(*s));
	if (!s)
		return NULL;
	*s = (struct streaming){
		.source = resp->stream,
		.connection = c,
		.set = set,
		.piece = resp->body,
	};
	resp->stream = (struct response_stream){ 0 };
	resp->body = (struct buf){ 0 };
	m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, s,
					      stream_free);
	if (!m)
		stream_free(s);
	return m;
}

static struct MHD_Response *make_memory(struct response *resp)
{
	struct MHD_Response *m;
	size_t len = resp->status == 204 ? 0 : resp->body.len;
	char *data;

	if (len == 0)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	data = buf_take(&resp->body);
	m = MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE);
	if (!m)
		free(data);
	return m;
}

/* When there is no memory for the answer: a problem document that needs none. */
static struct MHD_Response *make_last_resort(struct response *resp)
{
	static char text[] = "{\"type\":\"/v1/problems/out_of_memory\","
			     "\"title\":\"Out of memory\",\"status\":503,"
			     "\"detail\":\"There is no memory for the answer.\","
			     "\"code\":\"out_of_memory\",\"retryable\":true}";

	resp->status = 503;
	resp->content_type = "application/problem+json";
	resp->close = true;
	return MHD_create_response_from_buffer(sizeof(text) - 1, text, MHD_RESPMEM_PERSISTENT);
}

static void add(struct MHD_Response *m, const char *name, const char *value)
{
	if (MHD_add_response_header(m, name, value) != MHD_YES)
		log_debug("The response header %s was not added.", name);
}

static void add_headers(struct MHD_Response *m, const struct request *req,
			const struct response *resp)
{
	bool cached = false;

	for (size_t i = 0; i < resp->n_headers; i++) {
		add(m, resp->headers[i].name, resp->headers[i].value);
		cached |= strcasecmp(resp->headers[i].name, "Cache-Control") == 0;
	}
	if (resp->status != 204)
		add(m, "Content-Type",
		    resp->content_type ? resp->content_type : "application/json");
	add(m, "X-Request-Id", req->id);
	add(m, "X-Content-Type-Options", "nosniff");
	if (!cached)
		add(m, "Cache-Control", "no-store");
	if (resp->close)
		add(m, "Connection", "close");
}

int httpd_reply(struct MHD_Connection *c, const struct request *req, struct response *resp,
		struct httpd_streams *set)
{
	bool streamed = resp->stream.next != NULL;
	struct MHD_Response *m = NULL;
	enum MHD_Result r;

	if (!resp->body.failed)
		m = streamed ? make_stream(c, resp, set) : make_memory(resp);
	if (!m)
		m = make_last_resort(resp);
	if (!m)
		return -EIO;
	/* 0.9.75 answers HEAD with the last chunk of a chunked body, which the next request's
	 * answer would then follow: no chunks, and close. */
	if (req->head && streamed)
		(void)MHD_set_response_options(m, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	add_headers(m, req, resp);
	r = MHD_queue_response(c, resp->status, m);
	MHD_destroy_response(m);
	return r == MHD_YES ? 0 : -EIO;
}

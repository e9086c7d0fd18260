/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of api/httpd_reply.c: answers that are made piece by piece while they are sent. */
#include "httpd_server.h"

TEST(streams_pieces_and_asks_again_when_there_is_none)
{
	_cleanup_(freep) char *a = NULL, *head = NULL;
	struct server s;

	server_start(&s, 32, false);
	a = ask(&s, "GET /v1/stream HTTP/1.0\r\n\r\n");
	CHECK(strstr(a, "\r\n\r\nfirst,sss"));
	CHECK_INT(strlen(strstr(a, "first,")), strlen("first,") + STREAM_PIECES * STREAM_PIECE);
	head = ask(&s, "HEAD /v1/stream HTTP/1.1\r\n" HOST "\r\n");
	/* libmicrohttpd alone would send the last chunk here. */
	CHECK_STR(strstr(head, "\r\n\r\n"), "\r\n\r\n");
	server_stop(&s);
}

TEST(streams_chunked_and_keeps_alive)
{
	struct buf in = { 0 };
	struct server s;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/stream HTTP/1.1\r\n" HOST "\r\n");
	CHECK(receive(&s, fd, &in, "\r\n0\r\n\r\n"));
	CHECK(strstr(in.data, "Transfer-Encoding: chunked\r\n"));
	CHECK(occurrences(in.data, "s") >= STREAM_PIECES * STREAM_PIECE);
	buf_clear(&in);
	send_text(&s, fd, "GET /v1/things/a HTTP/1.1\r\n" HOST "\r\n");
	CHECK(receive(&s, fd, &in, "\"end\":1}"));
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

TEST(a_stream_makes_one_piece_in_a_turn)
{
	const int most = 32 * 1024 / STREAM_PIECE + 1; /* the last may go beyond */
	char piece[65536];
	struct server s;
	int fd, before;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/stream HTTP/1.1\r\n" HOST "\r\n");
	/* Many small ones are sent as one: a turn for each would be slow. */
	for (int i = 0; i < STREAM_PIECES / 2 && s.pieces < STREAM_PIECES; i++) {
		before = s.pieces;
		turn(&s, 5);
		CHECK(s.pieces <= before + most);
		while (recv(fd, piece, sizeof(piece), 0) > 0)
			;
	}
	CHECK_INT(s.pieces, STREAM_PIECES);
	close(fd);
	server_stop(&s);
}

TEST(many_streams_take_turns)
{
	enum { N = 10, AT_ONCE = 4 };
	int fd[N], before;
	struct server s;

	server_start(&s, 32, false);
	for (int i = 0; i < N; i++) {
		fd[i] = client(&s, "admin.sock");
		send_text(&s, fd[i], "GET /v1/busy HTTP/1.1\r\n" HOST "\r\n");
	}
	for (int i = 0; i < 100 && s.streams < N; i++)
		turn(&s, 5);
	CHECK_INT(s.streams, N);
	turn(&s, 5); /* all of them wait from now on */
	for (int i = 0; i < 3; i++) {
		before = s.pieces;
		turn(&s, 5);
		CHECK_INT(s.pieces, before + AT_ONCE);
	}
	before = s.most_asked;
	for (int i = 0; i < 10 * N / AT_ONCE; i++) /* ten times each */
		turn(&s, 5);
	CHECK_INT(s.most_asked, before + 10);
	server_stop(&s); /* while they wait, more than go on at once */
	for (int i = 0; i < N; i++)
		close(fd[i]);
}

TEST(a_stream_without_a_word_lets_others_be_answered)
{
	struct buf in = { 0 };
	struct server s;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/quiet HTTP/1.1\r\n" HOST "\r\n");
	CHECK(receive(&s, fd, &in, "first,"));
	free(ask(&s, "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n"));
	CHECK_INT(s.handled, 2);
	s.gate = true;
	CHECK(receive(&s, fd, &in, "at last"));
	CHECK(receive(&s, fd, &in, "\r\n0\r\n\r\n"));
	s.gate = false;
	send_text(&s, fd, "GET /v1/quiet HTTP/1.1\r\n" HOST "\r\n");
	turns(&s, 20);
	close(fd); /* its client leaves while it waits, which shows when there is something to say
		    */
	s.gate = true;
	turns(&s, 50);
	CHECK_INT(s.streams, 0);
	s.gate = false;
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/quiet HTTP/1.1\r\n" HOST "\r\n");
	turns(&s, 20);
	CHECK_INT(s.streams, 1);
	server_stop(&s); /* while it waits */
	close(fd);
	buf_done(&in);
}

TEST(a_broken_stream_does_not_look_complete)
{
	_cleanup_(freep) char *a = NULL;
	struct server s;

	server_start(&s, 32, false);
	a = ask(&s, "GET /v1/broken HTTP/1.1\r\n" HOST "\r\n");
	CHECK(strstr(a, "first,"));
	CHECK(!strstr(a, "\r\n0\r\n"));
	server_stop(&s);
}

TEST(stops_with_an_unfinished_stream_and_half_a_request)
{
	struct server s;
	int reader, writer, idle;
	int64_t begin;

	server_start(&s, 32, false);
	reader = client(&s, "admin.sock");
	writer = client(&s, "admin.sock");
	idle = client(&s, "admin.sock");
	send_text(&s, reader, "GET /v1/stream HTTP/1.1\r\n" HOST "\r\n");
	send_text(&s, writer, "PUT /v1/things/a HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n1");
	turns(&s, 20);
	CHECK_INT(s.streams, 1);
	begin = now_ms();
	server_stop(&s);
	CHECK(now_ms() - begin < 2000);
	close(reader);
	close(writer);
	close(idle);
}

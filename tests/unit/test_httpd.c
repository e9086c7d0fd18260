/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of api/httpd*.c: the way of a request, parking, limits and the stop. What is
 * refused at the door is in test_httpd_refuse.c. */
#include "httpd_server.h"

TEST(answers_with_the_headers_that_all_answers_have)
{
	_cleanup_(freep) char *a = NULL;
	struct server s;

	server_start(&s, 32, false);
	a = ask(&s, "GET /v1/things/tcp:1%2F2 HTTP/1.1\r\n" HOST CLOSE
		    "X-Request-Id: abc.DEF-1_2\r\n\r\n");
	CHECK(strstr(a, "HTTP/1.1 200 ") == a);
	CHECK(strstr(a, "Content-Type: application/json\r\n"));
	CHECK(strstr(a, "X-Request-Id: abc.DEF-1_2\r\n"));
	CHECK(strstr(a, "Cache-Control: no-store\r\n"));
	CHECK(strstr(a, "X-Content-Type-Options: nosniff\r\n"));
	CHECK(strstr(a, "{\"id\":\"tcp:1/2\",\"len\":0"));
	server_stop(&s);
}

TEST(makes_a_request_id_when_the_client_has_no_fit_one)
{
	static const char *const unfit[] = { "", "X-Request-Id: a b\r\n", "X-Request-Id:\r\n",
					     "X-Request-Id: \"<x>\"\r\n" };
	struct server s;

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(unfit); i++) {
		_cleanup_(freep) char *a = NULL;
		char request[256];

		(void)snprintf(request, sizeof(request),
			       "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "%s\r\n", unfit[i]);
		a = ask(&s, request);
		CHECK(strstr(a, "X-Request-Id: "));
		CHECK_INT(strspn(strstr(a, "X-Request-Id: ") + 14, "0123456789abcdef"), 32);
	}
	server_stop(&s);
}

TEST(tells_who_the_peer_is_and_what_it_may_do)
{
	struct buf in = { 0 };
	struct server s;
	char want[64];
	int fd;

	server_start(&s, 32, true);
	(void)snprintf(want, sizeof(want), "uid=%u pid=%d", getuid(), (int)getpid());
	free(ask(&s, "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n"));
	CHECK_STR(s.peer, want);
	CHECK_INT(s.role, ROLE_ADMIN);
	fd = client(&s, "readonly.sock");
	send_text(&s, fd, "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n");
	CHECK(receive(&s, fd, &in, NULL));
	CHECK_INT(s.role, ROLE_READER);
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

TEST(keeps_the_connection_alive)
{
	struct buf in = { 0 };
	struct server s;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	for (int i = 0; i < 3; i++) {
		buf_clear(&in);
		send_text(&s, fd,
			  "PUT /v1/things/a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n12345");
		CHECK(receive(&s, fd, &in, "\"len\":5,\"body\":\"12345\",\"end\":1}"));
		buf_clear(&in);
		send_text(&s, fd, "GET /nowhere HTTP/1.1\r\n" HOST "\r\n");
		CHECK(receive(&s, fd, &in, "\"retryable\":false}"));
		CHECK(strstr(in.data, "HTTP/1.1 404 "));
	}
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

TEST(answers_pipelined_requests_in_order)
{
	struct buf in = { 0 };
	struct server s;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd,
		  "GET /v1/things/one HTTP/1.1\r\n" HOST "\r\n"
		  "PUT /v1/things/two HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"
		  "PUT /v1/later HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nho"
		  "DELETE /v1/things/x HTTP/1.1\r\n" HOST "\r\n"
		  "GET /v1/things/three HTTP/1.1\r\n" HOST CLOSE "\r\n");
	turns(&s, 30);
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), 1);
	CHECK_INT(httpd_timeout(s.h), 0);
	CHECK(receive(&s, fd, &in, NULL));
	CHECK_INT(occurrences(in.data, "HTTP/1.1 200 "), 4);
	CHECK_INT(occurrences(in.data, "HTTP/1.1 204 "), 1);
	CHECK(strstr(in.data, "\"one\"") < strstr(in.data, "\"two\""));
	CHECK(strstr(in.data, "\"two\"") < strstr(in.data, "\"ho\""));
	CHECK(strstr(in.data, "\"ho\"") < strstr(in.data, " 204 "));
	CHECK(strstr(in.data, " 204 ") < strstr(in.data, "\"three\""));
	CHECK(!strstr(in.data, "must not be sent"));
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

TEST(reads_chunked_bodies)
{
	_cleanup_(freep) char *a = NULL;
	struct server s;

	server_start(&s, 32, false);
	a = ask(&s, "PUT /v1/things/a HTTP/1.1\r\n" HOST CLOSE "Transfer-Encoding: chunked\r\n\r\n"
		    "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
	CHECK(strstr(a, "\"len\":5,\"body\":\"abcde\""));
	server_stop(&s);
}

TEST(reads_large_bodies_in_pieces)
{
	_cleanup_(freep) char *body = calloc(1, 200001);
	struct buf in = { 0 };
	struct server s;
	int fd;

	memset(body, 'b', 200000);
	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd,
		  "PUT /v1/config HTTP/1.1\r\n" HOST CLOSE "Content-Length: 200000\r\n"
		  "Expect: 100-continue\r\n\r\n");
	CHECK(receive(&s, fd, &in, "HTTP/1.1 100 Continue\r\n\r\n"));
	CHECK(send_bytes(&s, fd, body, 200000));
	CHECK(receive(&s, fd, &in, NULL));
	CHECK(strstr(in.data, "\"len\":200000,\"body\":\"bbb"));
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

TEST(serves_head_options_and_http_1_0)
{
	_cleanup_(freep) char *head = NULL, *options = NULL, *old = NULL, *gone = NULL;
	struct server s;

	server_start(&s, 32, false);
	head = ask(&s, "HEAD /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n");
	CHECK(strstr(head, "HTTP/1.1 200 ") && strstr(head, "Content-Length: "));
	CHECK(strstr(head, "Content-Type: application/json\r\n"));
	CHECK_STR(strstr(head, "\r\n\r\n"), "\r\n\r\n");
	options = ask(&s, "OPTIONS /v1/later HTTP/1.1\r\n" HOST CLOSE "\r\n");
	CHECK(strstr(options, "HTTP/1.1 204 ") &&
	      strstr(options, "Allow: GET, HEAD, PUT, OPTIONS\r\n"));
	old = ask(&s, "GET /v1/things/a HTTP/1.0\r\n\r\n");
	CHECK(strstr(old, " 200 ") && strstr(old, "\"end\":1}"));
	gone = ask(&s, "DELETE /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n");
	CHECK_STR(strstr(gone, "\r\n\r\n"), "\r\n\r\n");
	CHECK(!strstr(gone, "Content-Type:") && strstr(gone, "X-Request-Id: "));
	server_stop(&s);
}

TEST(parks_and_resumes_many)
{
	struct server s;
	int fds[20];

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client(&s, "admin.sock");
		send_text(&s, fds[i],
			  "PUT /v1/later HTTP/1.1\r\n" HOST CLOSE "Content-Length: 2\r\n\r\nhi");
	}
	turns(&s, 30);
	CHECK_INT(s.states, ARRAY_SIZE(fds));
	CHECK_INT(httpd_resume(s.h), 0);
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), ARRAY_SIZE(fds));
	CHECK_INT(httpd_resume(s.h), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		struct buf in = { 0 };

		CHECK(receive(&s, fds[i], &in, NULL));
		CHECK(strstr(in.data, "\"len\":2,\"body\":\"hi\",\"end\":1}"));
		close(fds[i]);
		buf_done(&in);
	}
	CHECK_INT(s.states, 0);
	server_stop(&s);
}

TEST(who_came_first_is_resumed_first)
{
	struct server s;
	int fds[4];

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		char text[128];

		fds[i] = client(&s, "admin.sock");
		snprintf(text, sizeof(text),
			 "PUT /v1/later HTTP/1.1\r\n" HOST CLOSE "Content-Length: 1\r\n\r\n%zu", i);
		send_text(&s, fds[i], text);
		turns(&s, 10);
	}
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), ARRAY_SIZE(fds));
	CHECK_STR(s.resumed, "0123");
	turns(&s, 30);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	server_stop(&s);
}

TEST(leaves_room_for_readers_when_many_writes_wait)
{
	_cleanup_(freep) char *refused = NULL, *read = NULL;
	struct server s;
	int fds[24];

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client(&s, "admin.sock");
		send_text(&s, fds[i],
			  "PUT /v1/later HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi");
	}
	turns(&s, 30);
	CHECK_INT(s.states, ARRAY_SIZE(fds));
	refused = ask(&s, "PUT /v1/later HTTP/1.1\r\n" HOST CLOSE "Content-Length: 2\r\n\r\nhi");
	CHECK(strstr(refused, " 429 ") && strstr(refused, "too_many_requests"));
	CHECK(strstr(refused, "Retry-After: "));
	CHECK_INT(s.states, ARRAY_SIZE(fds));
	read = ask(&s, "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n");
	CHECK(strstr(read, " 200 "));
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), ARRAY_SIZE(fds));
	turns(&s, 30);
	CHECK_INT(s.states, 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	server_stop(&s);
}

TEST(outlives_a_client_that_left_while_parked)
{
	_cleanup_(freep) char *a = NULL;
	struct server s;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/later HTTP/1.1\r\n" HOST "\r\n");
	turns(&s, 20);
	CHECK_INT(s.states, 1);
	close(fd);
	turns(&s, 20);
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), 1);
	turns(&s, 20);
	CHECK_INT(s.states, 0);
	a = ask(&s, "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n");
	CHECK(strstr(a, " 200 "));
	server_stop(&s);
}

TEST(outlives_a_client_that_left_within_the_body)
{
	struct server s;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "PUT /v1/things/a HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n1234");
	turns(&s, 20);
	close(fd);
	turns(&s, 20);
	CHECK_INT(s.handled, 0);
	CHECK_INT(s.done, 1);
	server_stop(&s);
}

TEST(cuts_requests_that_do_not_arrive)
{
	static const char *const starts[] = {
		("PUT /v1/things/a HTTP/1.1\r\n" HOST "Content-Length: 9000\r\n\r\n"),
		("GET /v1/things/a HTTP/1.1\r\n" HOST),
		"GET /v1/things/",
	};
	struct server s;

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		int64_t begin = now_ms();
		char c = 0;
		int fd = client(&s, "admin.sock");

		send_text(&s, fd, starts[i]);
		/* A byte every now and then keeps the idle timeout away, not the deadline. */
		while (recv(fd, &c, 1, MSG_PEEK) < 0 && errno == EAGAIN) {
			CHECK(now_ms() < begin + 8000);
			turns(&s, 100);
			(void)send(fd, "x", 1, MSG_NOSIGNAL);
		}
		CHECK(now_ms() >= begin + 900);
		close(fd);
	}
	CHECK_INT(s.handled, 0);
	server_stop(&s);
}

TEST(does_not_cut_parked_requests)
{
	struct buf in = { 0 };
	struct server s;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/later HTTP/1.1\r\n" HOST CLOSE "\r\n");
	turns(&s, 2600); /* longer than the request and the idle limit */
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), 1);
	CHECK(receive(&s, fd, &in, NULL));
	CHECK(strstr(in.data, "\"end\":1}"));
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

TEST(sleeps_while_everybody_waits)
{
	static const char *const waiting[] = {
		("GET /v1/later HTTP/1.1\r\n" HOST "\r\n"),    /* parked */
		("GET /v1/stream HTTP/1.1\r\n" HOST "\r\n"),   /* its client does not read */
		("GET /v1/things/a HTTP/1.1\r\n" HOST "\r\n"), /* idle */
		("PUT /v1/things/a HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n1"),
		"",
	};
	int fds[ARRAY_SIZE(waiting)], n = 0;
	int64_t until;
	struct server s;

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(waiting); i++) {
		fds[i] = client(&s, "admin.sock");
		send_text(&s, fds[i], waiting[i]);
	}
	turns(&s, 50);
	for (until = now_ms() + 600; now_ms() < until; n++)
		turn(&s, 1000);
	CHECK(n < 10);
	for (size_t i = 0; i < ARRAY_SIZE(waiting); i++)
		close(fds[i]);
	server_stop(&s);
}

TEST(recovers_from_the_connection_limit)
{
	struct server s;
	int fds[12];

	server_start(&s, 4, false);
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
			fds[i] = client(&s, "admin.sock");
			send_text(&s, fds[i], "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n");
		}
		for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
			struct buf in = { 0 };

			CHECK(receive(&s, fds[i], &in, "\"end\":1}"));
			close(fds[i]);
			buf_done(&in);
		}
	}
	server_stop(&s);
}

TEST(waits_at_the_limit_until_a_place_is_free)
{
	struct buf in = { 0 };
	int64_t begin;
	struct server s;
	int held[4], fd;

	server_start(&s, ARRAY_SIZE(held), false);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		held[i] = client(&s, "admin.sock");
		send_text(&s, held[i], "GET /v1/later HTTP/1.1\r\n" HOST CLOSE "\r\n");
	}
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n");
	turns(&s, 50);
	CHECK_INT(s.handled, ARRAY_SIZE(held));
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), ARRAY_SIZE(held));
	begin = now_ms();
	CHECK(receive(&s, fd, &in, NULL));
	CHECK(now_ms() - begin < 500);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		close(held[i]);
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

TEST(stops_with_parked_requests)
{
	struct buf in = { 0 };
	struct server s;
	int fd, gone;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	gone = client(&s, "admin.sock");
	send_text(&s, fd, "GET /v1/later HTTP/1.1\r\n" HOST "\r\n");
	send_text(&s, gone, "GET /v1/later HTTP/1.1\r\n" HOST "\r\n");
	turns(&s, 20);
	CHECK_INT(s.states, 2);
	close(gone);
	server_stop(&s);
	CHECK(s.asked_while_stopping);
	CHECK(receive(&s, fd, &in, NULL));
	CHECK(strstr(in.data, "\"end\":1}") && strstr(in.data, "Connection: close"));
	close(fd);
	buf_done(&in);
}

TEST(stops_at_once_when_idle)
{
	int64_t begin;
	struct server s;

	server_start(&s, 32, true);
	begin = now_ms();
	server_stop(&s);
	CHECK(now_ms() - begin < 200);
	httpd_free(NULL);
}

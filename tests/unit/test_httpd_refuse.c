/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what api/httpd*.c refuses before a handler sees it: framing that two parsers could read
 * differently, foreign hosts and origins, bodies of unfit size or type. */
#include "httpd_server.h"

#include <netinet/in.h>

#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define THING	"/v1/things/a HTTP/1.1\r\n"
#define JSON	"Content-Type: application/json\r\n"

/* What libmicrohttpd refuses by itself it answers in HTML, and 0.9.75 with the header twice; then
 * only the status counts. */
static bool one_answer(const char *a)
{
	return strstr(a, "<html>") || occurrences(a, "HTTP/1.1 ") == 1;
}

struct refusal {
	const char *request, *status, *code;
};

static void check_refusals(struct server *s, const struct refusal *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *a = ask(s, r[i].request);
		char want[64];

		printf("# case %zu\n", i);
		(void)snprintf(want, sizeof(want), "HTTP/1.1 %s ", r[i].status);
		CHECK(a && strstr(a, want) == a);
		CHECK(one_answer(a));
		if (!r[i].code)
			continue;
		(void)snprintf(want, sizeof(want), "\"code\":\"%s\"", r[i].code);
		CHECK(strstr(a, want));
		CHECK(strstr(a, "Content-Type: application/problem+json\r\n"));
		CHECK(strstr(a, "X-Request-Id: "));
	}
}

/* The connection must close although nobody asks for it: the rest would be taken as a request. */
TEST(closes_on_doubtful_framing)
{
	static const char hidden[] = "GET /v1/things/hidden HTTP/1.1\r\n" HOST CLOSE "\r\n";
	static const char *const headers[] = {
		HOST HOST "\r\n",
		HOST "Host: y\r\n\r\n",
		HOST "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
		HOST "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
		HOST "Content-Length: 4\r\n" CHUNKED "\r\n0\r\n\r\n",
		HOST CHUNKED "Content-Length: 4\r\n\r\n0\r\n\r\n",
		HOST CHUNKED CHUNKED "\r\n0\r\n\r\n",
		HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		HOST "Content-Length: +4\r\n\r\nabcd",
		HOST "Content-Length: 4,4\r\n\r\nabcd",
		HOST "Content-Length: 0x4\r\n\r\nabcd",
		HOST "Content-Length: -1\r\n\r\n",
		HOST "Content-Length: \r\n\r\n",
		HOST "Content-Length : 4\r\n\r\nabcd",
		HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
		HOST "Transfer-Encoding\r\n\r\n",
		HOST "X-A: 1\r\n Content-Length: 4\r\n\r\n",
		HOST "Content\x01-Length: 4\r\n\r\n",
		HOST "(x): 4\r\n\r\n",
		"\r\n", /* no Host */
		"Host: \r\nHost: x\r\n\r\n",
		HOST "Expect: 200-maybe\r\n\r\n",
		HOST "If-None-Match: \"1\"\r\nIf-None-Match: *\r\n\r\n",
		HOST "If-Match: *\r\nif-match: \"1\"\r\n\r\n",
	};
	struct server s;

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		char request[512];
		char *a;

		(void)snprintf(request, sizeof(request), "PUT /v1/things/a HTTP/1.1\r\n%s%s",
			       headers[i], hidden);
		a = ask(&s, request);
		printf("# case %zu: %.20s\n", i, a);
		CHECK(strstr(a, "HTTP/1.1 400 ") == a || strstr(a, "HTTP/1.1 417 ") == a);
		CHECK(one_answer(a));
		CHECK(!strstr(a, "hidden"));
		free(a);
	}
	CHECK_INT(s.handled, 0);
	server_stop(&s);
}

/* libmicrohttpd ends a target and a value at a NUL byte before we see them. Then there is no trace
 * of it, but what stood behind must not take effect either. */
TEST(nothing_behind_a_nul_byte_takes_effect)
{
	static const char *const texts[] = {
		"GET /v1/things/a@/../../stream HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"GET " THING HOST CLOSE "X-Request-Id: a@b\r\n\r\n",
		"GET " THING HOST CLOSE "Content-Length: 0@9\r\n\r\n",
		"GET " THING HOST CLOSE "Content-Length@: 9\r\n\r\n",
		"GET " THING HOST CLOSE "X: y@\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	};
	struct server s;

	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct buf in = { 0 };
		size_t len = strlen(texts[i]);
		char request[256];
		int fd = client(&s, "admin.sock");

		memcpy(request, texts[i], len + 1);
		*strchr(request, '@') = '\0';
		(void)send_bytes(&s, fd, request, len);
		(void)receive(&s, fd, &in, NULL);
		printf("# case %zu: %.20s\n", i, in.data ? in.data : "closed");
		CHECK(!in.data || strstr(in.data, "HTTP/1.1 400 ") == in.data ||
		      (strstr(in.data, "{\"id\":\"a\",\"len\":0,") && one_answer(in.data)));
		close(fd);
		buf_done(&in);
	}
	server_stop(&s);
}

TEST(refuses_unfit_targets_and_methods)
{
	static const struct refusal cases[] = {
		{ "GET /v1/things/a%00/../x HTTP/1.1\r\n" HOST CLOSE "\r\n", "400", "invalid_url" },
		{ "GET /v1/things/%zz HTTP/1.1\r\n" HOST CLOSE "\r\n", "400", "invalid_url" },
		{ "GET /v1/../v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n", "400", "invalid_url" },
		{ "GET http://y/v1/things/a HTTP/1.1\r\n" HOST CLOSE "\r\n", "400", "bad_request" },
		{ "OPTIONS * HTTP/1.1\r\n" HOST CLOSE "\r\n", "400", "invalid_url" },
		{ "GET /v1/things/a?x=1&x=2 HTTP/1.1\r\n" HOST CLOSE "\r\n", "400",
		  "invalid_parameter" },
		{ "GET /v1/things/a?x=1 HTTP/1.1\r\n" HOST CLOSE "\r\n", "400",
		  "invalid_parameter" },
		{ "GET /v2 HTTP/1.1\r\n" HOST CLOSE "\r\n", "404", "not_found" },
		{ "POST " THING HOST CLOSE "\r\n", "405", "method_not_allowed" },
		{ "get " THING HOST CLOSE "\r\n", "501", "method_not_implemented" },
		{ "TRACE " THING HOST CLOSE "\r\n", "501", "method_not_implemented" },
		{ "CONNECT x:80 HTTP/1.1\r\n" HOST CLOSE "\r\n", "501", "method_not_implemented" },
		{ "BREW " THING HOST CLOSE "Content-Length: 2\r\n\r\nhi", "501",
		  "method_not_implemented" },
	};
	struct server s;

	server_start(&s, 32, false);
	check_refusals(&s, cases, ARRAY_SIZE(cases));
	CHECK_INT(s.handled, 0);
	server_stop(&s);
}

TEST(knows_what_bodies_fit)
{
	static const struct refusal cases[] = {
		{ "GET " THING HOST CLOSE "Content-Length: 2\r\n\r\nhi", "400",
		  "body_not_allowed" },
		{ "GET " THING HOST CLOSE CHUNKED "\r\n2\r\nhi\r\n0\r\n\r\n", "400",
		  "body_not_allowed" },
		{ "GET " THING HOST CLOSE "Content-Length: 0\r\n\r\n", "200", NULL },
		{ "GET " THING HOST CLOSE CHUNKED "\r\n0\r\n\r\n", "200", NULL },
		{ "PUT " THING HOST CLOSE "\r\n", "200", NULL }, /* body_required: the handler's */
		{ "PUT " THING HOST CLOSE "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
		  "413", "body_too_large" },
		{ "PUT " THING HOST "Content-Length: 200001\r\n\r\n", "413", "body_too_large" },
		{ "PUT " THING HOST "Content-Length: 99999999999999999999999\r\n\r\n", "413",
		  NULL },
		{ "PUT " THING HOST CLOSE "Content-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
		  "415", "unsupported_media_type" },
		{ "PUT " THING HOST CLOSE "Content-Type: application/jsonx\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "415", "unsupported_media_type" },
		{ "PUT " THING HOST CLOSE "Content-Type: application/merge-patch+json\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "415", "unsupported_media_type" },
		{ "PUT " THING HOST CLOSE JSON "Content-Encoding: gzip\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "415", "unsupported_media_type" },
		{ "PUT " THING HOST CLOSE "Content-Type: application/json; charset=utf-16\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "415", "unsupported_media_type" },
		{ "PUT " THING HOST CLOSE "Content-Type: Application/JSON ;charset=\"UTF-8\"\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "200", NULL },
		{ "PUT " THING HOST CLOSE "Content-Type: application/x-www-form-urlencoded\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "200", NULL },
		{ "PATCH " THING HOST CLOSE "Content-Type: application/merge-patch+json\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "200", NULL },
		{ "PATCH " THING HOST CLOSE JSON "Content-Length: 2\r\n\r\nhi", "200", NULL },
		{ "POST /v1/text HTTP/1.1\r\n" HOST CLOSE "Content-Type: text/plain\r\n"
		  "Content-Length: 2\r\n\r\nhi",
		  "200", NULL },
		{ "POST /v1/text HTTP/1.1\r\n" HOST CLOSE JSON "Content-Length: 2\r\n\r\nhi", "415",
		  "unsupported_media_type" },
	};
	struct server s;

	server_start(&s, 32, false);
	check_refusals(&s, cases, ARRAY_SIZE(cases));
	server_stop(&s);
}

TEST(a_415_to_patch_names_the_patch_formats)
{
	_cleanup_(freep) char *a = NULL;
	struct server s;

	server_start(&s, 32, false);
	a = ask(&s, "PATCH " THING HOST CLOSE "Content-Type: application/json-patch+json\r\n"
		    "Content-Length: 2\r\n\r\n[]");
	CHECK(strstr(a, "HTTP/1.1 415 "));
	CHECK(strstr(a, "Accept-Patch: application/merge-patch+json, application/json\r\n"));
	server_stop(&s);
}

/* The answer must reach a client that sends its whole body first, and the connection goes on. */
TEST(an_oversize_body_is_read_answered_and_forgotten)
{
	static const char *const starts[] = {
		"PUT " THING HOST "Content-Length: 150000\r\n\r\n",
		"PUT " THING HOST CHUNKED "\r\n249f0\r\n", /* 150000 */
		"PUT " THING HOST "Content-Type: text/html\r\nContent-Length: 150000\r\n\r\n",
	};
	_cleanup_(freep) char *body = calloc(1, 150001);
	struct buf in = { 0 };
	struct server s;
	int fd;

	memset(body, 'b', 150000);
	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		buf_clear(&in);
		send_text(&s, fd, starts[i]);
		CHECK(send_bytes(&s, fd, body, 150000));
		if (i == 1)
			send_text(&s, fd, "\r\n0\r\n\r\n");
		CHECK(receive(&s, fd, &in, "\"retryable\":false}"));
		CHECK(strstr(in.data, "HTTP/1.1 413 "));
		CHECK(strstr(in.data, "\"code\":\"body_too_large\""));
	}
	buf_clear(&in);
	send_text(&s, fd, "GET " THING HOST "\r\n");
	CHECK(receive(&s, fd, &in, "\"end\":1}"));
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

/* Documents that wait keep their bodies: when there are too many, only small ones are taken. */
TEST(too_much_that_waits_is_refused)
{
	static const char start[] =
		"PUT /v1/later/all HTTP/1.1\r\n" HOST "Content-Length: 150000\r\n\r\n";
	_cleanup_(freep) char *body = calloc(1, 150001), *small = NULL;
	struct buf in = { 0 };
	struct server s;
	int fds[3];

	memset(body, 'b', 150000);
	server_start(&s, 32, false);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client(&s, "admin.sock");
		send_text(&s, fds[i], start);
		CHECK(send_bytes(&s, fds[i], body, 150000));
		turns(&s, 10);
		if (i != 1)
			continue;
		CHECK(receive(&s, fds[i], &in, "\"retryable\":true}"));
		CHECK(strstr(in.data, "HTTP/1.1 503 ") && strstr(in.data, "\"out_of_memory\""));
		CHECK(strstr(in.data, "Retry-After: "));
		CHECK_INT(s.states, 1);
		small = ask(&s, "PUT " THING HOST CLOSE "Content-Length: 2\r\n\r\nhi");
		CHECK(strstr(small, " 200 "));
		close(fds[0]); /* what is given up makes room */
		turns(&s, 10);
		s.gate = true;
		CHECK_INT(httpd_resume(s.h), 1);
		turns(&s, 10);
		CHECK_INT(s.states, 0);
		s.gate = false;
	}
	CHECK_INT(s.states, 1);
	s.gate = true;
	CHECK_INT(httpd_resume(s.h), 1);
	buf_clear(&in);
	CHECK(receive(&s, fds[2], &in, "\"end\":1}"));
	CHECK(strstr(in.data, "HTTP/1.1 200 "));
	close(fds[1]);
	close(fds[2]);
	buf_done(&in);
	server_stop(&s);
}

/* Beyond every limit a chunked body can only be cut: no answer may come in its middle. */
TEST(an_endless_chunked_body_is_cut)
{
	struct server s;
	bool open = true;
	int fd;

	server_start(&s, 32, false);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "PUT /v1/config HTTP/1.1\r\n" HOST CHUNKED "\r\n");
	for (int i = 0; open && i < 20000; i++)
		open = send_bytes(&s, fd, "10\r\n0123456789abcdef\r\n", 22);
	CHECK(!open);
	CHECK_INT(s.handled, 0);
	close(fd);
	server_stop(&s);
}

static int tcp_client(const struct server *s)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < s->sockets.n; i++)
		if (s->sockets.sockets[i].kind == LISTEN_TCP)
			CHECK(getsockname(s->sockets.sockets[i].fd, (struct sockaddr *)&sa, &len) ==
			      0);
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	return fd;
}

TEST(tcp_takes_only_what_names_this_host_and_no_web_page_sent)
{
	static const struct {
		const char *headers, *want;
	} cases[] = {
		{ "Host: localhost\r\n", " 200 " },
		{ "Host: LocalHost:8080\r\n", " 200 " },
		{ "Host: 127.0.0.1:1\r\n", " 200 " },
		{ "Host: 127.1.2.3\r\n", " 200 " },
		{ "Host: [::1]\r\n", " 200 " },
		{ "Host: [::1]:8080\r\n", " 200 " },
		{ "Host: localhost\r\nSec-Fetch-Site: none\r\n", " 200 " },
		{ "Host: evil.example\r\n", "host_not_allowed" },
		{ "Host: localhost.evil.example\r\n", "host_not_allowed" },
		{ "Host: 127.0.0.1.evil.example\r\n", "host_not_allowed" },
		{ "Host: localhost:80:90\r\n", "host_not_allowed" },
		{ "Host: localhost:99999\r\n", "host_not_allowed" },
		{ "Host: [::2]\r\n", "host_not_allowed" },
		{ "Host: [::1\r\n", "host_not_allowed" },
		{ "Host: [::1]x\r\n", "host_not_allowed" },
		{ "Host: [127.0.0.1]\r\n", "host_not_allowed" },
		{ "Host: 128.0.0.1\r\n", "host_not_allowed" },
		{ "Host:\r\n", "host_not_allowed" },
		{ "Host: x@localhost\r\n", "host_not_allowed" },
		{ "Host: localhost\r\nOrigin: http://localhost\r\n", "origin_not_allowed" },
		{ "Host: localhost\r\nOrigin: null\r\n", "origin_not_allowed" },
		{ "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", "origin_not_allowed" },
		{ "Host: localhost\r\nContent-Length: 2\r\n", "unsupported_media_type" },
		{ "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		  "Content-Length: 2\r\n",
		  "unsupported_media_type" },
		{ "Host: localhost\r\n" JSON "Content-Length: 2\r\n", " 200 " },
	};
	struct server s;

	server_start(&s, 32, true);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf in = { 0 };
		char request[512];
		int fd = tcp_client(&s);

		(void)snprintf(request, sizeof(request), "PUT " THING CLOSE "%s\r\n%s",
			       cases[i].headers,
			       strstr(cases[i].headers, "Content-Length") ? "{}" : "");
		send_text(&s, fd, request);
		CHECK(receive(&s, fd, &in, NULL));
		printf("# case %zu: %.30s\n", i, in.data);
		CHECK(strstr(in.data, cases[i].want));
		CHECK(strncmp(s.peer, "127.0.0.1:", 10) == 0);
		close(fd);
		buf_done(&in);
	}
	server_stop(&s);
}

TEST(a_full_header_is_refused_and_the_server_lives)
{
	_cleanup_(freep) char *a = NULL, *big = calloc(1, 100001);
	struct buf in = { 0 };
	struct server s;
	int fd;

	server_start(&s, 32, false);
	memset(big, 'h', 100000);
	fd = client(&s, "admin.sock");
	send_text(&s, fd, "GET " THING HOST "X: ");
	(void)send_bytes(&s, fd, big, 100000);
	(void)receive(&s, fd, &in, NULL);
	CHECK(in.data && (strstr(in.data, " 431 ") || strstr(in.data, " 413 ")));
	close(fd);
	buf_done(&in);
	a = ask(&s, "GET " THING HOST CLOSE "\r\n");
	CHECK(strstr(a, " 200 "));
	server_stop(&s);
}

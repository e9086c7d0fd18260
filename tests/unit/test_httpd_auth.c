/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of api/httpd_auth.c: who is let in on TCP, by token, certificate, Host and Origin; and that
 * unix sockets ask nobody. TLS itself is tested by tests/contract/tls.js. */
#include "httpd_server.h"

#include <netinet/in.h>

#include "httpd_auth.h"
#include "tokens.h"

/* Of secret-r, secret-o and secret-a, by sha256sum. */
#define TOKENS                                                                                     \
	"viewer reader 4dd5e30fb485075cafa0c02165674f208ac7cfa00d7af2aed83a4787ff594ddd\n"         \
	"ci operator 8aa648dcd1e4cb3245492d4dfc693390ac46f0228e7f8be18affdc9dac134d87\n"           \
	"boss admin 8766b9cb08e6040b704f1e3ee1e186efccf2635b1d2634d6525333007e6aeae1\n"

#define LOCALHOST "Host: localhost\r\n"
#define THING	  "/v1/things/a HTTP/1.1\r\n"
#define JSON	  "Content-Type: application/json\r\n"

static struct tokens *some_tokens(void)
{
	struct tokens *t = NULL;
	const char *why = NULL;
	size_t line = 0;

	CHECK_INT(tokens_parse(TOKENS, strlen(TOKENS), &t, &line, &why), 0);
	return t;
}

static struct httpd_access *some_access(bool tokens, bool ca)
{
	struct httpd_access *a = calloc(1, sizeof(*a));

	CHECK(a);
	a->tokens = tokens ? some_tokens() : NULL;
	a->client_ca = ca ? strdup("not looked at here") : NULL;
	a->certificate_role = ROLE_OPERATOR;
	return a;
}

static void check_challenge(const struct response *resp, const char *code)
{
	CHECK_INT(resp->n_headers, 1);
	CHECK_STR(resp->headers[0].name, "WWW-Authenticate");
	CHECK_STR(resp->headers[0].value, streq(code, "invalid_token")
						  ? "Bearer realm=\"lvsd\", error=\"invalid_token\""
						  : "Bearer realm=\"lvsd\"");
}

/* What is taken, tokens and certificates; what comes, header and certificate; who that is. */
static const struct {
	bool tokens, ca;
	const char *header;
	enum certificate_state certificate;
	const char *actor; /* NULL: refused with code */
	enum role role;
	const char *code;
} callers[] = {
	{ true, false, "Bearer secret-r", CERTIFICATE_NONE, "viewer", ROLE_READER, NULL },
	{ true, false, "bearer  secret-o", CERTIFICATE_NONE, "ci", ROLE_OPERATOR, NULL },
	{ true, false, "Bearer secret-a", CERTIFICATE_NONE, "boss", ROLE_ADMIN, NULL },
	{ true, false, NULL, CERTIFICATE_NONE, NULL, 0, "unauthorized" },
	{ true, false, "Basic c2VjcmV0LWE6", CERTIFICATE_NONE, NULL, 0, "unauthorized" },
	{ true, false, "", CERTIFICATE_NONE, NULL, 0, "unauthorized" },
	{ true, false, "Bearer", CERTIFICATE_NONE, NULL, 0, "invalid_token" },
	{ true, false, "Bearer ", CERTIFICATE_NONE, NULL, 0, "invalid_token" },
	{ true, false, "Bearer secret-A", CERTIFICATE_NONE, NULL, 0, "invalid_token" },
	{ true, false, "Bearer boss", CERTIFICATE_NONE, NULL, 0, "invalid_token" },
	/* Without a CA nothing vouches for a certificate. */
	{ true, false, NULL, CERTIFICATE_GOOD, NULL, 0, "unauthorized" },
	{ false, true, NULL, CERTIFICATE_GOOD, "CN=ops", ROLE_OPERATOR, NULL },
	{ false, true, NULL, CERTIFICATE_NONE, NULL, 0, "unauthorized" },
	{ false, true, NULL, CERTIFICATE_BAD, NULL, 0, "invalid_certificate" },
	{ false, true, "Bearer secret-a", CERTIFICATE_NONE, NULL, 0, "unauthorized" },
	{ false, true, "Bearer secret-a", CERTIFICATE_GOOD, "CN=ops", ROLE_OPERATOR, NULL },
	{ true, true, "Bearer secret-r", CERTIFICATE_GOOD, "viewer", ROLE_READER, NULL },
	{ true, true, "Bearer secret-a", CERTIFICATE_NONE, "boss", ROLE_ADMIN, NULL },
	{ true, true, NULL, CERTIFICATE_GOOD, "CN=ops", ROLE_OPERATOR, NULL },
	{ true, true, NULL, CERTIFICATE_NONE, NULL, 0, "unauthorized" },
	/* A good one of the two does not make up for a bad one. */
	{ true, true, "Bearer wrong", CERTIFICATE_GOOD, NULL, 0, "invalid_token" },
	{ true, true, "Bearer secret-a", CERTIFICATE_BAD, NULL, 0, "invalid_certificate" },
};

TEST(a_token_or_a_certificate_says_who_calls)
{
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		_cleanup_(httpd_access_freep) struct httpd_access *access =
			some_access(callers[i].tokens, callers[i].ca);
		const struct header_facts f = { .authorization = callers[i].header };
		const struct peer_certificate certificate = {
			.state = callers[i].certificate,
			.text = "CN=ops",
		};
		_cleanup_(response_done) struct response resp = { 0 };
		struct request req = { .role = ROLE_ADMIN, .actor = "192.0.2.7:4711" };
		_cleanup_(err_done) struct err e = { 0 };
		int r;

		printf("# case %zu\n", i);
		CHECK(httpd_auth_demanded(access));
		r = httpd_authenticate(access, &f, &certificate, &req, &resp, &e);
		CHECK_INT(r, callers[i].actor ? 0 : -EACCES);
		CHECK_STR(e.code, callers[i].code);
		if (callers[i].actor) {
			CHECK_STR(req.actor, callers[i].actor);
			CHECK_INT(req.role, callers[i].role);
			CHECK_INT(resp.n_headers, 0);
		} else {
			check_challenge(&resp, callers[i].code);
		}
	}
}

TEST(nothing_is_demanded_without_tokens_and_ca)
{
	_cleanup_(httpd_access_freep) struct httpd_access *none = some_access(false, false);

	CHECK(!httpd_auth_demanded(NULL));
	CHECK(!httpd_auth_demanded(none));
}

/* Beyond loopback: what a Host header may say of a connection to 192.0.2.7 or 2001:db8::7. */
TEST(a_host_is_ours_by_address_or_by_configuration)
{
	static const struct {
		const char *host, *local;
		bool ours;
	} cases[] = {
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7:8443", "192.0.2.7", true },
		{ "[2001:db8::7]:8443", "2001:db8::7", true },
		{ "[2001:DB8:0::7]", "2001:db8::7", true },
		{ "director.example", "192.0.2.7", true },
		{ "Director.Example:8443", "2001:db8::7", true },
		{ "198.51.100.9", "192.0.2.7", true },	 /* tcp-host: behind NAT */
		{ "[2001:db8::99]", "192.0.2.7", true }, /* tcp-host */
		{ "127.0.0.1", "192.0.2.7", true },	 /* a tunnel */
		{ "localhost:8443", "192.0.2.7", true }, /* a tunnel */
		{ "192.0.2.8", "192.0.2.7", false },	 /* not reached by this one */
		{ "192.0.2.7", "2001:db8::7", false },
		{ "[2001:db8::8]", "2001:db8::7", false },
		{ "2001:db8::7", "2001:db8::7", false }, /* needs brackets */
		{ "[192.0.2.7]", "192.0.2.7", false },
		{ "[director.example]", "192.0.2.7", false },
		{ "director.example.evil.example", "192.0.2.7", false },
		{ "evil.example", "192.0.2.7", false },
		{ "director", "192.0.2.7", false },
		{ "director.example:x", "192.0.2.7", false },
		{ "", "192.0.2.7", false },
		{ NULL, "192.0.2.7", false },
	};
	_cleanup_(httpd_access_freep) struct httpd_access *access = some_access(true, false);

	CHECK_INT(vec_push(&access->hosts, strdup("director.example")), 0);
	CHECK_INT(vec_push(&access->hosts, strdup("198.51.100.9")), 0);
	CHECK_INT(vec_push(&access->hosts, strdup("2001:db8:0::99")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		const struct header_facts f = { .host = cases[i].host };
		struct inaddr local;
		int r;

		CHECK_INT(inaddr_parse(cases[i].local, strlen(cases[i].local), &local), 0);
		r = httpd_check_origin(access, &f, &local, &e);
		printf("# case %zu: %s\n", i, e.code ? e.code : "taken");
		CHECK_INT(r, cases[i].ours ? 0 : -EPERM);
		CHECK_STR(e.code, cases[i].ours ? NULL : "host_not_allowed");
	}
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

/* One request by TCP, until the server closes. */
static char *ask_tcp(struct server *s, const char *request)
{
	_cleanup_(buf_done) struct buf in = { 0 };
	int fd = tcp_client(s);

	send_text(s, fd, request);
	CHECK(receive(s, fd, &in, NULL));
	close(fd);
	return buf_take(&in);
}

TEST(tcp_asks_before_anything_else_of_the_request_counts)
{
	static const struct {
		const char *request, *want, *actor;
	} cases[] = {
		{ "GET " THING LOCALHOST CLOSE "\r\n", "unauthorized", NULL },
		{ "GET /nothing/here HTTP/1.1\r\n" LOCALHOST CLOSE "\r\n", "unauthorized", NULL },
		{ "GET /v1/%zz HTTP/1.1\r\n" LOCALHOST CLOSE "\r\n", "unauthorized", NULL },
		{ "OPTIONS " THING LOCALHOST CLOSE "\r\n", "unauthorized", NULL },
		{ "BREW " THING LOCALHOST CLOSE "\r\n", "unauthorized", NULL },
		{ "PUT " THING LOCALHOST CLOSE JSON "Content-Length: 2\r\n\r\n{}", "unauthorized",
		  NULL },
		{ "GET " THING LOCALHOST CLOSE "Authorization: Bearer no\r\n\r\n", "invalid_token",
		  NULL },
		{ "GET " THING LOCALHOST CLOSE "Authorization: Bearer secret-r\r\n"
		  "authorization: Bearer secret-a\r\n\r\n",
		  "bad_request", NULL },
		{ "GET " THING "Host: evil.example\r\n" CLOSE
		  "Authorization: Bearer secret-a\r\n\r\n",
		  "host_not_allowed", NULL },
		{ "GET " THING LOCALHOST CLOSE "Authorization: Bearer secret-r\r\n\r\n", " 200 ",
		  "viewer" },
		{ "PUT " THING LOCALHOST CLOSE JSON "AUTHORIZATION: bearer secret-a\r\n"
		  "Content-Length: 2\r\n\r\n{}",
		  " 200 ", "boss" },
	};
	struct server s;

	server_start(&s, 32, true);
	CHECK_INT(httpd_set_access(s.h, some_access(true, false)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(freep) char *a = ask_tcp(&s, cases[i].request);

		printf("# case %zu: %.30s\n", i, a);
		CHECK(strstr(a, cases[i].want));
		if (strstr(a, " 401 "))
			CHECK(strstr(a, "WWW-Authenticate: Bearer"));
		if (cases[i].actor) {
			CHECK_STR(s.actor, cases[i].actor);
			CHECK(strncmp(s.peer, "127.0.0.1:", 10) == 0);
		}
	}
	CHECK_INT(s.handled, 2);
	server_stop(&s);
}

/* Each answer would give the connection more time: strangers could fill the limit for ever. */
TEST(the_connection_of_a_stranger_is_not_kept)
{
	static const char *const requests[] = {
		"GET " THING LOCALHOST "\r\n",
		"HEAD " THING LOCALHOST "Authorization: Bearer no\r\n\r\n",
		"PUT " THING LOCALHOST JSON "Content-Length: 2\r\n\r\n{}",
		"GET " THING "Host: evil.example\r\nAuthorization: Bearer secret-a\r\n\r\n",
		"BREW " THING LOCALHOST "\r\n",
		"GET http://localhost/ HTTP/1.1\r\n" LOCALHOST "\r\n",
		"GET " THING LOCALHOST "Authorization: Bearer secret-a\r\n"
		"Authorization: Bearer secret-a\r\n\r\n",
	};
	struct server s;

	server_start(&s, 32, true);
	CHECK_INT(httpd_set_access(s.h, some_access(true, false)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		_cleanup_(freep) char *a = ask_tcp(&s, requests[i]);

		printf("# case %zu: %.30s\n", i, a);
		CHECK(strstr(a, "Connection: close\r\n"));
		CHECK_INT(occurrences(a, "HTTP/1.1 "), 1);
	}
	CHECK_INT(s.handled, 0);
	server_stop(&s);
}

/* curl and others wait for 100 (Continue) before they send: the answer comes without a body. */
TEST(no_body_is_asked_for_of_a_stranger)
{
	_cleanup_(freep) char *a = NULL;
	struct server s;

	server_start(&s, 32, true);
	CHECK_INT(httpd_set_access(s.h, some_access(true, false)), 0);
	a = ask_tcp(&s, "PUT " THING LOCALHOST JSON "Content-Length: 900\r\n"
			"Expect: 100-continue\r\n\r\n");
	CHECK(strstr(a, "HTTP/1.1 401 ") == a);
	CHECK(!strstr(a, " 100 "));
	CHECK_INT(s.handled, 0);
	server_stop(&s);
}

TEST(unix_sockets_ask_nobody_and_ignore_the_header)
{
	static const char *const headers[] = {
		"",
		"Authorization: Bearer wrong\r\n",
		"Authorization: Bearer secret-r\r\n",
		"Authorization: Bearer secret-r\r\nAuthorization: Basic x\r\n",
	};
	char request[256];
	struct server s;

	server_start(&s, 32, true);
	CHECK_INT(httpd_set_access(s.h, some_access(true, true)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		_cleanup_(freep) char *a = NULL;

		(void)snprintf(request, sizeof(request), "GET " THING LOCALHOST CLOSE "%s\r\n",
			       headers[i]);
		a = ask(&s, request);
		printf("# case %zu\n", i);
		CHECK(strstr(a, "HTTP/1.1 200 ") == a);
		CHECK_INT(s.role, ROLE_ADMIN);
		CHECK(strncmp(s.actor, "uid=", 4) == 0);
	}
	server_stop(&s);
}

/* What SIGHUP does: the next request is measured by the new tokens, on old connections too. */
TEST(new_tokens_hold_from_the_next_request_on)
{
	static const char request[] =
		"GET " THING LOCALHOST "Authorization: Bearer secret-a\r\n\r\n";
	struct buf in = { 0 };
	struct server s;
	int fd;

	server_start(&s, 32, true);
	CHECK_INT(httpd_set_access(s.h, some_access(true, false)), 0);
	fd = tcp_client(&s);
	send_text(&s, fd, request);
	CHECK(receive(&s, fd, &in, "\"end\":1}"));
	CHECK(strstr(in.data, " 200 "));
	buf_clear(&in);
	CHECK_INT(httpd_set_access(s.h, some_access(false, true)), 0);
	send_text(&s, fd, request);
	CHECK(receive(&s, fd, &in, "\"retryable\":false}"));
	CHECK(strstr(in.data, "\"code\":\"unauthorized\""));
	close(fd);
	buf_done(&in);
	server_stop(&s);
}

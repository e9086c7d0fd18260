/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of api/request.c: targets are split and decoded once, everything doubtful is refused. */
#include "request.h"

#include <errno.h>
#include <stdlib.h>

#include "problem.h"
#include "test.h"
#include "util.h"

TEST(splits_and_decodes_the_path)
{
	_cleanup_(request_done) struct request r = { 0 };

	CHECK_INT(request_parse_target(&r, "/v1/services/tcp%3A%5B2001:db8::1%5d:80/%C3%A9", NULL),
		  0);
	CHECK_INT(r.n_segments, 4);
	CHECK_STR(r.segments[0], "v1");
	CHECK_STR(r.segments[2], "tcp:[2001:db8::1]:80");
	CHECK_STR(r.segments[3], "é");
	CHECK_INT(r.n_query, 0);
	CHECK_STR(r.target, "/v1/services/tcp%3A%5B2001:db8::1%5d:80/%C3%A9");
}

TEST(roles_have_their_names_both_ways)
{
	for (int role = ROLE_READER; role <= ROLE_ADMIN; role++)
		CHECK_INT(role_parse(role_name((enum role)role)), role);
	CHECK_STR(role_name(ROLE_OPERATOR), "operator");
	CHECK_INT(role_parse("Admin"), -EINVAL);
	CHECK_INT(role_parse("read"), -EINVAL);
	CHECK_INT(role_parse(""), -EINVAL);
}

TEST(root_has_no_segments)
{
	_cleanup_(request_done) struct request r = { 0 };

	CHECK_INT(request_parse_target(&r, "/", NULL), 0);
	CHECK_INT(r.n_segments, 0);
	CHECK_INT(request_parse_target(&r, "/?", NULL), 0);
	CHECK_INT(r.n_segments, 0);
	CHECK_INT(r.n_query, 0);
}

TEST(decodes_once_and_keeps_an_encoded_slash_in_its_segment)
{
	_cleanup_(request_done) struct request r = { 0 };

	CHECK_INT(request_parse_target(&r, "/v1/sysctls/net.ipv4.conf.eth0%2F100.x/%2541", NULL),
		  0);
	CHECK_INT(r.n_segments, 4);
	CHECK_STR(r.segments[2], "net.ipv4.conf.eth0/100.x");
	CHECK_STR(r.segments[3], "%41");
}

TEST(plus_is_a_space_in_the_query_only)
{
	_cleanup_(request_done) struct request r = { 0 };

	CHECK_INT(request_parse_target(&r, "/a+b?c+d=e+f%2Bg", NULL), 0);
	CHECK_STR(r.segments[0], "a+b");
	CHECK_STR(request_param(&r, "c d"), "e f+g");
}

TEST(reads_the_query)
{
	_cleanup_(request_done) struct request r = { 0 };

	CHECK_INT(request_parse_target(&r, "/v1?dryRun&wait=&label=a=b&&x=/?", NULL), 0);
	CHECK_INT(r.n_query, 4);
	CHECK_STR(request_param(&r, "dryRun"), "");
	CHECK_STR(request_param(&r, "wait"), "");
	CHECK_STR(request_param(&r, "label"), "a=b");
	CHECK_STR(request_param(&r, "x"), "/?");
	CHECK_STR(request_param(&r, "absent"), NULL);
}

TEST(takes_the_absolute_form)
{
	_cleanup_(request_done) struct request r = { 0 };

	CHECK_INT(request_parse_target(&r, "HTTPS://Localhost:8080/v1/a%2Fb?wait=1", NULL), 0);
	CHECK_STR(r.authority, "Localhost:8080");
	CHECK_INT(r.n_segments, 2);
	CHECK_STR(r.segments[0], "v1");
	CHECK_STR(r.segments[1], "a/b");
	CHECK_STR(request_param(&r, "wait"), "1");
	CHECK_INT(request_parse_target(&r, "http:///v1", NULL), 0);
	CHECK_STR(r.authority, ""); /* no Host header is like that */
	CHECK_INT(request_parse_target(&r, "/v1", NULL), 0);
	CHECK_STR(r.authority, NULL);
}

TEST(refuses_unfit_targets)
{
	static const struct {
		const char *target, *code;
	} cases[] = {
		{ "", "invalid_url" },
		{ "*", "invalid_url" },
		{ "v1", "invalid_url" },
		{ "http://localhost", "invalid_url" },
		{ "http://localhost//v1", "invalid_url" },
		{ "http:/localhost/v1", "invalid_url" },
		{ "ftp://localhost/v1", "invalid_url" },
		{ "//v1", "invalid_url" },
		{ "/v1/", "invalid_url" },
		{ "/v1//services", "invalid_url" },
		{ "/v1/./x", "invalid_url" },
		{ "/v1/../x", "invalid_url" },
		{ "/v1/%2e%2E/x", "invalid_url" },
		{ "/v1/.", "invalid_url" },
		{ "/v1/%00", "invalid_url" },
		{ "/v1/a%00b", "invalid_url" },
		{ "/v1/%", "invalid_url" },
		{ "/v1/%4", "invalid_url" },
		{ "/v1/%zz", "invalid_url" },
		{ "/v1/%0a", "invalid_url" },
		{ "/v1/%7F", "invalid_url" },
		{ "/v1/%ff", "invalid_url" },
		{ "/v1/%c0%80", "invalid_url" },
		{ "/v1/%ed%a0%80", "invalid_url" },
		{ "/v1/%f4%90%80%80", "invalid_url" },
		{ "/v1/%e2%82", "invalid_url" },
		{ "/v1/\xc3\xa9", "invalid_url" },
		{ "/v1/a b", "invalid_url" },
		{ "/v1/\x01", "invalid_url" },
		{ "/v1#top", "invalid_url" },
		{ "/1/2/3/4/5/6/7/8/9/10/11/12/13", "invalid_url" },
		{ "/v1?a=1&a=2", "invalid_parameter" },
		{ "/v1?a=1&%61=2", "invalid_parameter" },
		{ "/v1?=1", "invalid_parameter" },
		{ "/v1?a=%00", "invalid_parameter" },
		{ "/v1?a=%zz", "invalid_parameter" },
		{ "/v1?%=1", "invalid_parameter" },
		{ "/v1?a=%0d%0aX:y", "invalid_parameter" },
		{ "/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q", "invalid_parameter" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(request_done) struct request r = { 0 };
		_cleanup_(err_done) struct err e = { 0 };

		printf("# case %zu\n", i); /* the bytes are not fit for TAP */
		CHECK_INT(request_parse_target(&r, cases[i].target, &e), -EINVAL);
		CHECK_STR(e.code, cases[i].code);
		CHECK(strcmp(problem_find(e.code)->code, cases[i].code) == 0);
	}
}

TEST(the_logged_target_is_printable)
{
	_cleanup_(request_done) struct request r = { 0 };

	CHECK_INT(request_parse_target(&r, "/v1/\x1b[2J\n\xff", NULL), -EINVAL);
	CHECK_STR(r.target, "/v1/?[2J??");
}

TEST(survives_any_bytes)
{
	static const char alphabet[] = "/?&=%.+#0aAfFgG:[] \x01\x80\xc3\xff";
	unsigned seed = 1;

	for (int round = 0; round < 20000; round++) {
		_cleanup_(request_done) struct request r = { 0 };
		char target[48];
		size_t len = (size_t)rand_r(&seed) % sizeof(target);

		target[0] = '/';
		for (size_t i = 1; i < len; i++)
			target[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
		target[len ? len : 1] = '\0';
		if (request_parse_target(&r, target, NULL) < 0)
			continue;
		for (size_t i = 0; i < r.n_segments; i++)
			CHECK(*r.segments[i] && strcmp(r.segments[i], "..") != 0);
	}
}

TEST(reads_booleans_and_numbers)
{
	_cleanup_(request_done) struct request r = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	uint64_t n = 99;
	bool b = false;

	CHECK_INT(request_parse_target(&r, "/?a&b=true&c=0&d=yes&e=60&f=61&g=-1", NULL), 0);
	CHECK(request_param_bool(&r, "a", &b, NULL) == 0 && b);
	CHECK(request_param_bool(&r, "b", &b, NULL) == 0 && b);
	CHECK(request_param_bool(&r, "c", &b, NULL) == 0 && !b);
	b = true;
	CHECK(request_param_bool(&r, "absent", &b, NULL) == 0 && !b);
	b = true;
	CHECK_INT(request_param_bool(&r, "d", &b, &e), -EINVAL);
	CHECK(b);
	CHECK_STR(e.code, "invalid_parameter");
	CHECK_INT(request_param_uint(&r, "e", 60, 5, &n, NULL), 0);
	CHECK_INT(n, 60);
	CHECK_INT(request_param_uint(&r, "absent", 60, 5, &n, NULL), 0);
	CHECK_INT(n, 5);
	CHECK_INT(request_param_uint(&r, "f", 60, 5, &n, NULL), -EINVAL);
	CHECK_INT(request_param_uint(&r, "g", 60, 5, &n, NULL), -EINVAL);
	CHECK_INT(request_param_uint(&r, "a", 60, 5, &n, NULL), -EINVAL);
	CHECK_INT(n, 5);
}

TEST(methods_and_roles_have_names_both_ways)
{
	bool head;

	for (int m = 0; m < HTTP_METHODS; m++) {
		CHECK_INT(http_method_parse(http_method_name((enum http_method)m), &head), m);
		CHECK(!head);
	}
	CHECK_INT(http_method_parse("HEAD", &head), HTTP_GET);
	CHECK(head);
	CHECK_INT(http_method_parse("get", &head), -EINVAL);
	CHECK_INT(http_method_parse("TRACE", &head), -EINVAL);
	CHECK_STR(role_name(ROLE_ADMIN), "admin");
}

TEST(the_catalogue_is_sorted_and_complete)
{
	const struct problem *p;
	size_t n;

	p = problem_all(&n);
	for (size_t i = 0; i < n; i++) {
		CHECK(problem_find(p[i].code) == &p[i]);
		CHECK(i == 0 || strcmp(p[i - 1].code, p[i].code) < 0);
		CHECK(p[i].title && p[i].remedy && p[i].status >= 400 && p[i].status < 600);
	}
	CHECK_STR(problem_find("no_such_code")->code, "internal_error");
	CHECK_STR(problem_find(NULL)->code, "internal_error");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of api/router.c and of the problem documents of api/response.c. */
#include "router.h"

#include <errno.h>
#include <jansson.h>

#include "test.h"

static const char *const list_query[] = { "limit", "include", NULL };

static const struct route table[] = {
	{ .method = HTTP_GET, .path = "/v1", .query = NULL },
	{ .method = HTTP_GET, .path = "/v1/services", .query = list_query },
	{ .method = HTTP_GET, .path = "/v1/services/{service}" },
	{ .method = HTTP_PUT, .path = "/v1/services/{service}", .role = ROLE_ADMIN },
	{ .method = HTTP_PATCH, .path = "/v1/services/{service}", .role = ROLE_ADMIN },
	{ .method = HTTP_GET, .path = "/v1/services/{service}/real-servers/{realServer}/weight" },
	{ .method = HTTP_POST, .path = "/v1/reconcile", .role = ROLE_OPERATOR },
};

struct fixture {
	struct request req;
	struct response resp;
	struct err e;
};

static void fixture_done(struct fixture *f)
{
	request_done(&f->req);
	response_done(&f->resp);
	err_done(&f->e);
}

static int match(struct fixture *f, enum http_method method, const char *target)
{
	f->req.method = method;
	CHECK_INT(request_parse_target(&f->req, target, &f->e), 0);
	return router_match(table, ARRAY_SIZE(table), &f->req, &f->resp, &f->e);
}

static const char *header(const struct response *resp, const char *name)
{
	for (size_t i = 0; i < resp->n_headers; i++)
		if (streq(resp->headers[i].name, name))
			return resp->headers[i].value;
	return NULL;
}

TEST(finds_the_row_and_its_ids)
{
	_cleanup_(fixture_done) struct fixture f = { 0 };

	CHECK_INT(
		match(&f, HTTP_GET, "/v1/services/tcp:[::2]:80/real-servers/10.0.0.5%3A80/weight"),
		0);
	CHECK(f.req.route == &table[5]);
	CHECK_STR(f.req.ids[0], "tcp:[::2]:80");
	CHECK_STR(f.req.ids[1], "10.0.0.5:80");
}

TEST(an_encoded_slash_does_not_reach_another_route)
{
	_cleanup_(fixture_done) struct fixture f = { 0 };

	CHECK_INT(match(&f, HTTP_GET, "/v1/services/a%2Freal-servers"), 0);
	CHECK(f.req.route == &table[2]);
	CHECK_STR(f.req.ids[0], "a/real-servers");
	CHECK(!f.req.ids[1]);
}

TEST(unknown_paths_are_not_found)
{
	static const char *const paths[] = {
		"/",
		"/v2",
		"/v1/service",
		"/v1/servicesx",
		"/v1/services/a/b",
		"/v1/x/y",
		"/v1%2Fservices",
		"/V1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_(fixture_done) struct fixture f = { 0 };

		printf("# %s\n", paths[i]);
		CHECK_INT(match(&f, HTTP_GET, paths[i]), -ENOENT);
		CHECK_STR(f.e.code, "not_found");
		CHECK(!f.req.route);
	}
}

TEST(wrong_methods_learn_the_right_ones)
{
	_cleanup_(fixture_done) struct fixture f = { 0 };

	CHECK_INT(match(&f, HTTP_DELETE, "/v1/services/a"), -EOPNOTSUPP);
	CHECK_STR(f.e.code, "method_not_allowed");
	CHECK_STR(header(&f.resp, "Allow"), "GET, HEAD, PUT, PATCH, OPTIONS");
	CHECK(header(&f.resp, "Accept-Patch") != NULL);
}

TEST(options_is_answered_for_known_paths_only)
{
	_cleanup_(fixture_done) struct fixture f = { 0 }, g = { 0 };

	CHECK_INT(match(&f, HTTP_OPTIONS, "/v1/reconcile"), 1);
	CHECK_INT(f.resp.status, 204);
	CHECK_STR(header(&f.resp, "Allow"), "POST, OPTIONS");
	CHECK_INT(match(&g, HTTP_OPTIONS, "/nowhere"), -ENOENT);
}

TEST(checks_query_parameters)
{
	_cleanup_(fixture_done) struct fixture f = { 0 }, g = { 0 }, h = { 0 };

	CHECK_INT(match(&f, HTTP_GET, "/v1/services?limit=5&include=stats"), 0);
	CHECK_INT(match(&g, HTTP_GET, "/v1/services?limits=5"), -EINVAL);
	CHECK_STR(g.e.code, "invalid_parameter");
	CHECK(strstr(g.e.detail, "limit, include") != NULL);
	CHECK_INT(match(&h, HTTP_GET, "/v1?x"), -EINVAL);
	CHECK(strstr(h.e.detail, "none") != NULL);
}

TEST(checks_the_role)
{
	_cleanup_(fixture_done) struct fixture f = { 0 }, g = { 0 };

	f.req.role = ROLE_OPERATOR;
	CHECK_INT(match(&f, HTTP_PUT, "/v1/services/a"), -EPERM);
	CHECK_STR(f.e.code, "forbidden");
	g.req.role = ROLE_ADMIN;
	CHECK_INT(match(&g, HTTP_PUT, "/v1/services/a"), 0);
	CHECK_INT(match(&g, HTTP_POST, "/v1/reconcile"), 0);
}

TEST(problems_carry_all_members)
{
	_cleanup_(fixture_done) struct fixture f = { 0 };
	json_t *doc, *item;

	memcpy(f.req.id, "req-1", 6);
	buf_add_str(&f.resp.body, "half an answer");
	response_header(&f.resp, "Allow", "%s", "GET");
	err_add(&f.e, "/a/b", "out_of_range", "Too \"%s\".", "big");
	f.e.n_dropped = 3;
	response_problem(&f.resp, &f.req, &f.e);
	CHECK_INT(f.resp.status, 422);
	CHECK_STR(f.resp.content_type, "application/problem+json");
	CHECK_STR(header(&f.resp, "Allow"), "GET");
	doc = json_loadb(f.resp.body.data, f.resp.body.len, JSON_REJECT_DUPLICATES, NULL);
	CHECK(doc != NULL);
	CHECK_STR(json_string_value(json_object_get(doc, "type")),
		  "/v1/problems/validation_failed");
	CHECK_STR(json_string_value(json_object_get(doc, "code")), "validation_failed");
	CHECK_STR(json_string_value(json_object_get(doc, "requestId")), "req-1");
	CHECK(json_is_false(json_object_get(doc, "retryable")));
	CHECK_INT(json_integer_value(json_object_get(doc, "status")), 422);
	CHECK_INT(json_integer_value(json_object_get(doc, "errorsOmitted")), 3);
	item = json_array_get(json_object_get(doc, "errors"), 0);
	CHECK_STR(json_string_value(json_object_get(item, "pointer")), "/a/b");
	CHECK_STR(json_string_value(json_object_get(item, "detail")), "Too \"big\".");
	json_decref(doc);
}

TEST(retryable_problems_say_when)
{
	_cleanup_(fixture_done) struct fixture f = { 0 }, g = { 0 };

	(void)err_set(&f.e, 0, "kernel_not_ready", "No.");
	response_problem(&f.resp, &f.req, &f.e);
	CHECK_INT(f.resp.status, 503);
	CHECK_STR(header(&f.resp, "Retry-After"), "1");
	response_header(&g.resp, "Retry-After", "%d", 30);
	(void)err_set(&g.e, 0, "too_many_requests", "No.");
	response_problem(&g.resp, &g.req, &g.e);
	CHECK_INT(g.resp.n_headers, 1);
	CHECK_STR(header(&g.resp, "Retry-After"), "30");
}

TEST(a_detail_cut_within_a_character_stays_utf8)
{
	_cleanup_(fixture_done) struct fixture f = { 0 };
	char text[600];
	json_t *doc;

	for (size_t shift = 0; shift < 3; shift++) {
		size_t n = 0;

		err_done(&f.e);
		while (n < shift)
			text[n++] = 'x';
		while (n + 3 < sizeof(text)) {
			memcpy(text + n, "€", 3);
			n += 3;
		}
		text[n] = '\0';
		(void)err_set(&f.e, 0, "bad_request", "%s", text);
		response_problem(&f.resp, &f.req, &f.e);
		doc = json_loadb(f.resp.body.data, f.resp.body.len, 0, NULL);
		CHECK(doc != NULL);
		json_decref(doc);
	}
}

TEST(without_a_code_it_is_an_internal_error)
{
	_cleanup_(fixture_done) struct fixture f = { 0 };

	response_problem(&f.resp, &f.req, &f.e);
	CHECK_INT(f.resp.status, 500);
	CHECK(strstr(f.resp.body.data, "\"code\":\"internal_error\"") != NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes that come while a large document is being read: how long they wait. */
#include <string.h>

#include "api.h"
#include "test.h"
#include "write.h"

static int64_t time_now;
static int handled;

static int64_t now(void)
{
	return time_now;
}

static bool count(struct api *api, struct request *req, struct response *resp)
{
	(void)api;
	(void)req;
	handled++;
	resp->status = 204;
	return true;
}

static const struct route route = { .handle = count };

struct waiting {
	struct api api;
	struct write document; /* of somebody else */
	struct request req;
	struct response resp;
};

static void start(struct waiting *x, enum http_method method)
{
	*x = (struct waiting){ .api = { .now = now },
			       .req = { .method = method, .route = &route } };
	x->api.document = &x->document;
	time_now = 1000000;
	handled = 0;
}

static bool resume(struct waiting *x, bool stopping)
{
	return api_hooks.resume(&x->api, &x->req, &x->resp, stopping);
}

static const char *header(const struct response *resp, const char *name)
{
	for (size_t i = 0; i < resp->n_headers; i++)
		if (streq(resp->headers[i].name, name))
			return resp->headers[i].value;
	return "";
}

TEST(a_write_begins_when_the_document_has_been_read)
{
	struct waiting x;

	start(&x, HTTP_PUT);
	CHECK(!api_hooks.handle(&x.api, &x.req, &x.resp));
	time_now += 59999;
	CHECK(!resume(&x, false));
	CHECK_INT(handled, 0);
	x.api.document = NULL;
	CHECK(resume(&x, false));
	CHECK_INT(handled, 1);
	CHECK_INT(x.resp.status, 204);
	response_done(&x.resp);
}

/* One document after the other: the time is that of the write, not that of one document. */
TEST(a_write_does_not_wait_for_ever)
{
	struct waiting x;
	struct write another = { 0 };

	start(&x, HTTP_DELETE);
	CHECK(!api_hooks.handle(&x.api, &x.req, &x.resp));
	CHECK_INT(x.req.deadline, time_now + 60000); /* the loop wakes for it */
	time_now += 30000;
	x.api.document = &another;
	CHECK(!resume(&x, false));
	time_now += 29999;
	CHECK(!resume(&x, false));
	time_now++;
	CHECK(resume(&x, false));
	CHECK_INT(handled, 0);
	CHECK_INT(x.resp.status, 503);
	CHECK(strstr(x.resp.body.data, "\"code\":\"busy\""));
	CHECK(strstr(x.resp.body.data, "\"retryable\":true"));
	CHECK(*header(&x.resp, "Retry-After"));
	response_done(&x.resp);
}

TEST(a_read_does_not_wait_and_the_end_ends_it)
{
	struct waiting x;

	start(&x, HTTP_GET);
	CHECK(api_hooks.handle(&x.api, &x.req, &x.resp));
	CHECK_INT(handled, 1);
	response_done(&x.resp);
	start(&x, HTTP_PUT);
	CHECK(!api_hooks.handle(&x.api, &x.req, &x.resp));
	CHECK(resume(&x, true));
	CHECK_INT(x.resp.status, 503);
	CHECK(strstr(x.resp.body.data, "\"code\":\"stopping\""));
	response_done(&x.resp);
}

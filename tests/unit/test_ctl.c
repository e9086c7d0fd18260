/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the parts of lvsctl that make no request: ids to paths, words to members, documents. */
#include <errno.h>

#include "ctl_document.h"
#include "ctl_http.h"
#include "ctl_json.h"
#include "ctl_object.h"
#include "test.h"
#include "util.h"

static void check_path(const char *first, char *second, const char *want)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	_cleanup_(freep) char *word = strdup(first);
	char *words[] = { word, second };

	CHECK_INT(ctl_object_words(&path, second ? 2 : 1, words), 0);
	CHECK_STR(path.data, want);
}

TEST(ids_say_what_they_are)
{
	char real[] = "10.0.0.5:80";

	check_path("tcp:192.0.2.1:80", NULL, "/v1/services/tcp:192.0.2.1:80");
	check_path("UDP:[2001:db8::1]:53", NULL, "/v1/services/UDP:[2001:db8::1]:53");
	check_path("fwm6:5", real, "/v1/services/fwm6:5/real-servers/10.0.0.5:80");
	check_path("fwm:5/10.0.0.5:0", NULL, "/v1/services/fwm:5/real-servers/10.0.0.5:0");
	check_path("2001:db8::1", NULL, "/v1/vips/2001:db8::1");
	check_path("net.ipv4.conf.eth0/1.arp_ignore", NULL,
		   "/v1/sysctls/net.ipv4.conf.eth0%2F1.arp_ignore");
	check_path("director", NULL, "/v1/roles/director");
	check_path("real-server", NULL, "/v1/roles/real-server");
	check_path("backup", NULL, "/v1/sync/backup");
	check_path("policy", NULL, "/v1/policy");
	check_path("a b?c.d", NULL, "/v1/vips/a%20b%3Fc.d");
}

TEST(two_words_are_a_real_server_or_nothing)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	char vip[] = "192.0.2.1", real[] = "10.0.0.5:80", empty[] = "", typo[] = "service";
	char *words[] = { vip, real }, *none[] = { empty }, *unknown[] = { typo };

	CHECK_INT(ctl_object_words(&path, 2, words), -EINVAL);
	CHECK_INT(ctl_object_words(&path, 0, words), -EINVAL);
	CHECK_INT(ctl_object_words(&path, 1, none), -EINVAL);
	CHECK_INT(ctl_object_words(&path, 1, unknown), -EINVAL);
}

TEST(queries_are_encoded)
{
	_cleanup_(buf_done) struct buf query = { 0 };

	ctl_query_add(&query, "owner", "a&b=c d");
	ctl_query_add(&query, "label", "k=\xc3\xa4");
	CHECK_STR(query.data, "owner=a%26b%3Dc%20d&label=k%3D%C3%A4");
}

static void check_assign(const char *first, const char *second, const char *want)
{
	json_auto_t *object = json_object();
	_cleanup_(freep) char *text = NULL;

	CHECK_INT(ctl_json_assign(object, first), 0);
	if (second)
		CHECK_INT(ctl_json_assign(object, second), 0);
	text = json_dumps(object, JSON_COMPACT);
	CHECK_STR(text, want);
}

TEST(words_become_members)
{
	json_auto_t *object = json_object();

	check_assign("a=1", "b=text", "{\"a\":1,\"b\":\"text\"}");
	check_assign("a.b=true", "a.c=null", "{\"a\":{\"b\":true,\"c\":null}}");
	check_assign("a=[\"x\"]", "b=", "{\"a\":[\"x\"],\"b\":\"\"}");
	check_assign("a=b=c", NULL, "{\"a\":\"b=c\"}");
	check_assign("a=1.2.3.4", NULL, "{\"a\":\"1.2.3.4\"}");
	check_assign("a=1", "a.b=2", "{\"a\":{\"b\":2}}");
	CHECK_INT(ctl_json_assign(object, "a"), -EINVAL);
	CHECK_INT(ctl_json_assign(object, "=a"), -EINVAL);
	CHECK_INT(ctl_json_assign(object, "a=\xff"), -EINVAL);
}

/* What some documents become together, or NULL when one is refused. */
static char *together(const char *first, const char *second)
{
	json_auto_t *config = json_object(), *a = json_loads(first, JSON_DECODE_ANY, NULL);
	json_auto_t *b = second ? json_loads(second, JSON_DECODE_ANY, NULL) : NULL;

	if (ctl_document_add(config, a, "test") < 0 ||
	    (b && ctl_document_add(config, b, "test") < 0))
		return NULL;
	return json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
}

static void check_together(const char *first, const char *second, const char *want)
{
	_cleanup_(freep) char *text = together(first, second);

	CHECK_STR(text, want);
}

TEST(documents_become_one_configuration)
{
	check_together("{\"services\":{\"fwm:1\":{}}}", "{\"id\":\"fwm:2\"}",
		       "{\"services\":{\"fwm:1\":{},\"fwm:2\":{\"id\":\"fwm:2\"}}}");
	check_together("[{\"id\":\"real-server\"},{\"items\":[{\"id\":\"192.0.2.1\"}]}]", NULL,
		       "{\"roles\":{\"realServer\":{\"id\":\"real-server\"}},"
		       "\"vips\":{\"192.0.2.1\":{\"id\":\"192.0.2.1\"}}}");
	check_together("{\"services\":null}", "{\"policy\":{\"foreign\":\"ignore\"}}",
		       "{\"policy\":{\"foreign\":\"ignore\"},\"services\":null}");
	check_together("{}", "{\"services\":{\"fwm:1\":null}}", "{\"services\":{\"fwm:1\":null}}");
	check_together("{\"revision\":5,\"items\":[]}", NULL, "{}");
}

TEST(documents_that_are_none)
{
	CHECK(!together("5", NULL));
	CHECK(!together("{\"scheduler\":\"rr\"}", NULL));
	CHECK(!together("{\"id\":\"policy\"}", NULL));
	CHECK(!together("{\"id\":\"fwm:1\"}", "{\"id\":\"fwm:1\"}"));
	CHECK(!together("{\"policy\":{}}", "{\"policy\":{}}"));
	CHECK(!together("{\"services\":null}", "{\"services\":null}"));
}

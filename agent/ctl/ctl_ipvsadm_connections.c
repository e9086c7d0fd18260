/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -L -c: the connections of the kernel's table, a line for each as it comes. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_ipvsadm.h"
#include "util.h"

struct listing {
	const struct ipvsadm_call *call;
	struct buf line;
	bool bad;
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* An endpoint of the API as ipvsadm shows it. */
static const char *show(const struct listing *l, const char *endpoint, uint8_t protocol,
			char ret[IPVSADM_NAME_MAX])
{
	struct inaddr a;
	uint16_t port;

	if (ipvsadm_parse_id_endpoint(endpoint, &a, &port) < 0)
		return endpoint;
	ipvsadm_endpoint_text(&a, port, protocol, ipvsadm_has(l->call, IPVSADM_NUMERIC), ret);
	return ret;
}

/* Of a mark the kernel makes an address: its 32 bits, in IPv6 the first ones. */
static const char *mark_endpoint(const json_t *c, char ret[IPVSADM_NAME_MAX])
{
	uint32_t bits = htonl((uint32_t)json_integer_value(json_object_get(c, "mark")));
	struct inaddr a = { .family = text_of(c, "client")[0] == '[' ? AF_INET6 : AF_INET };
	char text[INADDR_TEXT_MAX];

	memcpy(a.bytes, &bits, sizeof(bits));
	(void)snprintf(ret, IPVSADM_NAME_MAX, a.family == AF_INET6 ? "[%s]:0" : "%s:0",
		       inaddr_format(&a, text));
	return ret;
}

static const char *protocol_word(const json_t *c, uint8_t *ret_number)
{
	static const struct {
		const char *name, *word;
		uint8_t number;
	} protocols[] = { { "tcp", "TCP", IPPROTO_TCP },
			  { "udp", "UDP", IPPROTO_UDP },
			  { "sctp", "SCTP", IPPROTO_SCTP } };

	*ret_number = 0;
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (streq(protocols[i].name, text_of(c, "protocol"))) {
			*ret_number = protocols[i].number;
			return protocols[i].word;
		}
	}
	return "IP";
}

static void print_connection(const struct listing *l, const json_t *c)
{
	long long seconds = json_integer_value(json_object_get(c, "expiresSeconds"));
	char client[IPVSADM_NAME_MAX], virtual[IPVSADM_NAME_MAX], real[IPVSADM_NAME_MAX];
	char mark[IPVSADM_NAME_MAX], expires[32];
	const char *engine = text_of(c, "engine");
	uint8_t protocol;
	const char *word = protocol_word(c, &protocol);
	const char *to = *text_of(c, "virtual") ? text_of(c, "virtual") : mark_endpoint(c, mark);

	(void)snprintf(expires, sizeof(expires), "%02lld:%02lld", seconds / 60, seconds % 60);
	printf("%-3s %-6s %-11s %-18s %-18s ", word, expires, text_of(c, "state"),
	       show(l, text_of(c, "client"), protocol, client), show(l, to, protocol, virtual));
	if (*engine && ipvsadm_has(l->call, IPVSADM_PERSISTENT_CONN))
		printf("%-16s %-18s %s\n", show(l, text_of(c, "realServer"), protocol, real),
		       engine, text_of(c, "engineData"));
	else
		printf("%s\n", show(l, text_of(c, "realServer"), protocol, real));
}

/* A line of the answer; an empty one says that lvsd is still looking. */
static void take_line(struct listing *l)
{
	json_t *c;

	if (l->line.len == 0)
		return;
	c = json_loadb(l->line.data, l->line.len, 0, NULL);
	if (c)
		print_connection(l, c);
	else
		l->bad = true;
	json_decref(c);
	buf_clear(&l->line);
}

static int take(void *arg, const char *data, size_t len)
{
	struct listing *l = arg;

	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t piece = newline ? (size_t)(newline - data) : len;

		buf_add(&l->line, data, piece);
		if (l->line.failed)
			return -ENOMEM;
		if (!newline)
			return 0;
		take_line(l);
		data += piece + 1;
		len -= piece + 1;
	}
	return l->bad ? -EINVAL : 0;
}

int ipvsadm_list_connections(struct ctl *ctl, const struct ipvsadm_call *c)
{
	struct listing l = { .call = c };
	const struct ctl_request r = { .method = "GET",
				       .path = "/v1/connections",
				       .accept = "application/x-ndjson",
				       .piece = take,
				       .arg = &l };
	struct ctl_answer a;
	int result;

	if (!ctl->options.show_curl)
		puts("IPVS connection entries");
	if (ipvsadm_has(c, IPVSADM_PERSISTENT_CONN) && !ctl->options.show_curl)
		printf("pro expire %-11s %-18s %-18s %-18s %-16s %s\n", "state", "source",
		       "virtual", "destination", "pe name", "pe_data");
	else if (!ctl->options.show_curl)
		printf("pro expire %-11s %-18s %-18s %s\n", "state", "source", "virtual",
		       "destination");
	result = ctl_http_send(ctl->http, &r, &a);
	ctl_answer_done(&a);
	buf_done(&l.line);
	if (l.bad)
		return ctl_fail("the server's answer was not understood");
	return result == 0 || result == -ECANCELED ? 0 : IPVSADM_BAD_CALL;
}

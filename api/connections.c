/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /v1/connections shows, see connections.h. It reads no files. */
#include "connections.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "ipvs_connection_walk.h"
#include "timestamp.h"

#define KEEP_MS 60000

/* Filters -------------------------------------------------------------------------------------- */

static int parse_end(const struct request *req, const char *name, struct connections_end *ret,
		     struct err *e)
{
	const char *text = request_param(req, name), *why;
	struct ipvs_dest_key key;

	if (!text)
		return 0;
	ret->given = true;
	if (inaddr_parse(text, strlen(text), &ret->end.address) == 0)
		return 0;
	if (ipvs_dest_key_parse(text, strlen(text), &key, &why) < 0)
		return request_refuse_param(e, name,
					    "must be an address, or ADDRESS:PORT with brackets "
					    "around an IPv6 address");
	ret->end = (struct ipvs_endpoint){ key.address, key.port };
	ret->by_port = true;
	return 0;
}

int connections_filter_parse(const struct request *req, struct connections_filter *ret,
			     struct err *e)
{
	const char *service = request_param(req, "service"), *why = "";
	struct connections_filter f = { .state = request_param(req, "state") };

	f.by_service = service != NULL;
	if (service && ipvs_service_key_parse(service, strlen(service), &f.service, &why) < 0)
		return request_refuse_param(e, "service", "%s", why);
	if (parse_end(req, "client", &f.client, e) < 0 ||
	    parse_end(req, "realServer", &f.real, e) < 0)
		return -EINVAL;
	*ret = f;
	return 0;
}

static uint8_t protocol_number(const struct ipvs_connection *c)
{
	static const struct {
		const char *name;
		uint8_t number;
	} protocols[] = {
		{ "TCP", IPPROTO_TCP },
		{ "UDP", IPPROTO_UDP },
		{ "SCTP", IPPROTO_SCTP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (streq(protocols[i].name, c->protocol))
			return protocols[i].number;
	return 0;
}

/* The service that its virtual end would belong to. */
static struct ipvs_service_key key_of(const struct ipvs_connection *c)
{
	struct ipvs_service_key key = { .fwmark = ipvs_connection_mark(c) };

	key.address.family = c->virtual.address.family;
	if (key.fwmark)
		return key;
	key.address = c->virtual.address;
	key.protocol = protocol_number(c);
	key.port = c->virtual.port;
	return key;
}

static bool of_service(const struct ipvs_connection *c, const struct ipvs_service_key *service)
{
	struct ipvs_service_key key = key_of(c);

	if (!service->fwmark && service->port == 0)
		key.port = 0;
	return ipvs_service_key_compare(&key, service) == 0;
}

static bool matches_end(const struct connections_end *want, const struct ipvs_endpoint *have)
{
	return !want->given || (inaddr_compare(&want->end.address, &have->address) == 0 &&
				(!want->by_port || want->end.port == have->port));
}

bool connections_filter_matches(const struct connections_filter *f, const struct ipvs_connection *c)
{
	return matches_end(&f->client, &c->client) && matches_end(&f->real, &c->real) &&
	       (!f->by_service || of_service(c, &f->service)) &&
	       (!f->state || strcasecmp(f->state, c->state) == 0);
}

/* One of them ---------------------------------------------------------------------------------- */

static void write_end(struct json_writer *w, const char *name, const struct ipvs_endpoint *end)
{
	const struct ipvs_dest_key key = { .address = end->address, .port = end->port };
	char text[IPVS_DEST_ID_MAX];

	json_write_member_string(w, name, ipvs_dest_key_format(&key, text));
}

static void write_lower(struct json_writer *w, const char *name, const char *word)
{
	char text[IPVS_CONNECTION_WORD_MAX];
	size_t i = 0;

	for (; word[i]; i++)
		text[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] - 'A' + 'a' : word[i]);
	text[i] = '\0';
	json_write_member_string(w, name, text);
}

/* The declared service that it came by, as far as its address tells; NULL: none. */
static const struct service *service_of(const struct ipvs_connection *c, const struct desired *d)
{
	struct ipvs_service_key key = key_of(c);
	const struct service *s = desired_find(d, &key);

	if (!s && !key.fwmark) {
		key.port = 0;
		s = desired_find(d, &key);
	}
	return s;
}

/* Whatever a client has sent: bytes that are no ASCII become the character of that number. */
static void write_data(struct json_writer *w, const struct ipvs_connection *c)
{
	char text[2 * IPVS_CONNECTION_DATA_MAX];
	size_t n = 0;

	for (size_t i = 0; i < c->data_len; i++) {
		if (c->data[i] < 0x80) {
			text[n++] = (char)(c->data[i] ? c->data[i] : ' ');
		} else {
			text[n++] = (char)(0xc0 | c->data[i] >> 6);
			text[n++] = (char)(0x80 | (c->data[i] & 0x3f));
		}
	}
	text[n] = '\0';
	json_write_member_string(w, "engineData", c->engine[0] ? text : NULL);
}

void connections_write(const struct ipvs_connection *c, const struct desired *d,
		       struct json_writer *w)
{
	static const char *const origins[] = { NULL, "local", "sync" };
	const struct service *s = service_of(c, d);
	uint32_t mark = ipvs_connection_mark(c);
	char id[IPVS_SERVICE_ID_MAX];

	json_write_begin_object(w);
	if (mark)
		json_write_member_string(w, "protocol", NULL);
	else
		write_lower(w, "protocol", c->protocol);
	write_end(w, "client", &c->client);
	json_write_key(w, "virtual");
	if (mark)
		json_write_null(w);
	else
		json_write_string(w, ipvs_dest_key_format(
					     &(struct ipvs_dest_key){ .address = c->virtual.address,
								      .port = c->virtual.port },
					     id));
	json_write_key(w, "mark");
	if (mark)
		json_write_int(w, mark);
	else
		json_write_null(w);
	json_write_member_string(w, "service",
				 s ? ipvs_service_key_format(&s->spec.key, id) : NULL);
	write_end(w, "realServer", &c->real);
	json_write_member_string(w, "state", c->state);
	json_write_member_int(w, "expiresSeconds", c->expires);
	json_write_member_bool(w, "template", ipvs_connection_is_template(c));
	json_write_member_string(w, "engine", c->engine[0] ? c->engine : NULL);
	write_data(w, c);
	json_write_member_string(w, "origin", origins[c->origin]);
	json_write_end_object(w);
}

/* Pages ---------------------------------------------------------------------------------------- */

static void drop(struct api_connection_list *l)
{
	ipvs_connection_walk_free(l->walk);
	*l = (struct api_connection_list){ 0 };
}

void connections_expire(struct api *api)
{
	int64_t now = api->now();

	for (size_t i = 0; i < API_CONNECTION_LISTS; i++)
		if (api->connection_lists[i].walk && api->connection_lists[i].until < now)
			drop(&api->connection_lists[i]);
}

uint64_t connections_keep(struct api *api, struct ipvs_connection_walk *walk)
{
	struct api_connection_list *oldest = &api->connection_lists[0];

	for (size_t i = 0; i < API_CONNECTION_LISTS; i++)
		if (api->connection_lists[i].until < oldest->until)
			oldest = &api->connection_lists[i];
	drop(oldest);
	/* After a restart an old word finds nothing. */
	api->connection_token++;
	if (api->connection_token < (uint64_t)timestamp_now())
		api->connection_token = (uint64_t)timestamp_now();
	*oldest = (struct api_connection_list){ walk, api->connection_token, api->now() + KEEP_MS };
	return oldest->token;
}

struct ipvs_connection_walk *connections_take(struct api *api, uint64_t token)
{
	struct ipvs_connection_walk *walk = NULL;

	connections_expire(api);
	for (size_t i = 0; i < API_CONNECTION_LISTS; i++) {
		struct api_connection_list *l = &api->connection_lists[i];

		if (!l->walk || l->token != token)
			continue;
		walk = TAKE_PTR(l->walk);
		*l = (struct api_connection_list){ 0 };
	}
	return walk;
}

void connections_done(struct api *api)
{
	for (size_t i = 0; i < API_CONNECTION_LISTS; i++)
		drop(&api->connection_lists[i]);
}

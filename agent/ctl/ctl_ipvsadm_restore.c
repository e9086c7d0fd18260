/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -R at once: when all lines add services and real servers that nobody has yet, as after -C, they
 * are one write. Whoever asks cannot tell it from one request a line, but for the time: where the
 * two could differ, nothing is done here. */
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_ipvsadm.h"
#include "ctl_members.h"
#include "field_json.h"
#include "ipvs_fields.h"
#include "util.h"

#define WAIT_S "60" /* as long as the API allows: it may be much */

/* What the lines add, and what is found out about it. */
struct restore {
	struct ctl *ctl;
	const struct ipvsadm_table *table;
	struct buf body;
	bool met; /* the daemon has one of the services */
};

bool ipvsadm_restore_add(struct ipvsadm_table *t, const struct ipvsadm_call *c)
{
	struct ipvsadm_listed *last = t->services.n ? &t->services.items[t->services.n - 1] : NULL;

	if (c->command == IPVSADM_ADD) {
		struct ipvsadm_listed l = { .service = c->service, .first = t->dests.n };

		ipvs_service_normalise(&l.service);
		return vec_push(&t->services, l) == 0;
	}
	if (c->command == IPVSADM_ADD_SERVER && last &&
	    ipvs_service_key_compare(&last->service.key, &c->service.key) == 0) {
		struct ipvsadm_listed_dest d = { .observed.dest = c->dest };

		ipvs_dest_normalise(&d.observed.dest);
		last->n++;
		return vec_push(&t->dests, d) == 0;
	}
	return false;
}

/* Sorts by keys. False: something is there twice. */
static bool each_once(struct ipvsadm_table *t)
{
	vec_sort(&t->services, ipvsadm_order_services);
	for (size_t i = 0; i < t->services.n; i++) {
		const struct ipvsadm_listed *s = &t->services.items[i];
		struct ipvsadm_listed_dest *dests = t->dests.items + s->first;

		if (i && ipvsadm_order_services(s - 1, s) == 0)
			return false;
		if (s->n < 2)
			continue;
		qsort(dests, s->n, sizeof(*dests), ipvsadm_order_dests);
		for (size_t k = 1; k < s->n; k++)
			if (ipvsadm_order_dests(&dests[k - 1], &dests[k]) == 0)
				return false;
	}
	return true;
}

static void encode_dests(struct json_writer *out, const struct ipvsadm_listed_dest *dests, size_t n)
{
	char id[IPVS_DEST_ID_MAX];

	json_write_key(out, "realServers");
	json_write_begin_object(out);
	for (size_t i = 0; i < n; i++) {
		const struct ipvs_dest *d = &dests[i].observed.dest;

		json_write_key(out, ipvs_dest_key_format(&d->key, id));
		json_write_begin_object(out);
		field_encode(&ipvs_dest_table, d, out);
		json_write_end_object(out);
	}
	json_write_end_object(out);
}

static void encode(struct restore *r)
{
	const struct ipvsadm_table *t = r->table;
	char id[IPVS_SERVICE_ID_MAX];
	struct json_writer out;

	json_write_init(&out, &r->body);
	json_write_begin_object(&out);
	json_write_key(&out, "services");
	json_write_begin_object(&out);
	vec_foreach(s, &t->services) {
		json_write_key(&out, ipvs_service_key_format(&s->service.key, id));
		json_write_begin_object(&out);
		field_encode(&ipvs_service_table, &s->service, &out);
		if (s->n)
			encode_dests(&out, t->dests.items + s->first, s->n);
		json_write_end_object(&out);
	}
	json_write_end_object(&out);
	json_write_end_object(&out);
}

static int look_up(void *arg, const char *id, const json_t *service)
{
	struct restore *r = arg;
	struct ipvsadm_listed wanted = { 0 };

	(void)service;
	if (ipvsadm_parse_service_id(id, &wanted.service.key) < 0)
		return -EINVAL;
	r->met |= bsearch(&wanted, r->table->services.items, r->table->services.n, sizeof(wanted),
			  ipvsadm_order_services) != NULL;
	return 0;
}

/* Whether none of the services is declared: 1, and *precondition holds as long as that is so; 0; or
 * -EIO when nobody can be asked, which has been said. */
static int is_new(struct restore *r, struct buf *precondition)
{
	struct ctl_members members = { .service = look_up, .arg = r };
	const struct ctl_request request = { .method = "GET",
					     .path = "/v1/config",
					     .quiet = true,
					     .piece = ctl_members_take,
					     .arg = &members };
	struct ctl_answer a;
	int result = ctl_http_send(r->ctl->http, &request, &a), end = ctl_members_end(&members);

	buf_printf(precondition, "If-Match: %s", a.etag);
	ctl_answer_done(&a);
	if (result == 0)
		return end == 0 && !r->met && !precondition->failed;
	return result == -EREMOTEIO || members.error ? 0 : -EIO;
}

/* 202: all is stored, and the kernel does not hold some of it. */
static int say_pending(const struct ctl_answer *a)
{
	const json_t *pending = json_object_get(json_object_get(a->json, "status"), "pending");
	const json_t *item;
	size_t i;

	(void)fprintf(stderr,
		      "lvsctl: it is stored, and lvsd tries again to get into the kernel:\n");
	json_array_foreach(pending, i, item)
		(void)fprintf(stderr, "  %s\n", json_string_value(json_object_get(item, "id")));
	return IPVSADM_REFUSED;
}

/* The write. False: the daemon refused it, and nothing was changed. */
static bool write_all(struct restore *r, const char *precondition, int *ret_status)
{
	const struct ctl_options *o = &r->ctl->options;
	_cleanup_(buf_done) struct buf query = { 0 };
	struct ctl_request request = { .method = "PATCH",
				       .path = "/v1/config",
				       .body = r->body.data,
				       .body_len = r->body.len,
				       .precondition = precondition,
				       .quiet = true };
	struct ctl_answer a;
	int result;

	ctl_query_write(&query, o);
	if (!o->wait)
		ctl_query_add(&query, "wait", WAIT_S);
	if (query.failed || r->body.failed)
		return false;
	request.query = query.data;
	result = ctl_http_send(r->ctl->http, &request, &a);
	*ret_status = result == -ECANCELED ? 0 : IPVSADM_BAD_CALL; /* said already */
	if (result == 0)
		*ret_status = a.status == 202 ? say_pending(&a) : 0;
	if (result == 0 && o->dry_run)
		ipvsadm_say_plan(&a);
	ctl_answer_done(&a);
	return result != -EREMOTEIO;
}

bool ipvsadm_restore_at_once(struct ctl *ctl, struct ipvsadm_table *t, int *ret_status)
{
	_cleanup_(buf_done) struct buf precondition = { 0 };
	struct restore r = { .ctl = ctl, .table = t };
	bool done = false;
	int fresh = 1; /* a line for curl comes of the write only */

	if (!each_once(t))
		return false;
	if (!ctl->options.show_curl)
		fresh = is_new(&r, &precondition);
	if (fresh > 0) {
		encode(&r);
		done = write_all(&r, precondition.data, ret_status);
	}
	buf_done(&r.body);
	if (fresh < 0)
		*ret_status = IPVSADM_BAD_CALL;
	return done || fresh < 0;
}

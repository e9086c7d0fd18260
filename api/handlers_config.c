/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/config: the desired state as one document. */
#include "declared_json.h"
#include "document.h"
#include "field_json.h"
#include "handlers.h"
#include "view.h"

/* The document is written object by object from a state that stays as it is. */
struct config_stream {
	struct desired *desired;
	size_t at;	 /* in the services */
	size_t declared; /* in the objects of the host's side */
	enum { SERVICES, VIPS, ROLES, SYSCTLS, SYNC, END } part;
	struct json_writer w;
	bool begun;
};

static void config_stream_free(void *state)
{
	struct config_stream *s = state;

	desired_unref(s->desired);
	free(s);
}

static bool next_service(struct config_stream *s)
{
	const struct service *service;
	char id[IPVS_SERVICE_ID_MAX];

	if (s->at == s->desired->services.n)
		return false;
	service = s->desired->services.items[s->at++];
	json_write_key(&s->w, ipvs_service_key_format(&service->spec.key, id));
	service_encode(service, &s->w);
	return true;
}

/* The next object, if it is of this kind. */
static const struct declared *next_declared(struct config_stream *s, enum declared_kind kind)
{
	const declared_vec *all = &s->desired->declared;

	return s->declared < all->n && all->items[s->declared]->kind == kind
		       ? all->items[s->declared++]
		       : NULL;
}

static bool next_entry(struct config_stream *s, enum declared_kind kind)
{
	const struct declared *o = next_declared(s, kind);
	struct declared_key key;
	char id[DECLARED_ID_MAX];

	if (!o)
		return false;
	key = declared_key_of(o);
	json_write_key(&s->w, declared_id(&key, id));
	declared_encode(o, &s->w);
	return true;
}

/* A role or sync daemon that is absent is null, so that the document put back takes away one that
 * is there. */
static void write_single(struct config_stream *s, const char *name, enum declared_kind kind)
{
	const struct declared *o = next_declared(s, kind);

	json_write_key(&s->w, name);
	if (o)
		declared_encode(o, &s->w);
	else
		json_write_null(&s->w);
}

static void begin_part(struct config_stream *s, const char *name)
{
	json_write_key(&s->w, name);
	json_write_begin_object(&s->w);
}

/* Writes the next object of a part; false: the part is at its end. */
static bool next_of_part(struct config_stream *s)
{
	switch (s->part) {
	case SERVICES:
		return next_service(s);
	case VIPS:
		return next_entry(s, DECLARED_VIP);
	case ROLES:
		write_single(s, "realServer", DECLARED_REAL_SERVER);
		write_single(s, "director", DECLARED_DIRECTOR);
		return false;
	case SYSCTLS:
		return next_entry(s, DECLARED_SYSCTL);
	case SYNC:
		write_single(s, "master", DECLARED_SYNC_MASTER);
		write_single(s, "backup", DECLARED_SYNC_BACKUP);
		return false;
	case END:
		break;
	}
	return false;
}

static int config_stream_next(void *state, struct buf *out)
{
	static const char *const names[] = {
		[SERVICES] = "services", [VIPS] = "vips", [ROLES] = "roles",
		[SYSCTLS] = "sysctls",	 [SYNC] = "sync",
	};
	struct config_stream *s = state;

	s->w.out = out;
	if (!s->begun) {
		s->begun = true;
		json_write_begin_object(&s->w);
		begin_part(s, names[SERVICES]);
		return 1;
	}
	if (next_of_part(s))
		return 1;
	json_write_end_object(&s->w);
	if (++s->part != END) {
		begin_part(s, names[s->part]);
		return 1;
	}
	json_write_key(&s->w, "policy");
	json_write_begin_object(&s->w);
	field_encode(&policy_table, &s->desired->policy, &s->w);
	json_write_end_object(&s->w);
	json_write_end_object(&s->w);
	return 0;
}

bool handle_config_get(struct api *api, struct request *req, struct response *resp)
{
	struct config_stream *s = calloc(1, sizeof(*s));
	struct err e = { 0 };

	if (!s) {
		(void)err_set(&e, 0, "out_of_memory", "out of memory");
		return handle_problem(req, resp, &e);
	}
	s->desired = desired_ref(change_published(api->change));
	json_write_init(&s->w, NULL);
	resp->stream = (struct response_stream){ config_stream_next, config_stream_free, s };
	view_etag(resp, s->desired->revision);
	response_json(resp, 200);
	return true;
}

bool handle_config_write(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct write *w = write_begin(api, req, resp, WRITE_CONFIG, &by);

	return !w || document_start(w, req, resp, &by, write_mode(req));
}

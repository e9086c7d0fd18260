/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/config: the desired state as one document. */
#include "document.h"
#include "field_json.h"
#include "handlers.h"
#include "view.h"

/* The document is written service by service from a state that stays as it is. */
struct config_stream {
	struct desired *desired;
	size_t at;
	struct json_writer w;
	bool begun;
};

static void config_stream_free(void *state)
{
	struct config_stream *s = state;

	desired_unref(s->desired);
	free(s);
}

static int config_stream_next(void *state, struct buf *out)
{
	struct config_stream *s = state;
	char id[IPVS_SERVICE_ID_MAX];

	s->w.out = out;
	if (!s->begun) {
		s->begun = true;
		json_write_begin_object(&s->w);
		json_write_key(&s->w, "services");
		json_write_begin_object(&s->w);
		return 1;
	}
	if (s->at < s->desired->services.n) {
		const struct service *service = s->desired->services.items[s->at++];

		json_write_key(&s->w, ipvs_service_key_format(&service->spec.key, id));
		service_encode(service, &s->w);
		return 1;
	}
	json_write_end_object(&s->w);
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

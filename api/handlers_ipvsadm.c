/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/export/ipvsadm, /v1/import/ipvsadm: services as the text of `ipvsadm -S -n`; /v1/adopt. */
#include <errno.h>

#include "document.h"
#include "handlers.h"
#include "ipvs_names.h"
#include "kernel_walk.h"

#define NOTES_MAX 4096 /* bytes; what else is left out is not named */

/* One of the values of a parameter; absent: the first. -EINVAL with e set. */
static int param_choice(const struct request *req, const char *name, const char *first,
			const char *second, bool *ret_second, struct err *e)
{
	const char *value = request_param(req, name);

	if (value && !streq(value, first) && !streq(value, second))
		return request_refuse_param(e, name, "must be %s or %s", first, second);
	*ret_second = value && streq(value, second);
	return 0;
}

static void text_answer(struct response *resp)
{
	resp->status = 200;
	resp->content_type = "text/plain; charset=utf-8";
}

/* What is desired ------------------------------------------------------------------------------ */

struct desired_text {
	struct desired *desired;
	size_t at;
};

static void desired_text_free(void *state)
{
	struct desired_text *s = state;

	desired_unref(s->desired);
	free(s);
}

/* The next service. What can be declared has its options. */
static int desired_text_next(void *state, struct buf *out)
{
	struct desired_text *s = state;
	const struct service *service;

	if (s->at == s->desired->services.n)
		return 0;
	service = s->desired->services.items[s->at++];
	if (!ipvs_text_print_service(&service->spec, out))
		return -EIO;
	vec_foreach(rs, &service->real_servers)
		if (!ipvs_text_print_dest(&service->spec.key, &rs->dest, out))
			return -EIO;
	return 1;
}

static bool export_desired(struct api *api, struct request *req, struct response *resp)
{
	struct desired_text *s = calloc(1, sizeof(*s));
	struct err e = { 0 };

	if (!s) {
		(void)err_set(&e, 0, "out_of_memory", "out of memory");
		return handle_problem(req, resp, &e);
	}
	s->desired = desired_ref(change_published(api->change));
	resp->stream = (struct response_stream){ desired_text_next, desired_text_free, s };
	text_answer(resp);
	return true;
}

/* What the kernel has -------------------------------------------------------------------------- */

static void note(struct kernel_walk *walk, const struct ipvs_service *service,
		 const struct ipvs_dest *d)
{
	char id[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX];

	if (walk->notes.len > NOTES_MAX)
		return;
	buf_printf(&walk->notes, "# left out, since ipvsadm has no options for it: %s%s%s\n",
		   ipvs_service_key_format(&service->key, id), d ? " real server " : "",
		   d ? ipvs_dest_key_format(&d->key, dest) : "");
}

/* The next service. What has no options is named at the very end, as comments: ipvsadm -R takes
 * none, and stops there after everything else. */
static int kernel_text_next(struct kernel_walk *walk, struct buf *out)
{
	struct ipvs_kernel *kernel = reconcile_kernel(walk->plan.api->reconcile);
	const struct ipvs_service *s;

	if (walk->j == walk->listed.n) {
		if (walk->notes.len)
			buf_add(out, walk->notes.data, walk->notes.len);
		return walk->notes.failed ? -EIO : 0;
	}
	s = &walk->listed.items[walk->j++];
	walk->plan.dests.n = 0;
	if (kernel->ops->dests(kernel, &s->key, &walk->plan.dests) < 0)
		return -EIO; /* breaks the answer off: better than an incomplete one */
	if (!ipvs_text_print_service(s, out)) {
		note(walk, s, NULL);
		return 1;
	}
	vec_foreach(o, &walk->plan.dests)
		if (!ipvs_text_print_dest(&s->key, &o->dest, out))
			note(walk, s, &o->dest);
	return 1;
}

bool handle_export_ipvsadm(struct api *api, struct request *req, struct response *resp)
{
	struct err e = { 0 };
	bool kernel;

	if (param_choice(req, "source", "desired", "kernel", &kernel, &e) < 0)
		return handle_problem(req, resp, &e);
	if (!kernel)
		return export_desired(api, req, resp);
	(void)kernel_walk_start(api, req, resp, desired_ref(change_published(api->change)),
				kernel_text_next, NULL, NULL);
	if (resp->status == 200)
		text_answer(resp);
	return true;
}

/* Writes --------------------------------------------------------------------------------------- */

bool handle_import_ipvsadm(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct err e = { 0 };
	bool replace, names;
	struct write *w;

	if (param_choice(req, "mode", "merge", "replace", &replace, &e) < 0 ||
	    request_param_bool(req, "names", &names, &e) < 0)
		return handle_problem(req, resp, &e);
	w = write_begin(api, req, resp, WRITE_CONFIG, &by);
	return !w || document_start_text(w, req, resp, &by, replace ? DECODE_PUT : DECODE_PATCH,
					 names ? &ipvs_names_of_files : NULL);
}

bool handle_adopt(struct api *api, struct request *req, struct response *resp)
{
	struct change_by by;
	struct write *w = write_begin(api, req, resp, WRITE_CONFIG, &by);
	json_t *json;

	if (!w || write_body(req, resp, &json) < 0)
		return true;
	return document_start_adopt(w, req, resp, &by, json);
}

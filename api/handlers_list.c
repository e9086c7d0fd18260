/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /v1/services, /v1/vips, /v1/sysctls: filtered, in pages, streamed. */
#include <errno.h>

#include "handlers.h"
#include "list.h"
#include "num.h"
#include "view_declared.h"

struct list;

/* What is listed: positions of a state. */
struct list_of {
	/* The first and the last but one. */
	void (*range)(const struct desired *d, size_t *ret_first, size_t *ret_end);
	bool (*matches)(const struct list *l, size_t at);
	void (*show)(struct list *l, size_t at);
};

/* A list in the making. The filter points into the request, which lives until the answer is sent.
 */
struct list {
	const struct list_of *of;
	struct api *api;
	struct desired *desired; /* stays as it is while others write */
	struct list_filter filter;
	struct view_extra extra;
	uint64_t limit, shown; /* limit 0: no limit */
	size_t at, end;
	struct json_writer w;
	bool begun;
};

static void services_range(const struct desired *d, size_t *ret_first, size_t *ret_end)
{
	*ret_first = 0;
	*ret_end = d->services.n;
}

static bool services_match(const struct list *l, size_t at)
{
	return list_filter_matches(l->api, &l->filter, l->desired->services.items[at]);
}

static void services_show(struct list *l, size_t at)
{
	view_service(l->api, l->desired->services.items[at], &l->extra, &l->w);
}

static const struct list_of services = { services_range, services_match, services_show };

/* Below every key of its kind: an address without family, a name without a byte. */
static size_t first_of(const struct desired *d, unsigned kind)
{
	const struct declared_key key = { .kind = (uint8_t)kind };

	return declared_position(&d->declared, &key, NULL);
}

static void vips_range(const struct desired *d, size_t *ret_first, size_t *ret_end)
{
	*ret_first = first_of(d, DECLARED_VIP);
	*ret_end = first_of(d, DECLARED_VIP + 1);
}

static void sysctls_range(const struct desired *d, size_t *ret_first, size_t *ret_end)
{
	*ret_first = first_of(d, DECLARED_SYSCTL);
	*ret_end = first_of(d, DECLARED_SYSCTL + 1);
}

static bool declared_matches(const struct list *l, size_t at)
{
	return list_filter_matches_metadata(&l->filter, &l->desired->declared.items[at]->meta);
}

static void declared_show(struct list *l, size_t at)
{
	view_declared(l->api, l->desired->declared.items[at], NULL, &l->w);
}

static const struct list_of vips = { vips_range, declared_matches, declared_show };
static const struct list_of sysctls = { sysctls_range, declared_matches, declared_show };

static void list_free(void *state)
{
	struct list *l = state;

	desired_unref(l->desired);
	free(l);
}

static void end(struct list *l)
{
	char token[48];

	json_write_end_array(&l->w);
	if (l->at < l->end) {
		list_keep(l->api, l->desired);
		(void)snprintf(token, sizeof(token), "%llu-%zu",
			       (unsigned long long)l->desired->revision, l->at);
		json_write_member_string(&l->w, "continue", token);
	}
	json_write_end_object(&l->w);
}

static int next(void *state, struct buf *out)
{
	struct list *l = state;

	l->w.out = out;
	if (!l->begun) {
		l->begun = true;
		json_write_begin_object(&l->w);
		json_write_member_int(&l->w, "revision", (int64_t)l->desired->revision);
		json_write_key(&l->w, "items");
		json_write_begin_array(&l->w);
		return 1;
	}
	for (; l->at < l->end; l->at++) {
		if (!l->of->matches(l, l->at))
			continue;
		if (l->limit && l->shown == l->limit)
			break; /* there is at least one more */
		l->of->show(l, l->at++);
		l->shown++;
		return 1;
	}
	end(l);
	return 0;
}

/* "REVISION-POSITION": the state of the first page, and where to go on in it. */
static int resume(struct list *l, const char *token, struct err *e)
{
	const char *dash = strchr(token, '-');
	uint64_t revision = 0, at = 0;
	struct desired *kept;

	if (!dash || num_parse_u64(token, (size_t)(dash - token), UINT64_MAX, &revision) < 0 ||
	    num_parse_u64(dash + 1, strlen(dash + 1), SIZE_MAX, &at) < 0)
		return request_refuse_param(e, "continue", "must be what the page before gave");
	kept = list_kept(l->api, revision);
	if (!kept)
		return err_set(e, -ESTALE, "continue_expired",
			       "the list at revision %llu is no longer kept; begin again",
			       (unsigned long long)revision);
	l->desired = desired_ref(kept);
	l->at = at;
	return 0;
}

static int prepare(struct list *l, const struct request *req, struct err *e)
{
	const char *token = request_param(req, "continue");
	size_t first, at;

	if (request_param_uint(req, "limit", UINT32_MAX, 0, &l->limit, e) < 0 ||
	    list_filter_parse(req, &l->filter, e) < 0 || list_include(req, &l->extra, e) < 0 ||
	    (token && resume(l, token, e) < 0))
		return -EINVAL;
	if (!token)
		l->desired = desired_ref(change_published(l->api->change));
	at = l->at;
	l->of->range(l->desired, &first, &l->end);
	l->at = at < first ? first : at;
	return 0;
}

static bool handle_list(struct api *api, struct request *req, struct response *resp,
			const struct list_of *of)
{
	struct list *l = calloc(1, sizeof(*l));
	struct err e = { 0 };

	if (l) {
		l->api = api;
		l->of = of;
	} else {
		(void)err_set(&e, 0, "out_of_memory", "out of memory");
	}
	if (!l || prepare(l, req, &e) < 0) {
		if (l)
			list_free(l);
		return handle_problem(req, resp, &e);
	}
	json_write_init(&l->w, NULL);
	resp->stream = (struct response_stream){ next, list_free, l };
	response_json(resp, 200);
	return true;
}

bool handle_services(struct api *api, struct request *req, struct response *resp)
{
	return handle_list(api, req, resp, &services);
}

bool handle_vips(struct api *api, struct request *req, struct response *resp)
{
	return handle_list(api, req, resp, &vips);
}

bool handle_sysctls(struct api *api, struct request *req, struct response *resp)
{
	return handle_list(api, req, resp, &sysctls);
}

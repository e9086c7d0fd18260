/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /v1/stats, /v1/services/{service}/stats, and setting them to zero. */
#include <errno.h>

#include "handlers.h"
#include "kernel_walk.h"
#include "service_counters.h"
#include "view.h"
#include "write.h"

#define ZERO_BATCH 64

/* What is counted as one. */
struct total {
	uint64_t services, real_servers;
	uint64_t active, inactive, persistent;
	struct ipvs_stats stats;
};

static const struct {
	const char *name;
	uint8_t number; /* 0: marks */
	uint8_t family; /* of marks */
} protocols[] = {
	{ "tcp", IPPROTO_TCP, 0 }, { "udp", IPPROTO_UDP, 0 }, { "sctp", IPPROTO_SCTP, 0 },
	{ "fwm", 0, AF_INET },	   { "fwm6", 0, AF_INET6 },
};

/* An answer in the making: the services' counters first, then the connections of the real servers,
 * service by service. */
struct totals {
	struct service_counters counters;
	ipvs_observed_dest_vec dests; /* scratch */
	size_t at;
	struct total all, of[ARRAY_SIZE(protocols)];
};

static void write_counts(uint64_t active, uint64_t inactive, uint64_t persistent,
			 struct json_writer *w)
{
	json_write_member_int(w, "activeConnections", (int64_t)active);
	json_write_member_int(w, "inactiveConnections", (int64_t)inactive);
	json_write_member_int(w, "persistentConnections", (int64_t)persistent);
}

static void write_total(const struct total *t, struct json_writer *w)
{
	json_write_member_int(w, "services", (int64_t)t->services);
	json_write_member_int(w, "realServers", (int64_t)t->real_servers);
	write_counts(t->active, t->inactive, t->persistent, w);
	view_stats(&t->stats, w);
}

static void write_totals(const struct totals *t, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out);
	json_write_begin_object(&w);
	write_total(&t->all, &w);
	json_write_key(&w, "protocols");
	json_write_begin_object(&w);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		json_write_key(&w, protocols[i].name);
		json_write_begin_object(&w);
		write_total(&t->of[i], &w);
		json_write_end_object(&w);
	}
	json_write_end_object(&w);
	json_write_end_object(&w);
}

static struct total *total_of(struct totals *t, const struct ipvs_service_key *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (key->fwmark ? !protocols[i].number && protocols[i].family == key->address.family
				: protocols[i].number == key->protocol)
			return &t->of[i];
	return NULL;
}

static void add(struct total *to, const struct totals *t, const struct ipvs_stats *stats)
{
	to->services++;
	to->real_servers += t->dests.n;
	ipvs_stats_add(&to->stats, stats);
	vec_foreach(d, &t->dests) {
		to->active += d->counts.active;
		to->inactive += d->counts.inactive;
		to->persistent += d->counts.persistent;
	}
}

/* The next service. 0 or a negative errno. */
static int count_one(struct totals *t)
{
	struct ipvs_kernel *kernel = reconcile_kernel(t->counters.reconcile);
	const struct service_counted *counted = &t->counters.counted.items[t->at];
	const struct service *s = t->counters.desired->services.items[t->at];
	struct total *protocol = total_of(t, &s->spec.key);
	int r;

	t->at++;
	if (!counted->there)
		return 0;
	t->dests.n = 0;
	r = kernel->ops->dests(kernel, &s->spec.key, &t->dests);
	if (r < 0)
		return r;
	add(&t->all, t, &counted->stats);
	if (protocol)
		add(protocol, t, &counted->stats);
	return 0;
}

/* Goes on. 1, 0 at the end, or a negative errno. */
static int totals_step(struct totals *t)
{
	int r = service_counters_step(&t->counters);

	if (r != 0)
		return r;
	if (t->at == t->counters.counted.n)
		return 0;
	r = count_one(t);
	return r < 0 ? r : 1;
}

static int totals_next(void *state, struct buf *out)
{
	struct totals *t = state;
	int r = totals_step(t);

	if (r < 0)
		return -EIO; /* an answer that breaks off is better than a wrong one */
	if (r == 0)
		write_totals(t, out);
	return r;
}

static void totals_free(void *state)
{
	struct totals *t = state;

	service_counters_done(&t->counters);
	vec_done(&t->dests);
	free(t);
}

/* What stands in the way of talking to IPVS; 0: nothing. */
static int kernel_error(const struct api *api)
{
	return reconcile_stats(api->reconcile)->kernel_error;
}

bool handle_stats(struct api *api, struct request *req, struct response *resp)
{
	struct totals *t = calloc(1, sizeof(*t));
	int r = kernel_error(api);

	if (r == 0)
		r = t ? service_counters_begin(&t->counters, api) : -ENOMEM;
	if (r == 0)
		r = totals_step(t);
	if (r < 0) {
		if (t)
			totals_free(t);
		return kernel_walk_not_ready(req, resp, r);
	}
	resp->stream = (struct response_stream){ totals_next, totals_free, t };
	response_json(resp, 200);
	return true;
}

/* The service of the URL; NULL: answered. */
static const struct service *find(struct api *api, struct request *req, struct response *resp)
{
	struct ipvs_service_key key;
	const struct service *s;
	struct err e = { 0 };
	char id[IPVS_SERVICE_ID_MAX];

	if (write_ids(req, resp, &key, NULL) < 0)
		return NULL;
	s = desired_find(change_published(api->change), &key);
	if (s)
		return s;
	(void)err_set(&e, 0, "not_found", "there is no service %s",
		      ipvs_service_key_format(&key, id));
	(void)handle_problem(req, resp, &e);
	return NULL;
}

/* One object for the service, or (it has an id of its own) for one of its real servers. */
static void write_real_servers(const struct service *s, const ipvs_dest_stats_vec *dests,
			       struct json_writer *w)
{
	char id[IPVS_DEST_ID_MAX];

	json_write_key(w, "realServers");
	json_write_begin_object(w);
	vec_foreach(d, dests) {
		if (!service_find(s, &d->key))
			continue;
		json_write_key(w, ipvs_dest_key_format(&d->key, id));
		json_write_begin_object(w);
		write_counts(d->counts.active, d->counts.inactive, d->counts.persistent, w);
		view_stats(&d->stats, w);
		json_write_end_object(w);
	}
	json_write_end_object(w);
}

/* Answers with the counters of a service; those of one that the kernel does not hold for us are 0.
 */
static bool show(struct api *api, struct request *req, struct response *resp,
		 const struct service *s)
{
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);
	ipvs_dest_stats_vec dests = { 0 };
	struct total t = { 0 };
	struct json_writer w;
	char id[IPVS_SERVICE_ID_MAX];
	int r = kernel_error(api);

	if (r == 0 && reconcile_is_ours(api->reconcile, &s->spec.key))
		r = kernel->ops->stats(kernel, &s->spec.key, &t.stats, &dests);
	if (r < 0 && r != -ESRCH) {
		vec_done(&dests);
		return kernel_walk_not_ready(req, resp, r);
	}
	vec_foreach(d, &dests) {
		t.active += d->counts.active;
		t.inactive += d->counts.inactive;
		t.persistent += d->counts.persistent;
	}
	view_content_location(req, resp, &s->spec.key, NULL, "/stats");
	json_write_init(&w, &resp->body);
	json_write_begin_object(&w);
	json_write_member_string(&w, "id", ipvs_service_key_format(&s->spec.key, id));
	write_counts(t.active, t.inactive, t.persistent, &w);
	view_stats(&t.stats, &w);
	write_real_servers(s, &dests, &w);
	json_write_end_object(&w);
	vec_done(&dests);
	response_json(resp, 200);
	return true;
}

bool handle_service_stats(struct api *api, struct request *req, struct response *resp)
{
	const struct service *s = find(api, req, resp);

	return s ? show(api, req, resp, s) : true;
}

/* Sets a service's counters to zero, or looks whether that could be done. 0 or a negative errno,
 * with e set for what is no fault of the kernel. */
static int zero_one(struct api *api, const struct service *s, bool dry_run, struct err *e)
{
	const struct tracked *t = status_find(reconcile_status(api->reconcile), &s->spec.key);
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);
	char id[IPVS_SERVICE_ID_MAX];
	int r = kernel_error(api), result = 0;

	if (r == 0 && t && t->reason == STATUS_FOREIGN_EXISTS)
		return err_set(
			e, -EEXIST, "foreign_exists",
			"the kernel's service %s is somebody else's, and so are its counters",
			ipvs_service_key_format(&s->spec.key, id));
	if (r == 0 && !dry_run && reconcile_is_ours(api->reconcile, &s->spec.key))
		r = kernel->ops->zero(kernel, &s->spec.key, 1, &result);
	if (r == 0 && result != -ESRCH) /* not there: nothing was counted */
		r = result;
	return r;
}

bool handle_service_zero(struct api *api, struct request *req, struct response *resp)
{
	struct err e = { 0 };
	const struct service *s;
	bool dry_run;
	int r;

	if (request_param_bool(req, "dryRun", &dry_run, &e) < 0)
		return handle_problem(req, resp, &e);
	s = find(api, req, resp);
	if (!s)
		return true;
	r = zero_one(api, s, dry_run, &e);
	if (r < 0)
		return e.code ? handle_problem(req, resp, &e) : kernel_walk_not_ready(req, resp, r);
	return show(api, req, resp, s);
}

/* Zeroing of all services in the making. */
struct zeroing {
	struct reconcile *reconcile;
	struct desired *desired; /* a reference */
	bool dry_run;
	size_t at;
	uint64_t done; /* services */
};

/* The next few services. 0 or a negative errno. */
static int zero_some(struct zeroing *z)
{
	struct ipvs_kernel *kernel = reconcile_kernel(z->reconcile);
	struct ipvs_service_key keys[ZERO_BATCH];
	int results[ZERO_BATCH] = { 0 }, r = 0;
	size_t n = 0;

	for (; n < ZERO_BATCH && z->at < z->desired->services.n; z->at++) {
		const struct ipvs_service_key *key = &z->desired->services.items[z->at]->spec.key;

		if (reconcile_is_ours(z->reconcile, key))
			keys[n++] = *key;
	}
	if (n && !z->dry_run)
		r = kernel->ops->zero(kernel, keys, n, results);
	for (size_t i = 0; i < n && r == 0; i++) {
		z->done += results[i] == 0;
		if (results[i] < 0 && results[i] != -ESRCH)
			r = results[i];
	}
	return r;
}

static int zero_next(void *state, struct buf *out)
{
	struct zeroing *z = state;
	struct json_writer w;

	if (z->at < z->desired->services.n)
		return zero_some(z) < 0 ? -EIO : 1;
	json_write_init(&w, out);
	json_write_begin_object(&w);
	json_write_member_int(&w, "services", (int64_t)z->done);
	json_write_end_object(&w);
	return 0;
}

static void zero_free(void *state)
{
	struct zeroing *z = state;

	desired_unref(z->desired);
	free(z);
}

bool handle_zero(struct api *api, struct request *req, struct response *resp)
{
	struct err e = { 0 };
	struct zeroing *z;
	bool dry_run;
	int r;

	if (request_param_bool(req, "dryRun", &dry_run, &e) < 0)
		return handle_problem(req, resp, &e);
	r = kernel_error(api);
	if (r < 0)
		return kernel_walk_not_ready(req, resp, r);
	z = malloc(sizeof(*z));
	if (!z)
		return kernel_walk_not_ready(req, resp, -ENOMEM);
	*z = (struct zeroing){
		.reconcile = api->reconcile,
		.desired = desired_ref(change_published(api->change)),
		.dry_run = dry_run,
	};
	r = zero_some(z); /* the first ones tell whether the kernel takes them */
	if (r < 0) {
		zero_free(z);
		return kernel_walk_not_ready(req, resp, r);
	}
	resp->stream = (struct response_stream){ zero_next, zero_free, z };
	response_json(resp, 200);
	return true;
}

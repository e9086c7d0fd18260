/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON of objects with their status, see view.h. Reads only. */
#include "view.h"

#include <errno.h>

#include "field_json.h"
#include "host.h"
#include "ipvs_fields.h"
#include "timestamp.h"
#include "view_declared.h"

/* Whether the kernel holds the service as it is desired, and why not. */
struct verdict {
	bool programmed;
	enum status_reason reason;
	const char *message;
	int64_t transition;
};

static struct verdict judge(struct api *api, const struct service *s,
			    const struct ipvs_service_key *key)
{
	const struct tracked *t = status_find(reconcile_status(api->reconcile), key);
	int kernel_error = reconcile_stats(api->reconcile)->kernel_error;
	struct verdict v = {
		.reason = t ? t->reason : STATUS_PENDING,
		.message = t ? t->message : NULL,
		.transition = t && t->transition ? t->transition
			      : s		 ? s->meta.updated
						 : timestamp_now(),
	};
	int64_t kernel = api->conditions[API_KERNEL_READY].transition;
	bool held = s && v.reason == STATUS_IN_SYNC && t->generation == s->meta.generation;

	/* Nothing is programmed while IPVS cannot be talked to. */
	if (v.transition < kernel)
		v.transition = kernel;
	if (held && !kernel_error) {
		v.programmed = true;
	} else if (kernel_error) {
		v.reason = STATUS_KERNEL_NOT_READY;
		v.message = status_kernel_cause(kernel_error);
	} else if (v.reason == STATUS_IN_SYNC) {
		v.reason = STATUS_PENDING; /* a newer generation is on its way */
	}
	return v;
}

void view_plan(const struct buf *plan, struct json_writer *w)
{
	if (!plan)
		return;
	json_write_key(w, "plan");
	json_write_raw(w, plan->data, plan->len);
}

/* Who has how many connections; counts NULL: the kernel does not have the real server. */
static void view_dest_status(const struct real_server *rs, const struct ipvs_dest_counts *counts,
			     const struct verdict *v, const struct buf *plan, struct json_writer *w)
{
	json_write_begin_object(w);
	json_write_member_int(w, "effectiveWeight", rs->dest.weight);
	json_write_member_string(w, "weightSource", "configured");
	json_write_member_int(w, "activeConnections", counts ? counts->active : 0);
	json_write_member_int(w, "inactiveConnections", counts ? counts->inactive : 0);
	json_write_member_int(w, "persistentConnections", counts ? counts->persistent : 0);
	json_write_key(w, "conditions");
	json_write_begin_array(w);
	view_condition(w, "Programmed", v->programmed, status_reason_name(v->reason), v->message,
		       v->transition);
	json_write_end_array(w);
	json_write_key(w, "warnings");
	json_write_begin_array(w);
	json_write_end_array(w);
	view_plan(plan, w);
	json_write_end_object(w);
}

/* What the kernel says of a service that it holds for us. */
struct seen {
	const struct view_extra *extra;
	ipvs_observed_dest_vec dests; /* sorted; empty with ?include=stats … */
	struct ipvs_stats stats;
	ipvs_dest_stats_vec dest_stats; /* … which come with counts; sorted */
};

static void seen_done(struct seen *seen)
{
	vec_done(&seen->dests);
	vec_done(&seen->dest_stats);
}

static int compare_seen(const void *key, const void *item)
{
	return ipvs_dest_key_compare(key, &((const struct ipvs_observed_dest *)item)->dest.key);
}

static int compare_seen_stats(const void *key, const void *item)
{
	return ipvs_dest_key_compare(key, &((const struct ipvs_dest_stats *)item)->key);
}

static const struct ipvs_dest_stats *find_stats(const struct seen *seen,
						const struct ipvs_dest_key *key)
{
	int found;
	size_t at =
		vec_lower_bound(seen->dest_stats.items, seen->dest_stats.n,
				sizeof(*seen->dest_stats.items), key, compare_seen_stats, &found);

	return found ? &seen->dest_stats.items[at] : NULL;
}

static const struct ipvs_dest_counts *find_counts(const struct seen *seen,
						  const struct ipvs_dest_key *key)
{
	int found;
	size_t at = vec_lower_bound(seen->dests.items, seen->dests.n, sizeof(*seen->dests.items),
				    key, compare_seen, &found);

	return found ? &seen->dests.items[at].counts : NULL;
}

/* Reads counts and, if asked for, counters; both stay empty when the kernel does not hold the
 * service for us or cannot tell. */
static void look(struct api *api, const struct service *s, const struct view_extra *extra,
		 struct seen *ret)
{
	const struct tracked *t = status_find(reconcile_status(api->reconcile), &s->spec.key);
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);

	*ret = (struct seen){ .extra = extra };
	if (!t || t->reason == STATUS_FOREIGN_EXISTS ||
	    reconcile_stats(api->reconcile)->kernel_error)
		return;
	if (extra && extra->stats) {
		(void)kernel->ops->stats(kernel, &s->spec.key, &ret->stats, &ret->dest_stats);
		return;
	}
	if (s->real_servers.n && kernel->ops->dests(kernel, &s->spec.key, &ret->dests) < 0)
		ret->dests.n = 0;
}

void view_stats(const struct ipvs_stats *s, struct json_writer *w)
{
	const struct {
		const char *name;
		uint64_t value;
	} members[] = {
		{ "connections", s->connections },
		{ "inPackets", s->in_packets },
		{ "outPackets", s->out_packets },
		{ "inBytes", s->in_bytes },
		{ "outBytes", s->out_bytes },
		{ "connectionsPerSecond", s->connections_per_second },
		{ "inPacketsPerSecond", s->in_packets_per_second },
		{ "outPacketsPerSecond", s->out_packets_per_second },
		{ "inBytesPerSecond", s->in_bytes_per_second },
		{ "outBytesPerSecond", s->out_bytes_per_second },
	};

	json_write_key(w, "stats");
	json_write_begin_object(w);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		json_write_key(w, members[i].name);
		json_write_uint(w, members[i].value);
	}
	json_write_end_object(w);
}

static void write_real_server(struct api *api, const struct service *s,
			      const struct real_server *rs, const struct seen *seen,
			      const struct buf *plan, struct json_writer *w)
{
	const struct verdict v = judge(api, s, &s->spec.key);
	bool with_stats = seen->extra && seen->extra->stats;
	const struct ipvs_dest_stats *stats = with_stats ? find_stats(seen, &rs->dest.key) : NULL;
	const struct ipvs_dest_counts *counts =
		stats ? &stats->counts : find_counts(seen, &rs->dest.key);
	char id[IPVS_DEST_ID_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "id", ipvs_dest_key_format(&rs->dest.key, id));
	field_encode(&ipvs_dest_table, &rs->dest, w);
	json_write_key(w, "metadata");
	json_write_begin_object(w);
	json_write_member_int(w, "revision", (int64_t)rs->revision);
	json_write_end_object(w);
	json_write_key(w, "status");
	view_dest_status(rs, counts, &v, plan, w);
	if (with_stats)
		view_stats(stats ? &stats->stats : &(const struct ipvs_stats){ 0 }, w);
	json_write_end_object(w);
}

void view_real_server(struct api *api, const struct service *s, const struct real_server *rs,
		      const struct view_extra *extra, struct json_writer *w)
{
	_cleanup_(seen_done) struct seen seen;

	look(api, s, extra, &seen);
	write_real_server(api, s, rs, &seen, extra ? extra->plan : NULL, w);
}

void view_real_servers(struct api *api, const struct service *s, const struct view_extra *extra,
		       struct json_writer *w)
{
	_cleanup_(seen_done) struct seen seen;

	look(api, s, extra, &seen);
	json_write_begin_array(w);
	vec_foreach(rs, &s->real_servers)
		write_real_server(api, s, rs, &seen, NULL, w);
	json_write_end_array(w);
}

void view_condition(struct json_writer *w, const char *type, bool status, const char *reason,
		    const char *message, int64_t transition)
{
	char time[TIMESTAMP_TEXT_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "type", type);
	json_write_member_string(w, "status", status ? "True" : "False");
	json_write_member_string(w, "reason", reason);
	json_write_member_string(w, "message", message ? message : "");
	json_write_member_string(w, "lastTransitionTime", timestamp_format(transition, time));
	json_write_end_object(w);
}

static bool has_usable(const struct service *s)
{
	vec_foreach(rs, &s->real_servers)
		if (rs->dest.weight > 0)
			return true;
	return false;
}

int view_condition_of(struct api *api, const struct service *s, const char *type)
{
	if (streq(type, "Accepted"))
		return 1;
	if (streq(type, "Degraded"))
		return !has_usable(s);
	if (streq(type, "Programmed"))
		return judge(api, s, &s->spec.key).programmed;
	return -EINVAL;
}

void view_service_conditions(struct api *api, const struct service *s,
			     const struct ipvs_service_key *key, struct json_writer *w)
{
	const struct verdict v = judge(api, s, key);

	json_write_begin_array(w);
	if (s) {
		bool usable = has_usable(s);

		view_condition(w, "Accepted", true, "Valid", NULL, s->meta.created);
		view_condition(w, "Degraded", !usable, usable ? "Usable" : "NoUsableRealServer",
			       usable ? NULL : "no real server has a weight above 0",
			       s->meta.updated);
	}
	view_condition(w, "Programmed", v.programmed, status_reason_name(v.reason), v.message,
		       v.transition);
	json_write_end_array(w);
}

void view_warnings(const struct preflight_warnings *warnings, struct json_writer *w)
{
	json_write_key(w, "warnings");
	json_write_begin_array(w);
	for (size_t i = 0; i < warnings->n; i++) {
		const struct preflight_warning *warning = &warnings->items[i];

		json_write_begin_object(w);
		json_write_member_string(w, "code",
					 preflight_code_name((enum preflight_code)warning->code));
		json_write_member_string(w, "detail", warning->detail);
		json_write_end_object(w);
	}
	json_write_end_array(w);
}

static void write_warnings(struct api *api, const struct service *s, struct json_writer *w)
{
	static const struct preflight_host unknown;
	struct preflight_warnings warnings;

	preflight_service(api->host ? host_preflight(api->host, api->now()) : &unknown,
			  &change_published(api->change)->declared, s, &warnings);
	view_warnings(&warnings, w);
}

void view_service(struct api *api, const struct service *s, const struct view_extra *extra,
		  struct json_writer *w)
{
	const struct tracked *t = status_find(reconcile_status(api->reconcile), &s->spec.key);
	_cleanup_(seen_done) struct seen seen;
	char id[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX];

	look(api, s, extra, &seen);
	json_write_begin_object(w);
	json_write_member_string(w, "id", ipvs_service_key_format(&s->spec.key, id));
	field_encode(&ipvs_service_table, &s->spec, w);
	json_write_key(w, "realServers");
	json_write_begin_object(w);
	vec_foreach(rs, &s->real_servers) {
		json_write_key(w, ipvs_dest_key_format(&rs->dest.key, dest));
		write_real_server(api, s, rs, &seen, NULL, w);
	}
	json_write_end_object(w);
	json_write_key(w, "metadata");
	metadata_encode(&s->meta, true, w);
	json_write_key(w, "status");
	json_write_begin_object(w);
	json_write_member_int(w, "observedGeneration", t ? (int64_t)t->generation : 0);
	json_write_key(w, "conditions");
	view_service_conditions(api, s, &s->spec.key, w);
	write_warnings(api, s, w);
	view_plan(extra ? extra->plan : NULL, w);
	json_write_end_object(w);
	if (extra && extra->stats)
		view_stats(&seen.stats, w);
	json_write_end_object(w);
}

void view_deleted(struct api *api, const struct ipvs_service_key *key,
		  const struct ipvs_dest_key *dest, const struct service *s, const struct buf *plan,
		  struct json_writer *w)
{
	char id[IPVS_SERVICE_ID_MAX], dest_id[IPVS_DEST_ID_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "id",
				 dest ? ipvs_dest_key_format(dest, dest_id)
				      : ipvs_service_key_format(key, id));
	json_write_key(w, "status");
	json_write_begin_object(w);
	json_write_key(w, "conditions");
	view_service_conditions(api, s, key, w);
	view_plan(plan, w);
	json_write_end_object(w);
	json_write_end_object(w);
}

void view_policy(const struct desired *d, struct json_writer *w)
{
	json_write_begin_object(w);
	field_encode(&policy_table, &d->policy, w);
	json_write_key(w, "metadata");
	json_write_begin_object(w);
	json_write_member_int(w, "revision", (int64_t)d->policy_revision);
	json_write_end_object(w);
	json_write_end_object(w);
}

static void write_pending(struct api *api, const struct service *s,
			  const struct ipvs_service_key *key, struct json_writer *w)
{
	char id[IPVS_SERVICE_ID_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "kind", "service");
	json_write_member_string(w, "id", ipvs_service_key_format(key, id));
	json_write_key(w, "conditions");
	view_service_conditions(api, s, key, w);
	json_write_end_object(w);
}

size_t view_pending(struct api *api, uint64_t revision, struct json_writer *w)
{
	const struct desired *d = change_published(api->change);
	size_t n = 0;

	json_write_begin_object(w);
	json_write_member_int(w, "revision", (int64_t)revision);
	json_write_key(w, "status");
	json_write_begin_object(w);
	json_write_key(w, "pending");
	json_write_begin_array(w);
	for (size_t i = 0; i < d->services.n; i++) {
		const struct service *s = d->services.items[i];

		if (judge(api, s, &s->spec.key).programmed)
			continue;
		write_pending(api, s, &s->spec.key, w);
		n++;
	}
	vec_foreach(key, &d->tombstones) {
		write_pending(api, NULL, key, w);
		n++;
	}
	n += view_declared_pending(api, d, w);
	json_write_end_array(w);
	json_write_end_object(w);
	json_write_end_object(w);
	return n;
}

void view_etag(struct response *resp, uint64_t revision)
{
	response_header(resp, "ETag", "\"%llu\"", (unsigned long long)revision);
}

void view_add_encoded(struct buf *out, const char *id)
{
	for (; *id; id++) {
		/* RFC 3986: unreserved characters, and of the others what our ids have in them. */
		if ((*id >= 'a' && *id <= 'z') || (*id >= 'A' && *id <= 'Z') ||
		    (*id >= '0' && *id <= '9') || strchr("-._~:", *id))
			buf_add(out, id, 1);
		else
			buf_printf(out, "%%%02X", (unsigned char)*id);
	}
}

void view_location(struct response *resp, const char *header,
		   const struct ipvs_service_key *service, const struct ipvs_dest_key *dest,
		   const char *suffix)
{
	char id[IPVS_SERVICE_ID_MAX], dest_id[IPVS_DEST_ID_MAX];
	_cleanup_(buf_done) struct buf out = { 0 };

	buf_add_str(&out, "/v1/services/");
	view_add_encoded(&out, ipvs_service_key_format(service, id));
	if (dest) {
		buf_add_str(&out, "/real-servers/");
		view_add_encoded(&out, ipvs_dest_key_format(dest, dest_id));
	}
	buf_add_str(&out, suffix);
	if (!out.failed)
		response_header(resp, header, "%s", out.data);
}

void view_content_location(const struct request *req, struct response *resp,
			   const struct ipvs_service_key *service, const struct ipvs_dest_key *dest,
			   const char *suffix)
{
	char id[IPVS_SERVICE_ID_MAX], dest_id[IPVS_DEST_ID_MAX];

	if (!streq(req->ids[0], ipvs_service_key_format(service, id)) ||
	    (dest && !streq(req->ids[1], ipvs_dest_key_format(dest, dest_id))))
		view_location(resp, "Content-Location", service, dest, suffix);
}

void view_weight(const struct real_server *rs, const struct buf *plan, struct json_writer *w)
{
	json_write_begin_object(w);
	json_write_member_int(w, "weight", rs->dest.weight);
	if (plan) {
		json_write_key(w, "status");
		json_write_begin_object(w);
		view_plan(plan, w);
		json_write_end_object(w);
	}
	json_write_end_object(w);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /v1/capabilities: what this kernel and this program can do. */
#include <sys/utsname.h>

#include "field.h"
#include "handlers.h"
#include "ipvs_fields.h"
#include "ipvs_validate.h"
#include "json_stream.h"
#include "view.h"

/* What cannot be known beforehand is offered: the kernel will tell. */
static bool has(struct api *api, const char *kind, const char *name)
{
	return ipvs_kernel_has(reconcile_kernel(api->reconcile), kind, name) != 0;
}

static void write_names(struct json_writer *w, const char *key, const char *const *names)
{
	json_write_key(w, key);
	json_write_begin_array(w);
	for (; *names; names++)
		json_write_string(w, *names);
	json_write_end_array(w);
}

static bool is_loaded(struct api *api, const char *kind, const char *name)
{
	return ipvs_kernel_loaded(reconcile_kernel(api->reconcile), kind, name);
}

/* Two lists of names, of all that `is` says so of. */
static void write_kinds(struct api *api, struct json_writer *w,
			bool (*is)(struct api *api, const char *kind, const char *name))
{
	json_write_key(w, "schedulers");
	json_write_begin_array(w);
	for (const char *const *s = ipvs_schedulers(); *s; s++)
		if (is(api, "ip_vs_", *s))
			json_write_string(w, *s);
	json_write_end_array(w);
	json_write_key(w, "persistenceEngines");
	json_write_begin_array(w);
	if (is(api, "ip_vs_pe_", "sip"))
		json_write_string(w, "sip");
	json_write_end_array(w);
}

static void write_modules(struct api *api, struct json_writer *w)
{
	write_kinds(api, w, has);
	json_write_key(w, "loaded");
	json_write_begin_object(w);
	write_kinds(api, w, is_loaded);
	json_write_end_object(w);
}

/* The largest value of a number of a field table. */
static int64_t largest(const struct field_table *t, const char *name)
{
	int64_t max = -1;

	for (size_t i = 0; i < t->n && max < 0; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_TYPE_GROUP)
			max = largest(f->group, name);
		else if (streq(f->name, name))
			max = f->max;
	}
	return max;
}

static void write_limits(struct api *api, struct json_writer *w)
{
	json_write_key(w, "limits");
	json_write_begin_object(w);
	json_write_member_int(w, "objectBytes", (int64_t)api->limits.max_object);
	json_write_member_int(w, "documentBytes", (int64_t)api->limits.max_document);
	json_write_member_int(w, "jsonDepth", JSON_STREAM_MAX_DEPTH);
	json_write_member_int(w, "labels", LABELS_MAX);
	json_write_member_int(w, "labelBytes", LABELS_MAX_BYTES);
	json_write_member_int(w, "weight", largest(&ipvs_dest_table, "weight"));
	json_write_member_int(w, "threshold", largest(&ipvs_dest_table, "upperThreshold"));
	json_write_member_int(w, "persistenceTimeoutSeconds",
			      largest(&ipvs_service_table, "timeoutSeconds"));
	json_write_end_object(w);
}

static void write_kernel(struct api *api, struct json_writer *w)
{
	struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);
	struct ipvs_info info;
	struct utsname u;

	json_write_key(w, "kernel");
	json_write_begin_object(w);
	json_write_member_string(w, "release", uname(&u) == 0 ? u.release : NULL);
	json_write_key(w, "ipvs");
	if (kernel->ops->info(kernel, &info) == 0) {
		char version[16];

		(void)snprintf(version, sizeof(version), "%u.%u.%u", info.version >> 16 & 0xff,
			       info.version >> 8 & 0xff, info.version & 0xff);
		json_write_begin_object(w);
		json_write_member_string(w, "version", version);
		json_write_member_int(w, "connectionTableSize", info.connection_table_size);
		json_write_end_object(w);
	} else {
		json_write_null(w);
	}
	json_write_end_object(w);
}

bool handle_capabilities(struct api *api, struct request *req, struct response *resp)
{
	static const char *const tunnels[] = { "gre", "gue", "ipip", NULL };
	static const char *const forwards[] = { "dr", "nat", "tun", NULL };
	struct json_writer w;

	(void)req;
	json_write_init(&w, &resp->body);
	json_write_begin_object(&w);
	json_write_member_string(&w, "version", api->version);
	write_kernel(api, &w);
	write_modules(api, &w);
	write_names(&w, "forwardingMethods", forwards);
	write_names(&w, "tunnelTypes", tunnels);
	write_limits(api, &w);
	json_write_end_object(&w);
	response_json(resp, 200);
	return true;
}

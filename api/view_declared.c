/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON of the host's objects, see view_declared.h. All that the API asks of the reconciler of
 * the host's side is asked here. */
#include "view_declared.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "timestamp.h"

/* What the host made of an object. */
struct seen {
	host_item_vec items;
	bool tried;   /* its newest generation */
	bool missing; /* an item is not so yet */
	const struct host_item *refused, *waits, *foreign;
	const struct host_item *taken; /* by somebody else, who does not serve: a sync daemon */
	bool contested;
};

static bool is_held(const struct host_item *item)
{
	/* A foreign address serves as well as one of ours; a foreign port does not. */
	return item->optional || item->state == NETCFG_STATE_IN_SYNC ||
	       (item->state == NETCFG_STATE_FOREIGN && streq(item->kind, "address"));
}

static void seen_done(struct seen *seen)
{
	vec_done(&seen->items);
}

static void look(struct api *api, const struct declared *o, struct seen *ret)
{
	*ret = (struct seen){ 0 };
	if (!api->host)
		return;
	if (host_items(api->host, o, &ret->items) < 0)
		ret->items.n = 0;
	ret->tried = host_observed(api->host, o) == o->meta.generation;
	ret->contested = host_conditions(api->host, o) & 1 << HOST_CONTESTED;
	vec_foreach(item, &ret->items) {
		if (item->state == NETCFG_STATE_FOREIGN && is_held(item))
			ret->foreign = item;
		if (is_held(item))
			continue;
		ret->missing = true;
		if (item->error)
			ret->refused = item;
		else if (item->state == NETCFG_STATE_PENDING)
			ret->waits = item;
		else if (item->state == NETCFG_STATE_FOREIGN && streq(item->kind, "sync"))
			ret->taken = item;
	}
}

static bool is_programmed(const struct seen *seen)
{
	return seen->tried && !seen->missing;
}

/* Conditions ----------------------------------------------------------------------------------- */

static const char *pending_message(const struct host_item *item)
{
	if (!item)
		return NULL;
	if (streq(item->kind, "sync") && !item->found[0])
		return "IPVS cannot be asked (yet)";
	if (streq(item->kind, "timeout"))
		return "IPVS cannot be asked, or does not have this timeout";
	return streq(item->kind, "sysctl") ? "the kernel does not have this variable (yet)"
					   : "its interface is not there";
}

static int64_t since(struct api *api, const struct declared *o, enum host_condition which,
		     bool status)
{
	return api->host ? host_condition_since(api->host, o, which, status) : o->meta.updated;
}

static void write_programmed(struct api *api, const struct declared *o, const struct seen *seen,
			     struct json_writer *w)
{
	const struct host_item *item = seen->refused ? seen->refused : seen->waits;
	const char *reason = "Pending", *why = NULL;
	char message[256] = "";

	if (is_programmed(seen)) {
		reason = "InSync";
	} else if (!api->host) {
		why = "nobody looks after the host's side";
	} else if (!seen->tried) {
		why = "it has not been tried yet, or the host cannot be looked at (see the log)";
	} else if (seen->taken) {
		reason = "ForeignExists";
		(void)snprintf(message, sizeof(message),
			       "somebody else has started one (%s); it is left alone until it is "
			       "stopped or adopted (PUT with adopt=true)",
			       seen->taken->found);
	} else if (item) {
		reason = item->error ? "KernelRefused" : "Pending";
		(void)snprintf(message, sizeof(message), "%s %s: %s", item->kind, item->id,
			       item->message ? item->message
			       : item->error ? strerror(-item->error)
					     : pending_message(item));
	}
	view_condition(w, "Programmed", is_programmed(seen), reason, why ? why : message,
		       since(api, o, HOST_PROGRAMMED, is_programmed(seen)));
}

static void write_conditions(struct api *api, const struct declared *o, const struct seen *seen,
			     struct json_writer *w)
{
	bool addresses = o->kind == DECLARED_VIP || o->kind == DECLARED_REAL_SERVER;

	json_write_begin_array(w);
	write_programmed(api, o, seen, w);
	view_condition(w, "Pending", seen->waits, seen->waits ? "Missing" : "NothingMissing",
		       pending_message(seen->waits), since(api, o, HOST_PENDING, seen->waits));
	if (addresses)
		view_condition(w, "Foreign", seen->foreign,
			       seen->foreign ? "SetByOthers" : "NotForeign",
			       seen->foreign ? "somebody else has set the address; it is used and "
					       "never removed"
					     : NULL,
			       since(api, o, HOST_FOREIGN, seen->foreign));
	view_condition(w, "Contested", seen->contested, seen->contested ? "ChangedBack" : "Quiet",
		       seen->contested ? "another program keeps changing it back" : NULL,
		       since(api, o, HOST_CONTESTED, seen->contested));
	json_write_end_array(w);
}

/* Objects -------------------------------------------------------------------------------------- */

static const char *item_reason(const struct host_item *item)
{
	static const char *const names[] = {
		[NETCFG_STATE_IN_SYNC] = "InSync",
		[NETCFG_STATE_DIFFERS] = "Different",
		[NETCFG_STATE_PENDING] = "Pending",
		[NETCFG_STATE_FOREIGN] = "Foreign",
	};

	return item->error ? "KernelRefused" : names[item->state];
}

static void write_text(struct json_writer *w, const char *name, const char *text)
{
	json_write_member_string(w, name, *text ? text : NULL);
}

static void write_items(const struct seen *seen, struct json_writer *w)
{
	json_write_begin_array(w);
	vec_foreach(item, &seen->items) {
		json_write_begin_object(w);
		json_write_member_string(w, "kind", item->kind);
		json_write_member_string(w, "id", item->id);
		write_text(w, "wanted", item->wanted);
		write_text(w, "found", item->found);
		write_text(w, "effective", item->effective);
		json_write_member_bool(w, "inSync", is_held(item));
		json_write_member_string(w, "reason", item_reason(item));
		json_write_member_string(w, "message", item->message ? item->message : "");
		json_write_end_object(w);
	}
	json_write_end_array(w);
}

/* null: the VIP is not announced. */
static void write_announced(struct api *api, const struct declared *o, struct json_writer *w)
{
	struct netcfg_announce_status status;

	json_write_key(w, "announced");
	if (!api->host || !host_announce_status(api->host, &o->vip.address, &status)) {
		json_write_null(w);
		return;
	}
	json_write_begin_object(w);
	json_write_member_int(w, "announcements", (int64_t)status.announcements);
	json_write_member_int(w, "failures", (int64_t)status.failures);
	json_write_member_int(w, "left", status.left);
	json_write_member_string(w, "error", status.error ? strerror(-status.error) : NULL);
	json_write_end_object(w);
}

static void write_status(struct api *api, const struct declared *o, const struct buf *plan,
			 struct json_writer *w)
{
	_cleanup_(seen_done) struct seen seen;
	struct preflight_warnings warnings = { 0 };

	look(api, o, &seen);
	if (api->host)
		preflight_declared(host_preflight(api->host, api->now()), o, &warnings);
	json_write_begin_object(w);
	json_write_member_int(w, "observedGeneration",
			      api->host ? (int64_t)host_observed(api->host, o) : 0);
	json_write_key(w, "conditions");
	write_conditions(api, o, &seen, w);
	json_write_key(w, "items");
	write_items(&seen, w);
	if (o->kind == DECLARED_VIP)
		write_announced(api, o, w);
	view_warnings(&warnings, w);
	view_plan(plan, w);
	json_write_end_object(w);
}

void view_declared(struct api *api, const struct declared *o, const struct buf *plan,
		   struct json_writer *w)
{
	const struct declared_key key = declared_key_of(o);
	char id[DECLARED_ID_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "id", declared_id(&key, id));
	declared_encode_members(o, w);
	json_write_key(w, "metadata");
	metadata_encode(&o->meta, true, w);
	json_write_key(w, "status");
	write_status(api, o, plan, w);
	json_write_end_object(w);
}

/* Of an object that was deleted; NULL: of all. */
static enum view_progress removal_progress(struct api *api, const struct declared_key *key)
{
	if (!api->host)
		return change_published(api->change)->declared.n ? VIEW_STUCK : VIEW_HELD;
	if (!host_idle(api->host))
		return VIEW_WAITS;
	return host_is_left(api->host, key) ? VIEW_STUCK : VIEW_HELD;
}

void view_declared_deleted(struct api *api, const struct declared_key *key, const struct buf *plan,
			   struct json_writer *w)
{
	bool gone = removal_progress(api, key) == VIEW_HELD;
	char id[DECLARED_ID_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "id", declared_id(key, id));
	json_write_key(w, "status");
	json_write_begin_object(w);
	json_write_key(w, "conditions");
	json_write_begin_array(w);
	view_condition(w, "Programmed", gone, gone ? "InSync" : "Pending",
		       gone ? NULL : "what it wanted is not undone yet", timestamp_now());
	json_write_end_array(w);
	view_plan(plan, w);
	json_write_end_object(w);
	json_write_end_object(w);
}

size_t view_declared_pending(struct api *api, const struct desired *d, struct json_writer *w)
{
	char id[DECLARED_ID_MAX];
	size_t n = 0;

	vec_foreach(item, &d->declared) {
		_cleanup_(seen_done) struct seen seen;
		const struct declared_key key = declared_key_of(*item);

		look(api, *item, &seen);
		if (is_programmed(&seen))
			continue;
		json_write_begin_object(w);
		json_write_member_string(w, "kind",
					 declared_kind_name((enum declared_kind)key.kind));
		json_write_member_string(w, "id", declared_id(&key, id));
		json_write_key(w, "conditions");
		write_conditions(api, *item, &seen, w);
		json_write_end_object(w);
		n++;
	}
	return n;
}

/* URLs ----------------------------------------------------------------------------------------- */

void view_declared_location(struct response *resp, const char *header,
			    const struct declared_key *key)
{
	static const char *const collections[] = {
		[DECLARED_VIP] = "vips",	 [DECLARED_REAL_SERVER] = "roles",
		[DECLARED_DIRECTOR] = "roles",	 [DECLARED_SYSCTL] = "sysctls",
		[DECLARED_SYNC_MASTER] = "sync", [DECLARED_SYNC_BACKUP] = "sync",
	};
	_cleanup_(buf_done) struct buf out = { 0 };
	char id[DECLARED_ID_MAX];

	buf_printf(&out, "/v1/%s/", collections[key->kind]);
	view_add_encoded(&out, declared_id(key, id));
	if (!out.failed)
		response_header(resp, header, "%s", out.data);
}

void view_declared_content_location(const struct request *req, struct response *resp,
				    const struct declared_key *key)
{
	char id[DECLARED_ID_MAX];

	if (req->ids[0] && !streq(req->ids[0], declared_id(key, id)))
		view_declared_location(resp, "Content-Location", key);
}

/* Waiting -------------------------------------------------------------------------------------- */

enum view_progress view_host_progress(struct api *api)
{
	return removal_progress(api, NULL);
}

bool view_host_in_sync(const struct api *api)
{
	return api->host ? host_in_sync(api->host) : change_published(api->change)->declared.n == 0;
}

size_t view_host_contested(const struct api *api, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!api->host)
		return 0;
	return host_contested_names(api->host, &change_published(api->change)->declared, buf, size);
}

enum view_progress view_declared_progress(struct api *api, const struct declared_key *key)
{
	const struct declared *o = declared_find(&change_published(api->change)->declared, key);
	_cleanup_(seen_done) struct seen seen = { 0 };

	if (!o)
		return removal_progress(api, key);
	look(api, o, &seen);
	if (is_programmed(&seen))
		return VIEW_HELD;
	if (!api->host || (seen.tried && (seen.refused || seen.waits || seen.taken)))
		return VIEW_STUCK;
	return host_idle(api->host) ? VIEW_STUCK : VIEW_WAITS;
}

/* Announcing ----------------------------------------------------------------------------------- */

int view_declared_announce(struct api *api, const struct declared_key *key, struct err *e)
{
	char id[DECLARED_ID_MAX];
	int r;

	if (!declared_find(&change_published(api->change)->declared, key))
		return err_set(e, -ENOENT, "not_found", "there is no vip %s", declared_id(key, id));
	r = api->host ? host_announce(api->host, &key->address, api->now()) : -ENOENT;
	switch (-r) {
	case 0:
		return 0;
	case ENOMEM:
		return err_set(e, r, "out_of_memory", "out of memory");
	case EOPNOTSUPP:
		return err_set(e, r, "not_announced",
			       "addresses on its interface are not announced, or its count is 0");
	case EPERM:
		return err_set(e, r, "not_announced",
			       "lvsd may not send packets: it needs "
			       "CAP_NET_RAW");
	case ENETDOWN:
		return err_set(e, r, "not_announced", "its interface does not run");
	default:
		return err_set(e, r, "not_announced", "the address is not in place");
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of ipvsadm that change something, each as a request of the API whose precondition
 * makes the check and the write one. What was refused is said in ipvsadm's words, with the reason
 * below where lvsd knows one.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl_guard.h"
#include "ctl_ipvsadm.h"
#include "ctl_members.h"
#include "ctl_problem.h"
#include "ctl_write.h"
#include "field_json.h"
#include "ipvs_fields.h"
#include "util.h"

#define NOT_THERE "If-None-Match: *"
#define THERE	  "If-Match: *"

#define INVALID "Invalid operation.  Possibly wrong module version, address not unicast, ..."

/* A call on its way to the daemon. */
struct write {
	struct ctl *ctl;
	const struct ipvsadm_call *call;
	struct buf path, query, body;
	bool adopts; /* it is what comes before a deletion */
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static int say(const char *sentence)
{
	(void)fprintf(stderr, "%s\n", sentence);
	return IPVSADM_REFUSED;
}

static void service_path(struct buf *path, const struct ipvs_service_key *k)
{
	char id[IPVS_SERVICE_ID_MAX];

	buf_clear(path);
	buf_add_str(path, "/v1/services");
	ctl_path_add(path, ipvs_service_key_format(k, id));
}

static int submit(struct write *w, const char *method, const char *precondition,
		  struct ctl_answer *ret)
{
	const struct ctl_request r = {
		.method = method,
		.path = w->path.data,
		.query = w->query.data,
		.body = w->body.data,
		.body_len = w->body.len,
		.precondition = precondition,
		.quiet = true,
	};

	*ret = (struct ctl_answer){ 0 };
	if (w->path.failed || w->query.failed || w->body.failed)
		return ctl_fail("out of memory"), -ENOMEM;
	return ctl_guard_send(w->ctl->http, &r, ret);
}

static bool is_declared(struct write *w)
{
	const struct ctl_request r = { .method = "GET", .path = w->path.data, .quiet = true };
	struct ctl_answer a;
	int result;

	service_path(&w->path, &w->call->service.key);
	result = w->path.failed ? -ENOMEM : ctl_http_send(w->ctl->http, &r, &a);
	if (result != -ENOMEM)
		ctl_answer_done(&a);
	return result == 0;
}

/* What can be done with a service that others made. */
static void say_unmanaged(const struct ipvsadm_call *c)
{
	char id[IPVS_SERVICE_ID_MAX];

	(void)fprintf(stderr,
		      "  lvsd does not manage %s; if -Ln shows it, others made it: lvsctl adopt "
		      "takes it over%s\n",
		      ipvs_service_key_format(&c->service.key, id),
		      c->command == IPVSADM_DELETE ? ", -D --foreign removes it" : "");
}

/* What ipvsadm says when the object of the command is missing. */
static int say_missing(struct write *w)
{
	bool of_server = ipvsadm_has(w->call, IPVSADM_SERVER);
	bool declared = of_server && is_declared(w);

	if (declared)
		return say("No such destination");
	(void)say(of_server ? "Service not defined" : "No such service");
	if (!ipvsadm_has(w->call, IPVSADM_FOREIGN))
		say_unmanaged(w->call);
	return IPVSADM_REFUSED;
}

static int say_exists(const struct ipvsadm_call *c)
{
	return say(c->command == IPVSADM_ADD_SERVER ? "Destination already exists"
						    : "Service already exists");
}

static int say_foreign(const struct ipvsadm_call *c)
{
	if (c->command == IPVSADM_ADD)
		(void)say_exists(c);
	else
		(void)say("No such service");
	say_unmanaged(c);
	return IPVSADM_REFUSED;
}

static void say_items(const struct ctl_answer *a)
{
	const json_t *errors = json_object_get(a->json, "errors"), *item;
	size_t i;

	if (!json_array_size(errors))
		(void)fprintf(stderr, "  %s\n", text_of(a->json, "detail"));
	json_array_foreach(errors, i, item)
		(void)fprintf(stderr, "  %s: %s\n", text_of(item, "pointer"),
			      text_of(item, "detail"));
}

static bool has_item(const struct ctl_answer *a, const char *code)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(a->json, "errors"), i, item)
		if (streq(text_of(item, "code"), code))
			return true;
	return false;
}

static int say_invalid(const struct ctl_answer *a)
{
	bool module = has_item(a, "unknown_scheduler") || has_item(a, "unknown_engine");

	(void)say(module ? "Scheduler or persistence engine not found" : INVALID);
	say_items(a);
	return IPVSADM_REFUSED;
}

static int say_refused(struct write *w, const struct ctl_answer *a)
{
	const char *code = text_of(a->json, "code");

	if (streq(code, "foreign_exists"))
		return say_foreign(w->call);
	if (streq(code, "precondition_failed"))
		return w->call->command == IPVSADM_ADD || w->call->command == IPVSADM_ADD_SERVER
			       ? say_exists(w->call)
			       : say_missing(w);
	if (streq(code, "not_found"))
		return say_missing(w);
	if (streq(code, "validation_failed") || streq(code, "invalid_id"))
		return say_invalid(a);
	if (streq(code, "forbidden") || streq(code, "unauthorized"))
		(void)say("Permission denied (you must be root)");
	ctl_problem_say(a);
	return IPVSADM_REFUSED;
}

/* 202: it is stored, and the kernel does not hold it. */
static int say_pending(const struct ipvsadm_call *c, const struct ctl_answer *a)
{
	const json_t *conditions =
		json_object_get(json_object_get(a->json, "status"), "conditions");
	const char *reason = "", *message = "";
	const json_t *condition;
	size_t i;

	json_array_foreach(conditions, i, condition) {
		if (!streq(text_of(condition, "type"), "Programmed"))
			continue;
		reason = text_of(condition, "reason");
		message = text_of(condition, "message");
	}
	(void)say(streq(reason, "SchedulerMissing") ? "Scheduler or persistence engine not found"
		  : streq(reason, "Pending") && c->command == IPVSADM_START_DAEMON
			  ? "No such device"
			  : INVALID);
	(void)fprintf(stderr, "  it is stored, and lvsd tries again: %s\n", message);
	return IPVSADM_REFUSED;
}

void ipvsadm_say_plan(const struct ctl_answer *a)
{
	const json_t *plan = json_object_get(json_object_get(a->json, "status"), "plan");

	if (plan)
		(void)ctl_print_plan(plan);
	puts("nothing was changed (--dry-run)");
}

static int finish(struct write *w, struct ctl_answer *a, int r)
{
	int status = IPVSADM_BAD_CALL; /* said already */

	if (r == -ECANCELED)
		status = 0;
	else if (r == -EREMOTEIO)
		status = say_refused(w, a);
	else if (r == 0)
		status = a->status == 202 ? say_pending(w->call, a) : 0;
	if (r == 0 && w->ctl->options.dry_run && !w->adopts)
		ipvsadm_say_plan(a);
	ctl_answer_done(a);
	return status;
}

static int request(struct write *w, const char *method, const char *precondition)
{
	struct ctl_answer a;
	int r = submit(w, method, precondition, &a);

	return finish(w, &a, r);
}

static void encode(struct write *w, const struct field_table *table, const void *object)
{
	struct json_writer out;

	json_write_init(&out, &w->body);
	json_write_begin_object(&out);
	field_encode(table, object, &out);
	json_write_end_object(&out);
}

/* A patch with all members of the service: owner, labels and real servers stay. */
static int write_service(struct write *w)
{
	bool add = w->call->command == IPVSADM_ADD;
	struct ipvs_service s = w->call->service;

	ipvs_service_normalise(&s);
	encode(w, &ipvs_service_table, &s);
	return request(w, add ? "PUT" : "PATCH", add ? NOT_THERE : THERE);
}

static void server_path(struct write *w)
{
	char id[IPVS_DEST_ID_MAX];

	buf_add_str(&w->path, "/real-servers");
	ctl_path_add(&w->path, ipvs_dest_key_format(&w->call->dest.key, id));
}

static int write_server(struct write *w)
{
	struct ipvs_dest d = w->call->dest;

	ipvs_dest_normalise(&d);
	server_path(w);
	encode(w, &ipvs_dest_table, &d);
	return request(w, "PUT", w->call->command == IPVSADM_ADD_SERVER ? NOT_THERE : THERE);
}

/* Takes over what is not managed, so that the way of all deletions can remove it. */
static int adopt(struct write *w)
{
	struct write a = { .ctl = w->ctl, .call = w->call, .adopts = true };
	char id[IPVS_SERVICE_ID_MAX];
	int status;

	buf_add_str(&a.path, "/v1/adopt");
	ctl_query_write(&a.query, &w->ctl->options);
	if (w->call->command == IPVSADM_FLUSH)
		buf_add_str(&a.body, "{\"allServices\": true}");
	else
		buf_printf(&a.body, "{\"services\": [\"%s\"]}",
			   ipvs_service_key_format(&w->call->service.key, id));
	status = request(&a, "POST", NULL);
	if (status == 0 && w->ctl->options.dry_run)
		puts("what lvsd does not manage would be adopted, and then removed too");
	buf_done(&a.path);
	buf_done(&a.query);
	buf_done(&a.body);
	return status;
}

static int delete_service(struct write *w)
{
	if (ipvsadm_has(w->call, IPVSADM_FOREIGN) && !is_declared(w)) {
		int status = adopt(w);

		if (status || w->ctl->options.dry_run)
			return status;
	}
	return request(w, "DELETE", THERE);
}

/* What the kernel still has after -C. */
struct left {
	size_t of_owners, foreign;
};

static int count_left(void *arg, const char *id, const json_t *service)
{
	struct left *left = arg;

	(void)id;
	if (json_is_true(json_object_get(json_object_get(service, "status"), "managed")))
		left->of_owners++;
	else
		left->foreign++;
	return 0;
}

/* Says that services of others are left: -C is known to leave nothing. */
static void say_left(struct write *w)
{
	struct left left = { 0 };
	struct ctl_members members = { .service = count_left, .arg = &left };
	const struct ctl_request r = { .method = "GET",
				       .path = "/v1/state",
				       .quiet = true,
				       .piece = ctl_members_take,
				       .arg = &members };
	struct ctl_answer a;

	(void)ctl_http_send(w->ctl->http, &r, &a);
	ctl_answer_done(&a);
	(void)ctl_members_end(&members);
	if (left.of_owners && !w->ctl->options.force)
		(void)fprintf(stderr,
			      "lvsctl: %zu services of other owners stay: lvsctl --owner NAME "
			      "ipvsadm -C, or --force\n",
			      left.of_owners);
	if (left.foreign)
		(void)fprintf(stderr,
			      "lvsctl: %zu services that lvsd does not manage stay: -C --foreign\n",
			      left.foreign);
}

/* Everything that is managed and the caller's (--owner, --force). */
static int flush(struct write *w)
{
	const struct ctl_options *o = &w->ctl->options;
	int status = ipvsadm_has(w->call, IPVSADM_FOREIGN) ? adopt(w) : 0;

	if (status)
		return status;
	buf_clear(&w->path);
	buf_add_str(&w->path, "/v1/config");
	ctl_query_add(&w->query, "allowMassDelete", "true");
	buf_add_str(&w->body, "{\"services\": {}}");
	status = request(w, "PUT", NULL);
	if (status == 0 && !o->dry_run && !o->show_curl)
		say_left(w);
	return status;
}

/* Of all, or of one. */
static int zero(struct write *w)
{
	buf_clear(&w->query); /* nothing is stored: there are no owners and nothing to wait for */
	if (w->ctl->options.dry_run)
		ctl_query_add(&w->query, "dryRun", "true");
	if (!ipvsadm_has(w->call, IPVSADM_SERVICE)) {
		buf_clear(&w->path);
		buf_add_str(&w->path, "/v1");
	}
	buf_add_str(&w->path, "/stats/zero");
	return request(w, "POST", NULL);
}

/* The role keeps its other members; where there is none, it begins with these. */
static int set_timeouts(struct write *w)
{
	static const char *const names[] = { "tcpSeconds", "tcpFinSeconds", "udpSeconds" };
	struct json_writer out;
	struct ctl_answer a;
	int r;

	buf_clear(&w->path);
	buf_add_str(&w->path, "/v1/roles/director");
	json_write_init(&out, &w->body);
	json_write_begin_object(&out);
	json_write_key(&out, "timeouts");
	json_write_begin_object(&out);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (w->call->timeouts[i])
			json_write_member_int(&out, names[i], w->call->timeouts[i]);
	json_write_end_object(&out);
	json_write_end_object(&out);
	r = submit(w, "PATCH", NULL, &a);
	if (r != -EREMOTEIO || a.status != 404)
		return finish(w, &a, r);
	ctl_answer_done(&a);
	return request(w, "PUT", NOT_THERE);
}

static void encode_sync(struct write *w)
{
	const struct ipvsadm_sync *s = &w->call->sync;
	char group[INADDR_TEXT_MAX];
	struct json_writer out;

	json_write_init(&out, &w->body);
	json_write_begin_object(&out);
	json_write_member_string(&out, "interface", s->interface);
	json_write_member_int(&out, "syncId", s->sync_id);
	if (s->max_length)
		json_write_member_int(&out, "maxLength", s->max_length);
	if (s->group.family)
		json_write_member_string(&out, "group", inaddr_format(&s->group, group));
	if (s->port)
		json_write_member_int(&out, "port", s->port);
	if (s->ttl)
		json_write_member_int(&out, "ttl", s->ttl);
	json_write_end_object(&out);
}

/* There is one daemon of each kind. */
static int write_sync(struct write *w)
{
	bool start = w->call->command == IPVSADM_START_DAEMON;
	struct ctl_answer a;
	int r;

	buf_clear(&w->path);
	buf_printf(&w->path, "/v1/sync/%s", w->call->sync.backup ? "backup" : "master");
	if (start)
		encode_sync(w);
	r = submit(w, start ? "PUT" : "DELETE", start ? NOT_THERE : THERE, &a);
	if (r == -EREMOTEIO && (a.status == 404 || a.status == 409 || a.status == 412)) {
		ctl_answer_done(&a);
		return say(start ? "Daemon has already run" : "No daemon is running");
	}
	return finish(w, &a, r);
}

static int dispatch(struct write *w)
{
	switch (w->call->command) {
	case IPVSADM_ADD:
	case IPVSADM_EDIT:
		return write_service(w);
	case IPVSADM_DELETE:
		return delete_service(w);
	case IPVSADM_FLUSH:
		return flush(w);
	case IPVSADM_ADD_SERVER:
	case IPVSADM_EDIT_SERVER:
		return write_server(w);
	case IPVSADM_DELETE_SERVER:
		server_path(w);
		return request(w, "DELETE", THERE);
	case IPVSADM_SET:
		return set_timeouts(w);
	case IPVSADM_START_DAEMON:
	case IPVSADM_STOP_DAEMON:
		return write_sync(w);
	case IPVSADM_ZERO:
		return zero(w);
	case IPVSADM_LIST:
	case IPVSADM_RESTORE:
	case IPVSADM_SAVE:
	case IPVSADM_COMMANDS:
		break;
	}
	return IPVSADM_BAD_CALL; /* the caller has those */
}

int ipvsadm_write(struct ctl *ctl, const struct ipvsadm_call *c)
{
	struct write w = { .ctl = ctl, .call = c };
	int status;

	service_path(&w.path, &c->service.key);
	ctl_query_write(&w.query, &ctl->options);
	status = dispatch(&w);
	buf_done(&w.path);
	buf_done(&w.query);
	buf_done(&w.body);
	return status;
}

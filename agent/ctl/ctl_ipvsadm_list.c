/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -L and -S: what the kernel has, foreign services too (/v1/state), read service by service into a
 * table, which ctl_ipvsadm_print.c prints when it is complete and sorted. */
#include <errno.h>
#include <stdio.h>

#include "ctl_http.h"
#include "ctl_ipvsadm.h"
#include "ctl_members.h"
#include "util.h"

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* Gets the state piece by piece; what went wrong has been said. 0 or an exit status; -ECANCELED
 * when only the line for curl was wanted. */
static int get_state(struct ctl *ctl, struct ctl_members *m,
		     int (*piece)(void *arg, const char *data, size_t len), void *arg)
{
	const struct ctl_request request = {
		.method = "GET", .path = "/v1/state", .piece = piece, .arg = arg
	};
	struct ctl_answer a;
	int result = ctl_http_send(ctl->http, &request, &a), r = ctl_members_end(m);

	ctl_answer_done(&a);
	if (result == -ECANCELED)
		return result;
	if (m->error == 0 && result != 0)
		return IPVSADM_BAD_CALL; /* said already */
	return r == 0	      ? 0
	       : r == -ENOMEM ? ctl_fail("out of memory")
			      : ctl_fail("the server's answer was not understood");
}

/* The head ------------------------------------------------------------------------------------- */

/* The first line of a list. 0 or an exit status. */
static int get_version(struct ctl *ctl, struct buf *ret)
{
	const struct ctl_request r = { .method = "GET", .path = "/v1/capabilities" };
	struct ctl_answer a;
	int result = ctl_http_send(ctl->http, &r, &a);
	const json_t *ipvs = json_object_get(json_object_get(a.json, "kernel"), "ipvs");

	if (result == 0)
		buf_printf(ret, "IP Virtual Server version %s (size=%lld)\n",
			   text_of(ipvs, "version"), number_of(ipvs, "connectionTableSize"));
	ctl_answer_done(&a);
	return result == 0 || result == -ECANCELED ? 0 : IPVSADM_BAD_CALL;
}

/* Tables --------------------------------------------------------------------------------------- */

/* A list under way. */
struct listing {
	const struct ipvsadm_call *call;
	struct ipvsadm_table table;
	struct ctl_members members;
	struct buf version; /* the first line; empty: none */
	bool whole;	    /* a list of all, and no rules */
	bool begun;
	bool at_once; /* services are printed as they come, and not kept */
};

static int take_service(void *arg, const char *id, const json_t *json)
{
	struct listing *l = arg;
	struct ipvs_service_key key;
	int r;

	if (ipvsadm_has(l->call, IPVSADM_SERVICE)) {
		if (ipvsadm_parse_service_id(id, &key) < 0)
			return -EINVAL;
		if (ipvs_service_key_compare(&key, &l->call->service.key) != 0)
			return 0;
	}
	r = ipvsadm_table_add(&l->table, id, json);
	if (r == 0 && l->at_once) {
		ipvsadm_print_table(&l->table, l->call, stdout);
		l->table.services.n = l->table.dests.n = 0;
	}
	return r;
}

/* A piece of the state. The head need not wait for the last one. */
static int take(void *arg, const char *data, size_t len)
{
	struct listing *l = arg;

	if (!l->begun && l->whole) {
		(void)fputs(l->version.data, stdout);
		ipvsadm_print_title(l->call, stdout);
		(void)fflush(stdout);
	}
	l->begun = true;
	return ctl_members_take(&l->members, data, len);
}

/* What was collected, in its order. */
static void print_rest(struct listing *l)
{
	if (!ipvsadm_has(l->call, IPVSADM_NOSORT))
		ipvsadm_table_sort(&l->table);
	if (ipvsadm_has(l->call, IPVSADM_SERVICE))
		ipvsadm_print_title(l->call, stdout);
	ipvsadm_print_table(&l->table, l->call, stdout);
}

static int list_services(struct ctl *ctl, struct listing *l)
{
	const struct ipvsadm_call *c = l->call;
	bool counters = ipvsadm_has(c, IPVSADM_STATS) || ipvsadm_has(c, IPVSADM_RATE);
	bool one = ipvsadm_has(c, IPVSADM_SERVICE);
	int r;

	l->whole = !one && c->command != IPVSADM_SAVE;
	l->at_once = l->whole && !counters && ipvsadm_has(c, IPVSADM_NOSORT);
	r = l->whole ? get_version(ctl, &l->version) : 0;
	if (r == 0)
		r = get_state(ctl, &l->members, take, l);
	if (r == 0 && one && !l->table.services.n) {
		(void)fprintf(stderr, "No such service\n");
		return IPVSADM_LIST_FAILED;
	}
	if (counters && (r == 0 || r == -ECANCELED))
		r = ipvsadm_read_counters(ctl, &l->table);
	if (r == 0)
		print_rest(l);
	return r == -ECANCELED ? 0 : r;
}

static int list_table(struct ctl *ctl, const struct ipvsadm_call *c)
{
	struct listing l = { .call = c, .members = { .service = take_service } };
	int status;

	l.members.arg = &l;
	status = list_services(ctl, &l);
	ipvsadm_table_done(&l.table);
	buf_done(&l.version);
	return status;
}

/* What of the state is no service ---------------------------------------------------------------
 */

static int take_other(void *arg, const char *name, const json_t *value)
{
	return json_object_set_new(arg, name, json_deep_copy(value)) < 0 ? -ENOMEM : 0;
}

static void print_timeouts(const json_t *state)
{
	const json_t *t = json_object_get(state, "timeouts");

	printf("Timeout (tcp tcpfin udp): %lld %lld %lld\n", number_of(t, "tcpSeconds"),
	       number_of(t, "tcpFinSeconds"), number_of(t, "udpSeconds"));
}

static void print_daemon(const json_t *sync, const char *role)
{
	const json_t *d = json_object_get(sync, role);

	if (!json_is_object(d))
		return;
	printf("%s sync daemon (mcast=%s, syncid=%lld", role, text_of(d, "interface"),
	       number_of(d, "syncId"));
	if (number_of(d, "maxLength"))
		printf(", maxlen=%lld", number_of(d, "maxLength"));
	printf(", group=%s, port=%lld, ttl=%lld)\n", text_of(d, "group"), number_of(d, "port"),
	       number_of(d, "ttl"));
}

static int list_other(struct ctl *ctl, const struct ipvsadm_call *c)
{
	struct ctl_members m = { .other = take_other, .arg = json_object() };
	int r = m.arg ? get_state(ctl, &m, ctl_members_take, &m) : ctl_fail("out of memory");

	if (r == 0 && ipvsadm_has(c, IPVSADM_TIMEOUT)) {
		print_timeouts(m.arg);
	} else if (r == 0) {
		print_daemon(json_object_get(m.arg, "sync"), "master");
		print_daemon(json_object_get(m.arg, "sync"), "backup");
	}
	json_decref(m.arg);
	return r == -ECANCELED ? 0 : r;
}

int ipvsadm_list(struct ctl *ctl, const struct ipvsadm_call *c)
{
	return ipvsadm_has(c, IPVSADM_TIMEOUT) || ipvsadm_has(c, IPVSADM_DAEMON)
		       ? list_other(ctl, c)
		       : list_table(ctl, c);
}

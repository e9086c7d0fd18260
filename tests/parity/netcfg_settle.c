/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a host as a document has it, without the daemon: `netcfg_settle fake|rtnl MEMORY JSON`. The
 * document has the shape of /v1/config, with vips, sysctls and roles only. MEMORY is a file with
 * one remembered thing a line; it need not be there. Prints the operations; exit status 1 when the
 * document is bad, an operation fails, or it does not settle. For the lab.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "field_json.h"
#include "netcfg_fields.h"
#include "netcfg_json.h"
#include "netcfg_plan.h"
#include "netcfg_validate.h"
#include "util.h"

#define ROUNDS 6

struct world {
	struct netcfg_kernel *kernel;
	netcfg_memo_vec memory;
	VEC(struct netcfg_vip *) vips;
	VEC(struct netcfg_sysctl *) sysctls;
	struct netcfg_real_server_role real_server;
	struct netcfg_director_role director;
	netcfg_inaddr_vec real_server_vips;
	netcfg_sysctl_vec director_ipvs;
	struct netcfg_declared declared;
};

static void decode_vip(struct world *x, const char *id, const json_t *json, struct err *e)
{
	const struct json_path path = { &(struct json_path){ NULL, "vips" }, id };
	struct netcfg_vip *vip = calloc(1, sizeof(*vip)), defaults;
	struct inaddr address;
	const char *why;

	if (!vip || vec_push(&x->vips, vip) < 0)
		abort();
	if (netcfg_vip_parse(id, strlen(id), &address, &why) < 0) {
		json_path_err(&path, e, "invalid_id", "%s", why);
		return;
	}
	netcfg_vip_init(&address, &defaults);
	*vip = defaults;
	(void)field_decode(&netcfg_vip_table, json, &defaults, vip, &path, e);
	(void)netcfg_vip_validate(vip, &path, e);
}

static void decode_sysctl(struct world *x, const char *name, const json_t *json, struct err *e)
{
	const struct json_path path = { &(struct json_path){ NULL, "sysctls" }, name };
	struct netcfg_sysctl *s = calloc(1, sizeof(*s)), defaults = { 0 };

	if (!s || vec_push(&x->sysctls, s) < 0)
		abort();
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	(void)field_decode(&netcfg_sysctl_table, json, &defaults, s, &path, e);
	(void)netcfg_sysctl_validate(s, &path, e);
}

static void decode_roles(struct world *x, const json_t *roles, struct err *e)
{
	const struct json_path top = { NULL, "roles" };
	const struct json_path rs_path = { &top, "realServer" }, d_path = { &top, "director" };
	const struct json_path vips = { &rs_path, "vips" }, ipvs = { &d_path, "ipvs" };
	const json_t *rs = json_object_get(roles, "realServer");
	const json_t *d = json_object_get(roles, "director");
	struct netcfg_real_server_role rs_defaults;
	struct netcfg_director_role d_defaults;

	netcfg_real_server_role_init(&rs_defaults);
	netcfg_director_role_init(&d_defaults);
	x->real_server = rs_defaults;
	x->director = d_defaults;
	if (rs) {
		(void)field_decode(&netcfg_real_server_role_table, rs, &rs_defaults,
				   &x->real_server, &rs_path, e);
		(void)netcfg_real_server_role_validate(&x->real_server, &rs_path, e);
		netcfg_real_server_role_normalise(&x->real_server);
		if (json_object_get(rs, "vips"))
			(void)netcfg_vips_decode(json_object_get(rs, "vips"), NULL, false, &vips,
						 &x->real_server_vips, e);
		x->declared.real_server = &x->real_server;
	}
	if (!d)
		return;
	(void)field_decode(&netcfg_director_role_table, d, &d_defaults, &x->director, &d_path, e);
	if (json_object_get(d, "ipvs"))
		(void)netcfg_director_ipvs_decode(json_object_get(d, "ipvs"), NULL, false, &ipvs,
						  &x->director_ipvs, e);
	x->declared.director = &x->director;
}

static void decode(struct world *x, json_t *json, struct err *e)
{
	const char *key;
	json_t *v;

	json_object_foreach(json_object_get(json, "vips"), key, v)
		decode_vip(x, key, v, e);
	json_object_foreach(json_object_get(json, "sysctls"), key, v)
		decode_sysctl(x, key, v, e);
	decode_roles(x, json_object_get(json, "roles"), e);
	x->declared.vips = (const struct netcfg_vip *const *)x->vips.items;
	x->declared.n_vips = x->vips.n;
	x->declared.sysctls = (const struct netcfg_sysctl *const *)x->sysctls.items;
	x->declared.n_sysctls = x->sysctls.n;
	x->declared.real_server_vips = x->real_server_vips.items;
	x->declared.n_real_server_vips = x->real_server_vips.n;
	x->declared.director_ipvs = x->director_ipvs.items;
	x->declared.n_director_ipvs = x->director_ipvs.n;
	for (size_t i = 0; i < e->n_items; i++)
		printf("%s: %s: %s\n", e->items[i].pointer, e->items[i].code, e->items[i].detail);
}

/* One memo a line: kind, id and value, which may have blanks. */
static void load_memory(struct world *x, const char *path)
{
	char line[512];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		char *rest = line, *kind = strsep(&rest, "\t\n"), *id = strsep(&rest, "\t\n");
		struct netcfg_memo memo;

		if (!id || netcfg_memo_parse(kind, id, strsep(&rest, "\n"), &memo) < 0 ||
		    netcfg_memory_put(&x->memory, &memo) < 0)
			abort();
	}
	if (f)
		(void)fclose(f);
}

static void save_memory(const struct world *x, const char *path)
{
	char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];
	FILE *f = fopen(path, "we");

	if (!f)
		abort();
	vec_foreach(memo, &x->memory) {
		const char *kind = netcfg_memo_format(memo, id, value);

		(void)fprintf(f, "%s\t%s\t%s\n", kind, id, value);
	}
	(void)fclose(f);
}

static void show(const struct netcfg_op *op, int result)
{
	static const char *const verbs[] = {
		[NETCFG_SYSCTL_WRITE] = "write",    [NETCFG_LINK_ADD] = "link-add",
		[NETCFG_LINK_UP] = "link-up",	    [NETCFG_FOU_ADD] = "fou-add",
		[NETCFG_ADDRESS_ADD] = "add",	    [NETCFG_ADDRESS_SET] = "set",
		[NETCFG_ADDRESS_DELETE] = "delete", [NETCFG_FOU_DELETE] = "fou-delete",
		[NETCFG_LINK_DOWN] = "link-down",   [NETCFG_LINK_DELETE] = "link-delete",
	};
	char name[NETCFG_SYSCTL_NAME_MAX], address[INADDR_TEXT_MAX];

	printf("%s", verbs[op->verb]);
	if (op->verb == NETCFG_SYSCTL_WRITE)
		printf(" %s %s", netcfg_sysctl_format(op->key, name), op->value);
	else if (op->verb == NETCFG_FOU_ADD || op->verb == NETCFG_FOU_DELETE)
		printf(" %u", op->fou.port);
	else if (op->address.prefix_length)
		printf(" %s/%u@%s", inaddr_format(&op->address.address, address),
		       op->address.prefix_length, op->name);
	else
		printf(" %s", op->name);
	printf(" => %s\n", result ? strerrorname_np(-result) : "0");
}

/* Applies a plan as core has to: what is to be remembered first, then each operation, but none that
 * depends on one that failed. */
static bool apply(struct world *x, const struct netcfg_wanted *w, const struct netcfg_plan *p)
{
	netcfg_memo_vec write = { 0 }, drop = { 0 };
	const struct netcfg_op *failed = NULL;

	if (netcfg_plan_remember(p, &x->memory) < 0)
		abort();
	vec_foreach(op, &p->ops) {
		int result = failed && netcfg_op_depends(w, op, failed) ? -ECANCELED : 0;

		if ((!result && x->kernel->ops->apply(x->kernel, op, 1, &result) < 0) ||
		    netcfg_plan_finish(p, (size_t)(op - p->ops.items), &result, 1, &x->memory,
				       &write, &drop) < 0)
			abort();
		show(op, result);
		if (!failed && netcfg_outcome(op, result) == NETCFG_OUTCOME_REFUSED)
			failed = op;
	}
	vec_done(&write);
	vec_done(&drop);
	return !failed;
}

/* Look, expand, look at the values, plan. */
static void make_plan(struct world *x, struct netcfg_found *found, struct netcfg_wanted *w,
		      struct netcfg_plan *p)
{
	netcfg_conflict_vec conflicts = { 0 };
	int r = -EAGAIN;

	while (r == -EAGAIN)
		r = netcfg_look(x->kernel, NULL, &x->memory, found);
	if (r < 0 || netcfg_expand(&x->declared, &found->links, w, &conflicts) < 0 || conflicts.n ||
	    netcfg_look_more(x->kernel, w, &x->memory, found) < 0 ||
	    netcfg_plan(w, found, &x->memory, p) < 0)
		abort();
	vec_done(&conflicts);
}

static bool settle(struct world *x)
{
	bool settled = false, failed = false;

	for (int i = 0; i < ROUNDS && !settled && !failed; i++) {
		struct netcfg_found found = { 0 };
		struct netcfg_wanted w = { 0 };
		struct netcfg_plan p = { 0 };

		make_plan(x, &found, &w, &p);
		settled = p.ops.n == 0;
		failed = !apply(x, &w, &p);
		netcfg_plan_done(&p);
		netcfg_wanted_done(&w);
		netcfg_found_done(&found);
	}
	return settled && !failed;
}

static void done(struct world *x)
{
	netcfg_kernel_free(x->kernel);
	vec_foreach(vip, &x->vips)
		free(*vip);
	vec_foreach(s, &x->sysctls)
		free(*s);
	vec_done(&x->vips);
	vec_done(&x->sysctls);
	vec_done(&x->real_server_vips);
	vec_done(&x->director_ipvs);
	vec_done(&x->memory);
}

int main(int argc, char **argv)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct world x = { 0 };
	bool ok = false;
	json_t *json;
	int r;

	if (argc != 4)
		return EXIT_FAILURE;
	json = json_loads(argv[3], JSON_REJECT_DUPLICATES, NULL);
	r = strcmp(argv[1], "fake") == 0 ? netcfg_fake_new(&x.kernel) : netcfg_rtnl_new(&x.kernel);
	if (!json || r < 0)
		return EXIT_FAILURE;
	load_memory(&x, argv[2]);
	decode(&x, json, &e);
	json_decref(json);
	if (!e.n_items) {
		ok = settle(&x);
		save_memory(&x, argv[2]);
	}
	done(&x);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes of objects of the host's side, and what whole documents share with them: checks against
 * the host as it is and against each other, adoption. See change.h. */
#include <errno.h>
#include <string.h>

#include "change_private.h"
#include "log.h"
#include "netcfg_validate.h"
#include "timestamp.h"

/* Addresses that are new where they are: what was taken once stays, whatever the host's own
 * addresses became meanwhile. */
static bool is_new_vip(const struct declared *old, const struct declared *o)
{
	return !old || !streq(old->vip.interface, o->vip.interface);
}

static bool is_new_entry(const struct declared *old, const struct declared *o,
			 const struct inaddr *address)
{
	if (!old || !streq(old->real_server.interface, o->real_server.interface))
		return true;
	vec_foreach(a, &old->vips)
		if (inaddr_compare(a, address) == 0)
			return false;
	return true;
}

static void check_addresses(const struct netcfg_found *found, const struct declared *o,
			    const struct declared *old, const struct json_path *path, struct err *e)
{
	const struct json_path interface = { path, "interface" }, vips = { path, "vips" };
	char text[INADDR_TEXT_MAX];
	const char *why;

	if (o->kind == DECLARED_VIP && is_new_vip(old, o) &&
	    (why = netcfg_address_clash(&o->vip.address, o->vip.interface, found)))
		json_path_err(&interface, e, "subnet_address", "%s %s",
			      inaddr_format(&o->vip.address, text), why);
	if (o->kind != DECLARED_REAL_SERVER || !o->real_server.interface[0])
		return; /* on lo and tunnel devices nothing is in a subnet */
	vec_foreach(a, &o->vips) {
		const struct json_path here = { &vips, inaddr_format(a, text) };

		if (is_new_entry(old, o, a) &&
		    (why = netcfg_address_clash(a, o->real_server.interface, found)))
			json_path_err(&here, e, "subnet_address", "%s", why);
	}
}

int change_decode_declared(struct change *c, const json_t *json, const struct declared_key *key,
			   const struct declared *old, enum decode_mode mode,
			   const struct json_path *path, struct declared **ret, struct err *e)
{
	_cleanup_(declared_unrefp) struct declared *o = NULL;
	const struct netcfg_found *found = c->host ? host_found(c->host) : NULL;
	int r = declared_decode(json, key, old, mode, path, &o, e);
	size_t faults = e->n_items + e->n_dropped;

	if (r < 0)
		return r;
	if (found)
		check_addresses(found, o, old, path, e);
	if (e->n_items + e->n_dropped > faults)
		return -EINVAL;
	*ret = TAKE_PTR(o);
	return 0;
}

/* Whether somebody else has set just this address there; only that can become ours, not one that
 * brings a subnet with it. interface empty: anywhere. */
static bool is_adoptable(const struct host *h, const struct inaddr *address, const char *interface)
{
	const struct netcfg_found *found = host_found(h);
	const struct netcfg_address *a = found ? netcfg_found_address(found, address) : NULL;

	if (!a || !host_address_is_foreign(h, address))
		return false;
	for (; a < found->addresses.items + found->addresses.n &&
	       inaddr_compare(&a->address, address) == 0;
	     a++) {
		const struct netcfg_link *link = netcfg_found_link_at(found, a->index);

		if (a->prefix_length == netcfg_full_prefix(address) && link &&
		    (!*interface || streq(link->name, interface)))
			return true;
	}
	return false;
}

static bool adopt_address(const struct change *c, const struct inaddr *address,
			  const char *interface, netcfg_inaddr_vec *ret)
{
	return is_adoptable(c->host, address, interface) && vec_push(ret, *address) == 0;
}

bool change_adopt_declared(const struct change *c, const struct declared *o,
			   const struct change_by *by, netcfg_inaddr_vec *ret)
{
	const struct netcfg_real_server_role *role = &o->real_server;
	bool any = false;

	if (!by->adopt || !c->host)
		return false;
	if (o->kind == DECLARED_VIP)
		return adopt_address(c, &o->vip.address, o->vip.interface, ret);
	if (o->kind != DECLARED_REAL_SERVER)
		return false;
	vec_foreach(a, &o->vips)
		any = adopt_address(c, a,
				    role->interface[0]		     ? role->interface
				    : role->mode == NETCFG_MODE_DR ? "lo"
								     : "",
				    ret) ||
		      any;
	return any;
}

/* Whether the object of a source is another one, or not at all, in the other state. */
static bool differs(const declared_vec *from, const struct declared *o)
{
	const struct declared_key key = declared_key_of(o);

	return declared_find(from, &key) != o;
}

static void add_conflict(const declared_vec *from, const declared_vec *to,
			 const struct netcfg_declared *all, const struct netcfg_conflict *c,
			 bool whole, struct err *e)
{
	bool swap = !differs(from, declared_of_source(to, &c->second));
	const struct netcfg_source *mine = swap ? &c->first : &c->second;
	const struct netcfg_source *other = swap ? &c->second : &c->first;
	const char *value = swap ? c->first_value : c->second_value;
	const char *other_value = swap ? c->second_value : c->first_value;
	char pointer[256], text[DECLARED_TEXT_MAX];

	err_add(e, netcfg_source_pointer(mine, all, whole, pointer, sizeof(pointer)),
		"desired_conflict", "%s: '%s' by this, but '%s' by %s", c->what, value, other_value,
		netcfg_source_text(other, all, text, sizeof(text)));
}

int change_check_conflicts(const declared_vec *from, const declared_vec *to, bool whole,
			   struct err *e)
{
	_cleanup_(declared_view_done) struct declared_view view = { 0 };
	static const netcfg_link_vec no_links = { 0 };
	struct netcfg_wanted wanted = { 0 };
	netcfg_conflict_vec conflicts = { 0 };
	size_t n;

	if (declared_view(to, &view) < 0 ||
	    netcfg_expand(&view.all, &no_links, &wanted, &conflicts) < 0)
		return change_out_of_memory(e);
	vec_foreach(c, &conflicts)
		add_conflict(from, to, &view.all, c, whole, e);
	n = conflicts.n;
	netcfg_wanted_done(&wanted);
	vec_done(&conflicts);
	return n == 0 ? 0
		      : err_set(e, -EEXIST, "desired_conflict",
				"%zu wishes contradict others of the desired state; see errors", n);
}

/* What the other objects say to this one in place of its former self. */
static int check_conflicts_of(const declared_vec *from, struct declared *o, struct err *e)
{
	declared_vec to = { 0 };
	int r = declared_vec_copy(from, &to);

	if (r == 0)
		r = declared_put(&to, declared_ref(o));
	r = r < 0 ? change_out_of_memory(e) : change_check_conflicts(from, &to, false, e);
	declared_vec_done(&to);
	return r;
}

static int not_there(const struct declared_key *key, struct err *e)
{
	char text[DECLARED_TEXT_MAX];

	return err_set(e, -ENOENT, "not_found", "there is no %s", declared_text(key, text));
}

static bool is_sync(const struct declared *o)
{
	return o->kind == DECLARED_SYNC_MASTER || o->kind == DECLARED_SYNC_BACKUP;
}

/* What the other objects say to this one in place of its former self: services too. */
static int check_beside(const struct desired *d, struct declared *o, struct err *e)
{
	struct desired with = { .services = d->services };
	int r = check_conflicts_of(&d->declared, o, e);

	if (r < 0 || !is_sync(o))
		return r;
	with.declared = (declared_vec){ .items = &o, .n = 1 };
	return change_check_mixed(&with, NULL, e);
}

/* Decodes the object and checks whose it is. */
static int prepare(struct change *c, const struct change_by *by, const struct declared_key *key,
		   const json_t *json, enum decode_mode mode, struct declared **ret, struct err *e)
{
	const struct declared *old = declared_find(&change_current(c)->declared, key);
	_cleanup_(declared_unrefp) struct declared *o = NULL;
	char text[DECLARED_TEXT_MAX];
	int r;

	if (mode == DECODE_PATCH && !old)
		return not_there(key, e);
	r = change_decode_declared(c, json, key, old, mode, NULL, &o, e);
	if (r < 0)
		return r == -EINVAL ? change_invalid(e) : r;
	/* A patch takes nothing over by the way, and can give an object up. */
	r = mode == DECODE_PUT ? change_default_owner(&o->meta, by, e) : 0;
	if (r == 0 && old)
		r = change_check_owner(&old->meta, change_acts_for(by, json), by,
				       declared_text(key, text), e);
	if (r == 0)
		*ret = TAKE_PTR(o);
	return r;
}

int change_write_declared(struct change *c, const struct change_by *by,
			  const struct declared_key *key, const json_t *json, enum decode_mode mode,
			  struct change_result *ret, struct err *e)
{
	const struct declared *old = declared_find(&change_current(c)->declared, key);
	_cleanup_(declared_unrefp) struct declared *o = NULL;
	struct desired *d;
	unsigned adopt_syncs = 0;
	uint64_t revision;
	int r = prepare(c, by, key, json, mode, &o, e);

	if (r < 0)
		return r;
	r = check_beside(change_current(c), o, e);
	if (r == 0)
		r = change_check_sync(c, o, old, by, &adopt_syncs, e);
	if (r < 0)
		return r;
	if (!change_adopt_declared(c, o, by, &c->adopt) && !adopt_syncs && old &&
	    declared_same(old, o)) {
		*ret = (struct change_result){ .revision = old->meta.revision };
		return 0;
	}
	d = change_candidate(c, e);
	revision = d ? change_record(c, d, by, e) : 0;
	if (!revision)
		return -ENOMEM;
	c->adopt_syncs |= adopt_syncs;
	change_stamp_metadata(&o->meta, old ? &old->meta : NULL, revision, timestamp_now());
	*ret = (struct change_result){ .revision = revision, .changed = true, .created = !old };
	return declared_put(&d->declared, TAKE_PTR(o)) < 0 ? change_out_of_memory(e) : 0;
}

int change_delete_declared(struct change *c, const struct change_by *by,
			   const struct declared_key *key, struct change_result *ret, struct err *e)
{
	const struct declared *old = declared_find(&change_current(c)->declared, key);
	char text[DECLARED_TEXT_MAX];
	struct desired *d;
	int r;

	if (!old)
		return not_there(key, e);
	r = change_check_owner(&old->meta, by->owner, by, declared_text(key, text), e);
	if (r < 0)
		return r;
	d = change_candidate(c, e);
	*ret = (struct change_result){ .changed = true };
	ret->revision = d ? change_record(c, d, by, e) : 0;
	if (!ret->revision)
		return -ENOMEM;
	(void)declared_remove(&d->declared, key);
	return 0;
}

static int any(void *arg, struct declared *old, struct declared *now)
{
	(void)arg;
	(void)old;
	(void)now;
	return 1;
}

void change_kick_host(struct change *c)
{
	char text[INADDR_TEXT_MAX];

	if (!c->host)
		return;
	/* Not before: what is ours and not declared would be removed. */
	vec_foreach(a, &c->adopt) {
		int r = host_adopt(c->host, a);

		if (r < 0)
			log_warning("address %s stays somebody else's: %s", inaddr_format(a, text),
				    strerror(-r));
	}
	for (unsigned role = 0; role <= NETCFG_SYNC_BACKUP; role++) {
		int r = c->adopt_syncs >> role & 1
				? host_adopt_sync(c->host, (enum netcfg_sync_role)role)
				: 0;

		if (r < 0 && r != -ENOENT)
			log_warning("the sync daemon %s stays somebody else's: %s",
				    netcfg_sync_role_name((enum netcfg_sync_role)role),
				    strerror(-r));
	}
	if (c->adopt.n || c->adopt_syncs ||
	    declared_each_changed(&c->former->declared, &c->published->declared, any, NULL))
		host_kick(c->host);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adoption: services and addresses that somebody else made become desired as the kernel has them,
 * so that the reconciler finds nothing to do. One service or address a step. See change.h.
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>

#include "change_config_private.h"
#include "ipvs_listing.h"

/* What a step costs, as bytes of a document: a piece of the list, a service, a real server. */
#define WORK_PIECE   4096
#define WORK_SERVICE 2048
#define WORK_DEST    128

struct adopt {
	const json_t *services, *vips; /* borrowed; arrays or NULL */
	bool all;
	bool listed;
	size_t service, vip, found; /* the next ones */
	struct ipvs_listing listing;
	ipvs_observed_dest_vec dests;
	struct buf text;
	size_t work;
};

static void adopt_free(void *state)
{
	struct adopt *a = state;

	ipvs_listing_done(&a->listing);
	vec_done(&a->dests);
	buf_done(&a->text);
	free(a);
}

static int not_ready(int error, struct err *e)
{
	return error == -ENOMEM
		       ? change_out_of_memory(e)
		       : err_set(e, error, "kernel_not_ready", "the kernel cannot be read: %s",
				 status_kernel_cause(error));
}

/* Services ------------------------------------------------------------------------------------- */

/* By the way that a client's document takes: what comes out can be declared, and is the same. */
static int declare(struct adopt *a, const struct service *like, const struct service *old,
		   const struct json_path *path, struct service **ret, struct err *e)
{
	struct json_writer w;
	json_t *json;
	int r;

	buf_clear(&a->text);
	json_write_init(&w, &a->text);
	service_encode(like, &w);
	if (a->text.failed)
		return change_out_of_memory(e);
	json = json_loadb(a->text.data, a->text.len, 0, NULL);
	if (!json)
		return change_out_of_memory(e);
	r = service_decode(json, &like->spec.key, old, DECODE_PUT, path, ret, e);
	json_decref(json);
	return r;
}

/* The service as the kernel has it, with the metadata of `old`. NULL: out of memory. */
static struct service *as_found(const struct adopt *a, const struct ipvs_service *found,
				const struct service *old)
{
	_cleanup_(service_unrefp) struct service *s =
		old ? service_copy(old) : service_new(&found->key);

	if (!s)
		return NULL;
	s->spec = *found;
	s->real_servers.n = 0;
	vec_foreach(o, &a->dests)
		if (vec_push(&s->real_servers, (struct real_server){ .dest = o->dest }) < 0)
			return NULL;
	return TAKE_PTR(s);
}

static int take(struct config_write *w, struct service *s, const struct service *old, struct err *e)
{
	char id[IPVS_SERVICE_ID_MAX];
	int r = change_default_owner(&s->meta, &w->by, e);

	if (r == 0 && old &&
	    change_check_owner(&old->meta, w->by.owner, &w->by,
			       ipvs_service_key_format(&s->spec.key, id), &w->conflict) < 0) {
		change_config_refuse(w, -EPERM);
		service_unref(s);
		return 0;
	}
	if (r < 0) {
		service_unref(s);
		return r;
	}
	change_stamp(s, old, w->revision, w->now);
	w->changed = true;
	return change_put(w->after, s, true, e);
}

/* Whether it is desired and in our hands already. */
static bool is_managed(const struct config_write *w, const struct ipvs_service_key *key)
{
	const struct claim *claim = desired_claim(w->after, key);

	return desired_find(w->after, key) && !(claim && claim->class == CLAIM_FOREIGN);
}

static int adopt_service(struct config_write *w, const struct ipvs_service *found,
			 const struct json_path *path, struct err *e)
{
	struct ipvs_kernel *kernel = reconcile_kernel(w->change->reconcile);
	const struct service *old = desired_find(w->before, &found->key);
	_cleanup_(service_unrefp) struct service *like = NULL;
	struct adopt *a = w->state;
	struct service *s;
	int r;

	a->dests.n = 0;
	r = kernel->ops->dests(kernel, &found->key, &a->dests);
	if (r < 0)
		return not_ready(r, e);
	a->work += a->dests.n * WORK_DEST;
	like = as_found(a, found, old);
	if (!like)
		return change_out_of_memory(e);
	r = declare(a, like, old, path, &s, e);
	if (r < 0)
		return r == -EINVAL ? 0 : r; /* collected; go on for the rest */
	return take(w, s, old, e);
}

static int adopt_named(struct config_write *w, const char *id, const struct json_path *path,
		       struct err *e)
{
	struct ipvs_kernel *kernel = reconcile_kernel(w->change->reconcile);
	struct ipvs_service_key key;
	struct ipvs_service found;
	const char *why = "";
	int r;

	if (ipvs_service_key_parse(id, strlen(id), &key, &why) < 0) {
		json_path_err(path, e, "invalid_id", "%s", why);
		return 0;
	}
	if (is_managed(w, &key))
		return 0;
	r = desired_has_tombstone(w->before, &key) ? -ESRCH
						   : kernel->ops->get(kernel, &key, &found);
	if (r == 0)
		return adopt_service(w, &found, path, e);
	if (r != -ESRCH)
		return not_ready(r, e);
	json_path_err(path, e, "not_found", "the kernel has no foreign service %s", id);
	return 0;
}

/* A string of an array, with its pointer. NULL: it is none, and noted. */
static const char *element(const json_t *array, size_t i, const char *name, char number[24],
			   struct json_path path[2], struct err *e)
{
	const char *text = json_string_value(json_array_get(array, i));

	(void)snprintf(number, 24, "%zu", i);
	path[0] = (struct json_path){ NULL, name };
	path[1] = (struct json_path){ &path[0], number };
	if (!text)
		json_path_err(&path[1], e, "wrong_type", "must be a string");
	return text;
}

static int step_named(struct config_write *w, struct err *e)
{
	struct adopt *a = w->state;
	struct json_path path[2];
	char number[24];
	const char *id = element(a->services, a->service++, "services", number, path, e);

	a->work += WORK_SERVICE;
	return id ? adopt_named(w, id, &path[1], e) : 0;
}

/* One of those that the kernel listed, if it is foreign. */
static int step_listed(struct config_write *w, struct err *e)
{
	struct adopt *a = w->state;
	const struct ipvs_service *found = &a->listing.services.items[a->found++];
	char id[IPVS_SERVICE_ID_MAX];
	const struct json_path all = { NULL, "allServices" };
	const struct json_path path = { &all, ipvs_service_key_format(&found->key, id) };
	struct ipvs_service_key key;
	const char *why = "";

	a->work += WORK_DEST;
	if (is_managed(w, &found->key) || desired_has_tombstone(w->before, &found->key))
		return 0;
	a->work += WORK_SERVICE;
	if (ipvs_service_key_parse(id, strlen(id), &key, &why) < 0) {
		json_path_err(&path, e, "not_supported", "%s", why);
		return 0;
	}
	return adopt_service(w, found, &path, e);
}

static int step_list(struct config_write *w, struct err *e)
{
	struct adopt *a = w->state;
	int r = 0;

	a->work += WORK_PIECE;
	if (!a->listing.kernel)
		r = ipvs_listing_begin(&a->listing, reconcile_kernel(w->change->reconcile));
	if (r == 0)
		r = ipvs_listing_step(&a->listing);
	if (r < 0)
		return not_ready(r, e);
	a->listed = r == 0;
	return 0;
}

/* VIPs ----------------------------------------------------------------------------------------- */

/* Why the reconciler would have to change this address if it were declared; NULL: it would not. */
static const char *would_change(const struct netcfg_address *have)
{
	bool v6 = have->address.family == AF_INET6;

	if (have->prefix_length != netcfg_full_prefix(&have->address))
		return "it brings a subnet with it: a VIP has the prefix length 32 or 128";
	if (have->valid != UINT32_MAX || have->preferred != (v6 ? 0 : UINT32_MAX))
		return v6 ? "its lifetime has to be for ever, and preferred_lft 0: PUT the VIP "
			    "with adopt=true, which sets them"
			  : "it has a lifetime: PUT the VIP with adopt=true, which makes it last";
	if (have->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
		return "duplicate address detection has not succeeded";
	return NULL;
}

/* The entry of an address that can be declared as it is. NULL: none; *ret_why says why not. */
static const struct netcfg_address *find_address(const struct netcfg_found *found,
						 const struct inaddr *address, const char **ret_why)
{
	const struct netcfg_address *have = netcfg_found_address(found, address);
	const struct netcfg_address *end = found->addresses.items + found->addresses.n;

	*ret_why = NULL;
	for (; have && have < end && inaddr_compare(&have->address, address) == 0; have++) {
		*ret_why = would_change(have);
		if (!*ret_why && netcfg_found_link_at(found, have->index))
			return have;
	}
	return NULL;
}

static int adopt_address(struct config_write *w, const struct netcfg_found *found,
			 const struct netcfg_address *have, const struct json_path *path,
			 struct err *e)
{
	const struct declared_key key = { .kind = DECLARED_VIP, .address = have->address };
	const struct declared *old = declared_find(&w->before->declared, &key);
	json_t *json = json_pack("{s:s, s:s?}", "interface",
				 netcfg_found_link_at(found, have->index)->name, "label",
				 have->label[0] ? have->label : NULL);
	struct declared *o = NULL;
	int r;

	if (!json)
		return change_out_of_memory(e);
	r = change_decode_declared(w->change, json, &key, old, old ? DECODE_PATCH : DECODE_PUT,
				   path, &o, e);
	json_decref(json);
	if (r < 0)
		return r == -EINVAL ? 0 : r; /* collected; go on for the rest */
	return change_config_take_declared(w, o, old, w->by.owner, e);
}

static int adopt_vip(struct config_write *w, const char *id, const struct json_path *path,
		     struct err *e)
{
	const struct host *host = w->change->host;
	const struct netcfg_found *found = host ? host_found(host) : NULL;
	const struct netcfg_address *have;
	struct declared_key key;
	const char *why = "";

	if (declared_key_parse(DECLARED_VIP, id, &key, &why) < 0) {
		json_path_err(path, e, "invalid_id", "%s", why);
		return 0;
	}
	if (!found)
		return err_set(e, -EIO, "kernel_not_ready", "the host cannot be looked at");
	if (!host_address_is_foreign(host, &key.address)) {
		if (!declared_find(&w->before->declared, &key))
			json_path_err(path, e, "not_found", "the host has no foreign address %s",
				      id);
		return 0;
	}
	have = find_address(found, &key.address, &why);
	if (have)
		return adopt_address(w, found, have, path, e);
	json_path_err(path, e, "not_supported", "%s cannot be declared as it is: %s", id,
		      why ? why : "its interface is not known");
	return 0;
}

static int step_vip(struct config_write *w, struct err *e)
{
	struct adopt *a = w->state;
	struct json_path path[2];
	char number[24];
	const char *id = element(a->vips, a->vip++, "vips", number, path, e);

	a->work += WORK_SERVICE;
	return id ? adopt_vip(w, id, &path[1], e) : 0;
}

/* Both ----------------------------------------------------------------------------------------- */

static int adopt_step(struct config_write *w, struct err *e)
{
	struct adopt *a = w->state;
	int r;

	if (a->service < json_array_size(a->services))
		r = step_named(w, e);
	else if (a->vip < json_array_size(a->vips))
		r = step_vip(w, e);
	else if (a->all && !a->listed)
		r = step_list(w, e);
	else if (a->all && a->found < a->listing.services.n)
		r = step_listed(w, e);
	else
		return 0;
	return r < 0 ? r : 1;
}

static size_t adopt_read(const struct config_write *w)
{
	return ((const struct adopt *)w->state)->work;
}

static const struct config_source source = {
	.step = adopt_step,
	.read = adopt_read,
	.free = adopt_free,
};

/* Notes what is no such request. */
static void check_request(const json_t *request, struct adopt *a, struct err *e)
{
	const char *name;
	json_t *value;

	if (!json_is_object(request))
		json_path_err(NULL, e, "wrong_type", "must be an object");
	json_object_foreach((json_t *)(uintptr_t)request, name, value) {
		const struct json_path path = { NULL, name };
		bool list = streq(name, "services") || streq(name, "vips");

		if (!list && !streq(name, "allServices"))
			json_path_err(&path, e, "unknown_member", "is not known here");
		else if (json_is_null(value))
			continue;
		else if (list ? !json_is_array(value) : !json_is_boolean(value))
			json_path_err(&path, e, "wrong_type", "must be %s",
				      list ? "an array of ids" : "true or false");
	}
	a->services = json_object_get(request, "services");
	a->vips = json_object_get(request, "vips");
	a->all = json_is_true(json_object_get(request, "allServices"));
}

int change_adopt_begin(struct change *c, const struct change_by *by, const json_t *request,
		       struct config_write **ret, struct err *e)
{
	struct adopt *a = calloc(1, sizeof(*a));
	struct change_by adopting = *by;

	if (!a)
		return change_out_of_memory(e);
	adopting.adopt = true;
	adopting.allow_mass_delete = true; /* what goes was declared, and never in the kernel */
	check_request(request, a, e);
	return change_config_begin_source(c, &adopting, DECODE_PUT, &source, a, ret, e);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps of netcfg_json.h: one walk over the JSON object, then sorting and looking for doubles.
 */
#include "netcfg_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "netcfg_sysctl.h"
#include "netcfg_validate.h"

#define IPVS_PREFIX "net.ipv4.vs."

static int out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
}

static int order_addresses(const void *a, const void *b)
{
	return inaddr_compare(a, b);
}

static int order_names(const void *a, const void *b)
{
	return strcmp(((const struct netcfg_sysctl *)a)->name,
		      ((const struct netcfg_sysctl *)b)->name);
}

/* One member of a map, as the client wrote it. */
struct given {
	const char *text;
	bool removed; /* null in a patch */
	union {
		struct inaddr address;
		struct netcfg_sysctl sysctl;
	};
};

typedef VEC(struct given) given_vec;

static int order_given_addresses(const void *a, const void *b)
{
	return inaddr_compare(&((const struct given *)a)->address,
			      &((const struct given *)b)->address);
}

static int order_given_names(const void *a, const void *b)
{
	return strcmp(((const struct given *)a)->sysctl.name,
		      ((const struct given *)b)->sysctl.name);
}

/* Sorts, and refuses two spellings of one id. */
static void refuse_doubles(given_vec *given, int (*order)(const void *, const void *),
			   const struct json_path *path, struct err *e)
{
	vec_sort(given, order);
	for (size_t i = 1; i < given->n; i++) {
		const struct json_path here = { path, given->items[i].text };

		if (order(&given->items[i - 1], &given->items[i]) == 0)
			json_path_err(&here, e, "duplicate_id", "is the same as %s",
				      given->items[i - 1].text);
	}
}

/* What differs between the two maps. */
struct map {
	void (*decode)(const json_t *v, const struct json_path *path, struct given *g,
		       struct err *e);
	int (*order)(const void *a, const void *b);
};

/* Decodes the members of a map, sorted. */
static int walk(const json_t *json, const struct map *map, const struct json_path *path,
		given_vec *ret, struct err *e)
{
	size_t faults = e->n_items + e->n_dropped;
	const char *id;
	json_t *v;

	if (!json_is_object(json) && !json_is_null(json)) {
		json_path_err(path, e, "wrong_type", "must be an object or null");
		return -EINVAL;
	}
	json_object_foreach((json_t *)(uintptr_t)json, id, v) {
		const struct json_path here = { path, id };
		struct given g = { .text = id };

		map->decode(v, &here, &g, e);
		if (!json_path_failed(&here, e) && vec_push(ret, g) < 0)
			return out_of_memory(e);
	}
	refuse_doubles(ret, map->order, path, e);
	return e->n_items + e->n_dropped > faults ? -EINVAL : 0;
}

static void decode_vip(const json_t *v, const struct json_path *path, struct given *g,
		       struct err *e)
{
	const char *why, *key;
	json_t *member;

	if (netcfg_vip_parse(g->text, strlen(g->text), &g->address, &why) < 0)
		json_path_err(path, e, "invalid_id", "%s", why);
	g->removed = json_is_null(v); /* what is not to be there, in a PUT too */
	if (g->removed)
		return;
	if (!json_is_object(v))
		json_path_err(path, e, "wrong_type", "must be an empty object");
	json_object_foreach((json_t *)(uintptr_t)v, key, member) {
		const struct json_path here = { path, key };

		json_path_err(&here, e, "unknown_member", "is not a member of this object");
	}
}

static const struct map vips_map = { decode_vip, order_given_addresses };

/* Appends what is given, and in a patch what is not named. */
static int merge_vips(const given_vec *given, const netcfg_inaddr_vec *current,
		      netcfg_inaddr_vec *ret)
{
	int r = 0;

	vec_foreach(g, given)
		if (r == 0 && !g->removed)
			r = vec_push(ret, g->address);
	for (size_t i = 0; r == 0 && current && i < current->n; i++) {
		const struct given wanted = { .address = current->items[i] };
		int found;

		(void)vec_lower_bound(given->items, given->n, sizeof(wanted), &wanted,
				      order_given_addresses, &found);
		if (!found)
			r = vec_push(ret, current->items[i]);
	}
	vec_sort(ret, order_addresses);
	return r;
}

int netcfg_vips_decode(const json_t *json, const netcfg_inaddr_vec *current, bool patch,
		       const struct json_path *path, netcfg_inaddr_vec *ret, struct err *e)
{
	netcfg_inaddr_vec merged = { 0 };
	given_vec given = { 0 };
	int r = walk(json, &vips_map, path, &given, e);

	if (r == 0 && merge_vips(&given, patch && json_is_object(json) ? current : NULL, &merged))
		r = out_of_memory(e);
	vec_done(&given);
	if (r < 0) {
		vec_done(&merged);
		return r;
	}
	vec_done(ret);
	*ret = merged;
	return 0;
}

static void decode_value(const json_t *v, const struct json_path *path, struct given *g,
			 struct err *e)
{
	char full[sizeof(IPVS_PREFIX) + NETCFG_COMPONENT_MAX];
	struct netcfg_sysctl_key key;
	const char *why = "has too long a name";
	size_t len = strlen(g->text);

	(void)snprintf(full, sizeof(full), IPVS_PREFIX "%s", g->text);
	if (len >= NETCFG_COMPONENT_MAX ||
	    netcfg_sysctl_parse(full, strlen(full), &key, &why) < 0) {
		json_path_err(path, e, "sysctl_not_allowed", "%s", why);
		return;
	}
	(void)netcfg_sysctl_format(&key, g->sysctl.name);
	g->removed = json_is_null(v); /* what is not to be there, in a PUT too */
	if (g->removed)
		return;
	if (json_is_string(v) && json_string_length(v) < sizeof(g->sysctl.value))
		memcpy(g->sysctl.value, json_string_value(v), json_string_length(v) + 1);
	else if (json_is_integer(v))
		(void)snprintf(g->sysctl.value, sizeof(g->sysctl.value), "%" JSON_INTEGER_FORMAT,
			       json_integer_value(v));
	else if (json_is_string(v))
		json_path_err(path, e, "too_long", "must be at most %zu bytes long",
			      sizeof(g->sysctl.value) - 1);
	else
		json_path_err(path, e, "wrong_type", "must be a string or an integer");
	if (!json_path_failed(path, e))
		(void)netcfg_sysctl_value_validate(&key, &g->sysctl, path, e);
}

static const struct map values_map = { decode_value, order_given_names };

static int merge_values(const given_vec *given, const netcfg_sysctl_vec *current,
			netcfg_sysctl_vec *ret)
{
	int r = 0;

	vec_foreach(g, given)
		if (r == 0 && !g->removed)
			r = vec_push(ret, g->sysctl);
	for (size_t i = 0; r == 0 && current && i < current->n; i++) {
		const struct given wanted = { .sysctl = current->items[i] };
		int found;

		(void)vec_lower_bound(given->items, given->n, sizeof(wanted), &wanted,
				      order_given_names, &found);
		if (!found)
			r = vec_push(ret, current->items[i]);
	}
	vec_sort(ret, order_names);
	return r;
}

int netcfg_director_ipvs_decode(const json_t *json, const netcfg_sysctl_vec *current, bool patch,
				const struct json_path *path, netcfg_sysctl_vec *ret, struct err *e)
{
	netcfg_sysctl_vec merged = { 0 };
	given_vec given = { 0 };
	int r = walk(json, &values_map, path, &given, e);

	if (r == 0 && merge_values(&given, patch && json_is_object(json) ? current : NULL, &merged))
		r = out_of_memory(e);
	vec_done(&given);
	if (r < 0) {
		vec_done(&merged);
		return r;
	}
	vec_done(ret);
	*ret = merged;
	return 0;
}

void netcfg_vips_encode(const netcfg_inaddr_vec *vips, struct json_writer *w)
{
	char text[INADDR_TEXT_MAX];

	json_write_begin_object(w);
	vec_foreach(a, vips) {
		json_write_key(w, inaddr_format(a, text));
		json_write_begin_object(w);
		json_write_end_object(w);
	}
	json_write_end_object(w);
}

void netcfg_director_ipvs_encode(const netcfg_sysctl_vec *ipvs, struct json_writer *w)
{
	json_write_begin_object(w);
	vec_foreach(s, ipvs)
		json_write_member_string(w, s->name + strlen(IPVS_PREFIX), s->value);
	json_write_end_object(w);
}

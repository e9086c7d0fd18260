/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declared objects of the host's side, see declared.h: sharing, order, sorted vectors. Pure. */
#include "declared.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "field.h"
#include "netcfg_fields.h"

struct declared *declared_new(const struct declared_key *key)
{
	struct declared *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->refs = 1;
	o->kind = key->kind;
	switch ((enum declared_kind)key->kind) {
	case DECLARED_VIP:
		netcfg_vip_init(&key->address, &o->vip);
		break;
	case DECLARED_REAL_SERVER:
		netcfg_real_server_role_init(&o->real_server);
		break;
	case DECLARED_DIRECTOR:
		netcfg_director_role_init(&o->director);
		break;
	case DECLARED_SYSCTL:
		memcpy(o->sysctl.name, key->name, sizeof(o->sysctl.name));
		break;
	case DECLARED_SYNC_MASTER:
		netcfg_sync_init(NETCFG_SYNC_MASTER, &o->sync);
		break;
	case DECLARED_SYNC_BACKUP:
		netcfg_sync_init(NETCFG_SYNC_BACKUP, &o->sync);
		break;
	}
	return o;
}

struct declared *declared_copy(const struct declared *o)
{
	const struct declared_key key = declared_key_of(o);
	_cleanup_(declared_unrefp) struct declared *copy = declared_new(&key);

	if (!copy || metadata_copy(&o->meta, &copy->meta) < 0 ||
	    vec_reserve(&copy->vips, o->vips.n) < 0 || vec_reserve(&copy->ipvs, o->ipvs.n) < 0)
		return NULL;
	switch ((enum declared_kind)o->kind) {
	case DECLARED_VIP:
		copy->vip = o->vip;
		break;
	case DECLARED_REAL_SERVER:
		copy->real_server = o->real_server;
		break;
	case DECLARED_DIRECTOR:
		copy->director = o->director;
		break;
	case DECLARED_SYSCTL:
		copy->sysctl = o->sysctl;
		break;
	case DECLARED_SYNC_MASTER:
	case DECLARED_SYNC_BACKUP:
		copy->sync = o->sync;
		break;
	}
	vec_foreach(a, &o->vips)
		copy->vips.items[copy->vips.n++] = *a;
	vec_foreach(s, &o->ipvs)
		copy->ipvs.items[copy->ipvs.n++] = *s;
	return TAKE_PTR(copy);
}

struct declared *declared_ref(struct declared *o)
{
	if (o)
		o->refs++;
	return o;
}

void declared_unref(struct declared *o)
{
	if (!o || --o->refs)
		return;
	metadata_done(&o->meta);
	vec_done(&o->vips);
	vec_done(&o->ipvs);
	free(o);
}

struct declared_key declared_key_of(const struct declared *o)
{
	struct declared_key key = { .kind = o->kind };

	if (o->kind == DECLARED_VIP)
		key.address = o->vip.address;
	if (o->kind == DECLARED_SYSCTL)
		memcpy(key.name, o->sysctl.name, sizeof(key.name));
	return key;
}

int declared_key_compare(const struct declared_key *a, const struct declared_key *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == DECLARED_VIP)
		return inaddr_compare(&a->address, &b->address);
	return a->kind == DECLARED_SYSCTL ? strcmp(a->name, b->name) : 0;
}

int declared_compare(const struct declared *a, const struct declared *b)
{
	const struct declared_key x = declared_key_of(a), y = declared_key_of(b);

	return declared_key_compare(&x, &y);
}

static bool same_addresses(const netcfg_inaddr_vec *a, const netcfg_inaddr_vec *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (inaddr_compare(&a->items[i], &b->items[i]) != 0)
			return false;
	return true;
}

static bool same_values(const netcfg_sysctl_vec *a, const netcfg_sysctl_vec *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!streq(a->items[i].name, b->items[i].name) ||
		    !streq(a->items[i].value, b->items[i].value))
			return false;
	return true;
}

static bool same_spec(const struct declared *a, const struct declared *b)
{
	switch ((enum declared_kind)a->kind) {
	case DECLARED_VIP:
		return field_diff(&netcfg_vip_table, &a->vip, &b->vip) == 0;
	case DECLARED_REAL_SERVER:
		return field_diff(&netcfg_real_server_role_table, &a->real_server,
				  &b->real_server) == 0 &&
		       same_addresses(&a->vips, &b->vips);
	case DECLARED_DIRECTOR:
		return field_diff(&netcfg_director_role_table, &a->director, &b->director) == 0 &&
		       same_values(&a->ipvs, &b->ipvs);
	case DECLARED_SYNC_MASTER:
	case DECLARED_SYNC_BACKUP:
		return field_diff(&netcfg_sync_table, &a->sync, &b->sync) == 0;
	case DECLARED_SYSCTL:
		break;
	}
	return field_diff(&netcfg_sysctl_table, &a->sysctl, &b->sysctl) == 0;
}

bool declared_same(const struct declared *a, const struct declared *b)
{
	return declared_compare(a, b) == 0 && metadata_same(&a->meta, &b->meta) && same_spec(a, b);
}

const char *declared_kind_name(enum declared_kind kind)
{
	static const char *const names[] = {
		[DECLARED_VIP] = "vip",		 [DECLARED_REAL_SERVER] = "role",
		[DECLARED_DIRECTOR] = "role",	 [DECLARED_SYSCTL] = "sysctl",
		[DECLARED_SYNC_MASTER] = "sync", [DECLARED_SYNC_BACKUP] = "sync",
	};

	return names[kind];
}

char *declared_id(const struct declared_key *key, char buf[DECLARED_ID_MAX])
{
	switch ((enum declared_kind)key->kind) {
	case DECLARED_VIP:
		return inaddr_format(&key->address, buf);
	case DECLARED_REAL_SERVER:
		(void)snprintf(buf, DECLARED_ID_MAX, "real-server");
		break;
	case DECLARED_DIRECTOR:
		(void)snprintf(buf, DECLARED_ID_MAX, "director");
		break;
	case DECLARED_SYSCTL:
		(void)snprintf(buf, DECLARED_ID_MAX, "%s", key->name);
		break;
	case DECLARED_SYNC_MASTER:
	case DECLARED_SYNC_BACKUP:
		(void)snprintf(buf, DECLARED_ID_MAX, "%s",
			       netcfg_sync_role_name(key->kind - DECLARED_SYNC_MASTER));
		break;
	}
	return buf;
}

char *declared_text(const struct declared_key *key, char buf[DECLARED_TEXT_MAX])
{
	char id[DECLARED_ID_MAX];

	(void)snprintf(buf, DECLARED_TEXT_MAX, "%s %s",
		       declared_kind_name((enum declared_kind)key->kind), declared_id(key, id));
	return buf;
}

int declared_key_parse(enum declared_kind kind, const char *id, struct declared_key *ret,
		       const char **ret_why)
{
	struct declared_key key = { .kind = (uint8_t)kind };
	struct netcfg_sysctl_key sysctl;

	if (kind == DECLARED_VIP && netcfg_vip_parse(id, strlen(id), &key.address, ret_why) < 0)
		return -EINVAL;
	if (kind == DECLARED_SYSCTL) {
		if (netcfg_sysctl_parse(id, strlen(id), &sysctl, ret_why) < 0)
			return -EINVAL;
		(void)netcfg_sysctl_format(&sysctl, key.name);
	}
	*ret = key;
	return 0;
}

static int compare_item(const void *key, const void *item)
{
	const struct declared_key other = declared_key_of(*(struct declared *const *)item);

	return declared_key_compare(key, &other);
}

size_t declared_position(const declared_vec *v, const struct declared_key *key, bool *ret_found)
{
	int found;
	size_t at = vec_lower_bound(v->items, v->n, sizeof(*v->items), key, compare_item, &found);

	if (ret_found)
		*ret_found = found;
	return at;
}

struct declared *declared_find(const declared_vec *v, const struct declared_key *key)
{
	bool found;
	size_t at = declared_position(v, key, &found);

	return found ? v->items[at] : NULL;
}

int declared_put(declared_vec *v, struct declared *o)
{
	const struct declared_key key = declared_key_of(o);
	bool found;
	size_t at = declared_position(v, &key, &found);

	if (found) {
		declared_unref(v->items[at]);
	} else if (vec_reserve(v, 1) < 0) {
		declared_unref(o);
		return -ENOMEM;
	} else {
		memmove(v->items + at + 1, v->items + at, (v->n - at) * sizeof(*v->items));
		v->n++;
	}
	v->items[at] = o;
	return 0;
}

bool declared_remove(declared_vec *v, const struct declared_key *key)
{
	bool found;
	size_t at = declared_position(v, key, &found);

	if (!found)
		return false;
	declared_unref(v->items[at]);
	v->n--;
	memmove(v->items + at, v->items + at + 1, (v->n - at) * sizeof(*v->items));
	return true;
}

int declared_vec_copy(const declared_vec *from, declared_vec *ret)
{
	if (vec_reserve(ret, from->n + 1) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < from->n; i++)
		ret->items[i] = declared_ref(from->items[i]);
	ret->n = from->n;
	return 0;
}

void declared_vec_done(declared_vec *v)
{
	vec_foreach(o, v)
		declared_unref(*o);
	vec_done(v);
}

int declared_each_changed(const declared_vec *from, const declared_vec *to,
			  int (*fn)(void *arg, struct declared *old, struct declared *now),
			  void *arg)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (r == 0 && (i < from->n || j < to->n)) {
		struct declared *old = i < from->n ? from->items[i] : NULL;
		struct declared *now = j < to->n ? to->items[j] : NULL;
		int c = old == now ? 0 : !old ? 1 : !now ? -1 : declared_compare(old, now);

		if (old != now)
			r = fn(arg, c <= 0 ? old : NULL, c >= 0 ? now : NULL);
		i += c <= 0;
		j += c >= 0;
	}
	return r;
}

int declared_view(const declared_vec *v, struct declared_view *ret)
{
	struct netcfg_declared *all = &ret->all;

	vec_foreach(item, v) {
		const struct declared *o = *item;
		int r = 0;

		switch ((enum declared_kind)o->kind) {
		case DECLARED_VIP:
			r = vec_push(&ret->vips, &o->vip);
			break;
		case DECLARED_REAL_SERVER:
			all->real_server = &o->real_server;
			all->real_server_vips = o->vips.items;
			all->n_real_server_vips = o->vips.n;
			break;
		case DECLARED_DIRECTOR:
			all->director = &o->director;
			all->director_ipvs = o->ipvs.items;
			all->n_director_ipvs = o->ipvs.n;
			break;
		case DECLARED_SYSCTL:
			r = vec_push(&ret->sysctls, &o->sysctl);
			break;
		case DECLARED_SYNC_MASTER:
		case DECLARED_SYNC_BACKUP:
			all->syncs[o->kind - DECLARED_SYNC_MASTER] = &o->sync;
			break;
		}
		if (r < 0)
			return r;
	}
	all->vips = ret->vips.items;
	all->n_vips = ret->vips.n;
	all->sysctls = ret->sysctls.items;
	all->n_sysctls = ret->sysctls.n;
	return 0;
}

void declared_view_done(struct declared_view *view)
{
	vec_done(&view->vips);
	vec_done(&view->sysctls);
	view->all = (struct netcfg_declared){ 0 };
}

struct declared *declared_of_source(const declared_vec *v, const struct netcfg_source *s)
{
	static const uint8_t kinds[] = {
		[NETCFG_OBJECT_VIP] = DECLARED_VIP,
		[NETCFG_OBJECT_SYSCTL] = DECLARED_SYSCTL,
		[NETCFG_OBJECT_REAL_SERVER] = DECLARED_REAL_SERVER,
		[NETCFG_OBJECT_DIRECTOR] = DECLARED_DIRECTOR,
		[NETCFG_OBJECT_SYNC_MASTER] = DECLARED_SYNC_MASTER,
		[NETCFG_OBJECT_SYNC_BACKUP] = DECLARED_SYNC_BACKUP,
	};
	/* Below every key of its kind: an address without family, a name without a byte. */
	const struct declared_key first = { .kind = kinds[s->object] };
	size_t at = declared_position(v, &first, NULL);
	bool single = s->object != NETCFG_OBJECT_VIP && s->object != NETCFG_OBJECT_SYSCTL;

	at += single ? 0 : s->index; /* the index of a role's source is one of its map */
	return at < v->n ? v->items[at] : NULL;
}

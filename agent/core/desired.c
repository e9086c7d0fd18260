/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desired state of desired.h: sharing, lookup, copy on write. Pure. */
#include "desired.h"

#include <errno.h>
#include <string.h>

#include "field.h"
#include "ipvs_fields.h"

struct service *service_new(const struct ipvs_service_key *key)
{
	struct service *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->refs = 1;
	ipvs_service_init(key, &s->spec);
	return s;
}

struct service *service_copy(const struct service *s)
{
	_cleanup_(service_unrefp) struct service *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return NULL;
	copy->refs = 1;
	copy->row = s->row;
	copy->spec = s->spec;
	if (metadata_copy(&s->meta, &copy->meta) < 0 ||
	    vec_reserve(&copy->real_servers, s->real_servers.n + 1) < 0)
		return NULL;
	if (s->real_servers.n)
		memcpy(copy->real_servers.items, s->real_servers.items,
		       s->real_servers.n * sizeof(*s->real_servers.items));
	copy->real_servers.n = s->real_servers.n;
	return TAKE_PTR(copy);
}

struct service *service_ref(struct service *s)
{
	if (s)
		s->refs++;
	return s;
}

void service_unref(struct service *s)
{
	if (!s || --s->refs)
		return;
	metadata_done(&s->meta);
	vec_done(&s->real_servers);
	free(s);
}

static int compare_real_server(const void *key, const void *item)
{
	return ipvs_dest_key_compare(key, &((const struct real_server *)item)->dest.key);
}

static int order_real_servers(const void *a, const void *b)
{
	return compare_real_server(&((const struct real_server *)a)->dest.key, b);
}

struct real_server *service_find(const struct service *s, const struct ipvs_dest_key *key)
{
	int found;
	size_t at =
		vec_lower_bound(s->real_servers.items, s->real_servers.n,
				sizeof(*s->real_servers.items), key, compare_real_server, &found);

	return found ? &s->real_servers.items[at] : NULL;
}

void service_sort(struct service *s)
{
	vec_sort(&s->real_servers, order_real_servers);
}

bool service_same(const struct service *a, const struct service *b)
{
	if (a->real_servers.n != b->real_servers.n || !metadata_same(&a->meta, &b->meta))
		return false;
	if (field_diff(&ipvs_service_table, &a->spec, &b->spec))
		return false;
	for (size_t i = 0; i < a->real_servers.n; i++) {
		if (!ipvs_dest_same(&a->real_servers.items[i].dest, &b->real_servers.items[i].dest))
			return false;
	}
	return true;
}

struct ipvs_view service_view(const struct service *s)
{
	return (struct ipvs_view){
		.service = &s->spec,
		.dests = s->real_servers.items,
		.n = s->real_servers.n,
		.stride = sizeof(*s->real_servers.items),
	};
}

struct desired *desired_new(void)
{
	struct desired *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->refs = 1;
	policy_init(&d->policy);
	d->policy_revision = 1;
	return d;
}

struct desired *desired_copy(const struct desired *d)
{
	_cleanup_(desired_unrefp) struct desired *copy = desired_new();

	/* Room for one more of each: most writes add at most one. */
	if (!copy || vec_reserve(&copy->services, d->services.n + 1) < 0 ||
	    vec_reserve(&copy->tombstones, d->tombstones.n + 1) < 0 ||
	    vec_reserve(&copy->claims, d->claims.n + 1) < 0 ||
	    declared_vec_copy(&d->declared, &copy->declared) < 0)
		return NULL;
	copy->revision = d->revision;
	copy->policy = d->policy;
	copy->policy_revision = d->policy_revision;
	copy->n_real_servers = d->n_real_servers;
	for (size_t i = 0; i < d->services.n; i++)
		copy->services.items[i] = service_ref(d->services.items[i]);
	copy->services.n = d->services.n;
	for (size_t i = 0; i < d->tombstones.n; i++)
		copy->tombstones.items[i] = d->tombstones.items[i];
	copy->tombstones.n = d->tombstones.n;
	for (size_t i = 0; i < d->claims.n; i++)
		copy->claims.items[i] = d->claims.items[i];
	copy->claims.n = d->claims.n;
	return TAKE_PTR(copy);
}

struct desired *desired_ref(struct desired *d)
{
	if (d)
		d->refs++;
	return d;
}

void desired_unref(struct desired *d)
{
	if (!d || --d->refs)
		return;
	for (size_t i = 0; i < d->services.n; i++)
		service_unref(d->services.items[i]);
	vec_done(&d->services);
	vec_done(&d->tombstones);
	vec_done(&d->claims);
	declared_vec_done(&d->declared);
	free(d);
}

static int compare_service(const void *key, const void *item)
{
	return ipvs_service_key_compare(key, &(*(struct service *const *)item)->spec.key);
}

static int compare_key(const void *key, const void *item)
{
	return ipvs_service_key_compare(key, item);
}

static int compare_claim(const void *key, const void *item)
{
	return ipvs_service_key_compare(key, &((const struct claim *)item)->key);
}

#define LOWER_BOUND(v, key, cmp, found)                                                            \
	vec_lower_bound((v)->items, (v)->n, sizeof(*(v)->items), key, cmp, found)

/* Opens a gap at position `at` of a vector that has room for one more. */
#define OPEN_GAP(v, at)                                                                            \
	do {                                                                                       \
		memmove((v)->items + (at) + 1, (v)->items + (at),                                  \
			((v)->n - (at)) * sizeof(*(v)->items));                                    \
		(v)->n++;                                                                          \
	} while (0)

#define CLOSE_GAP(v, at)                                                                           \
	do {                                                                                       \
		(v)->n--;                                                                          \
		memmove((v)->items + (at), (v)->items + (at) + 1,                                  \
			((v)->n - (at)) * sizeof(*(v)->items));                                    \
	} while (0)

size_t desired_position(const struct desired *d, const struct ipvs_service_key *key)
{
	int found;

	return LOWER_BOUND(&d->services, key, compare_service, &found);
}

struct service *desired_find(const struct desired *d, const struct ipvs_service_key *key)
{
	int found;
	size_t at = LOWER_BOUND(&d->services, key, compare_service, &found);

	return found ? d->services.items[at] : NULL;
}

int desired_put(struct desired *d, struct service *s)
{
	int found;
	size_t at = LOWER_BOUND(&d->services, &s->spec.key, compare_service, &found);

	if (found) {
		d->n_real_servers -= d->services.items[at]->real_servers.n;
		service_unref(d->services.items[at]);
	} else if (vec_reserve(&d->services, 1) < 0) {
		service_unref(s);
		return -ENOMEM;
	} else {
		OPEN_GAP(&d->services, at);
	}
	d->services.items[at] = s;
	d->n_real_servers += s->real_servers.n;
	return 0;
}

bool desired_remove(struct desired *d, const struct ipvs_service_key *key)
{
	int found;
	size_t at = LOWER_BOUND(&d->services, key, compare_service, &found);

	if (!found)
		return false;
	d->n_real_servers -= d->services.items[at]->real_servers.n;
	service_unref(d->services.items[at]);
	CLOSE_GAP(&d->services, at);
	return true;
}

bool desired_next_changed(struct desired_changes *c, struct service **old, struct service **now)
{
	while (c->i < c->from->services.n || c->j < c->to->services.n) {
		struct service *o =
			c->i < c->from->services.n ? c->from->services.items[c->i] : NULL;
		struct service *n = c->j < c->to->services.n ? c->to->services.items[c->j] : NULL;
		int order = o == n ? 0
			    : !o   ? 1
			    : !n   ? -1
				   : ipvs_service_key_compare(&o->spec.key, &n->spec.key);

		c->i += order <= 0;
		c->j += order >= 0;
		*old = order <= 0 ? o : NULL;
		*now = order >= 0 ? n : NULL;
		if (o != n)
			return true;
	}
	return false;
}

int desired_each_changed(const struct desired *from, const struct desired *to,
			 int (*fn)(void *arg, struct service *old, struct service *now), void *arg)
{
	struct desired_changes c = { .from = from, .to = to };
	struct service *old, *now;
	int r = 0;

	while (r == 0 && desired_next_changed(&c, &old, &now))
		r = fn(arg, old, now);
	return r;
}

bool desired_has_services(const struct desired *d)
{
	return d->services.n > 0 || d->tombstones.n > 0;
}

bool desired_has_tombstone(const struct desired *d, const struct ipvs_service_key *key)
{
	int found;

	(void)LOWER_BOUND(&d->tombstones, key, compare_key, &found);
	return found;
}

int desired_add_tombstone(struct desired *d, const struct ipvs_service_key *key)
{
	int found;
	size_t at = LOWER_BOUND(&d->tombstones, key, compare_key, &found);

	if (found)
		return 0;
	if (vec_reserve(&d->tombstones, 1) < 0)
		return -ENOMEM;
	OPEN_GAP(&d->tombstones, at);
	d->tombstones.items[at] = *key;
	return 0;
}

bool desired_drop_tombstone(struct desired *d, const struct ipvs_service_key *key)
{
	int found;
	size_t at = LOWER_BOUND(&d->tombstones, key, compare_key, &found);

	if (found)
		CLOSE_GAP(&d->tombstones, at);
	return found;
}

const struct claim *desired_claim(const struct desired *d, const struct ipvs_service_key *key)
{
	int found;
	size_t at = LOWER_BOUND(&d->claims, key, compare_claim, &found);

	return found ? &d->claims.items[at] : NULL;
}

int desired_set_claim(struct desired *d, const struct ipvs_service_key *key, enum claim_class class)
{
	int found;
	size_t at = LOWER_BOUND(&d->claims, key, compare_claim, &found);

	if (!found) {
		if (vec_reserve(&d->claims, 1) < 0)
			return -ENOMEM;
		OPEN_GAP(&d->claims, at);
	}
	d->claims.items[at] = (struct claim){ .key = *key, .class = class };
	return 0;
}

bool desired_drop_claim(struct desired *d, const struct ipvs_service_key *key)
{
	int found;
	size_t at = LOWER_BOUND(&d->claims, key, compare_claim, &found);

	if (found)
		CLOSE_GAP(&d->claims, at);
	return found;
}

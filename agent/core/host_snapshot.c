/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was declared when a round of the host began, with its view for the expansion. Pure. */
#include "host_private.h"

void host_snapshot_unref(struct host_snapshot *s)
{
	if (!s || --s->refs)
		return;
	declared_view_done(&s->view);
	declared_vec_done(&s->objects);
	free(s);
}

struct host_snapshot *host_snapshot_ref(struct host_snapshot *s)
{
	s->refs++;
	return s;
}

int host_snapshot_new(const declared_vec *objects, struct host_snapshot **ret)
{
	struct host_snapshot *s = calloc(1, sizeof(*s));
	int r = s ? declared_vec_copy(objects, &s->objects) : -ENOMEM;

	if (s)
		s->refs = 1;
	if (r == 0)
		r = declared_view(&s->objects, &s->view);
	if (r < 0) {
		host_snapshot_unref(s);
		return r;
	}
	*ret = s;
	return 0;
}

bool host_snapshot_is(const struct host_snapshot *s, const declared_vec *objects)
{
	return s && s->objects.n == objects->n &&
	       (!objects->n || memcmp(s->objects.items, objects->items,
				      objects->n * sizeof(*objects->items)) == 0);
}

const struct declared *host_snapshot_find(const struct host_snapshot *s, const struct declared *o)
{
	const struct declared_key key = declared_key_of(o);

	return s ? declared_find(&s->objects, &key) : NULL;
}

const struct netcfg_vip *host_snapshot_vip(const struct host_snapshot *s,
					   const struct inaddr *address)
{
	const struct declared_key key = { .kind = DECLARED_VIP, .address = *address };
	const struct declared *o = s ? declared_find(&s->objects, &key) : NULL;

	return o ? &o->vip : NULL;
}

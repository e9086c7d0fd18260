/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Since when the conditions of declared objects are as they are: compared whenever a round has come
 * to its end and something may be different. */
#include "host_private.h"
#include "timestamp.h"

/* What is known of an object before anything was seen of it. */
static struct host_moment begin(const struct declared *o)
{
	struct host_moment m = { 0 };

	for (size_t i = 0; i < HOST_CONDITIONS; i++)
		m.since[i] = o->meta.updated;
	return m;
}

/* What is known of an object that was there before: a new generation is not programmed yet. */
static struct host_moment go_on(struct host_moment m, const struct declared *old,
				const struct declared *o)
{
	if (old->meta.created != o->meta.created)
		return begin(o);
	if (old->meta.generation != o->meta.generation && m.bits & 1 << HOST_PROGRAMMED) {
		m.bits &= (uint8_t) ~(1 << HOST_PROGRAMMED);
		m.since[HOST_PROGRAMMED] = o->meta.updated;
	}
	return m;
}

/* The moments for the objects of the newest snapshot. */
static int take_snapshot(struct host *h)
{
	const declared_vec *now = &h->now_wanted->objects;
	size_t n = h->noted ? h->noted->objects.n : 0, at = 0;
	struct declared *const *old = h->noted ? h->noted->objects.items : NULL;
	host_moment_vec next = { 0 };

	if (vec_reserve(&next, now->n) < 0)
		return -ENOMEM;
	vec_foreach(o, now) {
		int c = 1;

		while (at < n && (c = declared_compare(old[at], *o)) < 0)
			at++;
		next.items[next.n++] =
			at < n && c == 0 ? go_on(h->moments.items[at], old[at], *o) : begin(*o);
	}
	vec_done(&h->moments);
	h->moments = next;
	host_snapshot_unref(h->noted);
	h->noted = host_snapshot_ref(h->now_wanted);
	return 0;
}

void host_moments_note(struct host *h)
{
	int64_t now = timestamp_now();

	if (!h->unnoted && h->noted == h->now_wanted)
		return;
	if (h->noted != h->now_wanted && take_snapshot(h) < 0)
		return; /* the next round tries again */
	h->unnoted = false;
	for (size_t i = 0; i < h->moments.n; i++) {
		struct host_moment *m = &h->moments.items[i];
		uint8_t bits = host_conditions(h, h->noted->objects.items[i]);

		for (size_t c = 0; c < HOST_CONDITIONS; c++)
			if ((bits ^ m->bits) & 1 << c)
				m->since[c] = now;
		m->bits = bits;
	}
}

int64_t host_condition_since(const struct host *h, const struct declared *o,
			     enum host_condition which, bool status)
{
	const struct declared_key key = declared_key_of(o);
	bool found = false;
	size_t at = h->noted ? declared_position(&h->noted->objects, &key, &found) : 0;

	if (!found || h->noted->objects.items[at]->meta.created != o->meta.created ||
	    !!(h->moments.items[at].bits & 1 << which) != status)
		return o->meta.updated;
	return h->moments.items[at].since[which];
}

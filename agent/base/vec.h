/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typed growable arrays: VEC(type) declares one, vec_push() appends, vec_find() searches sorted. */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t n, cap;                                                                     \
	}

/* Makes room for at least `more` further items. 0 or -ENOMEM. */
static inline int vec_grow_(void *items_p, size_t *cap, size_t n, size_t more, size_t size)
{
	void **items = items_p;
	size_t want = *cap ? *cap : 8;
	void *bigger;

	if (more > SIZE_MAX / 2 - n)
		return -ENOMEM;
	while (want < n + more)
		want *= 2;
	if (want == *cap)
		return 0;
	bigger = reallocarray(*items, want, size);
	if (!bigger)
		return -ENOMEM;
	*items = bigger;
	*cap = want;
	return 0;
}

#define vec_reserve(v, more) vec_grow_(&(v)->items, &(v)->cap, (v)->n, (more), sizeof(*(v)->items))

/* Appends a copy of item. 0 or -ENOMEM (the array is as before). */
#define vec_push(v, item)                                                                          \
	({                                                                                         \
		int vec_r_ = (v)->n < (v)->cap ? 0 : vec_reserve(v, 1);                            \
		if (vec_r_ == 0)                                                                   \
			(v)->items[(v)->n++] = (item);                                             \
		vec_r_;                                                                            \
	})

#define vec_foreach(it, v) for (__auto_type it = (v)->items; it && it < (v)->items + (v)->n; it++)

/* What is in order already, as most lists are that were stored or sent in order, costs n
 * comparisons. */
static inline void vec_sort_(void *items, size_t n, size_t size,
			     int (*cmp)(const void *, const void *))
{
	const char *item = items;

	for (size_t i = 1; i < n; i++, item += size)
		if (cmp(item, item + size) > 0) {
			qsort(items, n, size, cmp);
			return;
		}
}

#define vec_sort(v, cmp) vec_sort_((v)->items, (v)->n, sizeof(*(v)->items), cmp)

#define vec_done(v)                                                                                \
	do {                                                                                       \
		free((v)->items);                                                                  \
		(v)->items = NULL;                                                                 \
		(v)->n = (v)->cap = 0;                                                             \
	} while (0)

/* Position of the first element that is not below key in a sorted array of n elements of `size`
 * bytes; *ret_found tells whether it equals key. cmp(key, element) as for bsearch(). */
static inline size_t vec_lower_bound(const void *items, size_t n, size_t size, const void *key,
				     int (*cmp)(const void *key, const void *item), int *ret_found)
{
	size_t low = 0, high = n;

	*ret_found = 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = cmp(key, (const char *)items + mid * size);

		if (c == 0)
			*ret_found = 1;
		if (c > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

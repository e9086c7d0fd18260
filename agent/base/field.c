/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access, copy and diff by field table. Pure; the codecs are in field_json, field_nl, field_schema.
 */
#include "field.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

uint32_t field_load(const struct field *f, const void *obj)
{
	const char *p = (const char *)obj + f->offset;
	uint16_t half;
	uint32_t word;

	switch (f->size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		memcpy(&half, p, sizeof(half));
		return half;
	}
	assert(f->size == 4);
	memcpy(&word, p, sizeof(word));
	return word;
}

void field_store(const struct field *f, void *obj, uint32_t v)
{
	char *p = (char *)obj + f->offset;
	uint16_t half = (uint16_t)v;
	uint8_t byte = (uint8_t)v;

	switch (f->size) {
	case 1:
		memcpy(p, &byte, 1);
		return;
	case 2:
		memcpy(p, &half, 2);
		return;
	}
	assert(f->size == 4);
	memcpy(p, &v, 4);
}

const char *field_name_of(const struct field *f, uint32_t value)
{
	for (size_t i = 0; i < f->n_names; i++)
		if (f->names[i].value == value)
			return f->names[i].name;
	return NULL;
}

int field_value_of(const struct field *f, const char *name)
{
	for (size_t i = 0; i < f->n_names; i++)
		if (strcmp(f->names[i].name, name) == 0)
			return f->names[i].value;
	return -1;
}

bool field_is_null(const struct field *f, const void *obj)
{
	if (!f->nullable)
		return false;
	switch (f->type) {
	case FIELD_TYPE_GROUP:
		return !((const char *)obj)[f->present];
	case FIELD_TYPE_STRING:
		return !((const char *)obj)[f->offset];
	case FIELD_TYPE_BOOL:
	case FIELD_TYPE_UINT:
	case FIELD_TYPE_ENUM:
	case FIELD_TYPE_SET:
		break;
	}
	return field_load(f, obj) == 0;
}

void field_copy(const struct field *f, void *to, const void *from)
{
	if (f->type != FIELD_TYPE_GROUP) {
		memcpy((char *)to + f->offset, (const char *)from + f->offset, f->size);
		return;
	}
	if (f->nullable)
		((char *)to)[f->present] = ((const char *)from)[f->present];
	for (size_t i = 0; i < f->group->n; i++)
		field_copy(&f->group->rows[i], to, from);
}

/* Without a call for each leaf: a full pass compares some hundred thousand objects. */
static inline bool leaf_equal(const struct field *f, const void *a, const void *b)
{
	const char *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;

	if (f->type == FIELD_TYPE_STRING)
		return strncmp(x, y, f->size) == 0;
	if (f->size == 1)
		return *x == *y;
	if (f->size == 2)
		return memcmp(x, y, 2) == 0;
	assert(f->size == 4);
	return memcmp(x, y, 4) == 0;
}

static bool rows_equal(const struct field_table *t, const void *a, const void *b)
{
	const uint8_t *x = a, *y = b;

	for (const struct field *f = t->rows; f < t->rows + t->n; f++) {
		if (f->type != FIELD_TYPE_GROUP) {
			if (!leaf_equal(f, a, b))
				return false;
		} else if ((!f->present_is_leaf && x[f->present] != y[f->present]) ||
			   !rows_equal(f->group, a, b)) {
			return false;
		}
	}
	return true;
}

/* Walks the leaves; *at is the number of the next one. */
static uint64_t diff_rows(const struct field_table *t, const void *a, const void *b, unsigned *at)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type != FIELD_TYPE_GROUP) {
			bits |= (uint64_t)!leaf_equal(f, a, b) << (*at)++;
			continue;
		}
		if (!f->present_is_leaf) {
			const uint8_t *x = a, *y = b;

			bits |= (uint64_t)(x[f->present] != y[f->present]) << (*at)++;
		}
		bits |= diff_rows(f->group, a, b, at);
	}
	return bits;
}

uint64_t field_diff(const struct field_table *t, const void *a, const void *b)
{
	unsigned at = 0;

	/* Nearly always; and without numbering the leaves it is much quicker. */
	if (rows_equal(t, a, b))
		return 0;
	return diff_rows(t, a, b, &at);
}

static void name_rows(const struct field_table *t, const char *prefix, uint64_t bits, unsigned *at,
		      void (*fn)(void *, const char *), void *arg)
{
	char name[128]; /* two levels of our own member names */

	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		(void)snprintf(name, sizeof(name), "%s%s", prefix, f->name);
		if (f->type != FIELD_TYPE_GROUP || !f->present_is_leaf) {
			if (bits >> (*at)++ & 1)
				fn(arg, name);
		}
		if (f->type == FIELD_TYPE_GROUP) {
			(void)snprintf(name, sizeof(name), "%s%s.", prefix, f->name);
			name_rows(f->group, name, bits, at, fn, arg);
		}
	}
}

void field_each_changed(const struct field_table *t, uint64_t bits,
			void (*fn)(void *arg, const char *name), void *arg)
{
	unsigned at = 0;

	name_rows(t, "", bits, &at, fn, arg);
}

size_t field_leaves(const struct field_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_TYPE_GROUP)
			n += field_leaves(f->group) + !f->present_is_leaf;
		else
			n++;
	}
	return n;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owner, labels and the server's marks of an object, see metadata.h. Pure. */
#include "metadata.h"

#include <errno.h>
#include <string.h>

#include "timestamp.h"
#include "vec.h"

static int out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
}

void metadata_done(struct metadata *m)
{
	free(m->owner);
	free(m->labels);
	m->owner = m->labels = NULL;
	m->labels_len = 0;
}

int metadata_copy(const struct metadata *from, struct metadata *to)
{
	*to = *from;
	to->owner = from->owner ? strdup(from->owner) : NULL;
	to->labels = NULL;
	if (from->labels_len) {
		to->labels = malloc(from->labels_len);
		if (to->labels)
			memcpy(to->labels, from->labels, from->labels_len);
	}
	if ((from->owner && !to->owner) || (from->labels_len && !to->labels))
		return -ENOMEM;
	return 0;
}

bool metadata_same(const struct metadata *a, const struct metadata *b)
{
	if (!a->owner != !b->owner || (a->owner && !streq(a->owner, b->owner)))
		return false;
	return a->labels_len == b->labels_len &&
	       (!a->labels_len || memcmp(a->labels, b->labels, a->labels_len) == 0);
}

static bool printable(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static void decode_owner(const json_t *v, struct metadata *m, const struct json_path *path,
			 struct err *e)
{
	const char *s = json_string_value(v);

	free(m->owner);
	m->owner = NULL;
	if (json_is_null(v))
		return;
	if (!s || !*s || strlen(s) > OWNER_MAX || !printable(s))
		json_path_err(path, e, "wrong_type",
			      "must be null or a string of 1 to %d printable bytes", OWNER_MAX);
	else if (!(m->owner = strdup(s)))
		(void)out_of_memory(e);
}

struct label {
	const char *key, *value;
};

typedef VEC(struct label) label_vec;

static int order_labels(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

static void set_label(label_vec *labels, const char *key, const char *value, struct err *e)
{
	vec_foreach(l, labels) {
		if (!streq(l->key, key))
			continue;
		if (value)
			l->value = value;
		else
			*l = labels->items[--labels->n];
		return;
	}
	if (value && vec_push(labels, ((struct label){ key, value })) < 0)
		(void)out_of_memory(e);
}

static void check_label(const char *key, const json_t *v, const struct json_path *path,
			struct err *e)
{
	if (!*key || strlen(key) > LABEL_KEY_MAX || !printable(key))
		json_path_err(path, e, "out_of_range",
			      "a label's name must be 1 to %d printable bytes", LABEL_KEY_MAX);
	if (!json_is_null(v) && (!json_is_string(v) || json_string_length(v) > LABEL_VALUE_MAX ||
				 !printable(json_string_value(v))))
		json_path_err(path, e, "wrong_type",
			      "must be a string of at most %d printable bytes", LABEL_VALUE_MAX);
}

/* Packs sorted labels into m, in place of what was there. */
static void pack_labels(label_vec *labels, struct metadata *m, const struct json_path *path,
			struct err *e)
{
	_cleanup_(buf_done) struct buf block = { 0 };

	vec_sort(labels, order_labels);
	vec_foreach(l, labels) {
		buf_add(&block, l->key, strlen(l->key) + 1);
		buf_add(&block, l->value, strlen(l->value) + 1);
	}
	if (labels->n > LABELS_MAX || block.len > LABELS_MAX_BYTES)
		json_path_err(path, e, "out_of_range", "at most %d labels with %d bytes together",
			      LABELS_MAX, LABELS_MAX_BYTES);
	if (block.failed)
		(void)out_of_memory(e);
	free(m->labels);
	m->labels_len = block.len;
	m->labels = block.len ? buf_take(&block) : NULL;
}

static void decode_labels(const json_t *json, struct metadata *m, enum decode_mode mode,
			  const struct json_path *path, struct err *e)
{
	label_vec labels = { 0 };
	const char *key;
	json_t *v;

	if (!json_is_object(json) && !json_is_null(json)) {
		json_path_err(path, e, "wrong_type", "must be an object of strings");
		return;
	}
	/* All of the old ones removed and all of the new ones added is the most that can be meant.
	 */
	if (json_object_size(json) > 2 * LABELS_MAX) {
		json_path_err(path, e, "out_of_range", "at most %d labels", LABELS_MAX);
		return;
	}
	if (mode == DECODE_PATCH && !json_is_null(json))
		for (const char *p = m->labels; p && p < m->labels + m->labels_len;) {
			const char *value = p + strlen(p) + 1;

			set_label(&labels, p, value, e);
			p = value + strlen(value) + 1;
		}
	json_object_foreach((json_t *)(uintptr_t)json, key, v) {
		const struct json_path here = { path, key };

		check_label(key, v, &here, e);
		if (json_is_null(v) || json_is_string(v))
			set_label(&labels, key, json_string_value(v), e);
	}
	pack_labels(&labels, m, path, e);
	vec_done(&labels);
}

void metadata_decode(const json_t *json, struct metadata *m, enum decode_mode mode,
		     const struct json_path *path, struct err *e)
{
	static const char *const server[] = { "revision", "generation", "createdAt", "updatedAt" };
	const struct json_path owner = { path, "owner" }, labels = { path, "labels" };
	const json_t *v;
	const char *key;
	json_t *member;

	if (!json_is_object(json) && !json_is_null(json)) {
		json_path_err(path, e, "wrong_type", "must be an object");
		return;
	}
	if (json_is_null(json)) {
		decode_owner(json, m, &owner, e);
		decode_labels(json, m, mode, &labels, e);
		return;
	}
	if ((v = json_object_get(json, "owner")))
		decode_owner(v, m, &owner, e);
	if ((v = json_object_get(json, "labels")))
		decode_labels(v, m, mode, &labels, e);
	json_object_foreach((json_t *)(uintptr_t)json, key, member) {
		const struct json_path here = { path, key };
		bool known = streq(key, "owner") || streq(key, "labels");

		for (size_t i = 0; i < ARRAY_SIZE(server); i++)
			known = known || streq(key, server[i]);
		if (!known)
			json_path_err(&here, e, "unknown_member", "is not a member of metadata");
	}
}

void metadata_encode(const struct metadata *m, bool server, struct json_writer *w)
{
	char time[TIMESTAMP_TEXT_MAX];

	json_write_begin_object(w);
	json_write_member_string(w, "owner", m->owner);
	json_write_key(w, "labels");
	json_write_begin_object(w);
	for (const char *p = m->labels; p && p < m->labels + m->labels_len;) {
		const char *value = p + strlen(p) + 1;

		json_write_member_string(w, p, value);
		p = value + strlen(value) + 1;
	}
	json_write_end_object(w);
	if (server) {
		json_write_member_int(w, "revision", (int64_t)m->revision);
		json_write_member_int(w, "generation", (int64_t)m->generation);
		json_write_member_string(w, "createdAt", timestamp_format(m->created, time));
		json_write_member_string(w, "updatedAt", timestamp_format(m->updated, time));
	}
	json_write_end_object(w);
}

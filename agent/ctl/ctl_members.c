/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scanner of ctl_members.h: it looks for quotes, brackets and commas only, jansson does the
 * rest. */
#include "ctl_members.h"

#include <errno.h>

#include "util.h"

#define SERVICES  "{\"services\":"
#define DEPTH_MAX 64 /* brackets: the daemon's documents have 8 */

/* How many brackets are open between two items. */
static size_t level(const struct ctl_members *m)
{
	return m->in_services ? 2 : 1;
}

static void add(struct ctl_members *m, const char *data, size_t len)
{
	if (!m->depth || (m->in_services && !m->service))
		return;
	if (!m->item.len)
		buf_add(&m->item, "{", 1);
	buf_add(&m->item, data, len);
}

/* The item is an object without its end, or only its beginning: of an empty map, or skipped. */
static int give_item(struct ctl_members *m)
{
	int (*give)(void *arg, const char *key, const json_t *value) =
		m->in_services ? m->service : m->other;
	json_t *json, *value;
	const char *key;
	int r = 0;

	buf_add(&m->item, "}", 1);
	if (m->item.failed)
		return -ENOMEM;
	if (give && m->item.len > 2) {
		json = json_loadb(m->item.data, m->item.len, 0, NULL);
		r = json ? 0 : -EINVAL;
		json_object_foreach(json, key, value)
			r = give(m->arg, key, value);
		json_decref(json);
	}
	buf_clear(&m->item);
	return r;
}

static int open_bracket(struct ctl_members *m, char c)
{
	bool first = !m->depth;

	if ((first && (m->begun || c != '{')) || m->depth == DEPTH_MAX)
		return -EINVAL;
	m->begun = true;
	m->depth++;
	if (m->depth == 2 && c == '{' && m->item.data && streq(m->item.data, SERVICES)) {
		m->in_services = true;
		buf_clear(&m->item);
	}
	return 0;
}

static int close_bracket(struct ctl_members *m)
{
	int r = 0;

	if (!m->depth)
		return -EINVAL;
	if (m->depth == level(m)) {
		r = give_item(m);
		m->in_services = false; /* either map has ended */
	}
	m->depth--;
	return r;
}

/* A bracket or comma outside of texts; all before it was added to the item. */
static int take_mark(struct ctl_members *m, char c)
{
	if (c == '{' || c == '[')
		return open_bracket(m, c);
	if (c == '}' || c == ']')
		return close_bracket(m);
	return m->depth == level(m) ? give_item(m) : 0;
}

/* Whether the character is a mark; keeps track of texts. */
static bool is_mark(struct ctl_members *m, char c)
{
	if (m->in_text) {
		m->in_text = m->behind_slash || c != '"';
		m->behind_slash = !m->behind_slash && c == '\\';
		return false;
	}
	m->in_text = c == '"';
	return c == '{' || c == '}' || c == '[' || c == ']' || c == ',';
}

int ctl_members_take(void *arg, const char *data, size_t len)
{
	struct ctl_members *m = arg;
	size_t start = 0;

	for (size_t i = 0; i < len && !m->error; i++) {
		if (!is_mark(m, data[i]))
			continue;
		add(m, data + start, i - start);
		m->error = take_mark(m, data[i]);
		/* What begins or ends an item is not of it. */
		start = m->item.len ? i : i + 1;
	}
	if (!m->error)
		add(m, data + start, len - start);
	return m->error;
}

int ctl_members_end(struct ctl_members *m)
{
	buf_done(&m->item);
	return m->error || (m->begun && !m->depth) ? m->error : -EINVAL;
}

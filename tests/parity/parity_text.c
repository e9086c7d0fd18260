/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to operations and objects to words (parity_text.h), by the field tables: a new row can be
 * used in the scenario at once. */
#include "parity_text.h"

#include <errno.h>
#include <string.h>

#include "field.h"
#include "ipvs_fields.h"
#include "num.h"
#include "util.h"

bool parity_split(char *line, struct parity_words *w)
{
	char *save = NULL;

	w->n = 0;
	for (char *t = strtok_r(line, " \t\n", &save); t; t = strtok_r(NULL, " \t\n", &save)) {
		if (w->n == PARITY_WORDS_MAX)
			return false;
		w->word[w->n++] = t;
	}
	return true;
}

int parity_dest_key(const char *text, struct ipvs_dest_key *ret)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	uint64_t port;

	if (!colon || num_parse_u64(colon + 1, strlen(colon + 1), 65535, &port) < 0)
		return -EINVAL;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	ret->port = (uint16_t)port;
	return inaddr_parse(text, len, &ret->address);
}

int parity_service_key(const char *text, struct ipvs_service_key *ret)
{
	const char *why;

	return ipvs_service_key_parse(text, strlen(text), ret, &why);
}

/* The row of this name, those of groups included; *ret_group is the group's row or NULL. */
static const struct field *find_row(const struct field_table *t, const char *name, size_t len,
				    const struct field **ret_group)
{
	const struct field *found = NULL;

	*ret_group = NULL;
	for (size_t i = 0; i < t->n && !found; i++) {
		const struct field *f = &t->rows[i], *inner;

		if (strlen(f->name) == len && memcmp(f->name, name, len) == 0)
			return f;
		if (f->type == FIELD_TYPE_GROUP) {
			found = find_row(f->group, name, len, &inner);
			*ret_group = found ? f : NULL;
		}
	}
	return found;
}

static bool set_names(const struct field *f, char *names, void *obj)
{
	uint32_t set = 0;
	char *save = NULL;

	for (char *t = strtok_r(names, ",", &save); t; t = strtok_r(NULL, ",", &save)) {
		int value = field_value_of(f, t);

		if (value < 0)
			return false;
		set |= 1u << value;
	}
	field_store(f, obj, set);
	return true;
}

static bool set_value(const struct field *f, char *value, void *obj)
{
	size_t len = strlen(value);
	uint64_t max = f->size == 1 ? UINT8_MAX : f->size == 2 ? UINT16_MAX : UINT32_MAX, v;
	int named;

	switch (f->type) {
	case FIELD_TYPE_UINT:
		if (num_parse_u64(value, len, max, &v) < 0)
			return false;
		field_store(f, obj, (uint32_t)v);
		return true;
	case FIELD_TYPE_ENUM:
		named = field_value_of(f, value);
		if (named >= 0)
			field_store(f, obj, (uint32_t)named);
		return named >= 0;
	case FIELD_TYPE_SET:
		return set_names(f, value, obj);
	case FIELD_TYPE_STRING:
		if (len >= f->size)
			return false;
		memset((char *)obj + f->offset, 0, f->size);
		memcpy((char *)obj + f->offset, value, len);
		return true;
	case FIELD_TYPE_BOOL:
	case FIELD_TYPE_GROUP:
		break;
	}
	return false;
}

/* One option: "member=value" by the field table, a bare "member" of a bool or group, or the bare
 * value of the table's first choice (scheduler, forwarding method). */
static bool set_option(const struct field_table *t, const char *bare, char *option, void *obj)
{
	char *equals = strchr(option, '=');
	const struct field *group, *f;

	f = find_row(t, option, equals ? (size_t)(equals - option) : strlen(option), &group);
	if (f && group && !group->present_is_leaf)
		((char *)obj)[group->present] = 1;
	if (f && equals)
		return set_value(f, equals + 1, obj);
	if (f && f->type == FIELD_TYPE_BOOL)
		field_store(f, obj, 1);
	else if (f && f->type == FIELD_TYPE_GROUP && !f->present_is_leaf)
		((char *)obj)[f->present] = 1;
	else if (!f && !equals)
		return set_value(find_row(t, bare, strlen(bare), &group), option, obj);
	else
		return false;
	return true;
}

/* family=NUMBER makes a key of a family that does not exist. */
static bool set_family(const char *option, struct inaddr *address)
{
	uint64_t v;

	if (strncmp(option, "family=", 7) != 0 ||
	    num_parse_u64(option + 7, strlen(option + 7), UINT8_MAX, &v) < 0)
		return false;
	address->family = (uint8_t)v;
	return true;
}

static bool parse_options(const struct parity_words *w, size_t from, struct parity_op *q)
{
	for (size_t i = from; i < w->n; i++) {
		char *option = w->word[i];
		bool ok;

		if (streq(option, "staged")) {
			q->staged = true;
			continue;
		}
		if (q->has_dest)
			ok = set_family(option, &q->dest.key.address) ||
			     set_option(&ipvs_dest_table, "forward", option, &q->dest);
		else
			ok = set_family(option, &q->service.key.address) ||
			     set_option(&ipvs_service_table, "scheduler", option, &q->service);
		if (!ok)
			return false;
	}
	return true;
}

int parity_parse_op(const struct parity_words *w, struct parity_op *q)
{
	static const char *const verbs[] = {
		[IPVS_ADD] = "add-",
		[IPVS_SET] = "set-",
		[IPVS_DELETE] = "delete-",
	};
	const char *object = NULL;
	struct ipvs_service_key key;
	struct ipvs_dest_key dest;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strncmp(w->word[0], verbs[i], strlen(verbs[i])) == 0) {
			q->verb = (enum ipvs_verb)i;
			object = w->word[0] + strlen(verbs[i]);
		}
	if (!object || (!streq(object, "service") && !streq(object, "dest")))
		return 0;
	q->has_dest = streq(object, "dest");
	if (w->n < 2u + q->has_dest || parity_service_key(w->word[1], &key) < 0)
		return -EINVAL;
	ipvs_service_init(&key, &q->service);
	if (q->has_dest) {
		if (parity_dest_key(w->word[2], &dest) < 0)
			return -EINVAL;
		ipvs_dest_init(&dest, &q->dest);
	}
	return parse_options(w, 2u + q->has_dest, q) ? 1 : -EINVAL;
}

static void print_leaf(struct buf *b, const struct field *f, const void *obj)
{
	uint32_t v = f->type == FIELD_TYPE_STRING ? 0 : field_load(f, obj);
	const char *name = f->type == FIELD_TYPE_ENUM ? field_name_of(f, v) : NULL;

	buf_printf(b, " %s", f->name);
	if (f->type == FIELD_TYPE_UINT)
		buf_printf(b, "=%u", v);
	else if (f->type == FIELD_TYPE_STRING)
		buf_printf(b, "=%s", (const char *)obj + f->offset);
	else if (f->type == FIELD_TYPE_ENUM)
		buf_printf(b, "=%s", name ? name : "?");
	else if (f->type == FIELD_TYPE_SET)
		for (size_t i = 0, n = 0; i < f->n_names; i++)
			if (v & 1u << f->names[i].value)
				buf_printf(b, "%s%s", n++ ? "," : "=", f->names[i].name);
}

/* The members that differ from the defaults, as options. */
static void print_changes(struct buf *b, const struct field_table *t, const void *obj,
			  const void *defaults)
{
	const char *x = obj, *y = defaults;

	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_TYPE_GROUP) {
			if (!f->present_is_leaf && x[f->present] != y[f->present])
				buf_printf(b, " %s", f->name);
			print_changes(b, f->group, obj, defaults);
		} else if (memcmp(x + f->offset, y + f->offset, f->size) != 0) {
			print_leaf(b, f, obj);
		}
	}
}

void parity_print_service(struct buf *b, const struct ipvs_service *s)
{
	struct ipvs_service defaults;

	ipvs_service_init(&s->key, &defaults);
	memcpy(defaults.scheduler, s->scheduler, sizeof(defaults.scheduler));
	buf_add_str(b, s->scheduler);
	print_changes(b, &ipvs_service_table, s, &defaults);
}

void parity_print_dest(struct buf *b, const struct ipvs_dest *d)
{
	static const char *const names[] = {
		[IPVS_FORWARD_DR] = "dr",	[IPVS_FORWARD_NAT] = "nat",
		[IPVS_FORWARD_TUN] = "tun",	[IPVS_FORWARD_FULLNAT] = "fullnat",
		[IPVS_FORWARD_LOCAL] = "local", [IPVS_FORWARD_OTHER] = "other",
	};
	struct ipvs_dest defaults;

	ipvs_dest_init(&d->key, &defaults);
	defaults.forward = d->forward;
	buf_add_str(b, d->forward < ARRAY_SIZE(names) ? names[d->forward] : "?");
	print_changes(b, &ipvs_dest_table, d, &defaults);
}

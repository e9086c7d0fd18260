/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents of files, see ctl_document.h. */
#include "ctl_document.h"

#include <errno.h>
#include <stdio.h>

#include "ctl.h"
#include "ctl_json.h"
#include "ctl_object.h"
#include "util.h"

#define MAX_BYTES (64U << 20) /* what the daemon takes */

static const char *const parts[] = {
	"services", "vips", "roles", "sysctls", "sync", "policy", "marks",
};

static bool is_configuration(const json_t *document)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (json_object_get(document, parts[i]))
			return true;
	return json_object_size(document) == 0;
}

/* Adds an object under its name to a part, which is made. */
static int add_object(json_t *config, const char *part, const char *name, json_t *object,
		      const char *where)
{
	json_t *map = json_object_get(config, part);

	if (!json_is_object(map)) {
		map = json_object();
		if (json_object_set_new(config, part, map) < 0)
			exit(ctl_fail("out of memory"));
	}
	if (json_object_get(map, name)) {
		(void)ctl_fail("%s: %s is there twice", where, name);
		return -EINVAL;
	}
	if (json_object_set(map, name, object) < 0)
		exit(ctl_fail("out of memory"));
	return 0;
}

/* A part of a configuration; of parts that are maps, name by name. */
static int add_part(json_t *config, const char *part, json_t *value, const char *where)
{
	const char *name;
	json_t *object;
	int r = 0;

	if (!json_is_object(value) || json_object_size(value) == 0 || streq(part, "policy")) {
		if (json_object_get(config, part)) {
			(void)ctl_fail("%s: %s is there twice", where, part);
			return -EINVAL;
		}
		return json_object_set(config, part, value) < 0 ? -ENOMEM : 0;
	}
	json_object_foreach(value, name, object) {
		r = add_object(config, part, name, object, where);
		if (r < 0)
			return r;
	}
	return r;
}

static int add_configuration(json_t *config, json_t *document, const char *where)
{
	const char *part;
	json_t *value;
	int r = 0;

	json_object_foreach(document, part, value) {
		if (streq(part, "revision"))
			continue; /* of an answer */
		r = add_part(config, part, value, where);
		if (r < 0)
			break;
	}
	return r;
}

static int add_list(json_t *config, const json_t *list, const char *where)
{
	json_t *item;
	size_t i;
	int r = 0;

	json_array_foreach(list, i, item) {
		r = ctl_document_add(config, item, where);
		if (r < 0)
			break;
	}
	return r;
}

// NOLINTNEXTLINE(misc-no-recursion): jansson parses 2048 levels at most
int ctl_document_add(json_t *config, json_t *document, const char *where)
{
	const char *id = ctl_text(document, "id"), *part;

	if (json_is_array(document))
		return add_list(config, document, where);
	if (json_is_array(json_object_get(document, "items")))
		return add_list(config, json_object_get(document, "items"), where);
	if (json_is_object(document) && !*id && is_configuration(document))
		return add_configuration(config, document, where);
	part = *id ? ctl_object_part(ctl_object_kind(id)) : NULL;
	if (!part) {
		(void)ctl_fail("%s: a document must be a configuration (services, vips, roles, "
			       "sysctls, policy) or one object with its id",
			       where);
		return -EINVAL;
	}
	return add_object(config, part, ctl_object_member(id), document, where);
}

int ctl_file_read(const char *file, struct buf *ret)
{
	bool is_stdin = streq(file, "-");
	FILE *f = is_stdin ? stdin : fopen(file, "re");
	char piece[16384];
	size_t n;
	int r = 0;

	if (!f) {
		r = -errno;
		(void)ctl_fail("%s: %s", file, strerror(-r));
		return r;
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0 && ret->len <= MAX_BYTES)
		buf_add(ret, piece, n);
	if (ferror(f))
		r = -EIO;
	else if (ret->failed)
		r = -ENOMEM;
	else if (ret->len > MAX_BYTES)
		r = -EFBIG;
	if (!is_stdin)
		(void)fclose(f);
	if (r < 0)
		(void)ctl_fail("%s: %s", file, strerror(-r));
	return r;
}

/* Where in a file we are. */
struct place {
	const struct buf *text;
	size_t at, line; /* line: counted from 1 */
};

static void move(struct place *p, size_t n)
{
	for (; n && p->at < p->text->len; n--)
		p->line += p->text->data[p->at++] == '\n';
}

static int add_text(json_t *config, const struct buf *text, const char *file)
{
	struct place p = { .text = text, .line = 1 };

	for (;;) {
		_cleanup_(buf_done) struct buf where = { 0 };
		json_auto_t *document = NULL;
		json_error_t error;
		int r;

		move(&p, strspn(text->data + p.at, " \t\r\n"));
		if (p.at >= text->len)
			return 0;
		document = json_loadb(text->data + p.at, text->len - p.at,
				      JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
		if (!document) {
			(void)ctl_fail("%s:%zu: %s", file, p.line + (size_t)error.line - 1,
				       error.text);
			return -EINVAL;
		}
		buf_printf(&where, "%s:%zu", file, p.line);
		r = where.failed ? -ENOMEM : ctl_document_add(config, document, where.data);
		if (r < 0)
			return r;
		move(&p, (size_t)error.position);
	}
}

int ctl_document_read(const char *file, json_t **ret)
{
	_cleanup_(buf_done) struct buf text = { 0 };
	json_t *config;
	int r = ctl_file_read(file, &text);

	if (r < 0)
		return r;
	if (text.len == 0) {
		(void)ctl_fail("%s: is empty", file);
		return -EINVAL;
	}
	config = json_object();
	r = config ? add_text(config, &text, file) : -ENOMEM;
	if (r < 0) {
		json_decref(config);
		return r;
	}
	*ret = config;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON pointers (RFC 6901) of json_path.h. */
#include "json_path.h"

#include <stdarg.h>
#include <stdio.h>

#include "buf.h"

#define POINTER_MAX 512 /* a pointer cut here still names the object; keys are client input */

static void render_step(const struct json_path *path, struct buf *out)
{
	if (!path)
		return;
	render_step(path->up, out);
	buf_add(out, "/", 1);
	for (const char *p = path->key; *p; p++) {
		if (*p == '~')
			buf_add(out, "~0", 2);
		else if (*p == '/')
			buf_add(out, "~1", 2);
		else
			buf_add(out, p, 1);
	}
}

char *json_path_render(const struct json_path *path, char *buf, size_t size)
{
	_cleanup_(buf_done) struct buf out = { 0 };

	render_step(path, &out);
	(void)snprintf(buf, size, "%s", out.data && !out.failed ? out.data : "");
	utf8_trim(buf);
	return buf;
}

void json_path_err(const struct json_path *path, struct err *e, const char *code, const char *fmt,
		   ...)
{
	char pointer[POINTER_MAX], detail[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	utf8_trim(detail);
	err_add(e, json_path_render(path, pointer, sizeof(pointer)), code, "%s", detail);
}

static bool has_item(const struct json_path *path, const struct err *e, bool below)
{
	char pointer[POINTER_MAX];
	size_t len;

	if (e->n_items == 0)
		return false;
	len = strlen(json_path_render(path, pointer, sizeof(pointer)));
	for (size_t i = 0; i < e->n_items; i++) {
		const char *p = e->items[i].pointer;

		if (strncmp(p, pointer, len) == 0 && (p[len] == '\0' || (below && p[len] == '/')))
			return true;
	}
	return false;
}

bool json_path_failed(const struct json_path *path, const struct err *e)
{
	return has_item(path, e, true);
}

bool json_path_failed_itself(const struct json_path *path, const struct err *e)
{
	return has_item(path, e, false);
}

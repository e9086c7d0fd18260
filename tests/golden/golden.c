/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The golden files of golden.h. */
#include "golden.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "desired_json.h"

#define PATH_SIZE 512

static const char *full_path(const char *path, char buf[PATH_SIZE])
{
	(void)snprintf(buf, PATH_SIZE, "%s/%s", GOLDEN_DIR, path);
	return buf;
}

int golden_each(const char *dir, const char *suffix, void (*fn)(const char *name))
{
	char path[PATH_SIZE];
	struct dirent **entries;
	int n = scandir(full_path(dir, path), &entries, NULL, alphasort), found = 0;

	for (int i = 0; i < n; i++) {
		char *name = entries[i]->d_name;
		size_t len = strlen(name), tail = strlen(suffix);

		if (name[0] != '.' && len > tail && streq(name + len - tail, suffix)) {
			name[len - tail] = '\0';
			fn(name);
			found++;
		}
		free(entries[i]);
	}
	free(n < 0 ? NULL : entries);
	return n < 0 ? -1 : found;
}

json_t *golden_json(const char *path)
{
	char buf[PATH_SIZE];
	json_error_t error;
	json_t *json = json_load_file(full_path(path, buf), JSON_REJECT_DUPLICATES, &error);

	if (!json)
		printf("# %s:%d: %s\n", buf, error.line, error.text);
	return json;
}

static char *read_text(const char *path)
{
	struct buf b = { 0 };
	char chunk[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return NULL;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	(void)fclose(f);
	return buf_take(&b);
}

static bool write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool ok = f && fputs(text, f) >= 0;

	return (!f || fclose(f) == 0) && ok;
}

static void print_lines(const char *title, const char *text)
{
	printf("# %s\n", title);
	while (*text) {
		const char *end = strchrnul(text, '\n');

		printf("#   %.*s\n", (int)(end - text), text);
		text = *end ? end + 1 : end;
	}
}

bool golden_same(const char *path, const char *text)
{
	char buf[PATH_SIZE];
	_cleanup_(freep) char *want = read_text(full_path(path, buf));
	const char *update = getenv("UPDATE_GOLDEN");

	if (want && streq(want, text))
		return true;
	if (update && streq(update, "1"))
		return write_text(buf, text);
	printf("# %s differs; UPDATE_GOLDEN=1 rewrites it\n", buf);
	print_lines("expected:", want ? want : "(no file)");
	print_lines("got:", text);
	return false;
}

struct desired *golden_state(const json_t *document)
{
	const json_t *services = json_object_get(document, "services");
	_cleanup_(desired_unrefp) struct desired *d = desired_new();
	_cleanup_(err_done) struct err e = { 0 };
	const char *id, *why;
	json_t *json;

	json_object_foreach((json_t *)(uintptr_t)services, id, json) {
		const struct json_path path = { NULL, id };
		struct ipvs_service_key key;
		struct service *s;

		if (ipvs_service_key_parse(id, strlen(id), &key, &why) < 0)
			json_path_err(&path, &e, "invalid_id", "%s", why);
		else if (service_decode(json, &key, NULL, DECODE_PUT, &path, &s, &e) == 0)
			(void)desired_put(d, s);
	}
	for (size_t i = 0; i < e.n_items; i++)
		printf("# %s: %s\n", e.items[i].pointer, e.items[i].detail);
	return err_has_items(&e) ? NULL : TAKE_PTR(d);
}

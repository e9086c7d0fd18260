/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set and delete: one member of an object, or an object. */
#include <errno.h>
#include <stdio.h>

#include "ctl_json.h"
#include "ctl_object.h"
#include "ctl_verbs.h"
#include "ctl_write.h"
#include "util.h"

/* "tcp:192.0.2.1:80/10.0.0.5:80" of one word or two, for messages. */
static void name_of(struct buf *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		buf_printf(name, "%s%s", i ? "/" : "", argv[i]);
}

/* One request for the object that the words mean. */
static int write_object(struct ctl *ctl, const char *method, const char *below, int argc,
			char **argv, const json_t *body)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	_cleanup_(buf_done) struct buf name = { 0 };
	struct ctl_write w = { .method = method, .body = body };

	if (ctl_object_words(&path, argc, argv) < 0)
		return -EINVAL;
	buf_add_str(&path, below);
	name_of(&name, argc, argv);
	if (path.failed || name.failed)
		return ctl_fail("out of memory");
	w.path = path.data;
	w.what = name.data;
	return ctl_write(ctl, &w);
}

/* SERVICE REAL-SERVER NUMBER */
static int set_weight(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = NULL;

	if (argc < 2)
		return -EINVAL;
	body = json_loads(argv[argc - 1], JSON_DECODE_ANY, NULL);
	if (!json_is_integer(body))
		return ctl_fail("%s: a weight must be a number, 0 to 2147483647", argv[argc - 1]);
	if (argc == 2 && ctl_object_kind(argv[0]) != CTL_REAL_SERVER)
		return -EINVAL;
	return write_object(ctl, "PUT", "/weight", argc - 1, argv, body);
}

/* SERVICE SCHEDULER [FLAG…]. Flags that are not named go: they belong to the old one. */
static int set_scheduler(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = NULL;
	json_t *flags = json_array();

	if (argc < 2 || ctl_object_kind(argv[0]) != CTL_SERVICE) {
		json_decref(flags);
		return -EINVAL;
	}
	for (int i = 2; i < argc; i++)
		(void)json_array_append_new(flags, json_string(argv[i]));
	body = json_pack("{s:s, s:o}", "scheduler", argv[1], "schedulerFlags", flags);
	return body ? write_object(ctl, "PATCH", "", 1, argv, body) : ctl_fail("out of memory");
}

/* ID NAME=VALUE… and NAME-, which removes it. */
static int set_label(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = json_pack("{s:{s:{}}}", "metadata", "labels");
	json_t *labels = json_object_get(json_object_get(body, "metadata"), "labels");

	if (argc < 2)
		return -EINVAL;
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');
		size_t len = strlen(argv[i]);
		_cleanup_(freep) char *name = NULL;

		if (!equals && (len < 2 || argv[i][len - 1] != '-'))
			return ctl_fail("%s: must be NAME=VALUE, or NAME- to remove it", argv[i]);
		name = strndup(argv[i], equals ? (size_t)(equals - argv[i]) : len - 1);
		if (!name ||
		    json_object_set_new(labels, name,
					equals ? json_string(equals + 1) : json_null()) < 0)
			return ctl_fail("%s: is not UTF-8", argv[i]);
	}
	return write_object(ctl, "PATCH", "", 1, argv, body);
}

/* ID MEMBER=VALUE… */
static int set_members(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = json_object();
	int ids = argc > 1 && !strchr(argv[1], '=') ? 2 : 1;

	if (argc <= ids)
		return -EINVAL;
	for (int i = ids; i < argc; i++)
		if (ctl_json_assign(body, argv[i]) < 0)
			return CTL_FAILED;
	return write_object(ctl, "PATCH", "", ids, argv, body);
}

int ctl_set(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct ctl *ctl, int argc, char **argv);
	} kinds[] = {
		{ "weight", set_weight },
		{ "scheduler", set_scheduler },
		{ "label", set_label },
	};
	int r = -EINVAL;

	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(kinds); i++) {
		if (!streq(kinds[i].name, argv[1]))
			continue;
		r = kinds[i].run(ctl, argc - 2, argv + 2);
		return r < 0 ? ctl_usage(argv[0]) : r;
	}
	r = set_members(ctl, argc - 1, argv + 1);
	return r < 0 ? ctl_usage(argv[0]) : r;
}

int ctl_delete(struct ctl *ctl, int argc, char **argv)
{
	int r = write_object(ctl, "DELETE", "", argc - 1, argv + 1, NULL);

	return r < 0 ? ctl_usage(argv[0]) : r;
}

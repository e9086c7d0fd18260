/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vip, realserver, director, sysctl, sync and policy: the host's side. */
#include <stdio.h>

#include "ctl_json.h"
#include "ctl_object.h"
#include "ctl_verbs.h"
#include "ctl_write.h"
#include "util.h"

/* One request for an object by its id. below: what follows its path. */
static int write_id(struct ctl *ctl, const char *method, const char *id, const char *below,
		    const json_t *body)
{
	_cleanup_(buf_done) struct buf path = { 0 };
	struct ctl_write w = { .method = method, .what = id, .body = body };

	ctl_object_path(&path, id);
	buf_add_str(&path, below);
	if (path.failed)
		return ctl_fail("out of memory");
	w.path = path.data;
	return ctl_write(ctl, &w);
}

static bool is(int argc, char **argv, const char *word)
{
	return argc > 1 && streq(argv[1], word);
}

/* MEMBER=VALUE words into a body. */
static bool assign_all(json_t *body, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (ctl_json_assign(body, argv[i]) < 0)
			return false;
	return true;
}

/* ADDRESS INTERFACE [MEMBER=VALUE…] */
static int vip_add(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = json_pack("{s:s}", "interface", argv[1]);

	if (!body)
		return ctl_fail("%s: is not UTF-8", argv[1]);
	if (!assign_all(body, argc - 2, argv + 2))
		return CTL_FAILED;
	return write_id(ctl, "PUT", argv[0], "", body);
}

int ctl_vip(struct ctl *ctl, int argc, char **argv)
{
	if (is(argc, argv, "list") && argc == 2)
		return ctl_show(ctl, ctl_get, "vips");
	if (argc >= 3 && ctl_object_kind(argv[2]) != CTL_VIP)
		return ctl_fail("%s: is no address", argv[2]);
	if (is(argc, argv, "add") && argc >= 4)
		return vip_add(ctl, argc - 2, argv + 2);
	if (is(argc, argv, "del") && argc == 3)
		return write_id(ctl, "DELETE", argv[2], "", NULL);
	if (is(argc, argv, "announce") && argc == 3)
		return write_id(ctl, "POST", argv[2], "/announce", NULL);
	return ctl_usage(argv[0]);
}

/* VIP… [MEMBER=VALUE…] */
static int realserver_on(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = json_pack("{s:s, s:{}}", "mode", "dr", "vips");
	json_t *vips = json_object_get(body, "vips");

	for (int i = 0; i < argc; i++) {
		if (strchr(argv[i], '=')) {
			if (ctl_json_assign(body, argv[i]) < 0)
				return CTL_FAILED;
		} else if (json_object_set_new(vips, argv[i], json_object()) < 0) {
			return ctl_fail("%s: is no address", argv[i]);
		}
	}
	return write_id(ctl, "PUT", "real-server", "", body);
}

int ctl_realserver(struct ctl *ctl, int argc, char **argv)
{
	if (is(argc, argv, "on") && argc >= 3)
		return realserver_on(ctl, argc - 2, argv + 2);
	if (is(argc, argv, "off") && argc == 2)
		return write_id(ctl, "DELETE", "real-server", "", NULL);
	if (is(argc, argv, "status") && argc == 2)
		return ctl_show(ctl, ctl_describe, "real-server");
	return ctl_usage(argv[0]);
}

/* on MEMBER=VALUE…: all of it is as the words say; what they do not name has its default. */
static int put_members(struct ctl *ctl, const char *method, const char *id, int argc, char **argv)
{
	json_auto_t *body = json_object();

	if (!body || !assign_all(body, argc, argv))
		return CTL_FAILED;
	return write_id(ctl, method, id, "", body);
}

/* set MEMBER=VALUE…: the role keeps what is not named; where there is none, it begins with these.
 * Of a patch of the role itself it would be missing. */
static int set_director(struct ctl *ctl, int argc, char **argv)
{
	json_auto_t *body = json_pack("{s:{s:{}}}", "roles", "director");
	const struct ctl_write w = {
		.method = "PATCH", .path = "/v1/config", .what = "director", .body = body
	};

	if (!assign_all(json_object_get(json_object_get(body, "roles"), "director"), argc, argv))
		return CTL_FAILED;
	return ctl_write(ctl, &w);
}

int ctl_director(struct ctl *ctl, int argc, char **argv)
{
	if (argc == 1 || (is(argc, argv, "status") && argc == 2))
		return ctl_show(ctl, ctl_describe, "director");
	if (is(argc, argv, "on"))
		return put_members(ctl, "PUT", "director", argc - 2, argv + 2);
	if (is(argc, argv, "set") && argc > 2)
		return set_director(ctl, argc - 2, argv + 2);
	if (is(argc, argv, "off") && argc == 2)
		return write_id(ctl, "DELETE", "director", "", NULL);
	return ctl_usage(argv[0]);
}

/* NAME VALUE. The value is always a text: leading zeros and blanks are the kernel's matter. */
static int sysctl_set(struct ctl *ctl, const char *name, const char *value)
{
	json_auto_t *body = json_pack("{s:s}", "value", value);

	return body ? write_id(ctl, "PUT", name, "", body) : ctl_fail("%s: is not UTF-8", value);
}

int ctl_sysctl(struct ctl *ctl, int argc, char **argv)
{
	if (is(argc, argv, "list") && argc == 2)
		return ctl_show(ctl, ctl_get, "sysctls");
	if (argc >= 3 && ctl_object_kind(argv[2]) != CTL_SYSCTL)
		return ctl_fail("%s: the names of variables begin with net.", argv[2]);
	if (is(argc, argv, "set") && argc == 4)
		return sysctl_set(ctl, argv[2], argv[3]);
	if (is(argc, argv, "del") && argc == 3)
		return write_id(ctl, "DELETE", argv[2], "", NULL);
	return ctl_usage(argv[0]);
}

int ctl_policy(struct ctl *ctl, int argc, char **argv)
{
	if (is(argc, argv, "get") && argc == 2)
		return ctl_show(ctl, ctl_get, "policy");
	if (is(argc, argv, "set") && argc > 2)
		return put_members(ctl, "PATCH", "policy", argc - 2, argv + 2);
	if (is(argc, argv, "reset") && argc == 2)
		return write_id(ctl, "DELETE", "policy", "", NULL);
	return ctl_usage(argv[0]);
}

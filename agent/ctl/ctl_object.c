/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids to paths, see ctl_object.h. */
#include "ctl_object.h"

#include <errno.h>
#include <strings.h>

#include "ctl_http.h"
#include "util.h"

static bool is_service(const char *id)
{
	static const char *const protocols[] = { "tcp:", "udp:", "sctp:", "fwm:", "fwm6:" };

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (strncasecmp(id, protocols[i], strlen(protocols[i])) == 0)
			return true;
	return false;
}

enum ctl_kind ctl_object_kind(const char *id)
{
	if (is_service(id))
		return strchr(id, '/') ? CTL_REAL_SERVER : CTL_SERVICE;
	if (strncmp(id, "net.", 4) == 0)
		return CTL_SYSCTL;
	if (streq(id, "director") || streq(id, "real-server"))
		return CTL_ROLE;
	if (streq(id, "master") || streq(id, "backup"))
		return CTL_SYNC;
	return streq(id, "policy") ? CTL_POLICY : CTL_VIP;
}

static const struct {
	const char *path, *part;
} places[] = {
	[CTL_SERVICE] = { "/v1/services", "services" },
	[CTL_REAL_SERVER] = { "/v1/services", NULL },
	[CTL_VIP] = { "/v1/vips", "vips" },
	[CTL_SYSCTL] = { "/v1/sysctls", "sysctls" },
	[CTL_ROLE] = { "/v1/roles", "roles" },
	[CTL_SYNC] = { "/v1/sync", "sync" },
	[CTL_POLICY] = { "/v1/policy", NULL },
};

const char *ctl_object_part(enum ctl_kind kind)
{
	return places[kind].part;
}

const char *ctl_object_member(const char *id)
{
	return streq(id, "real-server") ? "realServer" : id;
}

static void real_server_path(struct buf *path, const char *service, size_t len, const char *real)
{
	char *id = strndup(service, len);

	if (!id)
		exit(ctl_fail("out of memory"));
	ctl_path_add(path, id);
	free(id);
	buf_add_str(path, "/real-servers");
	ctl_path_add(path, real);
}

void ctl_object_path(struct buf *path, const char *id)
{
	enum ctl_kind kind = ctl_object_kind(id);

	buf_add_str(path, places[kind].path);
	if (kind == CTL_REAL_SERVER)
		real_server_path(path, id, strcspn(id, "/"), strchr(id, '/') + 1);
	else if (kind != CTL_POLICY)
		ctl_path_add(path, id);
}

int ctl_object_words(struct buf *path, int argc, char **argv)
{
	/* No address: a word that is not known. */
	if (argc == 1 && ctl_object_kind(argv[0]) == CTL_VIP && !strpbrk(argv[0], ".:"))
		return -EINVAL;
	if (argc == 1) {
		ctl_object_path(path, argv[0]);
		return 0;
	}
	if (argc != 2 || ctl_object_kind(argv[0]) != CTL_SERVICE)
		return -EINVAL;
	buf_add_str(path, places[CTL_SERVICE].path);
	real_server_path(path, argv[0], strlen(argv[0]), argv[1]);
	return 0;
}

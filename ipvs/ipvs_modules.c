/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lookup of ipvs_modules.h, for the netlink provider: /sys/module for what is loaded, the lists
 * that depmod(8) keeps for what could be. */
#include "ipvs_modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "util.h"

/* A module may be installed while the daemon runs; a list older than this is read again. */
#define KEEP_SECONDS 60

static int64_t now_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec + 1;
}

/* Appends the name of each module of IPVS that stands at the start of a line of the list, as in
 * "kernel/net/netfilter/ipvs/ip_vs_rr.ko.xz: …". */
static bool read_list(const char *release, const char *list, struct buf *names)
{
	_cleanup_(freep) char *path = NULL, *line = NULL;
	size_t size = 0;
	FILE *file;

	if (asprintf(&path, "/lib/modules/%s/%s", release, list) < 0)
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	while (getline(&line, &size, file) >= 0) {
		char *end = strstr(line, ".ko"), *slash;

		if (!end)
			continue;
		*end = '\0';
		slash = strrchr(line, '/');
		if (slash && strncmp(slash + 1, "ip_vs", 5) == 0)
			buf_printf(names, "%s\n", slash + 1);
	}
	(void)fclose(file);
	return true;
}

static void read_lists(struct ipvs_modules *m)
{
	struct buf names = { 0 }, built_in = { 0 };
	struct utsname u;

	m->read_at = now_seconds();
	if (uname(&u) < 0)
		return;
	m->readable = read_list(u.release, "modules.dep", &names);
	m->readable = read_list(u.release, "modules.builtin", &built_in) && m->readable;
	if (built_in.len)
		buf_add(&names, built_in.data, built_in.len);
	free(m->names);
	m->names = buf_take(&names);
	free(m->built_in);
	m->built_in = buf_take(&built_in);
}

static bool listed(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = names; p && *p; p = strchr(p, '\n') + 1)
		if (strncmp(p, name, len) == 0 && p[len] == '\n')
			return true;
	return false;
}

static bool loaded(const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/sys/module/%.32s", name);
	return access(path, F_OK) == 0;
}

/* Adds a name to the list, so that a document of ten thousand services asks once for it. Without
 * memory it is asked for again. */
static void keep(struct ipvs_modules *m, const char *name)
{
	struct buf names = { 0 };

	buf_printf(&names, "%s%s\n", m->names ? m->names : "", name);
	if (names.failed) {
		buf_done(&names);
		return;
	}
	free(m->names);
	m->names = buf_take(&names);
}

static void refresh(struct ipvs_modules *m)
{
	if (!m->read_at || now_seconds() - m->read_at >= KEEP_SECONDS)
		read_lists(m);
}

int ipvs_modules_has(struct ipvs_modules *m, const char *name)
{
	if (listed(m->names, name))
		return 1;
	if (loaded(name)) {
		keep(m, name);
		return 1;
	}
	refresh(m);
	if (listed(m->names, name))
		return 1;
	return m->readable ? 0 : -ENODATA;
}

bool ipvs_modules_loaded(struct ipvs_modules *m, const char *name)
{
	refresh(m);
	return loaded(name) || listed(m->built_in, name);
}

void ipvs_modules_done(struct ipvs_modules *m)
{
	free(m->names);
	free(m->built_in);
	*m = (struct ipvs_modules){ 0 };
}

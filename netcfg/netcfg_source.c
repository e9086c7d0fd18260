/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who wants something, as text: the JSON pointers and names of netcfg_expand.h. Pure. */
#include <stdio.h>
#include <string.h>

#include "json_path.h"
#include "netcfg_expand.h"
#include "util.h"

/* The key of an entry in the map of a role. */
static const char *entry_key(const struct netcfg_source *s, const struct netcfg_declared *d,
			     char buf[NETCFG_SYSCTL_NAME_MAX])
{
	if (!s->member)
		return NULL;
	if (s->object == NETCFG_OBJECT_REAL_SERVER && streq(s->member, "vips"))
		return inaddr_format(&d->real_server_vips[s->index], buf);
	if (s->object == NETCFG_OBJECT_DIRECTOR && streq(s->member, "ipvs"))
		return d->director_ipvs[s->index].name + strlen("net.ipv4.vs.");
	return NULL;
}

char *netcfg_source_pointer(const struct netcfg_source *s, const struct netcfg_declared *d,
			    bool whole, char *buf, size_t size)
{
	char key[NETCFG_SYSCTL_NAME_MAX], id[NETCFG_SYSCTL_NAME_MAX];
	struct json_path steps[4];
	const struct json_path *at = NULL;
	const char *names[4] = { NULL };

	switch ((enum netcfg_object)s->object) {
	case NETCFG_OBJECT_VIP:
		names[0] = "vips";
		names[1] = inaddr_format(&d->vips[s->index]->address, id);
		break;
	case NETCFG_OBJECT_SYSCTL:
		names[0] = "sysctls";
		names[1] = d->sysctls[s->index]->name;
		break;
	case NETCFG_OBJECT_REAL_SERVER:
	case NETCFG_OBJECT_DIRECTOR:
		names[0] = "roles";
		names[1] = s->object == NETCFG_OBJECT_DIRECTOR ? "director" : "realServer";
		break;
	case NETCFG_OBJECT_SYNC_MASTER:
	case NETCFG_OBJECT_SYNC_BACKUP:
		names[0] = "sync";
		names[1] = netcfg_sync_role_name(s->object - NETCFG_OBJECT_SYNC_MASTER);
		break;
	}
	names[2] = s->member;
	names[3] = entry_key(s, d, key);
	for (size_t i = whole ? 0 : 2; i < ARRAY_SIZE(names); i++) {
		if (!names[i])
			continue;
		steps[i] = (struct json_path){ at, names[i] };
		at = &steps[i];
	}
	return json_path_render(at, buf, size);
}

char *netcfg_source_text(const struct netcfg_source *s, const struct netcfg_declared *d, char *buf,
			 size_t size)
{
	char id[INADDR_TEXT_MAX];

	switch ((enum netcfg_object)s->object) {
	case NETCFG_OBJECT_VIP:
		(void)snprintf(buf, size, "vip %s", inaddr_format(&d->vips[s->index]->address, id));
		break;
	case NETCFG_OBJECT_SYSCTL:
		(void)snprintf(buf, size, "sysctl %s", d->sysctls[s->index]->name);
		break;
	case NETCFG_OBJECT_REAL_SERVER:
		(void)snprintf(buf, size, "role real-server");
		break;
	case NETCFG_OBJECT_DIRECTOR:
		(void)snprintf(buf, size, "role director");
		break;
	case NETCFG_OBJECT_SYNC_MASTER:
	case NETCFG_OBJECT_SYNC_BACKUP:
		(void)snprintf(buf, size, "sync %s",
			       netcfg_sync_role_name(s->object - NETCFG_OBJECT_SYNC_MASTER));
		break;
	}
	return buf;
}

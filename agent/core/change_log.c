/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of writes (change_log.h): which object a request was about, from its path. */
#include "change_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "declared.h"
#include "ipvs_model.h"
#include "log.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The segment of the path that follows `before`, decoded; its length, 0: there is none. */
static size_t segment(const char *path, const char *before, char *buf, size_t size)
{
	const char *at = strstr(path, before);
	size_t n = 0;

	if (!at)
		return 0;
	for (at += strlen(before); *at && *at != '/' && *at != '?' && n + 1 < size; at++) {
		if (*at == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0) {
			buf[n++] = (char)(hex(at[1]) << 4 | hex(at[2]));
			at += 2;
		} else {
			buf[n++] = *at;
		}
	}
	buf[n] = '\0';
	return n;
}

/* Each of these is NULL or the id as the API spells it, in buf. */

static const char *service_of(const char *path, char buf[IPVS_SERVICE_ID_MAX])
{
	struct ipvs_service_key key;
	char text[IPVS_SERVICE_ID_MAX];
	const char *why;
	size_t n = segment(path, " /v1/services/", text, sizeof(text));

	return n && ipvs_service_key_parse(text, n, &key, &why) == 0
		       ? ipvs_service_key_format(&key, buf)
		       : NULL;
}

static const char *real_server_of(const char *path, char buf[IPVS_DEST_ID_MAX])
{
	struct ipvs_dest_key key;
	char text[IPVS_DEST_ID_MAX];
	const char *why;
	size_t n = segment(path, "/real-servers/", text, sizeof(text));

	return n && ipvs_dest_key_parse(text, n, &key, &why) == 0 ? ipvs_dest_key_format(&key, buf)
								  : NULL;
}

static const char *vip_of(const char *path, char buf[DECLARED_ID_MAX])
{
	struct declared_key key;
	char text[INADDR_TEXT_MAX];
	const char *why;

	return segment(path, " /v1/vips/", text, sizeof(text)) &&
			       declared_key_parse(DECLARED_VIP, text, &key, &why) == 0
		       ? declared_id(&key, buf)
		       : NULL;
}

void change_log_commit(const struct history_entry *entry)
{
	char service[IPVS_SERVICE_ID_MAX], real_server[IPVS_DEST_ID_MAX], vip[DECLARED_ID_MAX];
	char revision[24];
	const struct log_field fields[] = {
		{ "LVSD_REVISION", revision },
		{ "LVSD_SERVICE", service_of(entry->action, service) },
		{ "LVSD_REAL_SERVER", real_server_of(entry->action, real_server) },
		{ "LVSD_VIP", vip_of(entry->action, vip) },
		{ "LVSD_REQUEST_ID", entry->request_id },
		{ "LVSD_ACTOR", entry->actor },
		{ "LVSD_PEER", entry->peer },
	};

	(void)snprintf(revision, sizeof(revision), "%" PRIu64, entry->revision);
	log_record(LOG_LEVEL_INFO, LOG_ID_COMMIT, fields, ARRAY_SIZE(fields), "revision %s: %s",
		   revision, entry->action);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the name and value of a variable, as the id of a VIP, and as a row of the memory
 * (parts are separated by the first newlines); what is taken has a canonical form that is taken for
 * the same, and its path stays below /proc/sys. */
#include <string.h>

#include "fuzz.h"
#include "netcfg_memory.h"

static void check_path(const struct netcfg_sysctl_key *key)
{
	char path[NETCFG_SYSCTL_NAME_MAX];

	(void)netcfg_sysctl_path(key, path);
	MUST(strncmp(path, "net/ipv", 7) == 0 && !strstr(path, "//"));
	MUST(!strstr(path, "/../") && !strstr(path, "/./") && path[strlen(path) - 1] != '/');
}

static void check_value(const struct netcfg_sysctl_key *key, const char *text)
{
	char value[NETCFG_SYSCTL_VALUE_MAX], again[NETCFG_SYSCTL_VALUE_MAX], must[128];
	const char *why;

	if (!netcfg_sysctl_normalise(text, value))
		return;
	MUST(netcfg_sysctl_normalise(value, again) && strcmp(value, again) == 0);
	why = netcfg_sysctl_check(key, value, must, sizeof(must));
	MUST(!why || *why);
	MUST(netcfg_sysctl_same(key, value, value));
	MUST(netcfg_sysctl_effective(key, value, NULL));
	(void)netcfg_sysctl_effective(key, value, text);
}

static void try_name(const char *name, size_t len, const char *value)
{
	struct netcfg_sysctl_key key, again, slot;
	char id[NETCFG_SYSCTL_NAME_MAX];
	const char *why = NULL;

	if (netcfg_sysctl_parse(name, len, &key, &why) < 0) {
		MUST(why);
		return;
	}
	(void)netcfg_sysctl_format(&key, id);
	MUST(strlen(id) == len && memcmp(id, name, len) == 0);
	MUST(netcfg_sysctl_parse(id, strlen(id), &again, &why) == 0);
	MUST(netcfg_sysctl_compare(&key, &again) == 0);
	netcfg_sysctl_slot(&key, &slot);
	netcfg_sysctl_slot(&slot, &again);
	MUST(netcfg_sysctl_compare(&slot, &again) == 0);
	check_path(&key);
	check_value(&key, value);
}

static void try_vip(const char *id, size_t len)
{
	char text[INADDR_TEXT_MAX];
	struct inaddr a, again;
	const char *why = NULL;

	if (netcfg_vip_parse(id, len, &a, &why) < 0) {
		MUST(why);
		return;
	}
	(void)inaddr_format(&a, text);
	MUST(netcfg_vip_parse(text, strlen(text), &again, &why) == 0);
	MUST(inaddr_compare(&a, &again) == 0);
}

static void try_memo(const char *kind, const char *id, const char *value)
{
	char text[NETCFG_MEMO_ID_MAX], canonical[NETCFG_MEMO_VALUE_MAX];
	struct netcfg_memo memo, again;
	const char *name;

	if (netcfg_memo_parse(kind, id, value, &memo) < 0)
		return;
	name = netcfg_memo_format(&memo, text, canonical);
	MUST(strcmp(name, kind) == 0 && strcmp(canonical, value) == 0);
	MUST(netcfg_memo_parse(name, text, canonical, &again) == 0);
	MUST(netcfg_memo_compare(&memo, &again) == 0);
	MUST(memo.class == again.class && strcmp(memo.value, again.value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *parts[3], *rest, none[] = "";

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	try_vip(text, size);
	rest = text;
	for (int i = 0; i < 3; i++)
		parts[i] = rest ? strsep(&rest, "\n") : none;
	try_name(parts[0], strlen(parts[0]), parts[1]);
	try_memo(parts[0], parts[1], parts[2]);
	free(text);
	return 0;
}

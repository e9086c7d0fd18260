/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sorted memory of netcfg_memory.h and its form in the store. Pure. */
#include "netcfg_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "util.h"

static const char *const kinds[] = {
	[NETCFG_MEMO_SYSCTL] = "sysctl", [NETCFG_MEMO_LINK] = "link",
	[NETCFG_MEMO_FOU] = "fou",	 [NETCFG_MEMO_ADDRESS] = "address",
	[NETCFG_MEMO_SYNC] = "sync",	 [NETCFG_MEMO_INTERFACE] = "interface",
};

/* What a sysctl that is no file is called. */
static const char timeout_kind[] = "timeout";

static const struct {
	uint8_t kind, class;
	const char *name;
} classes[] = {
	{ NETCFG_MEMO_ADDRESS, NETCFG_OURS, "ours" },
	{ NETCFG_MEMO_ADDRESS, NETCFG_FOREIGN, "foreign" },
	{ NETCFG_MEMO_FOU, NETCFG_OURS, "ours" },
	{ NETCFG_MEMO_FOU, NETCFG_FOREIGN, "foreign" },
	{ NETCFG_MEMO_LINK, NETCFG_WAS_UP, "up" },
	{ NETCFG_MEMO_LINK, NETCFG_WAS_DOWN, "down" },
	{ NETCFG_MEMO_LINK, NETCFG_WAS_ABSENT, "absent" },
};

static int compare_addresses(const struct netcfg_memo *x, const struct netcfg_memo *y)
{
	int c = inaddr_compare(&x->address, &y->address);

	if (c == 0)
		c = x->prefix_length - y->prefix_length;
	return c ? c : strcmp(x->interface, y->interface);
}

int netcfg_memo_compare(const void *a, const void *b)
{
	const struct netcfg_memo *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	switch ((enum netcfg_memo_kind)x->kind) {
	case NETCFG_MEMO_SYSCTL:
		return netcfg_sysctl_compare(&x->key, &y->key);
	case NETCFG_MEMO_LINK:
	case NETCFG_MEMO_INTERFACE:
		return strcmp(x->interface, y->interface);
	case NETCFG_MEMO_FOU:
		return netcfg_fou_compare(&x->fou, &y->fou);
	case NETCFG_MEMO_SYNC:
		return x->role - y->role;
	case NETCFG_MEMO_ADDRESS:
		break;
	}
	return compare_addresses(x, y);
}

int netcfg_memory_put(netcfg_memo_vec *memory, const struct netcfg_memo *memo)
{
	int found;
	size_t at = vec_lower_bound(memory->items, memory->n, sizeof(*memo), memo,
				    netcfg_memo_compare, &found);

	if (!found) {
		if (vec_reserve(memory, 1) < 0)
			return -ENOMEM;
		memmove(memory->items + at + 1, memory->items + at,
			(memory->n++ - at) * sizeof(*memo));
	}
	memory->items[at] = *memo;
	return 0;
}

void netcfg_memory_drop(netcfg_memo_vec *memory, const struct netcfg_memo *memo)
{
	int found;
	size_t at = vec_lower_bound(memory->items, memory->n, sizeof(*memo), memo,
				    netcfg_memo_compare, &found);

	if (found)
		memmove(memory->items + at, memory->items + at + 1,
			(--memory->n - at) * sizeof(*memo));
}

/* A change: its place in the order of all changes decides between two of one thing. */
struct change {
	const struct netcfg_memo *memo;
	size_t order;
	bool drop;
};

static int order_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int c = netcfg_memo_compare(x->memo, y->memo);

	return c ? c : (x->order > y->order) - (x->order < y->order);
}

/* Merges the sorted changes into next, which has room for all. */
static void merge(const netcfg_memo_vec *memory, const struct change *changes, size_t n,
		  netcfg_memo_vec *next)
{
	size_t i = 0, j = 0;

	while (i < memory->n || j < n) {
		const struct netcfg_memo *old = i < memory->n ? &memory->items[i] : NULL;
		int c = !old ? 1 : j == n ? -1 : netcfg_memo_compare(old, changes[j].memo);

		if (c < 0) {
			next->items[next->n++] = *old;
			i++;
			continue;
		}
		i += c == 0;
		while (j + 1 < n && netcfg_memo_compare(changes[j].memo, changes[j + 1].memo) == 0)
			j++;
		if (!changes[j].drop)
			next->items[next->n++] = *changes[j].memo;
		j++;
	}
}

int netcfg_memory_change(netcfg_memo_vec *memory, const netcfg_memo_vec *put,
			 const netcfg_memo_vec *drop)
{
	VEC(struct change) changes = { 0 };
	netcfg_memo_vec next = { 0 };
	int r = 0;

	if (put->n + drop->n == 0)
		return 0;
	if (vec_reserve(&changes, put->n + drop->n) < 0 ||
	    vec_reserve(&next, memory->n + put->n) < 0)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < put->n + drop->n; i++) {
		bool drops = i >= put->n;
		const struct netcfg_memo *memo = drops ? &drop->items[i - put->n] : &put->items[i];

		changes.items[changes.n++] = (struct change){ memo, i, drops };
	}
	if (r == 0) {
		vec_sort(&changes, order_changes);
		merge(memory, changes.items, changes.n, &next);
		vec_done(memory);
		*memory = next;
	} else {
		vec_done(&next);
	}
	vec_done(&changes);
	return r;
}

const struct netcfg_memo *netcfg_memory_find(const netcfg_memo_vec *memory,
					     const struct netcfg_memo *memo)
{
	int found;
	size_t at = vec_lower_bound(memory->items, memory->n, sizeof(*memo), memo,
				    netcfg_memo_compare, &found);

	return found ? &memory->items[at] : NULL;
}

struct netcfg_memo netcfg_memo_interface(const char *name, int32_t index, const char *identity)
{
	struct netcfg_memo memo = { .kind = NETCFG_MEMO_INTERFACE, .class = NETCFG_VALUE };

	memcpy(memo.interface, name, strlen(name) + 1);
	(void)snprintf(memo.value, sizeof(memo.value), "%" PRId32 " %s", index, identity);
	return memo;
}

int32_t netcfg_memo_index(const struct netcfg_memo *memo, const char *identity)
{
	const char *blank = strchr(memo->value, ' ');
	uint64_t index;

	if (!blank || !*identity || !streq(blank + 1, identity) ||
	    num_parse_u64(memo->value, (size_t)(blank - memo->value), INT32_MAX, &index) < 0)
		return 0;
	return (int32_t)index;
}

static const char *class_name(const struct netcfg_memo *memo)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].kind == memo->kind && classes[i].class == memo->class)
			return classes[i].name;
	return memo->value;
}

const char *netcfg_memo_format(const struct netcfg_memo *memo, char id[NETCFG_MEMO_ID_MAX],
			       char value[NETCFG_MEMO_VALUE_MAX])
{
	char text[INADDR_TEXT_MAX];

	(void)snprintf(value, NETCFG_MEMO_VALUE_MAX, "%s", class_name(memo));
	switch ((enum netcfg_memo_kind)memo->kind) {
	case NETCFG_MEMO_SYSCTL:
		(void)netcfg_sysctl_format(&memo->key, id);
		break;
	case NETCFG_MEMO_LINK:
	case NETCFG_MEMO_INTERFACE:
		(void)snprintf(id, NETCFG_MEMO_ID_MAX, "%s", memo->interface);
		break;
	case NETCFG_MEMO_FOU:
		(void)snprintf(id, NETCFG_MEMO_ID_MAX, "%s:%u",
			       memo->fou.family == AF_INET6 ? "gue6" : "gue", memo->fou.port);
		break;
	case NETCFG_MEMO_ADDRESS:
		(void)snprintf(id, NETCFG_MEMO_ID_MAX, "%s/%u@%s",
			       inaddr_format(&memo->address, text), memo->prefix_length,
			       memo->interface);
		break;
	case NETCFG_MEMO_SYNC:
		(void)snprintf(id, NETCFG_MEMO_ID_MAX, "%s",
			       netcfg_sync_role_name((enum netcfg_sync_role)memo->role));
		(void)snprintf(value, NETCFG_MEMO_VALUE_MAX, "%d %u", memo->index,
			       memo->max_length);
		break;
	}
	if (memo->kind == NETCFG_MEMO_SYSCTL && netcfg_sysctl_row(&memo->key)->timeout)
		return timeout_kind;
	return kinds[memo->kind];
}

static int copy_interface(const char *name, struct netcfg_memo *m)
{
	if (netcfg_interface_unfit(name))
		return -EINVAL;
	memcpy(m->interface, name, strlen(name) + 1);
	return 0;
}

static int parse_sysctl(const char *id, const char *value, struct netcfg_memo *m)
{
	struct netcfg_sysctl_key key;
	const char *why;

	if (netcfg_sysctl_parse(id, strlen(id), &key, &why) < 0 ||
	    !netcfg_sysctl_normalise(value, m->value) || !streq(value, m->value))
		return -EINVAL;
	netcfg_sysctl_slot(&key, &m->key);
	if (netcfg_sysctl_compare(&key, &m->key) != 0)
		return -EINVAL;
	m->class = NETCFG_VALUE;
	return 0;
}

static int parse_timeout(const char *id, const char *value, struct netcfg_memo *m)
{
	char name[NETCFG_SYSCTL_NAME_MAX], why[128];

	m->kind = NETCFG_MEMO_SYSCTL;
	m->class = NETCFG_VALUE;
	for (unsigned which = NETCFG_TIMEOUT_TCP; which <= NETCFG_TIMEOUT_UDP; which++) {
		netcfg_sysctl_timeout((enum netcfg_timeout)which, &m->key);
		if (!streq(netcfg_sysctl_format(&m->key, name), id))
			continue;
		if (!netcfg_sysctl_normalise(value, m->value) || !streq(value, m->value) ||
		    netcfg_sysctl_check(&m->key, value, why, sizeof(why)))
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

static int parse_fou(const char *id, struct netcfg_memo *m)
{
	const char *colon = strchr(id, ':');
	uint64_t port;

	if (!colon || num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port) < 0)
		return -EINVAL;
	if (colon - id == 3 && memcmp(id, "gue", 3) == 0)
		m->fou.family = AF_INET;
	else if (colon - id == 4 && memcmp(id, "gue6", 4) == 0)
		m->fou.family = AF_INET6;
	else
		return -EINVAL;
	m->fou.port = (uint16_t)port;
	m->fou.gue = true;
	return 0;
}

static int parse_address(const char *id, struct netcfg_memo *m)
{
	const char *slash = strchr(id, '/'), *at = slash ? strchr(slash, '@') : NULL;
	uint64_t prefix;

	if (!at || inaddr_parse(id, (size_t)(slash - id), &m->address) < 0 ||
	    num_parse_u64(slash + 1, (size_t)(at - slash - 1), inaddr_length(&m->address) * 8,
			  &prefix) < 0)
		return -EINVAL;
	m->prefix_length = (uint8_t)prefix;
	return copy_interface(at + 1, m);
}

static int parse_interface(const char *id, const char *value, struct netcfg_memo *m)
{
	const char *blank = strchr(value, ' ');

	if (!blank || strlen(value) >= sizeof(m->value))
		return -EINVAL;
	memcpy(m->value, value, strlen(value) + 1);
	m->class = NETCFG_VALUE;
	return netcfg_memo_index(m, blank + 1) ? copy_interface(id, m) : -EINVAL;
}

static int parse_sync(const char *id, const char *value, struct netcfg_memo *m)
{
	const char *blank = strchr(value, ' ');
	uint64_t index, length;

	if (!streq(id, "master") && !streq(id, "backup"))
		return -EINVAL;
	if (!blank || num_parse_u64(value, (size_t)(blank - value), INT32_MAX, &index) < 0 ||
	    num_parse_u64(blank + 1, strlen(blank + 1), UINT16_MAX, &length) < 0)
		return -EINVAL;
	m->role = streq(id, "master") ? NETCFG_SYNC_MASTER : NETCFG_SYNC_BACKUP;
	m->index = (int32_t)index;
	m->max_length = (uint16_t)length;
	m->class = NETCFG_OURS;
	return 0;
}

/* The id of one kind; *m has its kind. */
static int parse_id(const char *id, const char *value, struct netcfg_memo *m)
{
	switch ((enum netcfg_memo_kind)m->kind) {
	case NETCFG_MEMO_SYSCTL:
		return parse_sysctl(id, value, m);
	case NETCFG_MEMO_LINK:
		return copy_interface(id, m);
	case NETCFG_MEMO_FOU:
		return parse_fou(id, m);
	case NETCFG_MEMO_INTERFACE:
		return parse_interface(id, value, m);
	case NETCFG_MEMO_SYNC:
		return parse_sync(id, value, m);
	case NETCFG_MEMO_ADDRESS:
		break;
	}
	return parse_address(id, m);
}

int netcfg_memo_parse(const char *kind, const char *id, const char *value, struct netcfg_memo *ret)
{
	struct netcfg_memo m = { 0 };
	bool known = false;

	if (streq(kind, timeout_kind)) {
		if (parse_timeout(id, value, &m) < 0)
			return -EINVAL;
		*ret = m;
		return 0;
	}
	while (m.kind < ARRAY_SIZE(kinds) && !streq(kinds[m.kind], kind))
		m.kind++;
	if (m.kind == ARRAY_SIZE(kinds) || parse_id(id, value, &m) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].kind == m.kind && streq(classes[i].name, value)) {
			m.class = classes[i].class;
			known = true;
		}
	if (!known && m.class != NETCFG_VALUE && m.kind != NETCFG_MEMO_SYNC)
		return -EINVAL;
	*ret = m;
	return 0;
}

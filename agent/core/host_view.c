/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the API shows of declared objects: their items with what was found of them, whether they are
 * in sync, and who fights for one. */
#include <net/if.h>
#include <stdio.h>

#include "host_private.h"
#include "num.h"

/* What an item is about ------------------------------------------------------------------------ */

struct netcfg_memo host_about_sysctl(const struct netcfg_wanted_sysctl *want)
{
	return (struct netcfg_memo){ .kind = NETCFG_MEMO_SYSCTL, .key = want->key };
}

struct netcfg_memo host_about_link(const struct netcfg_wanted_link *want)
{
	struct netcfg_memo memo = { .kind = NETCFG_MEMO_LINK };

	memcpy(memo.interface, want->name, sizeof(memo.interface));
	return memo;
}

struct netcfg_memo host_about_fou(const struct netcfg_wanted_fou *want)
{
	return (struct netcfg_memo){ .kind = NETCFG_MEMO_FOU, .fou = want->fou };
}

struct netcfg_memo host_about_address(const struct netcfg_wanted_address *want)
{
	struct netcfg_memo memo = { .kind = NETCFG_MEMO_ADDRESS,
				    .address = want->address,
				    .prefix_length = want->prefix_length };

	memcpy(memo.interface, want->interface, sizeof(memo.interface));
	return memo;
}

/* A foreign address serves as well as one of ours; a foreign port does not. */
size_t host_count_off(const struct host *h)
{
	size_t n = 0;

	vec_foreach(want, &h->wanted.sysctls)
		n += netcfg_sysctl_state(want, &h->found) != NETCFG_STATE_IN_SYNC;
	vec_foreach(want, &h->wanted.links)
		n += !want->optional && netcfg_link_state(want, &h->found) != NETCFG_STATE_IN_SYNC;
	vec_foreach(want, &h->wanted.fous)
		n += netcfg_fou_state(want, &h->found) != NETCFG_STATE_IN_SYNC;
	vec_foreach(want, &h->wanted.syncs)
		n += netcfg_sync_state(want, &h->found, &h->memory) != NETCFG_STATE_IN_SYNC;
	vec_foreach(want, &h->wanted.addresses) {
		enum netcfg_state s = netcfg_address_state(want, &h->found, &h->memory);

		n += s != NETCFG_STATE_IN_SYNC && s != NETCFG_STATE_FOREIGN;
	}
	return n;
}

/* An item of which the last attempt has failed, and which matters. */
static bool is_failing(const struct host *h, const struct host_track *t)
{
	if (!t->error || t->about.kind != NETCFG_MEMO_LINK)
		return t->error != 0;
	vec_foreach(want, &h->wanted.links)
		if (streq(want->name, t->about.interface))
			return !want->optional;
	return true;
}

bool host_in_sync(const struct host *h)
{
	if (!host_idle(h) || h->error || h->off || h->dirty.n || !h->tried)
		return false;
	vec_foreach(t, &h->tracks)
		if (is_failing(h, *t) || (*t)->drifted)
			return false;
	return true;
}

/* Whether an item may be what an object wanted. */
static bool is_of(const struct netcfg_memo *about, const struct declared_key *key)
{
	struct netcfg_sysctl_key sysctl, slot;
	const char *why;

	switch (key ? (enum declared_kind)key->kind : DECLARED_REAL_SERVER) {
	case DECLARED_VIP:
		return about->kind == NETCFG_MEMO_ADDRESS &&
		       inaddr_compare(&about->address, &key->address) == 0;
	case DECLARED_SYSCTL:
		if (about->kind != NETCFG_MEMO_SYSCTL ||
		    netcfg_sysctl_parse(key->name, strlen(key->name), &sysctl, &why) < 0)
			return false;
		netcfg_sysctl_slot(&sysctl, &slot);
		return netcfg_sysctl_compare(&about->key, &slot) == 0;
	case DECLARED_SYNC_MASTER:
	case DECLARED_SYNC_BACKUP:
		return about->kind == NETCFG_MEMO_SYNC &&
		       about->role == key->kind - DECLARED_SYNC_MASTER;
	case DECLARED_REAL_SERVER:
	case DECLARED_DIRECTOR:
		break;
	}
	return true;
}

bool host_is_left(const struct host *h, const struct declared_key *key)
{
	vec_foreach(t, &h->tracks)
		if ((*t)->error && (*t)->removes && is_of(&(*t)->about, key))
			return true;
	return h->error != 0;
}

uint64_t host_observed(const struct host *h, const struct declared *o)
{
	const struct declared *seen = host_snapshot_find(h->tried, o);

	/* One that was deleted and made again begins anew. */
	return seen && seen->meta.created == o->meta.created ? seen->meta.generation : 0;
}

/* Items ---------------------------------------------------------------------------------------- */

/* Called for each item of an object; value and found may be NULL. */
struct listing {
	const struct host *h;
	host_item_vec *items;
	bool optional; /* the item that is added */
	bool missing;  /* an item that matters is not as wanted */
	bool waits, foreign, contested;
	int r;
};

static void judge(struct listing *l, const struct netcfg_memo *about, enum netcfg_state state,
		  const struct host_track *t)
{
	/* A foreign address serves as well as one of ours; a foreign port does not. */
	bool foreign = state == NETCFG_STATE_FOREIGN && about->kind == NETCFG_MEMO_ADDRESS;
	bool held = l->optional || foreign || state == NETCFG_STATE_IN_SYNC;

	l->contested = l->contested || (t && t->contested);
	l->foreign = l->foreign || foreign;
	l->missing = l->missing || !held;
	l->waits = l->waits || (!held && state == NETCFG_STATE_PENDING && !(t && t->error));
}

static void set(char to[NETCFG_MEMO_VALUE_MAX], const char *text)
{
	(void)snprintf(to, NETCFG_MEMO_VALUE_MAX, "%s", text);
}

static void add(struct listing *l, const struct netcfg_memo *about, enum netcfg_state state,
		const char *wanted, const char *found, const char *effective)
{
	const struct host_track *t = host_track_find(l->h, about);
	struct host_item item = { .state = state };
	char value[NETCFG_MEMO_VALUE_MAX];

	judge(l, about, state, t);
	if (!l->items || l->r < 0)
		return;
	item.optional = l->optional;
	item.kind = netcfg_memo_format(about, item.id, value);
	if (about->kind == NETCFG_MEMO_FOU)
		item.kind = "port";
	set(item.wanted, wanted);
	set(item.found, found);
	set(item.effective, effective);
	if (t && t->error) {
		item.error = t->error;
		item.message = t->message && *t->message ? t->message : NULL;
	} else if (t && t->contested) {
		item.message = "another program keeps changing it back";
	}
	l->r = vec_push(l->items, item);
}

/* What applies to an interface, given its own value and that of `all`. */
static void combine(const struct netcfg_sysctl_key *key, const char *own, const char *all,
		    char ret[NETCFG_MEMO_VALUE_MAX])
{
	uint64_t a, b;

	set(ret, own);
	if (num_parse_u64(own, strlen(own), UINT32_MAX, &a) < 0 ||
	    num_parse_u64(all, strlen(all), UINT32_MAX, &b) < 0)
		return;
	switch ((enum netcfg_combine)netcfg_sysctl_row(key)->combine) {
	case NETCFG_COMBINE_NONE:
	case NETCFG_COMBINE_INTERFACE:
		return;
	case NETCFG_COMBINE_MAX:
		set(ret, a > b ? own : all);
		return;
	case NETCFG_COMBINE_OR:
		set(ret, a || b ? "1" : "0");
		return;
	case NETCFG_COMBINE_ALL_FIRST:
		set(ret, b ? all : own);
		return;
	}
}

static void effective(const struct host *h, const struct netcfg_sysctl_key *key, const char *own,
		      char ret[NETCFG_MEMO_VALUE_MAX])
{
	struct netcfg_sysctl_key key_all = { .row = key->row, .component = "all" };
	const struct netcfg_value *v;
	char text[NETCFG_SYSCTL_VALUE_MAX];

	set(ret, own);
	if (!key->component[0] || streq(key->component, "all") ||
	    streq(key->component, "default") ||
	    netcfg_sysctl_row(key)->combine <= NETCFG_COMBINE_INTERFACE)
		return;
	v = netcfg_found_value(&h->found, &key_all);
	if (v && v->present)
		combine(key, own, v->text, ret);
	else if (h->kernel->ops->read(h->kernel, &key_all, text) == 0)
		combine(key, own, text, ret);
}

static void add_sysctl(struct listing *l, const struct netcfg_wanted_sysctl *want)
{
	const struct netcfg_memo about = host_about_sysctl(want);
	const struct netcfg_value *v = netcfg_found_value(&l->h->found, &want->key);
	char applies[NETCFG_MEMO_VALUE_MAX] = "";

	if (l->items && v && v->present)
		effective(l->h, &want->key, v->text, applies);
	add(l, &about, netcfg_sysctl_state(want, &l->h->found), want->value,
	    v && v->present ? v->text : "", applies);
}

static void add_link(struct listing *l, const struct netcfg_wanted_link *want)
{
	const struct netcfg_memo about = host_about_link(want);
	const struct netcfg_link *link = netcfg_found_link(&l->h->found, want->name);
	const char *found = !link ? "absent" : link->flags & IFF_UP ? "up" : "down";

	l->optional = want->optional;
	add(l, &about, netcfg_link_state(want, &l->h->found), "up", found, found);
	l->optional = false;
}

static void add_fou(struct listing *l, const struct netcfg_wanted_fou *want)
{
	const struct netcfg_memo about = host_about_fou(want);
	const struct netcfg_fou *fou =
		netcfg_found_fou(&l->h->found, want->fou.family, want->fou.port);
	const char *found = !fou ? "absent" : fou->gue ? "gue" : "other";

	add(l, &about, netcfg_fou_state(want, &l->h->found), "gue", found, found);
}

static void add_address(struct listing *l, const struct netcfg_wanted_address *want)
{
	const struct netcfg_memo about = host_about_address(want);
	const struct netcfg_link *link = netcfg_found_link(&l->h->found, want->interface);
	bool there = link && netcfg_found_exact(&l->h->found, &want->address, link->index,
						want->prefix_length);
	const char *found = there ? "present" : "absent";

	add(l, &about, netcfg_address_state(want, &l->h->found, &l->h->memory), "present", found,
	    found);
}

static int compare_wanted_sysctl(const void *key, const void *item)
{
	return netcfg_sysctl_compare(key, &((const struct netcfg_wanted_sysctl *)item)->key);
}

const struct netcfg_wanted_sysctl *host_wanted_sysctl(const struct netcfg_wanted *w,
						      const struct netcfg_sysctl_key *slot)
{
	int found;
	size_t at = vec_lower_bound(w->sysctls.items, w->sysctls.n, sizeof(*w->sysctls.items), slot,
				    compare_wanted_sysctl, &found);

	return found ? &w->sysctls.items[at] : NULL;
}

static void list_sysctl(struct listing *l, const char *name)
{
	const struct netcfg_wanted_sysctl *want;
	struct netcfg_sysctl_key key, slot;
	const char *why;

	if (netcfg_sysctl_parse(name, strlen(name), &key, &why) < 0)
		return;
	netcfg_sysctl_slot(&key, &slot);
	want = host_wanted_sysctl(&l->h->wanted, &slot);
	if (want)
		add_sysctl(l, want);
}

static int compare_wanted_address(const void *key, const void *item)
{
	return inaddr_compare(key, &((const struct netcfg_wanted_address *)item)->address);
}

const struct netcfg_wanted_address *host_wanted_address(const struct netcfg_wanted *w,
							const struct inaddr *address)
{
	int found;
	size_t at = vec_lower_bound(w->addresses.items, w->addresses.n, sizeof(*w->addresses.items),
				    address, compare_wanted_address, &found);

	return found ? &w->addresses.items[at] : NULL;
}

static void list_role(struct listing *l, enum netcfg_object role)
{
	const struct netcfg_wanted *w = &l->h->wanted;

	vec_foreach(want, &w->sysctls)
		if (netcfg_wants(w, &want->wishes, role, 0))
			add_sysctl(l, want);
	vec_foreach(want, &w->links)
		if (netcfg_wants(w, &want->wishes, role, 0))
			add_link(l, want);
	vec_foreach(want, &w->fous)
		if (netcfg_wants(w, &want->wishes, role, 0))
			add_fou(l, want);
	vec_foreach(want, &w->addresses)
		if (netcfg_wants(w, &want->wishes, role, 0))
			add_address(l, want);
}

static void list_sync(struct listing *l, enum netcfg_sync_role role)
{
	const struct netcfg_sync *have = netcfg_found_sync(&l->h->found, role);
	const struct netcfg_memo about = host_about_sync(role);
	char wanted[NETCFG_MEMO_VALUE_MAX], found[NETCFG_MEMO_VALUE_MAX] = "";
	struct netcfg_sync shown;

	vec_foreach(want, &l->h->wanted.syncs) {
		if (want->sync.role != role)
			continue;
		if (have) {
			shown = *have;
			if (!want->sync.max_length) /* nobody's wish */
				shown.max_length = 0;
			(void)netcfg_sync_text(&shown, found);
		} else if (l->h->found.syncs_known) {
			set(found, "stopped");
		}
		add(l, &about, netcfg_sync_state(want, &l->h->found, &l->h->memory),
		    netcfg_sync_text(&want->sync, wanted), found, found);
	}
}

static void list(struct listing *l, const struct declared *o)
{
	const struct netcfg_wanted_address *address;

	switch ((enum declared_kind)o->kind) {
	case DECLARED_VIP:
		address = host_wanted_address(&l->h->wanted, &o->vip.address);
		if (address)
			add_address(l, address);
		return;
	case DECLARED_SYSCTL:
		list_sysctl(l, o->sysctl.name);
		return;
	case DECLARED_REAL_SERVER:
		list_role(l, NETCFG_OBJECT_REAL_SERVER);
		return;
	case DECLARED_DIRECTOR:
		list_role(l, NETCFG_OBJECT_DIRECTOR);
		return;
	case DECLARED_SYNC_MASTER:
	case DECLARED_SYNC_BACKUP:
		list_sync(l, o->kind - DECLARED_SYNC_MASTER);
		return;
	}
}

int host_items(const struct host *h, const struct declared *o, host_item_vec *ret)
{
	struct listing l = { .h = h, .items = ret };
	size_t n = ret->n;

	list(&l, o);
	if (l.r < 0)
		ret->n = n;
	return l.r;
}

uint8_t host_conditions(const struct host *h, const struct declared *o)
{
	struct listing l = { .h = h };
	bool tried = host_observed(h, o) == o->meta.generation;

	list(&l, o);
	return (uint8_t)((tried && !l.missing) << HOST_PROGRAMMED | l.waits << HOST_PENDING |
			 l.foreign << HOST_FOREIGN | l.contested << HOST_CONTESTED);
}

static bool is_any_contested(const struct host *h)
{
	vec_foreach(t, &h->tracks)
		if ((*t)->contested)
			return true;
	return false;
}

size_t host_contested_names(const struct host *h, const declared_vec *declared, char *buf,
			    size_t size)
{
	const size_t more = sizeof(" and 4294967295 more");
	size_t n = 0, named = 0, len = 0;

	buf[0] = '\0';
	if (!is_any_contested(h))
		return 0;
	vec_foreach(item, declared) {
		const struct declared_key key = declared_key_of(*item);
		char text[DECLARED_TEXT_MAX];
		size_t need;

		if (!(host_conditions(h, *item) & 1 << HOST_CONTESTED))
			continue;
		n++;
		need = strlen(declared_text(&key, text)) + 2;
		if (named + 1 < n || len + need + more > size)
			continue; /* the first that does not fit in ends the list */
		len += (size_t)snprintf(buf + len, size - len, "%s%s", named ? ", " : "", text);
		named++;
	}
	if (named < n)
		(void)snprintf(buf + len, size - len, "%sand %zu more", named ? " " : "",
			       n - named);
	return n;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The planner of netcfg_plan.h: the first part from what is wanted, the second from what is
 * remembered and no longer wanted. Pure. */
#include "netcfg_plan.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <string.h>

#include "netcfg_plan_private.h"
#include "util.h"

struct planning {
	const struct netcfg_wanted *w;
	const struct netcfg_found *found;
	const netcfg_memo_vec *memory;
	struct netcfg_plan *p;
	/* The value that a write of `all` gives to all others of the row; NULL: none so far. */
	uint16_t through_row;
	const char *through;
	bool failed; /* out of memory */
};

static void add_op(struct planning *x, struct netcfg_op op)
{
	x->failed = vec_push(&x->p->ops, op) < 0 || x->failed;
}

static void remember(struct planning *x, const struct netcfg_memo *memo)
{
	x->failed = vec_push(&x->p->remember, *memo) < 0 || x->failed;
}

static void forget(struct planning *x, const struct netcfg_memo *memo)
{
	x->failed = vec_push(&x->p->forget, *memo) < 0 || x->failed;
}

/* Variables ------------------------------------------------------------------------------------ */

static bool is_all(const struct netcfg_sysctl_key *key)
{
	return streq(key->component, "all");
}

static bool writes_through(const struct netcfg_sysctl_key *key)
{
	return netcfg_sysctl_row(key)->write_through && is_all(key);
}

static struct netcfg_sysctl_key sibling(const struct netcfg_sysctl_key *key, const char *component)
{
	struct netcfg_sysctl_key k = { .row = key->row };

	memcpy(k.component, component, strlen(component) + 1);
	return k;
}

static int compare_wanted_sysctl(const void *key, const void *item)
{
	return netcfg_sysctl_compare(key, &((const struct netcfg_wanted_sysctl *)item)->key);
}

static const struct netcfg_wanted_sysctl *wanted_sysctl(const struct netcfg_wanted *w,
							const struct netcfg_sysctl_key *key)
{
	int found;
	size_t at = vec_lower_bound(w->sysctls.items, w->sysctls.n, sizeof(*w->sysctls.items), key,
				    compare_wanted_sysctl, &found);

	return found ? &w->sysctls.items[at] : NULL;
}

static const struct netcfg_memo *sysctl_memo(const struct planning *x,
					     const struct netcfg_sysctl_key *key)
{
	const struct netcfg_memo wanted = { .kind = NETCFG_MEMO_SYSCTL, .key = *key };

	return netcfg_memory_find(x->memory, &wanted);
}

/* The value as it will be when all operations so far are done. */
static const char *value_then(const struct planning *x, const struct netcfg_value *v)
{
	bool overwritten = x->through && v->key.row == x->through_row && !is_all(&v->key);

	return overwritten ? x->through : v->text;
}

static void write_value(struct planning *x, const struct netcfg_value *v, const char *value,
			struct netcfg_op op)
{
	op.verb = NETCFG_SYSCTL_WRITE;
	op.key = &v->key;
	op.value = value;
	op.before = v->text;
	add_op(x, op);
	if (!writes_through(&v->key))
		return;
	x->through_row = v->key.row;
	x->through = value;
}

/* What was there before our value of another component came to this one; NULL: it did not. */
static const char *inherited(const struct planning *x, const struct netcfg_value *v,
			     const char *component)
{
	const struct netcfg_sysctl_key key = sibling(&v->key, component);
	const struct netcfg_value *other = netcfg_found_value(x->found, &key);
	const struct netcfg_memo *before = sysctl_memo(x, &key);

	return other && before && netcfg_sysctl_compare(&key, &v->key) != 0 &&
			       netcfg_sysctl_same(&key, v->text, other->text)
		       ? before->value
		       : NULL;
}

/* Whether the role of the director, which wishes for all interfaces at once, wants it. */
static bool of_director(const struct planning *x, const struct netcfg_sysctl_key *key)
{
	const struct netcfg_wanted_sysctl *want = wanted_sysctl(x->w, key);

	return want && netcfg_wants(x->w, &want->wishes, NETCFG_OBJECT_DIRECTOR, 0);
}

/*
 * The value to go back to. What came from a write of `all` is not the component's own; and an
 * interface that the director's role finds later than `default` began with our value.
 */
static const char *value_before(const struct planning *x, const struct netcfg_value *v)
{
	const struct netcfg_sysctl_key seed = sibling(&v->key, "default");
	const char *before = NULL;

	if (v->key.component[0] && netcfg_sysctl_row(&v->key)->write_through)
		before = inherited(x, v, "all");
	if (!before && v->key.component[0] && !is_all(&v->key) && of_director(x, &v->key) &&
	    of_director(x, &seed))
		before = inherited(x, v, "default");
	return before ? before : v->text;
}

static void remember_value(struct planning *x, const struct netcfg_value *v)
{
	struct netcfg_memo memo = { .kind = NETCFG_MEMO_SYSCTL,
				    .class = NETCFG_VALUE,
				    .key = v->key };

	memcpy(memo.value, value_before(x, v), sizeof(memo.value));
	remember(x, &memo);
}

/* What a write of `all` overwrites, and nobody else remembers. */
static void remember_overwritten(struct planning *x, const struct netcfg_value *all)
{
	const struct netcfg_sysctl_key key = sibling(&all->key, "default");
	const struct netcfg_value *seed = netcfg_found_value(x->found, &key);
	struct netcfg_value v;

	if (seed && seed->present && !streq(seed->text, all->text) && !wanted_sysctl(x->w, &key) &&
	    !sysctl_memo(x, &key))
		remember_value(x, seed);
	vec_foreach(link, &x->found->links) {
		const struct netcfg_sysctl_key own = sibling(&all->key, link->name);

		if (netcfg_link_value(link, &own, &v) && !streq(v.text, all->text) &&
		    !netcfg_interface_unfit(link->name) && !wanted_sysctl(x->w, &own) &&
		    !sysctl_memo(x, &own))
			remember_value(x, &v);
	}
}

static void plan_sysctls(struct planning *x)
{
	vec_foreach(want, &x->w->sysctls) {
		const struct netcfg_value *v = netcfg_found_value(x->found, &want->key);

		if (!v || !v->present)
			continue;
		if (!sysctl_memo(x, &want->key))
			remember_value(x, v);
		if (netcfg_sysctl_same(&want->key, value_then(x, v), want->value))
			continue;
		if (writes_through(&want->key))
			remember_overwritten(x, v);
		write_value(x, v, want->value, (struct netcfg_op){ .wishes = &want->wishes });
	}
	x->through = NULL;
}

/* After `all` was put back: those that are still wanted must not follow it. */
static void write_again(struct planning *x, const struct netcfg_sysctl_key *all)
{
	vec_foreach(want, &x->w->sysctls) {
		const struct netcfg_value *v;

		if (want->key.row != all->row)
			continue;
		v = netcfg_found_value(x->found, &want->key);
		if (v && v->present && !netcfg_sysctl_same(&want->key, x->through, want->value))
			write_value(x, v, want->value,
				    (struct netcfg_op){ .removes = true, .wishes = &want->wishes });
	}
}

static void put_back_sysctl(struct planning *x, const struct netcfg_memo *memo)
{
	const struct netcfg_sysctl_key key = sibling(&memo->key, "all");
	const struct netcfg_wanted_sysctl *all = wanted_sysctl(x->w, &key);
	const struct netcfg_value *v = netcfg_found_value(x->found, &memo->key);
	bool follows = all && netcfg_sysctl_row(&key)->write_through;
	const char *value = follows ? all->value : memo->value;

	if (!v) /* not looked at */
		return;
	if (!v->present || netcfg_sysctl_same(&memo->key, value_then(x, v), value)) {
		if (!follows)
			forget(x, memo);
		return;
	}
	write_value(x, v, value, (struct netcfg_op){ .removes = true, .forgets = !follows });
	if (writes_through(&memo->key))
		write_again(x, &memo->key);
}

/* Links and ports ------------------------------------------------------------------------------ */

static const struct netcfg_memo *link_memo(const struct planning *x, const char *name)
{
	struct netcfg_memo wanted = { .kind = NETCFG_MEMO_LINK };

	memcpy(wanted.interface, name, strlen(name) + 1);
	return netcfg_memory_find(x->memory, &wanted);
}

static struct netcfg_op link_op(enum netcfg_verb verb, const char *name, int32_t index)
{
	struct netcfg_op op = { .verb = verb, .index = index };

	memcpy(op.name, name, strlen(name) + 1);
	return op;
}

static void plan_link(struct planning *x, const struct netcfg_wanted_link *want)
{
	const struct netcfg_link *link = netcfg_found_link(x->found, want->name);
	bool up = link && link->flags & IFF_UP;
	struct netcfg_memo memo = {
		.kind = NETCFG_MEMO_LINK,
		.class = up	? NETCFG_WAS_UP
			 : link ? NETCFG_WAS_DOWN
				: NETCFG_WAS_ABSENT,
	};
	struct netcfg_op op = link_op(link ? NETCFG_LINK_UP : NETCFG_LINK_ADD, want->name,
				      link ? link->index : 0);

	memcpy(memo.interface, want->name, sizeof(memo.interface));
	if (!link_memo(x, want->name))
		remember(x, &memo);
	op.kind = want->kind;
	op.checksum = want->checksum;
	op.optional = want->optional;
	op.wishes = &want->wishes;
	if (!up)
		add_op(x, op);
	x->p->again = x->p->again || !link;
}

static void plan_fou(struct planning *x, const struct netcfg_wanted_fou *want)
{
	enum netcfg_state state = netcfg_fou_state(want, x->found);
	struct netcfg_memo memo = { .kind = NETCFG_MEMO_FOU,
				    .class = state == NETCFG_STATE_DIFFERS ? NETCFG_OURS
									   : NETCFG_FOREIGN,
				    .fou = want->fou };

	if (state == NETCFG_STATE_FOREIGN) /* taken by something else: in nobody's gift */
		return;
	if (!netcfg_memory_find(x->memory, &memo))
		remember(x, &memo);
	if (state == NETCFG_STATE_DIFFERS)
		add_op(x, (struct netcfg_op){ .verb = NETCFG_FOU_ADD,
					      .fou = want->fou,
					      .wishes = &want->wishes });
}

static void plan_links(struct planning *x)
{
	vec_foreach(want, &x->w->links)
		plan_link(x, want);
	vec_foreach(want, &x->w->fous)
		plan_fou(x, want);
}

static void put_back_link(struct planning *x, const struct netcfg_memo *memo)
{
	const struct netcfg_link *link = netcfg_found_link(x->found, memo->interface);
	bool absent = memo->class == NETCFG_WAS_ABSENT, up = link && link->flags & IFF_UP;
	struct netcfg_op op;

	if (!link || memo->class == NETCFG_WAS_UP || (!absent && !up)) {
		forget(x, memo);
		return;
	}
	op = link_op(NETCFG_LINK_DOWN, memo->interface, link->index);
	op.removes = true;
	op.forgets = !absent;
	if (up)
		add_op(x, op);
	op.verb = NETCFG_LINK_DELETE;
	op.forgets = true;
	/* The kernel keeps the devices that came with their modules, and says nothing. */
	if (absent)
		add_op(x, op);
}

static void put_back_fou(struct planning *x, const struct netcfg_memo *memo)
{
	if (memo->class != NETCFG_OURS ||
	    !netcfg_found_fou(x->found, memo->fou.family, memo->fou.port))
		forget(x, memo);
	else
		add_op(x, (struct netcfg_op){ .verb = NETCFG_FOU_DELETE,
					      .removes = true,
					      .forgets = true,
					      .fou = memo->fou });
}

/* Addresses ------------------------------------------------------------------------------------ */

static struct netcfg_op address_op(enum netcfg_verb verb, const struct netcfg_wanted_address *want,
				   int32_t index)
{
	struct netcfg_op op = {
		.verb = verb,
		.address = { .index = index,
			     .address = want->address,
			     .prefix_length = want->prefix_length },
		.wishes = &want->wishes,
	};

	memcpy(op.name, want->interface, sizeof(op.name));
	memcpy(op.address.label, want->label, sizeof(op.address.label));
	return op;
}

static void plan_address(struct planning *x, const struct netcfg_wanted_address *want)
{
	const struct netcfg_link *link = netcfg_found_link(x->found, want->interface);
	enum netcfg_state state = netcfg_address_state(want, x->found, x->memory);
	const struct netcfg_address *have;
	struct netcfg_memo memo = netcfg_plan_memo(want);
	const struct netcfg_memo *known = netcfg_memory_find(x->memory, &memo);
	struct netcfg_op op;

	if (state == NETCFG_STATE_PENDING)
		return;
	memo.class = state == NETCFG_STATE_FOREIGN ? NETCFG_FOREIGN : NETCFG_OURS;
	if (!known || known->class != memo.class)
		remember(x, &memo);
	if (state != NETCFG_STATE_DIFFERS)
		return;
	have = netcfg_found_exact(x->found, &want->address, link->index, want->prefix_length);
	op = address_op(NETCFG_ADDRESS_ADD, want, link->index);
	op.changed = have ? netcfg_plan_changes(want, have) : 0;
	if (have && !(op.changed & NETCFG_CHANGED_LABEL))
		op.verb = NETCFG_ADDRESS_SET;
	if (op.changed & NETCFG_CHANGED_LABEL) { /* IPv4 REPLACE does not change it */
		op.verb = NETCFG_ADDRESS_DELETE;
		add_op(x, op);
		op.verb = NETCFG_ADDRESS_ADD;
	}
	add_op(x, op);
}

static void put_back_address(struct planning *x, const struct netcfg_memo *memo)
{
	const struct netcfg_link *link = netcfg_found_link(x->found, memo->interface);
	struct netcfg_op op = { .verb = NETCFG_ADDRESS_DELETE, .removes = true, .forgets = true };

	if (memo->class != NETCFG_OURS || !link ||
	    !netcfg_found_exact(x->found, &memo->address, link->index, memo->prefix_length)) {
		forget(x, memo);
		return;
	}
	memcpy(op.name, memo->interface, sizeof(op.name));
	op.address = (struct netcfg_address){ .index = link->index,
					      .address = memo->address,
					      .prefix_length = memo->prefix_length };
	add_op(x, op);
}

/* Sync daemons --------------------------------------------------------------------------------- */

static void start_sync(struct planning *x, const struct netcfg_wanted_sync *want,
		       const struct netcfg_link *link, bool replaces)
{
	struct netcfg_op op = { .verb = NETCFG_SYNC_START,
				.sync = want->sync,
				.index = link->index,
				.changed = replaces,
				.removes = true, /* the last real servers that exclude it go */
				.wishes = &want->wishes };

	memcpy(op.name, want->sync.interface, sizeof(op.name));
	add_op(x, op);
}

static void plan_sync(struct planning *x, const struct netcfg_wanted_sync *want)
{
	const struct netcfg_link *link = netcfg_found_link(x->found, want->sync.interface);
	const struct netcfg_sync *have =
		netcfg_found_sync(x->found, (enum netcfg_sync_role)want->sync.role);
	const struct netcfg_memo memo = { .kind = NETCFG_MEMO_SYNC,
					  .class = NETCFG_OURS,
					  .role = want->sync.role,
					  .max_length = want->sync.max_length };
	enum netcfg_state state = netcfg_sync_state(want, x->found, x->memory);
	/* One of ours on another interface than that which is waited for. */
	bool astray = have && state == NETCFG_STATE_PENDING && x->found->syncs_known &&
		      !streq(have->interface, want->sync.interface);

	if (state != NETCFG_STATE_DIFFERS && !astray)
		return;
	if (!astray)
		remember(x, &memo);
	if (have)
		add_op(x, (struct netcfg_op){ .verb = NETCFG_SYNC_STOP,
					      .removes = true,
					      .forgets = astray,
					      .sync = *have,
					      .wishes = &want->wishes });
	if (!astray)
		start_sync(x, want, link, have != NULL);
}

/* In the first part: real servers that it excludes may come with the services. */
static void put_back_sync(struct planning *x, const struct netcfg_memo *memo)
{
	const struct netcfg_sync *have =
		netcfg_found_sync(x->found, (enum netcfg_sync_role)memo->role);

	if (!x->found->syncs_known)
		return;
	if (!have)
		forget(x, memo);
	else
		add_op(x, (struct netcfg_op){
				  .verb = NETCFG_SYNC_STOP, .forgets = true, .sync = *have });
}

/* The whole ------------------------------------------------------------------------------------ */

static int compare_wanted_link(const void *key, const void *item)
{
	return strcmp(((const struct netcfg_memo *)key)->interface,
		      ((const struct netcfg_wanted_link *)item)->name);
}

static int compare_wanted_fou(const void *key, const void *item)
{
	return netcfg_fou_compare(&((const struct netcfg_memo *)key)->fou,
				  &((const struct netcfg_wanted_fou *)item)->fou);
}

static int compare_wanted_address(const void *key, const void *item)
{
	return inaddr_compare(&((const struct netcfg_memo *)key)->address,
			      &((const struct netcfg_wanted_address *)item)->address);
}

static bool is_wanted(const struct netcfg_wanted *w, const struct netcfg_memo *memo)
{
	int found = 0;
	size_t at;

	switch ((enum netcfg_memo_kind)memo->kind) {
	case NETCFG_MEMO_SYSCTL:
		return wanted_sysctl(w, &memo->key);
	case NETCFG_MEMO_LINK:
		(void)vec_lower_bound(w->links.items, w->links.n, sizeof(*w->links.items), memo,
				      compare_wanted_link, &found);
		return found;
	case NETCFG_MEMO_FOU:
		(void)vec_lower_bound(w->fous.items, w->fous.n, sizeof(*w->fous.items), memo,
				      compare_wanted_fou, &found);
		return found;
	case NETCFG_MEMO_INTERFACE: /* says nothing of the host */
		return true;
	case NETCFG_MEMO_SYNC:
		vec_foreach(want, &w->syncs)
			if (want->sync.role == memo->role)
				return true;
		return false;
	case NETCFG_MEMO_ADDRESS:
		break;
	}
	at = vec_lower_bound(w->addresses.items, w->addresses.n, sizeof(*w->addresses.items), memo,
			     compare_wanted_address, &found);
	return found && streq(w->addresses.items[at].interface, memo->interface) &&
	       w->addresses.items[at].prefix_length == memo->prefix_length;
}

/* What is remembered of one kind and no longer wanted. */
static void put_back(struct planning *x, enum netcfg_memo_kind kind,
		     void (*fn)(struct planning *x, const struct netcfg_memo *memo))
{
	vec_foreach(memo, &x->p->back)
		if (memo->kind == kind)
			fn(x, memo);
}

int netcfg_plan(const struct netcfg_wanted *w, const struct netcfg_found *found,
		const netcfg_memo_vec *memory, struct netcfg_plan *ret)
{
	struct netcfg_plan p = { 0 };
	struct planning x = { .w = w, .found = found, .memory = memory, .p = &p };

	vec_foreach(memo, memory)
		if (!is_wanted(w, memo))
			x.failed = vec_push(&p.back, *memo) < 0 || x.failed;
	plan_sysctls(&x);
	plan_links(&x);
	vec_foreach(want, &w->addresses)
		plan_address(&x, want);
	put_back(&x, NETCFG_MEMO_SYNC, put_back_sync);
	vec_foreach(want, &w->syncs)
		plan_sync(&x, want);
	put_back(&x, NETCFG_MEMO_ADDRESS, put_back_address);
	put_back(&x, NETCFG_MEMO_FOU, put_back_fou);
	put_back(&x, NETCFG_MEMO_LINK, put_back_link);
	put_back(&x, NETCFG_MEMO_SYSCTL, put_back_sysctl);
	if (x.failed)
		netcfg_plan_done(&p);
	*ret = p;
	return x.failed ? -ENOMEM : 0;
}

void netcfg_plan_done(struct netcfg_plan *p)
{
	vec_done(&p->ops);
	vec_done(&p->remember);
	vec_done(&p->forget);
	vec_done(&p->back);
	p->again = false;
}

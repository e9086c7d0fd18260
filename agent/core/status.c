/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status table of status.h, and the words for what the kernel says. */
#include "status.h"

#include <errno.h>
#include <stdio.h>

static int compare(const void *key, const void *item)
{
	return ipvs_service_key_compare(key, &(*(struct tracked *const *)item)->key);
}

static size_t position(const struct status *s, const struct ipvs_service_key *key, int *found)
{
	/* A document is walked in key order: the next key is mostly the last one yet. */
	if (s->items.n && compare(key, &s->items.items[s->items.n - 1]) > 0) {
		*found = 0;
		return s->items.n;
	}
	return vec_lower_bound(s->items.items, s->items.n, sizeof(*s->items.items), key, compare,
			       found);
}

struct tracked *status_find(const struct status *s, const struct ipvs_service_key *key)
{
	int found;
	size_t at = position(s, key, &found);

	return found ? s->items.items[at] : NULL;
}

static struct tracked *get(struct status *s, const struct ipvs_service_key *key, size_t *ret_at)
{
	struct tracked *t;
	int found;
	size_t at = position(s, key, &found);

	*ret_at = at;
	if (found)
		return s->items.items[at];
	t = calloc(1, sizeof(*t));
	if (!t || vec_reserve(&s->items, 1) < 0) {
		free(t);
		return NULL;
	}
	t->key = *key;
	memmove(s->items.items + at + 1, s->items.items + at,
		(s->items.n - at) * sizeof(*s->items.items));
	s->items.items[at] = t;
	s->items.n++;
	return t;
}

struct tracked *status_get(struct status *s, const struct ipvs_service_key *key)
{
	size_t at;

	return get(s, key, &at);
}

struct tracked *status_get_near(struct status *s, const struct ipvs_service_key *key, size_t *near)
{
	for (size_t at = *near; at < *near + 2 && at < s->items.n; at++) {
		if (compare(key, &s->items.items[at]) == 0) {
			*near = at;
			return s->items.items[at];
		}
	}
	return get(s, key, near);
}

static void tracked_free(struct tracked *t)
{
	service_unref(t->applied);
	free(t->message);
	free(t);
}

void status_remove(struct status *s, const struct ipvs_service_key *key)
{
	int found;
	size_t at = position(s, key, &found);

	if (!found)
		return;
	tracked_free(s->items.items[at]);
	s->items.n--;
	memmove(s->items.items + at, s->items.items + at + 1,
		(s->items.n - at) * sizeof(*s->items.items));
}

void status_done(struct status *s)
{
	for (size_t i = 0; i < s->items.n; i++)
		tracked_free(s->items.items[i]);
	vec_done(&s->items);
}

void status_know(struct tracked *t, struct service *applied)
{
	(void)service_ref(applied);
	service_unref(t->applied);
	t->applied = applied;
	t->known = true;
}

void status_forget(struct tracked *t)
{
	service_unref(t->applied);
	t->applied = NULL;
	t->known = false;
}

void status_set(struct tracked *t, enum status_reason reason, int error, const char *message,
		int64_t timestamp)
{
	if (!t->transition || (t->reason == STATUS_IN_SYNC) != (reason == STATUS_IN_SYNC))
		t->transition = timestamp;
	t->reason = reason;
	t->error = error;
	free(t->message);
	t->message = message ? strdup(message) : NULL;
}

const char *status_reason_name(enum status_reason reason)
{
	static const char *const names[] = {
		[STATUS_PENDING] = "Pending",
		[STATUS_IN_SYNC] = "InSync",
		[STATUS_KERNEL_REFUSED] = "KernelRefused",
		[STATUS_SCHEDULER_MISSING] = "SchedulerMissing",
		[STATUS_FOREIGN_EXISTS] = "ForeignExists",
		[STATUS_MASS_DELETE_HELD] = "MassDeleteHeld",
		[STATUS_KERNEL_NOT_READY] = "KernelNotReady",
	};

	return names[reason];
}

const char *status_kernel_cause(int error)
{
	switch (-error) {
	case ENOENT:
		return "the kernel module ip_vs is missing";
	case EPERM:
		return "CAP_NET_ADMIN is missing";
	case ENOBUFS:
		return "the kernel's answers found no room";
	case ENOMEM:
		return "out of memory";
	case EBUSY:
		return "the kernel is still busy with an earlier list";
	case ETIMEDOUT:
		return "the kernel did not answer";
	}
	return strerrordesc_np(-error);
}

static const char *operation_name(const struct ipvs_op *op)
{
	static const char *const names[2][3] = {
		{ "NEW_SERVICE", "SET_SERVICE", "DEL_SERVICE" },
		{ "NEW_DEST", "SET_DEST", "DEL_DEST" },
	};

	return names[op->dest != NULL][op->verb];
}

/* A tunnel to the other address family; not while a sync daemon runs (ip_vs_add_dest). */
static bool mixed(const struct ipvs_op *op)
{
	return op->dest->key.address.family != op->service->key.address.family;
}

/* The kernel's errnos are coarse (ip_vs_ctl.c); these are their usual causes. */
static const char *likely_cause(const struct ipvs_op *op, int error)
{
	switch (-error) {
	case EPERM:
		return "the daemon lacks CAP_NET_ADMIN in the initial user namespace";
	case ENOENT:
		return op->dest ? "the real server is not there"
				: "the module of the scheduler or persistence engine is missing";
	case ESRCH:
		return "the service is not there";
	case EEXIST:
		return "somebody else has made it";
	case EINVAL:
		return !op->dest   ? "the kernel does not take these values"
		       : mixed(op) ? "mixed families are not possible now, or the interface lo "
				     "was never up in this network namespace"
				   : "the interface lo was never up in this network namespace, "
				     "or the address is not a unicast one here";
	case EAFNOSUPPORT:
		return "IPv6 is switched off";
	case ENOMEM:
		return "the kernel is out of memory";
	}
	return "see errno(3)";
}

char *status_explain(const struct ipvs_op *op, int error, char *buf, size_t size)
{
	char service[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX];
	const char *name = strerrorname_np(-error);

	(void)snprintf(buf, size, "%s %s%s%s: %s: %s", operation_name(op),
		       ipvs_service_key_format(&op->service->key, service), op->dest ? " " : "",
		       op->dest ? ipvs_dest_key_format(&op->dest->key, dest) : "",
		       name ? name : "unknown error", likely_cause(op, error));
	return buf;
}

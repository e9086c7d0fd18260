/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of single items beyond their state: refusals and when they are tried again, drift
 * and its repair, other programs that keep changing something back. Only items with such a history
 * have an entry.
 */
#include <inttypes.h>
#include <stdio.h>

#include "host_private.h"
#include "log.h"

#define BACKOFF_FIRST 1000
#define BACKOFF_MAX   60000
#define GONE_PAUSE    50

static int compare_track(const void *key, const void *item)
{
	return netcfg_memo_compare(key, &(*(struct host_track *const *)item)->about);
}

static size_t position(const struct host *h, const struct netcfg_memo *about, int *ret_found)
{
	return vec_lower_bound(h->tracks.items, h->tracks.n, sizeof(*h->tracks.items), about,
			       compare_track, ret_found);
}

struct host_track *host_track_find(const struct host *h, const struct netcfg_memo *about)
{
	int found;
	size_t at = position(h, about, &found);

	return found ? h->tracks.items[at] : NULL;
}

struct host_track *host_track_get(struct host *h, const struct netcfg_memo *about)
{
	int found;
	size_t at = position(h, about, &found);
	struct host_track *t;

	if (found)
		return h->tracks.items[at];
	t = vec_reserve(&h->tracks, 1) == 0 ? calloc(1, sizeof(*t)) : NULL;
	if (!t)
		return NULL;
	t->about = *about;
	memmove(h->tracks.items + at + 1, h->tracks.items + at,
		(h->tracks.n++ - at) * sizeof(*h->tracks.items));
	h->tracks.items[at] = t;
	return t;
}

static void free_track(struct host_track *t)
{
	free(t->message);
	free(t);
}

int64_t host_backoff(struct host *h, unsigned attempts)
{
	int64_t ms = BACKOFF_FIRST;

	for (unsigned i = 1; i < attempts && ms < BACKOFF_MAX; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX)
		ms = BACKOFF_MAX;
	/* xorshift: only spreads retries, nothing depends on its quality. */
	h->seed ^= h->seed << 13;
	h->seed ^= h->seed >> 17;
	h->seed ^= h->seed << 5;
	return ms * 8 / 10 + (int64_t)(h->seed % 1000) * ms * 4 / 10 / 1000;
}

/* What is logged ------------------------------------------------------------------------------- */

static void log_item(enum log_level level, const char *id, const struct netcfg_memo *about,
		     const char *what)
{
	char name[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX], vip[INADDR_TEXT_MAX];
	const char *kind = netcfg_memo_format(about, name, value);
	const struct log_field fields[] = {
		{ "LVSD_HOST_KIND", kind },
		{ "LVSD_HOST_ID", name },
		{ "LVSD_VIP",
		  about->kind == NETCFG_MEMO_ADDRESS ? inaddr_format(&about->address, vip) : NULL },
	};

	log_record(level, id, fields, ARRAY_SIZE(fields), "%s %s %s", kind, name, what);
}

static const char *cause(const struct netcfg_op *op, int error)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		return "lvsd must not: CAP_NET_ADMIN is missing, or /proc/sys is not writable";
	case EROFS:
		return "/proc/sys is read-only for lvsd (ProtectKernelTunables= of its unit)";
	case EOPNOTSUPP:
		return op->verb == NETCFG_FOU_ADD || op->verb == NETCFG_LINK_ADD
			       ? "the kernel has no module for it"
			       : "the kernel does not support it";
	case EINVAL:
		if (op->verb == NETCFG_SYNC_START)
			return "there is a real server of the other address family than its "
			       "service's, or the kernel does not take the options";
		return "the kernel does not take this value here";
	case ENOBUFS:
	case ENOMEM:
		return "the kernel is out of memory";
	}
	return "see errno(3)";
}

static const char *verb(const struct netcfg_op *op)
{
	static const char *const verbs[] = {
		[NETCFG_SYSCTL_WRITE] = "writing",    [NETCFG_LINK_ADD] = "making",
		[NETCFG_LINK_UP] = "setting up",      [NETCFG_FOU_ADD] = "opening",
		[NETCFG_ADDRESS_ADD] = "adding",      [NETCFG_ADDRESS_SET] = "changing",
		[NETCFG_ADDRESS_DELETE] = "removing", [NETCFG_FOU_DELETE] = "closing",
		[NETCFG_SYNC_STOP] = "stopping",      [NETCFG_SYNC_START] = "starting",
		[NETCFG_LINK_DOWN] = "setting down",  [NETCFG_LINK_DELETE] = "deleting",
	};

	return verbs[op->verb];
}

/* Whether it undoes what somebody wanted. */
static bool undoes(const struct netcfg_op *op)
{
	if (op->verb == NETCFG_SYNC_START || op->verb == NETCFG_SYNC_STOP)
		return !op->wishes;
	return op->removes;
}

static void set_message(struct host_track *t, const char *text)
{
	free(t->message);
	t->message = strdup(text); /* out of memory: no message */
}

/* Drift and contest ---------------------------------------------------------------------------- */

static int64_t last_repair(const struct host_track *t)
{
	return t->repairs ? t->repaired[(t->repairs - 1) % HOST_REPAIRS] : INT64_MIN / 2;
}

void host_track_drift(struct host *h, const struct netcfg_op *op, int64_t now)
{
	const struct netcfg_memo about = netcfg_op_about(op);
	struct host_track *t = host_track_get(h, &about);

	if (!t || t->drifted)
		return;
	t->drifted = true;
	if (!t->contested && t->repairs >= HOST_REPAIRS &&
	    now - t->repaired[t->repairs % HOST_REPAIRS] < HOST_WINDOW) {
		t->contested = true;
		t->fights = 0;
		log_item(LOG_LEVEL_WARNING, LOG_ID_CONTESTED, &about,
			 "is contested: another program keeps changing it back; repairs are slower "
			 "from now on");
	}
	if (t->contested)
		t->retry_at = last_repair(t) + host_backoff(h, ++t->fights);
}

static void repaired(struct host_track *t, int64_t now)
{
	t->repaired[t->repairs++ % HOST_REPAIRS] = now;
	t->drifted = false;
	if (!t->contested)
		log_item(LOG_LEVEL_NOTICE, LOG_ID_REPAIR, &t->about,
			 "was changed by somebody else, and is as it should be again");
}

/* Results -------------------------------------------------------------------------------------- */

static void refused(struct host *h, struct host_track *t, const struct netcfg_op *op, int result,
		    int64_t now)
{
	const char *name = strerrorname_np(-result);
	char text[160];

	(void)snprintf(text, sizeof(text), "%s: %s: %s", verb(op), name ? name : "unknown error",
		       cause(op, result));
	if (t->error != result)
		log_item(op->optional ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, LOG_ID_REFUSAL,
			 &t->about, text);
	set_message(t, text);
	t->removes = undoes(op);
	t->error = result;
	t->retry_at = now + host_backoff(h, ++t->attempts);
}

void host_track_result(struct host *h, const struct netcfg_op *op, int result, int64_t now)
{
	const struct netcfg_memo about = netcfg_op_about(op);
	enum netcfg_outcome outcome = netcfg_outcome(op, result);
	bool again = outcome == NETCFG_OUTCOME_REFUSED || outcome == NETCFG_OUTCOME_GONE;
	struct host_track *t = again ? host_track_get(h, &about) : host_track_find(h, &about);

	if (outcome == NETCFG_OUTCOME_FOREIGN)
		log_item(LOG_LEVEL_NOTICE, LOG_ID_FOREIGN, &about,
			 "was made by somebody else a moment before; it is left alone");
	if (!t)
		return;
	if (outcome == NETCFG_OUTCOME_REFUSED) {
		refused(h, t, op, result, now);
		return;
	}
	t->error = 0;
	set_message(t, "");
	if (outcome == NETCFG_OUTCOME_GONE) { /* the look that follows should tell the same */
		t->retry_at = now + (t->attempts++ ? host_backoff(h, t->attempts) : GONE_PAUSE);
		return;
	}
	t->attempts = 0;
	t->retry_at = 0;
	if (t->drifted && outcome == NETCFG_OUTCOME_DONE)
		repaired(t, now);
}

void host_track_blocked(struct host *h, const struct netcfg_op *op, const struct netcfg_op *by)
{
	const struct netcfg_memo about = netcfg_op_about(op), first = netcfg_op_about(by);
	char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];
	char text[NETCFG_MEMO_ID_MAX + 32];
	struct host_track *t = host_track_get(h, &about);
	const char *kind;

	if (!t)
		return;
	kind = netcfg_memo_format(&first, id, value);
	(void)snprintf(text, sizeof(text), "waits for %s %s", kind, id);
	set_message(t, text);
	t->removes = undoes(op);
	t->error = -ECANCELED;
	t->retry_at = 0; /* with what it waits for */
}

/* Life ----------------------------------------------------------------------------------------- */

/* Quiet for as long as it takes to call something contested, and longer than its last pause. */
static bool quiet(const struct host_track *t, int64_t now)
{
	return now - last_repair(t) > (t->fights > 5 ? 3 : 1) * HOST_WINDOW;
}

void host_track_unplan(struct host *h)
{
	vec_foreach(t, &h->tracks)
		(*t)->planned = false;
}

void host_track_plan(struct host *h, const struct netcfg_memo *about)
{
	struct host_track *t = host_track_find(h, about);

	if (t)
		t->planned = true;
}

/* It is as it should be, whoever made it so, or nobody wants it any more. */
static void calm(struct host_track *t)
{
	t->drifted = false;
	t->error = 0;
	t->attempts = 0;
	t->retry_at = 0;
}

void host_track_settle(struct host *h, int64_t now)
{
	size_t kept = 0;

	vec_foreach(at, &h->tracks) {
		struct host_track *t = *at;

		if (!t->planned)
			calm(t);
		if (t->contested && !t->drifted && quiet(t, now)) {
			t->contested = false;
			log_item(LOG_LEVEL_NOTICE, LOG_ID_REPAIR, &t->about,
				 "is no longer contested");
		}
		if (t->error || t->retry_at || t->drifted || t->contested || !quiet(t, now))
			h->tracks.items[kept++] = t;
		else
			free_track(t);
	}
	h->tracks.n = kept;
}

int64_t host_track_next(const struct host *h)
{
	int64_t next = INT64_MAX;

	vec_foreach(t, &h->tracks)
		if ((*t)->retry_at && (*t)->retry_at < next)
			next = (*t)->retry_at;
	return next;
}

void host_track_kick(struct host *h)
{
	vec_foreach(t, &h->tracks)
		if (!(*t)->contested) {
			(*t)->attempts = 0;
			(*t)->retry_at = 0;
		}
}

void host_track_done(struct host *h)
{
	vec_foreach(t, &h->tracks)
		free_track(*t);
	vec_done(&h->tracks);
}

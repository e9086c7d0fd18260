/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of notify.h, and when they are said. */
#include "notify.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>
#include <time.h>

/* An interface that a VIP waits for may come a moment after the network is said to be up. */
#define GRACE_MS    3000
#define PATIENCE_MS 30000 /* nobody's boot may hang on us */
/* Putting it into words looks at all services. */
#define TELL_MS 1000

/* What is wrong ----------------------------------------------------------------------------------
 */

static void separate(struct buf *b, size_t begin)
{
	if (b->len > begin)
		buf_add_str(b, ", ");
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

struct tally {
	size_t n;
	const struct tracked *first;
};

static void count(struct tally *t, const struct tracked *item)
{
	if (t->n++ == 0)
		t->first = item;
}

static void name(struct buf *b, const struct tally *t)
{
	char key[IPVS_SERVICE_ID_MAX];

	buf_printf(b, " (%s%s%s)", ipvs_service_key_format(&t->first->key, key),
		   t->n > 1 ? " and others" : "",
		   t->first->reason == STATUS_SCHEDULER_MISSING ? ": scheduler missing" : "");
}

static void wrong_services(const struct notify_view *v, struct buf *b, size_t begin)
{
	const struct reconcile_stats *s = reconcile_stats(v->reconcile);
	const struct status *status = reconcile_status(v->reconcile);
	struct tally failing = { 0 }, foreign = { 0 };

	if (!reconcile_needs_kernel(v->reconcile))
		return;
	if (s->kernel_error) {
		separate(b, begin);
		buf_printf(b, "IPVS cannot be talked to: %s", status_kernel_cause(s->kernel_error));
		return;
	}
	vec_foreach(at, &status->items) {
		if ((*at)->retry_at || (*at)->reason == STATUS_KERNEL_REFUSED ||
		    (*at)->reason == STATUS_SCHEDULER_MISSING)
			count(&failing, *at);
		else if ((*at)->reason == STATUS_FOREIGN_EXISTS)
			count(&foreign, *at);
	}
	if (failing.n) {
		separate(b, begin);
		buf_printf(b, "%zu service%s refused by the kernel", failing.n, plural(failing.n));
		name(b, &failing);
	}
	if (foreign.n) {
		separate(b, begin);
		buf_printf(b, "%zu service%s made by somebody else", foreign.n, plural(foreign.n));
		name(b, &foreign);
	}
	if (s->held) {
		separate(b, begin);
		buf_printf(b, "%zu removals held back", s->held);
	}
}

static void wrong_host(const struct notify_view *v, struct buf *b, size_t begin)
{
	char text[DECLARED_TEXT_MAX];

	if (host_in_sync(v->host) || !host_idle(v->host))
		return;
	separate(b, begin);
	vec_foreach(at, &v->desired->declared) {
		struct declared_key key = declared_key_of(*at);

		if (host_conditions(v->host, *at) & 1 << HOST_PROGRAMMED)
			continue;
		buf_printf(b, "%s is not as declared", declared_text(&key, text));
		return;
	}
	buf_add_str(b, "the host is not as declared");
}

/* Appends nothing when it only is at work. */
static void wrong(const struct notify_view *v, struct buf *b)
{
	size_t begin = b->len;

	if (v->storage_failed)
		buf_add_str(b, "the last write could not be stored");
	wrong_services(v, b, begin);
	wrong_host(v, b, begin);
}

/* How it stands ----------------------------------------------------------------------------------
 */

static bool is_in_sync(const struct notify_view *v)
{
	return !v->storage_failed && reconcile_in_sync(v->reconcile) && host_in_sync(v->host);
}

/* VIPs come first. */
static size_t count_vips(const declared_vec *declared)
{
	const struct declared_key next = { .kind = DECLARED_VIP + 1 };

	return declared_position(declared, &next, NULL);
}

static void describe_size(const struct notify_view *v, struct buf *b)
{
	const struct desired *d = v->desired;
	size_t vips = count_vips(&d->declared), foreign = reconcile_stats(v->reconcile)->foreign;

	buf_printf(b, "%zu service%s with %zu real server%s, %zu VIP%s", d->services.n,
		   plural(d->services.n), d->n_real_servers, plural(d->n_real_servers), vips,
		   plural(vips));
	if (foreign)
		buf_printf(b, "; %zu service%s of others", foreign, plural(foreign));
	buf_printf(b, "; revision %" PRIu64, d->revision);
}

void notify_describe(const struct notify_view *v, struct buf *ret)
{
	_cleanup_(buf_done) struct buf faults = { 0 };

	if (is_in_sync(v)) {
		buf_add_str(ret, "in sync: ");
	} else {
		wrong(v, &faults);
		if (faults.len)
			buf_printf(ret, "NOT in sync: %s; ", faults.data);
		else
			buf_add_str(ret, reconcile_stats(v->reconcile)->passes ? "at work: "
									       : "starting: ");
	}
	describe_size(v, ret);
}

/* What is told -----------------------------------------------------------------------------------
 */

void notify_starts(struct notify *n, const struct notify_view *v)
{
	buf_add_str(&n->text, "STATUS=starting: ");
	describe_size(v, &n->text);
	if (!n->text.failed)
		(void)sd_notify(0, n->text.data);
}

/* Says it when it is not what was said last; while not all is well, once a second at most. */
static void tell(struct notify *n, const struct notify_view *v, int64_t now)
{
	size_t foreign = reconcile_stats(v->reconcile)->foreign;
	bool in_sync = is_in_sync(v);
	struct buf b = { 0 };

	if (in_sync ? n->in_sync && n->revision == v->desired->revision && n->foreign == foreign
		    : !n->in_sync && n->told && now - n->told < TELL_MS)
		return;
	n->in_sync = in_sync;
	n->revision = v->desired->revision;
	n->foreign = foreign;
	n->told = now;
	buf_add_str(&b, "STATUS=");
	notify_describe(v, &b);
	if (b.failed || (n->text.data && streq(b.data, n->text.data))) {
		buf_done(&b);
		return;
	}
	(void)sd_notify(0, b.data);
	buf_done(&n->text);
	n->text = b;
}

static bool tried(const struct notify_view *v)
{
	const struct reconcile_stats *s = reconcile_stats(v->reconcile);

	return ((s->passes && reconcile_idle(v->reconcile)) || s->kernel_error) &&
	       host_idle(v->host);
}

int64_t notify_turn(struct notify *n, const struct notify_view *v, int64_t now)
{
	int64_t waited;
	bool all;

	tell(n, v, now);
	if (n->ready)
		return INT64_MAX;
	if (!n->began)
		n->began = now;
	waited = now - n->began;
	all = tried(v);
	if ((all && (is_in_sync(v) || waited >= GRACE_MS)) || waited >= PATIENCE_MS) {
		n->ready = true;
		(void)sd_notify(0, "READY=1");
		return INT64_MAX;
	}
	return n->began + (all ? GRACE_MS : PATIENCE_MS);
}

/* Before it is ready, RELOADING=1 and READY=1 would say that it is. */
void notify_reloads(struct notify *n)
{
	struct timespec now;

	if (!n->ready)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIi64,
			 (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void notify_reloaded(struct notify *n)
{
	if (n->ready)
		(void)sd_notify(0, "READY=1");
}

void notify_stops(struct notify *n)
{
	(void)n;
	(void)sd_notify(0, "STOPPING=1");
}

void notify_done(struct notify *n)
{
	buf_done(&n->text);
}
